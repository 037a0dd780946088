"""The definitions reached from the observed classes, with the reason for each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from introspect_export.model.diagnostics import Diagnostic
from introspect_export.model.fragments import Edit, FlatClass
from introspect_export.model.observation import EntryFacts
from introspect_export.model.source_module import SourceModule
from introspect_export.model.symbols import Statement, Symbol


@dataclass(frozen=True)
class Defined:
    """A name that a part of an origin module defines."""

    symbol: Symbol


@dataclass(frozen=True)
class Library:
    """An import from a library: ``from module import attribute``, or ``import module``.

    Attributes:
        module: The module imported (its top package for ``import a.b`` without ``as``).
        attribute: The attribute, or None for the module itself.
        loads: Submodules that ``import a.b`` statements load, so that they are attributes of the module.
    """

    module: str
    attribute: str | None
    loads: tuple[str, ...] = ()


@dataclass(frozen=True)
class FromRegistry:
    """A registry of an origin, by the id of its ``RegistryFacts``."""

    id: str


@dataclass(frozen=True)
class OriginModule:
    """A module object of an origin."""

    module: str


@dataclass(frozen=True)
class ModuleAttribute:
    """An attribute that every module has, such as ``__file__`` and ``__name__``."""

    module: str
    attribute: str


@dataclass(frozen=True)
class Builtin:
    """A name that its module does not bind: a builtin, or a ``NameError`` at run time, as in the original."""

    name: str


@dataclass(frozen=True)
class Broken:
    """An import that fails in the original.

    Attributes:
        error: The exception's name.
        message: Its message.
        module: The module that lacks the name; empty where that does not exist.
    """

    error: str
    message: str
    module: str = ''


Target = Defined | Library | FromRegistry | OriginModule | ModuleAttribute | Builtin | Broken


@dataclass(frozen=True)
class Resolution:
    """The target that a use of a name resolves to.

    Attributes:
        target: The definition or module.
        consumed: The number of attributes after the name that are part of the resolution: one for ``utils.f`` where
            ``utils`` is a module of an origin.
    """

    target: Target
    consumed: int = 0


Owner = Symbol | Statement
"""Whose text uses a name: a definition, or a statement that is executed for its side effects."""


@dataclass(frozen=True)
class Reason:
    """The reason why a part is live.

    Attributes:
        pulled_by: What uses it, or None if it was observed.
        how: The relation, in words: ``observed at model.bbox_head``, ``named in``, ``held by``,
            ``registered type 'X' named in``, …
    """

    pulled_by: Owner | None
    how: str


@dataclass(frozen=True)
class LiveSet:
    """The fixpoint of the parts reached.

    Attributes:
        modules: The origin modules with live text, by name; of some only members of flattened classes are live.
        parts: For each module the indices of its live parts, in order.
        reasons: For every live definition, why it is live; in the order reached.
        executed: For every live statement that defines nothing of these, why it is live; in the order reached.
        flat: The flattened classes (also those that were refused, with their diagnostics), by symbol.
        virtual: For a flattened class, the live ancestors for which ``isinstance`` must remain true.
        resolutions: The resolution of each use in a live part, by module and offset.
        imports: The resolution of each name in a nested import statement, by module, offset of the statement and name.
        registries: The ids of the origin registries that live code names.
        type_strings: The string constants that name a registered type of an origin, or a type with an origin's scope:
            by module and offset, the entry.
        scope_strings: The string constants that are used as an origin's scope: by module and offset, the scope.
        modules_by_name: The arguments of ``import_module`` that name an origin's module: by module and offset, that
            module.
        answers: By module, the edits that replace expressions which ask for an installed origin by their values.
        submodules: The nested imports in live text that bind a module of an origin: by module, offset and name, the
            submodules that the text accesses as attributes of it.
        given: For each module, the names that it imports from elsewhere and that live text accesses as its attributes.
        on_demand: For each package whose attributes may be looked up by a computed name, those that it imports then.
        fillers: For each module whose data other modules change when they are imported, those modules.
        bound_to_module: The flattened classes with merged text that must stay in the module that defined it.
        diagnostics: The diagnostics of reaching.
    """

    modules: Mapping[str, SourceModule]
    parts: Mapping[str, tuple[int, ...]]
    reasons: Mapping[Symbol, Reason]
    executed: Mapping[Statement, Reason]
    flat: Mapping[Symbol, FlatClass]
    virtual: Mapping[Symbol, tuple[Symbol, ...]]
    resolutions: Mapping[tuple[str, int], Resolution]
    imports: Mapping[tuple[str, int, str], Resolution]
    registries: tuple[str, ...]
    type_strings: Mapping[tuple[str, int], EntryFacts]
    scope_strings: Mapping[tuple[str, int], str]
    modules_by_name: Mapping[tuple[str, int], str]
    answers: Mapping[str, tuple[Edit, ...]]
    submodules: Mapping[tuple[str, int, str], tuple[str, ...]]
    given: Mapping[str, Mapping[str, Defined]]
    on_demand: Mapping[str, Mapping[str, Defined]]
    fillers: Mapping[str, tuple[str, ...]]
    bound_to_module: tuple[Symbol, ...]
    diagnostics: tuple[Diagnostic, ...]

    @property
    def present(self) -> list[SourceModule]:
        """The modules that have a place in the package."""
        return [each for name, each in self.modules.items() if self.parts.get(name) or name in self.given]
