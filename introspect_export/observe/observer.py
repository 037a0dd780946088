"""Observing a config: every section is built while registries, files and registrations are recorded."""

from __future__ import annotations

import contextlib
import copy
import inspect
import io
import os
import sys
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

from mmengine.dataset import BaseDataset
from mmengine.logging import MMLogger
from mmengine.registry import init_default_scope
from mmengine.runner import Runner

from introspect_export.distributions import providers, stdlib_names
from introspect_export.load.audit_events import CallStack, files_opened
from introspect_export.load.config_reading import LoadedConfig
from introspect_export.load.process_state import preserved
from introspect_export.model.diagnostics import Diagnostic, ExportError
from introspect_export.model.observation import BuildEvent, Observation
from introspect_export.observe.built_objects import Scene, portray
from introspect_export.observe.class_usage import Census
from introspect_export.observe.construction_trace import Makings
from introspect_export.observe.expressions import expression
from introspect_export.observe.importing import FAILED_IMPORT, import_custom
from introspect_export.observe.live_registries import Registries
from introspect_export.observe.lookup_errors import explain, explain_argument, family
from introspect_export.observe.missing import placeholder_diagnostics, placeholders, weights_diagnostics
from introspect_export.observe.origin_policy import Boundary
from introspect_export.observe.plain import plain
from introspect_export.observe.preload import preloaded_configs, preloaded_files
from introspect_export.observe.raw import is_a
from introspect_export.observe.read_files import ReadConfigs, configs_read, joined, resources
from introspect_export.observe.recording import LiveEvent, recording
from introspect_export.observe.registration_log import Registrations, watching
from introspect_export.observe.resolving import resolve_unreached
from introspect_export.observe.runtime_facts import LiveWorld
from introspect_export.observe.section_facts import ObservedSections, Surroundings
from introspect_export.observe.symbol_lookup import named
from introspect_export.sandbox.building import build_model, build_rest
from introspect_export.sandbox.config_tree import own_tree
from introspect_export.sandbox.network import offline
from introspect_export.sandbox.no_data import NoData
from introspect_export.sandbox.runner_stubs import NAME
from introspect_export.sandbox.sections import Sections
from introspect_export.sandbox.weights import no_weights
from introspect_export.temporary import temporary_folder

Progress = Callable[[str], None]
_NOT_RECORDED = Diagnostic(
    'IE-NOT-WATCHED',
    'config',
    'this thread is being profiled already, so who made the objects that no registry built was not seen',
)
_OF_THE_MODEL = ('model', 'data_preprocessor')
"""The keys that a model is built from: a runner passes the config's top-level data preprocessor to it."""


@dataclass
class _Session:
    """The records of a build that the facts are derived from."""

    sections: Sections[ObservedSections]
    registrations: Registrations
    opened: dict[str, tuple[CallStack, ...]]
    configs: ReadConfigs
    """The config files that code read."""
    folder: str
    """The temporary folder in which the sections were built."""
    diagnostics: list[Diagnostic]
    path: tuple[str, ...]
    """``sys.path`` before building: a library may add a folder of vendored packages when it is imported."""


def observe_config(
    loaded: LoadedConfig,
    *,
    intern: Sequence[str] = (),
    extern: Sequence[str] = (),
    model_only: bool = False,
    objects: bool = False,
    device: str = 'auto',
    extended: Mapping[str, str] = MappingProxyType({}),
    progress: Progress | None = None,
) -> Observation:
    """Build everything that a config declares, without data, network or GPU, and collect facts about it.

    Args:
        loaded: The config.
        intern: Packages or modules to treat as origin, regardless of the policy.
        extern: Packages or modules to treat as libraries.
        model_only: Build the model and nothing else.
        objects: Also describe every object that was built.
        device: ``cpu``; ``meta``, to build without the memory of large tensors; ``auto``, which is ``cpu`` until
            there is too little memory.
        extended: Libraries' registries in which other configs look up what origins registered; see ``Registries``.
        progress: Called with the name of each step.

    Returns:
        The facts. The state of the process is restored, except for imported modules.

    Raises:
        ExportError: The model cannot be built, or what the config imports cannot be imported.
    """
    path = tuple(sys.path)
    with contextlib.ExitStack() as stack:
        stack.enter_context(preserved())
        say = stack.enter_context(_quiet(progress or _silent))
        folder = str(stack.enter_context(temporary_folder()))
        stack.enter_context(placeholders())
        registrations = stack.enter_context(watching())
        opened, read = stack.enter_context(files_opened()), stack.enter_context(configs_read())
        refused = stack.enter_context(offline())
        missing = stack.enter_context(no_weights())
        no_data = NoData()
        stack.enter_context(no_data.active())
        # The logger that code gets as the current one; it logs errors only.
        MMLogger.get_instance(NAME, log_level='ERROR')
        scope, diagnostics = _scope(loaded)
        unimported = import_custom(loaded.config)
        diagnostics += [_unimported(name, reason) for name, reason in unimported.items()]
        init_default_scope(scope)

        config_dict, makings = loaded.config._cfg_dict, Makings(intern)
        surroundings = Surroundings(
            config_dict, makings if objects else None, no_data.adapt, _load_metainfo, folder, refused, say
        )
        built = build_model(surroundings.begin, device)
        if built.sections.listener.error is not None:
            diagnostics.append(_unbuilt_model(built.sections.listener, unimported))
        if not model_only:
            built = build_rest(surroundings.begin, built)
        original, sections, recorder = own_tree(config_dict), built.sections, built.sections.listener.recorder
        with recording(recorder):
            resolve_unreached(original, recorder, _OF_THE_MODEL if model_only else None)
        diagnostics += [_allocated(name) for name in built.real]
        diagnostics += [_NOT_RECORDED] if objects and not makings.watched else []
        say('facts')
        diagnostics.extend(weights_diagnostics(missing))
        files, configs = joined(preloaded_files(), opened), ReadConfigs()
        for each in (preloaded_configs(), read):
            configs.update(each)
        session = _Session(sections, registrations, files, configs, folder, diagnostics, path)
        boundary = Boundary(intern, extern)
        scene = Scene(recorder.events, sections.products, makings, original, sections.left_out, folder)
        portrait = portray(scene, boundary) if objects else ()
        config = plain(original, expression)
        if model_only:
            config = {key: value for key, value in config.items() if key in (*_OF_THE_MODEL, 'custom_imports')}
        return replace(_facts(loaded, scope, config, session, boundary, extended), objects=portrait)


def _scope(loaded: LoadedConfig) -> tuple[str, list[Diagnostic]]:
    """The default scope: the config's, else that of the package it belongs to, else mmengine's own."""
    scope = loaded.config.get('default_scope')
    if scope:
        return str(scope), []
    if not loaded.repo:
        return 'mmengine', []
    message = f'the config names no default_scope; that of the package it belongs to, {loaded.repo!r}, was taken'
    return loaded.repo, [Diagnostic('IE-NO-DEFAULT-SCOPE', 'default_scope', message, loaded.file)]


def _silent(text: str) -> None:
    """Ignore the progress."""


@contextlib.contextmanager
def _quiet(progress: Progress) -> Iterator[Progress]:
    """Suppress the output of libraries; the yielded progress function still writes to the terminal."""
    out, err = sys.stdout, sys.stderr

    def say(text: str) -> None:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            progress(text)

    sink = io.StringIO()
    with contextlib.redirect_stdout(sink), contextlib.redirect_stderr(sink):
        warnings.simplefilter('ignore')
        yield say


def _load_metainfo(target: Any, config: Any) -> None:
    """Have the class of a data set that was not built load its meta information.

    That may be in a file of the origin, which is thus recorded as opened. The constructor would have loaded it, but it
    failed before, for want of data or of another data set that is built first.
    """
    if is_a(target, type) and issubclass(target, BaseDataset):
        with contextlib.suppress(Exception):  # It runs foreign code on a guess; its failure means nothing.
            target._load_metainfo(copy.deepcopy(config.get('metainfo')))


def _unimported(name: str, reason: str) -> Diagnostic:
    message = f'{name} of custom_imports cannot be imported, and the config lets that pass: {reason}'
    return Diagnostic(FAILED_IMPORT, 'custom_imports', message)


def _allocated(name: str) -> Diagnostic:
    message = 'it computes on the values of its tensors while it is built, so they were allocated'
    return Diagnostic('IE-ALLOCATED', name or 'model', message)


def _unbuilt_model(observed: ObservedSections, unimported: Mapping[str, str]) -> Diagnostic:
    """The diagnostic for a model that cannot be built here for want of the network or of a file.

    Raises:
        ExportError: The model cannot be built for another reason.
    """
    events = observed.recorder.events
    explanation = explain(events, unimported)
    if explanation is None and observed.error is not None:
        explanation = explain_argument(events, observed.error)
    if explanation is None and observed.lacking:
        reason = observed.facts[-1].reason
        message = f'it cannot be built here, so its classes are those that the config and its code name: {reason}'
        return Diagnostic('IE-MODEL-NOT-BUILT', 'model', message)
    if explanation is None:
        failed = [event for event in events if event.error]
        inner = failed[-1] if failed else None
        where = f' (while building {inner.type_text} at {inner.context})' if inner else ''
        explanation = f'model: cannot be built: {observed.facts[-1].reason}{where}'
    raise ExportError(explanation) from observed.error


def _facts(
    loaded: LoadedConfig, scope: str, config: Any, session: _Session, boundary: Boundary, extended: Mapping[str, str]
) -> Observation:
    events = session.sections.listener.recorder.events
    found = [(event.holder, event.key) for event in events if event.holder is not None]
    registries = Registries(boundary, session.registrations, [event.asked for event in events], found, extended)
    built = [event_facts(event, registries) for event in events]
    entries = tuple(dict.fromkeys(one.entry for one in built if one.entry is not None))
    census = Census(boundary)
    census.take(events, session.sections.products)
    world = LiveWorld(boundary, registries, census.live)
    origins = origins_of(boundary, census)
    return Observation(
        config=config,
        config_file=loaded.file,
        name=loaded.name,
        scope=scope,
        sections=tuple(session.sections.listener.facts),
        events=tuple(built),
        entries=entries,
        registries=registries.facts,
        classes=census.classes,
        origins=origins,
        resources=resources(session.opened, session.configs.content, origins, boundary, session.folder, config),
        versions=versions(session.path),
        diagnostics=(*placeholder_diagnostics(), *session.diagnostics, *census.diagnostics),
        world=world,
        known_keys=tuple(inspect.signature(Runner.__init__).parameters)[1:],
        options=loaded.options,
        folder=os.getcwd(),
        read_configs=session.configs.content,
        hub_configs=session.configs.from_hub,
        strings=census.strings,
    )


def event_facts(event: LiveEvent, registries: Registries) -> BuildEvent:
    """The facts about an event, without live objects."""
    entry = registries.entry(event.holder, event.key) if event.holder is not None else None
    return BuildEvent(
        index=event.index,
        parent=event.parent.index if event.parent is not None else None,
        kind=event.kind,
        path=event.path,
        asked=registries.id(event.asked),
        type_text=event.type_text,
        entry=entry,
        target=named(event.target) if event.target is not None else None,
        caller=event.caller,
        error=' '.join(event.error.split()),
        line=event.line,
        searched=registries.known(event.searched) or '',
        others=tuple(_others(event, registries)),
    )


def _others(event: LiveEvent, registries: Registries) -> Iterator[str]:
    """The ids of other registries of the same family that hold the event's key."""
    if event.holder is not None:
        for registry in family(event.holder.root):
            known = registries.known(registry) is not None
            if registry is not event.holder and event.key in registry.module_dict and known:
                yield registries.entry_home(registry, event.key)


def origins_of(boundary: Boundary, census: Census) -> tuple[str, ...]:
    """The top packages that are origin."""
    tops = boundary.owners | {one.symbol.module.partition('.')[0] for one in census.classes}
    return tuple(sorted(top for top in tops if boundary.is_origin(top)))


def versions(path: Sequence[str]) -> dict[str, str]:
    """The versions of the distributions, found on a path, that provide the loaded top-level packages."""
    tops = {name.partition('.')[0] for name in sys.modules.copy()} - stdlib_names()
    known = providers(path)
    found = {one.name: one.version for top in tops for one in known.get(top, ())}
    return dict(sorted(found.items()))
