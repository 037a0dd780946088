"""What inspecting a config finds: objects, their arguments and classes, as plain values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from introspect_export.inspect.settings import Setting
from introspect_export.model import Diagnostic, Observation, Place, SectionFacts, Symbol, TensorFacts


@dataclass(frozen=True)
class Argument:
    """One argument of an object's constructor, with where its value comes from.

    Attributes:
        name: Its name.
        text: Its value.
        source: ``config``, ``code`` (the code that made the object gave it) or ``default``.
        config_path: Where the value stands in the config, where it does.
        setting: The place in the config's files that set it last; None where that is not certain.
        overridden: The places whose value that one took the place of, the last one first.
        around: Whether ``setting`` is of a key around this one, by an expression that was not followed.
        caller: For ``code``, the function that gave it.
        place: For ``code``, the line that did.
        reader: The function that reads it; with an empty name where somebody may, but the text does not tell who.
        unread: Whether nothing reads it: it is misspelt, or swallowed by a ``**kwargs``.
        near: Names like it that would be read.
    """

    name: str
    text: str
    source: str
    config_path: str = ''
    setting: Setting | None = None
    overridden: tuple[Setting, ...] = ()
    around: bool = False
    caller: Symbol | None = None
    place: Place | None = None
    reader: Symbol | None = None
    unread: bool = False
    near: tuple[str, ...] = ()


@dataclass(frozen=True)
class Item:
    """One object.

    Attributes:
        path: The attributes that lead to it: ``model.backbone.layer1.0``.
        config_path: Where its dict stands in the config, or empty.
        name: ``scope:key`` of what a registry built; else ``module:qualname`` of its class.
        symbol: Its class.
        place: The class statement.
        chain: The class and its ancestors, up to the first one of a library.
        registry: The registry that held its class: ``scope::name``; or empty.
        maker: The function that asked the registry, or made or copied it; None where the runner does, or nobody knows.
        made_at: The line that did.
        within: The method in whose course the maker, a function, was called.
        rule: Where several scopes have its name: which was taken, and by which rule.
        arguments: Its arguments.
        known: Whether the arguments are known; they are not where its making was not seen.
        copied: Whether it is a copy of another object, whose arguments these are.
        tensors: The parameters and buffers it holds itself.
        parameters: The numbers in all parameters in it, each counted once.
        buffers: The numbers in all buffers in it.
    """

    path: str
    config_path: str
    name: str
    symbol: Symbol
    place: Place | None
    chain: tuple[Symbol, ...]
    registry: str
    maker: Symbol | None
    made_at: Place | None
    within: Symbol | None
    rule: str
    arguments: tuple[Argument, ...]
    known: bool
    copied: bool
    tensors: tuple[TensorFacts, ...]
    parameters: int
    buffers: int

    @property
    def own_parameters(self) -> int:
        """The numbers in the parameters it holds itself."""
        return sum(each.count for each in self.tensors if each.kind != 'buffer')

    @property
    def own_buffers(self) -> int:
        """The numbers in the buffers it holds itself."""
        return sum(each.count for each in self.tensors if each.kind == 'buffer')

    @property
    def chain_text(self) -> str:
        """The chain in one line."""
        names = [each.name for each in self.chain]
        tops = [f'{each.module.partition(".")[0]}.' if names.count(each.name) > 1 else '' for each in self.chain]
        return ' -> '.join(f'{top}{name}' for top, name in zip(tops, names, strict=True))


@dataclass(frozen=True)
class ClassView:
    """A class of an object, or an ancestor of one.

    Attributes:
        symbol: The class.
        place: Its class statement.
        ancestry: Its method resolution order, itself first, without ``object``.
        origin: Whether it belongs to the packages whose code is pulled into an export.
    """

    symbol: Symbol
    place: Place | None
    ancestry: tuple[Symbol, ...]
    origin: bool


@dataclass(frozen=True)
class Branch:
    """A place in the tree of objects.

    Attributes:
        label: The path below the branch above.
        path: The whole path.
        item: The object; None for a section that only holds others.
        branches: What it holds.
    """

    label: str
    path: str
    item: Item | None
    branches: tuple[Branch, ...]

    def walk(self) -> Iterator[Branch]:
        """It and all below it."""
        yield self
        for each in self.branches:
            yield from each.walk()


@dataclass(frozen=True)
class Findings:
    """What a config builds.

    Attributes:
        config: Its name.
        file: Its file, or empty.
        scope: Its default scope.
        sections: What became of each section.
        items: The objects, those of a section together, holders before what they hold.
        classes: Every class of theirs and every ancestor, by symbol.
        notes: What is likely a mistake in the config, beside arguments that nothing reads.
        diagnostics: What else there is to say.
        observation: What the report was made of; it answers further questions about the classes.
    """

    config: str
    file: str
    scope: str
    sections: tuple[SectionFacts, ...]
    items: tuple[Item, ...]
    classes: Mapping[Symbol, ClassView]
    notes: tuple[str, ...]
    diagnostics: tuple[Diagnostic, ...]
    observation: Observation = field(repr=False, compare=False)

    @property
    def unread(self) -> tuple[tuple[Item, Argument], ...]:
        """The config's arguments that nothing reads."""
        given = ((item, each) for item in self.items for each in item.arguments if each.source == 'config')
        return tuple((item, each) for item, each in given if each.unread)

    def find(self, path: str) -> tuple[Item, ...]:
        """The objects at a path, or at paths that end with it: ``bbox_head.loss_cls``."""
        exact = tuple(item for item in self.items if path in (item.path, item.config_path))
        return exact or tuple(item for item in self.items if f'.{item.path}'.endswith(f'.{path}'))
