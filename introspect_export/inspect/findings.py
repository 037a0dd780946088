"""The results of inspecting a config: objects, their arguments and classes, as plain values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from introspect_export.inspect.settings import Setting
from introspect_export.model import Diagnostic, Observation, Place, SectionFacts, Symbol, TensorFacts


@dataclass(frozen=True)
class Argument:
    """One argument of an object's constructor, with the source of its value.

    Attributes:
        name: Its name.
        text: Its value.
        source: ``config``, ``code`` (the caller of the constructor) or ``default``.
        config_path: The config path of the value, or empty.
        setting: The place in the config's files that set it last; None where that is not certain.
        overridden: The places whose values were overridden, the last one first.
        around: Whether ``setting`` sets an enclosing key, by an expression that was not interpreted.
        caller: For ``code``, the function that passed it.
        place: For ``code``, the line of the call.
        reader: The function that reads it; None where nothing does, or where it cannot be determined.
        unread: Whether nothing reads it: it is misspelled, or only collected by ``**kwargs``.
        near: Similar names that would be read.
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
        path: The path of attributes to it: ``model.backbone.layer1.0``.
        config_path: The config path of its dict, or empty.
        name: ``scope:key`` if a registry built it; else ``module:qualname`` of its class.
        symbol: Its class.
        place: The place of the class statement.
        chain: The class and its ancestors, up to the first one of a library.
        registry: The registry that held its class: ``scope::name``; or empty.
        maker: The function that called the registry, or constructed or copied it; None for the runner, or if unknown.
        made_at: The place of that call.
        within: The method that the maker, a function, was called from.
        rule: Where several scopes hold its key: the scope that was chosen, and why.
        arguments: Its arguments.
        known: Whether the arguments are known: its construction was recorded.
        copied: Whether it is a copy; the arguments are those of the original.
        tensors: Its own parameters and buffers.
        parameters: The number of elements in all its parameters, each counted once, those of submodules included.
        buffers: The number of elements in all its buffers.
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
        """The number of elements in its own parameters."""
        return sum(each.count for each in self.tensors if each.kind != 'buffer')

    @property
    def own_buffers(self) -> int:
        """The number of elements in its own buffers."""
        return sum(each.count for each in self.tensors if each.kind == 'buffer')

    @property
    def chain_text(self) -> str:
        """The chain in one line; equal names are preceded by their packages."""
        names = [each.name for each in self.chain]
        tops = [f'{each.module.partition(".")[0]}.' if names.count(each.name) > 1 else '' for each in self.chain]
        return ' -> '.join(f'{top}{name}' for top, name in zip(tops, names, strict=True))


@dataclass(frozen=True)
class ClassView:
    """A class of an object, or an ancestor of one.

    Attributes:
        symbol: The class.
        place: The place of its class statement.
        ancestry: Its method resolution order, itself first, without ``object``.
        origin: Whether it belongs to a package whose code goes into an export.
    """

    symbol: Symbol
    place: Place | None
    ancestry: tuple[Symbol, ...]
    origin: bool


@dataclass(frozen=True)
class Branch:
    """A node in the tree of objects.

    Attributes:
        label: The path relative to the parent.
        path: The whole path.
        item: The object; None for a section without an object of its own.
        branches: The children.
    """

    label: str
    path: str
    item: Item | None
    branches: tuple[Branch, ...]

    def walk(self) -> Iterator[Branch]:
        """The branch and all its descendants."""
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
        sections: The results of building each section.
        items: The objects, grouped by section, containers before their content.
        classes: The classes of the objects, and their ancestors, by symbol.
        notes: Likely mistakes in the config, besides arguments that nothing reads.
        diagnostics: The diagnostics of observing.
        observation: The Observation that the report was composed from, for further queries about the classes.
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
        arguments = ((item, each) for item in self.items for each in item.arguments if each.source == 'config')
        return tuple((item, each) for item, each in arguments if each.unread)

    def find(self, path: str) -> tuple[Item, ...]:
        """The objects at a path, or at paths that end with it: ``bbox_head.loss_cls``."""
        exact = tuple(item for item in self.items if path in (item.path, item.config_path))
        return exact or tuple(item for item in self.items if f'.{item.path}'.endswith(f'.{path}'))
