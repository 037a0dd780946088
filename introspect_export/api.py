"""The public function ``export``, which exports a config or a live model."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import torch

from introspect_export.api_model import ModelOptions, export_model
from introspect_export.documents import EXECUTABLE, DocumentFacts, documents
from introspect_export.emit import check_free, emit
from introspect_export.export_result import ExportResult
from introspect_export.gc_tuning import seldom_collected
from introspect_export.link import link, totals
from introspect_export.link.package_config import moved
from introspect_export.load import LoadedConfig, load_config
from introspect_export.model import ExportError, Observation, Symbol
from introspect_export.model.linked_package import Linked
from introspect_export.model.liveset import LiveSet
from introspect_export.model.output_package import OutputFile
from introspect_export.observe import observe_config
from introspect_export.observe.missing import NO_COMPILED_OPS
from introspect_export.reach import reach
from introspect_export.read.origin_modules import SourceTree
from introspect_export.stages import Clock
from introspect_export.substitution import check_replaced, read_substitutions, substituted
from introspect_export.verify import verify as verify_package
from introspect_export.verify.verify_package import Interpreter, fresh_interpreter


@seldom_collected()
def export(
    config: Any,
    out: str | Path | None = None,
    *,
    force: bool = False,
    model_only: bool = False,
    options: Mapping[str, Any] | None = None,
    intern: Sequence[str] = (),
    extern: Sequence[str] = (),
    substitute: Sequence[str | Path] = (),
    flatten: str = 'observed',
    keep: Sequence[str] = (),
    until: Sequence[str] = (),
    inline: bool = False,
    data_roots: Mapping[str, str] | None = None,
    device: str = 'auto',
    verify: str | None = 'build',
    interpreter: Interpreter = fresh_interpreter,
    command: str = '',
    progress: Callable[[str], None] | None = None,
    dump: Callable[[str, Any], None] | None = None,
) -> ExportResult:
    """Export what a config builds, or a live model, as a package without dependencies on its origins.

    A model is exported as the source of its classes, and a file with the object and its weights for ``pack.load()``.

    Args:
        config: A path, ``repo::path``, an mmengine ``Config`` or a mapping; or a model, any ``torch.nn.Module``.
        out: The folder to write; by default ``pack_from_<repo or class>_<YYYYmmdd_HHMMSS>`` in the working folder.
        force: Replace an existing package.
        model_only: For a config: export the model only.
        options: For a config: overrides, by dotted key.
        intern: Packages whose code is exported, which would be libraries by default.
        extern: Packages that are imported as libraries, which would be origins by default.
        substitute: For a config: TOML files that say which modules are replaced by which files, or names of those that
            come with the program; see ``introspect_export.substitution``.
        flatten: ``observed``, ``all`` or ``none``: which classes are linearized.
        keep: Classes (``module:Class``) that keep their chain of bases.
        until: Ancestors (``module:Class``) at which linearizing stops.
        inline: Whether to inline a parent's method at its only call, where that is equivalent.
        data_roots: For a config: replacements for the prefixes of its data paths.
        device: For a config: ``cpu``; ``meta``, to build without allocating large tensors; or ``auto``, which is
            ``cpu`` unless there is too little memory.
        verify: The level up to which the package is verified, or None.
        interpreter: Runs the verification with the origins blocked.
        command: The command line, for the manifest.
        progress: Called with a line for every step.
        dump: Called with a stage's name and its result.

    Returns:
        A summary of the written package.

    Raises:
        ExportError: The config, an option or the output folder is invalid, or the model cannot be exported; nothing
            was written.
        InternalError: An error of this program.
    """
    if flatten not in ('observed', 'all', 'none'):
        raise ExportError(f'flatten={flatten!r}: one of observed, all, none')
    clock = Clock(progress, dump)
    if isinstance(config, torch.nn.Module):
        if substitute:
            raise ExportError('substitute: the modules of a live model are imported already; export its config')
        model_options = ModelOptions(
            force,
            intern,
            extern,
            flatten,
            [symbol_named(each) for each in keep],
            [symbol_named(each) for each in until],
            inline,
            verify,
            command,
        )
        return export_model(config, Path(out) if out is not None else None, model_options, clock)
    if out is not None:
        check_free(Path(out), force)
    files = read_substitutions(substitute)
    with substituted(files):
        with clock.stage('load', 'reading the config') as returned:
            loaded = load_config(config, options=options)
            returned(loaded)
        if out is not None:
            check_free(Path(out), force, loaded.files)
        with clock.stage('observe', f'building {loaded.name}') as returned:
            observation = observe_config(
                loaded, intern=intern, extern=extern, model_only=model_only, device=device, progress=progress
            )
            returned(observation)
    with clock.stage('reach', 'following what it uses') as returned:
        modules = SourceTree(observation.world)
        live = reach(
            observation,
            modules,
            flatten=flatten,
            keep=[symbol_named(each) for each in keep],
            until=[symbol_named(each) for each in until],
            inline=inline,
        )
        check_replaced(files, observation.world, live)
        returned(live)
    with clock.stage('link', 'putting the package together') as returned:
        linked = link(observation, live, command, data_roots or {}, inline)
        output = package_files(linked, observation, data_roots or {})
        returned(linked)
    target = Path(out) if out is not None else _default_out(loaded, observation)
    with clock.stage('emit', f'writing {target}'):
        emit(output, linked.manifest, target, force, sources_of(live, linked, loaded.files))
    verification = None
    if verify is not None:
        with clock.stage('verify', f'checking {target} without the libraries it came from') as returned:
            verification = verify_package(target, verify, interpreter=interpreter, device=device)
            returned(verification)
    live = replace(live, diagnostics=(*live.diagnostics, *linked.diagnostics))
    return ExportResult.of(target, observation, live, totals(linked.code), clock.seconds, verification)


def sources_of(live: LiveSet, linked: Linked, files: Iterable[str] = ()) -> list[str]:
    """The input files of a package, which writing it must not replace."""
    return [*files, *(module.file for module in live.modules.values()), *map(str, linked.resources.values())]


def symbol_named(text: str) -> Symbol:
    """Parse the name of a class.

    Args:
        text: The name, as ``module:Class``.

    Raises:
        ExportError: The text does not have that form.
    """
    module, colon, qualname = text.partition(':')
    if not (module and colon and qualname):
        raise ExportError(f'{text!r} names no class; write module:Class, for example mypkg.models:Head')
    return Symbol(module, qualname)


def _default_out(loaded: LoadedConfig, observation: Observation) -> Path:
    repo = loaded.repo or observation.scope or 'config'
    return Path(f'pack_from_{repo}_{datetime.now():%Y%m%d_%H%M%S}')


def package_files(linked: Linked, observation: Observation, data_roots: Mapping[str, str]) -> list[OutputFile]:
    """All files of a package except its manifest."""
    texts = {
        **linked.code,
        **documents(
            DocumentFacts(
                config_name=observation.name,
                config=linked.config,
                config_path=linked.config_path,
                code=linked.code,
                origins=tuple(sorted({module.partition('.')[0] for module in linked.layout.modules})),
                versions=observation.versions,
                types=linked.types,
                placeholders=tuple(each.subject for each in observation.diagnostics if each.code == NO_COMPILED_OPS),
                resources=tuple(sorted(linked.resources)),
                missing={moved(each.needs, data_roots): each.path for each in observation.sections if each.needs},
            )
        ),
    }
    files = [OutputFile(path, text.encode(), path in EXECUTABLE) for path, text in sorted(texts.items())]
    files.extend(OutputFile(path, Path(file).read_bytes()) for path, file in sorted(linked.resources.items()))
    return files
