"""The result of the observing stage, with facts in place of live objects."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from introspect_export.model.class_facts import Chain, Look
from introspect_export.model.diagnostics import Diagnostic
from introspect_export.model.object_facts import ObjectFacts
from introspect_export.model.symbols import Symbol


@dataclass(frozen=True)
class RegistryFacts:
    """A live ``Registry``.

    Attributes:
        id: ``scope::name#n``, unique in this observation (two registries may share scope and name).
        name: Its ``name``.
        scope: Its ``scope``.
        symbols: Every ``module:NAME`` that is bound to it, the defining one first.
        parent: The id of its parent, or None for a root.
        origin: Whether an origin package defines it.
        locations: The modules that it imports on first use.
        class_symbol: Its class, ``Registry`` or a subclass.
        build_func: Its build function.
    """

    id: str
    name: str
    scope: str
    symbols: tuple[Symbol, ...]
    parent: str | None
    origin: bool
    locations: tuple[str, ...]
    class_symbol: Symbol
    build_func: Symbol


@dataclass(frozen=True)
class EntryFacts:
    """A registry entry that was looked up.

    Attributes:
        registry: The id of the registry that has the entry, which may be a parent of the one that was searched.
        key: The key in it, without a scope.
        target: The class or function found.
        registrars: For a library's ``target`` in a library's registry, the modules whose import makes the entry; empty
            where the registry imports them itself.
        origin: Whether ``target`` belongs to an origin.
        registered: The module and line of the top-level statement that made the entry; None where the module was
            imported before recording began. It also made ``target``, if no class statement did.
    """

    registry: str
    key: str
    target: Symbol
    registrars: tuple[str, ...]
    origin: bool
    registered: tuple[str, int] | None = None


@dataclass(frozen=True)
class BuildEvent:
    """One ``Registry.get`` or ``Registry.build``.

    Attributes:
        index: Its number, in order of beginning.
        parent: The index of the enclosing build event, or None.
        kind: ``build`` or ``get``.
        path: The config path of the dict built (``model.bbox_head.loss_cls``), or empty where code made it.
        asked: The id of the registry whose method was called.
        type_text: The ``type`` as written, with its scope if any; ``module.qualname`` of a class.
        entry: The entry it resolved to, or None (a class given directly, or a dotted path).
        target: The class or function it resolved to, or None.
        caller: The calling function.
        error: Why it failed, or empty.
        line: The line of the call, or 0.
        searched: The id of the registry of the scope in force, where the search began.
        others: The ids of other registries of the same family that hold the key too.
    """

    index: int
    parent: int | None
    kind: str
    path: str
    asked: str
    type_text: str
    entry: EntryFacts | None
    target: Symbol | None
    caller: Symbol | None
    error: str
    line: int = 0
    searched: str = ''
    others: tuple[str, ...] = ()


@dataclass(frozen=True)
class SectionFacts:
    """A section of the config, and whether it was built.

    Attributes:
        path: ``model``, ``train_dataloader.dataset``, ``val_evaluator``, …
        built: Whether it was built.
        reason: Why not, in one sentence; empty if it was.
        needs: The file that it tried to read and that does not exist, or empty.
    """

    path: str
    built: bool
    reason: str = ''
    needs: str = ''


@dataclass(frozen=True)
class ObservedClass:
    """A class of which an instance was found, or which a registry resolved.

    Attributes:
        symbol: The class (or function).
        path: The first config or attribute path where it was found: ``model.bbox_head.loss_cls``.
        how: ``built`` (by a registry), ``found`` (in a live object, not built by one) or ``resolved`` (its section
            could not be built).
        instances: The number of instances found.
    """

    symbol: Symbol
    path: str
    how: str
    instances: int


@dataclass(frozen=True)
class Resource:
    """A file that was read while building and is no module's source.

    Attributes:
        package: The top package of the origin that it lies below, or empty.
        path: Relative to that package's folder, else to the working folder, with forward slashes; empty for a file that
            lies below neither.
        file: The absolute file.
        readers: For each distinct call stack that read it, the frames of origins' modules, innermost first, with lines.
    """

    package: str
    path: str
    file: str
    readers: tuple[tuple[tuple[str, int], ...], ...] = ()


@dataclass(frozen=True)
class Binding:
    """The value that a global name of a module is bound to.

    Attributes:
        kind: ``module``, ``class``, ``function``, ``registry`` or ``data``.
        symbol: For a class or function its definition, if ``module:qualname`` resolves to that object; for a module its
            name with an empty qualname; else None.
        origin: Whether the value belongs to an origin package (data: unknown, False).
        registry: For a registry its id.
        contains: For data: the origins' classes and functions inside of the value, in order.
        token: Equal for two bindings if and only if they are bound to the same object.
    """

    kind: str
    symbol: Symbol | None
    origin: bool
    registry: str | None = None
    contains: tuple[Symbol, ...] = ()
    token: int = 0


class World(Protocol):
    """Queries about the observed process by name, for later stages; implemented by the observing stage."""

    def is_origin(self, module: str) -> bool:
        """Whether a module's code is exported."""

    def binding(self, module: str, name: str) -> Binding | None:
        """The binding of a module's global; None where the module is not loaded or lacks the name."""

    def chain(self, symbol: Symbol) -> Chain | None:
        """The MRO of a class; None where the symbol is not a class."""

    def looks(self, symbol: Symbol, *, instances: bool = False) -> tuple[Look, ...]:
        """The looks of a function at the classes of its arguments; with ``instances``, these are no classes."""

    def source(self, module: str) -> tuple[str, bool] | None:
        """The source file of a module and whether it is a package; None where it has none."""

    def registrations(self, symbol: Symbol) -> tuple[EntryFacts, ...]:
        """The entries of origins' registries for a class or function."""

    def resolve(self, key: str, near: str) -> EntryFacts | None:
        """The registry entry that a string (``X`` or ``scope.X``) names in code of module ``near``, or None.

        The registry is an origin's, or a library's that is found through an origin's scope.
        """


@dataclass(frozen=True)
class Observation:
    """The result of observing a config.

    Attributes:
        config: The merged config as plain data (dicts, lists, scalars; classes given as types are dotted strings).
        config_file: The config's file, or empty.
        name: The config's name without suffix, fit for a file name.
        scope: The config's default scope.
        sections: The sections of the config.
        events: The calls of registries.
        entries: The distinct entries found, in order of first use.
        registries: The registries called, their parents, and all that origins' modules have, by id.
        classes: The observed classes and functions of origin packages, in order of first observation.
        origins: The top packages (or top-level modules) that are origin.
        resources: Files read while building: those below origin packages, and others that may be no data.
        folder: The working folder.
        read_configs: The config files that code read while it was built, merged, as plain data.
        more_configs: The other configs, where several are observed as one.
        versions: Distribution name and version of every origin and library seen.
        diagnostics: The diagnostics of observing.
        world: Answers queries about names.
        known_keys: The top-level keys of a config that the runner reads.
        objects: The built objects, if requested, containers before their content.
        options: The overrides of the config as Python expressions, by dotted key.
        strings: The names under each key of dicts in built objects, also in lists.
    """

    config: Mapping[str, Any]
    config_file: str
    name: str
    scope: str
    sections: tuple[SectionFacts, ...]
    events: tuple[BuildEvent, ...]
    entries: tuple[EntryFacts, ...]
    registries: Mapping[str, RegistryFacts]
    classes: tuple[ObservedClass, ...]
    origins: tuple[str, ...]
    resources: tuple[Resource, ...]
    versions: Mapping[str, str]
    diagnostics: tuple[Diagnostic, ...]
    world: World = field(repr=False, compare=False)
    known_keys: tuple[str, ...] = ()
    objects: tuple[ObjectFacts, ...] = ()
    options: Mapping[str, str] = field(default_factory=dict)
    folder: str = ''
    read_configs: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    more_configs: tuple[Mapping[str, Any], ...] = ()
    strings: Mapping[str, frozenset[str]] = field(default_factory=dict)
