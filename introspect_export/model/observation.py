"""The result of the observing stage: facts about live objects, and a protocol for further queries."""

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
    """A ``Registry`` of the observed process.

    Attributes:
        id: ``scope::name#n``, unique in this observation (two registries may share scope and name).
        name: The registry's ``name``.
        scope: The registry's ``scope``.
        symbols: Every global (``module:NAME``) that is bound to it, the defining one first.
        parent: The id of its parent, or None for a root.
        origin: Whether an origin package defines it.
        locations: The modules that it imports on its first look-up.
        class_symbol: Its class, ``Registry`` or a subclass.
        build_func: Its build function.
        extends_parent: Whether it is none of the process, but stands for what origins registered in its parent, a
            library's.
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
    extends_parent: bool = False


@dataclass(frozen=True)
class EntryFacts:
    """A registry entry that was looked up.

    Attributes:
        registry: The id of the registry that has the entry, which may be a parent of the one that was searched.
        key: The key in that registry, without a scope.
        target: The registered class or function.
        registrars: For a library's ``target`` in a library's registry, the modules whose import makes the entry; empty
            if the registry imports them itself, as its locations.
        origin: Whether ``target`` belongs to an origin.
        registered: The module and line of the top-level statement that made the entry; None if the module was imported
            before recording began. That statement also created ``target``, if no class statement did.
    """

    registry: str
    key: str
    target: Symbol
    registrars: tuple[str, ...]
    origin: bool
    registered: tuple[str, int] | None = None


@dataclass(frozen=True)
class BuildEvent:
    """One call of ``Registry.get`` or ``Registry.build``.

    Attributes:
        index: The number of the call, in order of the calls' starts.
        parent: The index of the enclosing build event, or None.
        kind: ``build`` or ``get``.
        path: The config path of the dict built (``model.bbox_head.loss_cls``), or empty if code created the dict.
        asked: The id of the registry whose method was called.
        type_text: The ``type`` as written, with its scope if any; ``module.qualname`` of a class.
        entry: The entry that ``type`` resolved to, or None (a class in its place, or a dotted path).
        target: The class or function that ``type`` resolved to, or None.
        caller: The calling function.
        error: The reason of a failure, or empty.
        line: The line of the call, or 0.
        searched: The id of the registry of the default scope, where the search began.
        others: The ids of other registries with the same root that also hold the key.
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
        path: The config path: ``model``, ``train_dataloader.dataset``, ``val_evaluator``, …
        built: Whether it was built.
        reason: The reason of a failure, in one sentence; else empty.
        needs: The missing file that building it tried to read, or empty.
    """

    path: str
    built: bool
    reason: str = ''
    needs: str = ''


@dataclass(frozen=True)
class ObservedClass:
    """A class with an instance among the built objects, or one that a registry resolved.

    Attributes:
        symbol: The class (or function).
        path: The first config or attribute path where it was found: ``model.bbox_head.loss_cls``.
        how: ``built`` (by a registry), ``found`` (in a live object, not built by a registry) or ``resolved`` (looked up
            in a registry; its section could not be built) or ``asked for`` (by the import of a package of it).
        instances: The number of instances found.
    """

    symbol: Symbol
    path: str
    how: str
    instances: int


@dataclass(frozen=True)
class Resource:
    """A file that was read while building and is not the source of a module.

    Attributes:
        package: The top-level package of the origin whose folder contains it, or empty.
        path: The path relative to that package's folder, else to the working folder, with forward slashes; empty for a
            file in neither.
        file: The absolute path.
        readers: For each distinct call stack that read it, the frames in origins' modules, innermost first, each as
            module and line.
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
        origin: Whether the value belongs to an origin package; False for data, where that is unknown.
        registry: For a registry its id.
        contains: For data, the origins' classes and functions inside of the value, in order.
        token: Equal for two bindings if and only if they are bound to the same object.
    """

    kind: str
    symbol: Symbol | None
    origin: bool
    registry: str | None = None
    contains: tuple[Symbol, ...] = ()
    token: int = 0


class World(Protocol):
    """Queries about the observed process by name, for later stages; the observing stage implements them."""

    def is_origin(self, module: str) -> bool:
        """Whether a module's code is exported."""

    def binding(self, module: str, name: str) -> Binding | None:
        """The binding of a module's global; None if the module is not loaded or does not bind the name."""

    def chain(self, symbol: Symbol) -> Chain | None:
        """The class with its MRO; None if the symbol does not resolve to a class."""

    def looks(self, symbol: Symbol, *, instances: bool = False) -> tuple[Look, ...]:
        """The places where a function introspects its arguments' ancestors.

        Args:
            symbol: The function.
            instances: Whether the arguments are instances, and not classes.
        """

    def source(self, module: str) -> tuple[str, bool] | None:
        """The source file of a module, and whether it is a package; None if it has no source."""

    def installed(self, module: str, function: str, name: str) -> bool | str | None:
        """What a function of importlib returns for an origin, whose distribution the package must not need.

        Args:
            module: The module that calls it.
            function: The function as written there.
            name: The argument.

        Returns:
            True for ``importlib.util.find_spec``, the version for ``importlib.metadata.version``; None for any other
            function, and for what is no origin.
        """

    def registrations(self, symbol: Symbol) -> tuple[EntryFacts, ...]:
        """The entries of origins' registries for a class or function."""

    def resolve(self, key: str, near: str) -> EntryFacts | None:
        """The registry entry that a string names, or None.

        The registry is an origin's, or a library's that is found through an origin's scope.

        Args:
            key: The string, ``X`` or ``scope.X``.
            near: The module whose code contains the string.
        """


@dataclass(frozen=True)
class HubConfig:
    """A config that ``mmengine.hub`` returned for the name of an installed package.

    Attributes:
        file: The config's file.
        scope: The package's scope, which is the default scope while the model is built.
        weights: The URL of the weights; empty if none are known.
    """

    file: str
    scope: str
    weights: str


@dataclass(frozen=True)
class Observation:
    """The result of observing a config.

    Attributes:
        config: The merged config as plain data (dicts, lists, scalars; a class as ``type`` is its dotted name).
        config_file: The config's file, or empty.
        name: The config's name without suffix, valid as a file name.
        scope: The config's default scope.
        sections: The sections of the config.
        events: The calls of registries.
        entries: The distinct entries looked up, in order of first use.
        registries: The registries called, their parents, and all registries in globals of origins' modules, by id.
        classes: The observed classes and functions of origin packages, in order of first observation.
        origins: The top-level packages and modules whose code is exported.
        resources: The files read while building: those in folders of origins, and others that may not be data.
        folder: The working folder.
        read_configs: For each config file that code read while building, the merged config as plain data.
        hub_configs: The configs that ``mmengine.hub`` returned, by the name in the call.
        more_configs: The other configs, where several are observed as one.
        versions: The version of each distribution that provides an origin or library in use, by its name.
        diagnostics: The diagnostics of observing.
        world: Queries about the observed process by name.
        known_keys: The top-level keys of a config that the runner reads.
        objects: The built objects, if requested, containers before their content.
        options: The overrides of the config as Python expressions, by dotted key.
        strings: For each key of dicts in built objects, the identifiers that are its value, or in a list there.
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
    hub_configs: Mapping[str, HubConfig] = field(default_factory=dict)
    more_configs: tuple[Mapping[str, Any], ...] = ()
    strings: Mapping[str, frozenset[str]] = field(default_factory=dict)
