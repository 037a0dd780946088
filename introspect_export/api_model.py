"""Export of a live model, without a config: the object itself is pickled."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import torch

from introspect_export import carry
from introspect_export.documents.model_documents import ModelDocumentFacts, model_documents
from introspect_export.emit import check_free, emit
from introspect_export.export_result import ExportResult
from introspect_export.link import link, totals
from introspect_export.model import ExportError, Symbol
from introspect_export.model.linked_package import Linked
from introspect_export.model.liveset import LiveSet
from introspect_export.model.output_package import OutputFile
from introspect_export.observe.raw import name_of
from introspect_export.reach import reach
from introspect_export.stages import Clock
from introspect_export.verify import Verification
from introspect_export.verify import verify as verify_package
from introspect_export.verify.child.carried_object import describe

_NAME = 'model'


@dataclass(frozen=True)
class ModelOptions:
    """The arguments of ``introspect_export.export`` that apply to a model; see there."""

    force: bool
    intern: Sequence[str]
    extern: Sequence[str]
    flatten: str
    keep: Sequence[Symbol]
    until: Sequence[Symbol]
    inline: bool
    verify: str | None
    command: str


def export_model(model: torch.nn.Module, out: Path | None, options: ModelOptions, clock: Clock) -> ExportResult:
    """Export a live model; called by ``introspect_export.export``.

    Args:
        model: The model.
        out: The folder to write; None for a new one named after the model's class.
        options: The other arguments.
        clock: Times the stages and reports progress.

    Returns:
        A summary of the written package.

    Raises:
        ExportError: Something in the model cannot be exported, or has no source.
    """
    target = out if out is not None else _default_out(model)
    check_free(target, options.force)
    imported: tuple[Symbol, ...] = ()
    while True:
        result, lacking = _exported(model, target, options, clock, imported)
        if lacking is None or lacking in imported:
            return result
        imported = (*imported, lacking)


def _exported(
    model: torch.nn.Module, target: Path, options: ModelOptions, clock: Clock, imported: tuple[Symbol, ...]
) -> tuple[ExportResult, Symbol | None]:
    """Export a model, and find what importing the package lacks.

    Code that runs when the package is imported may get attributes of a module that imports them on demand, by computed
    names; which these are shows only then.

    Args:
        model: The model.
        target: The folder to write.
        options: The arguments.
        clock: Times the stages.
        imported: The definitions found so far that importing the package needs.

    Returns:
        The summary, and the next such definition.
    """
    carried, live, extern = _reached(model, options, clock, imported)
    with clock.stage('link', 'putting the package together') as returned:
        linked = link(carried.observation, live, options.command)
        returned(linked)
    with clock.stage('carry', 'writing the object down') as returned:
        data = carry.carry_over(model, carried, live, linked.layout)
        files = _files(model, data, carried, linked, options)
        returned(carried)
    with clock.stage('emit', f'writing {target}'):
        origins = [each for each in carried.observation.origins if each not in extern]
        libraries = carry.model_libraries(model, origins)
        manifest = {**linked.manifest, 'carried': describe(model), 'libraries': libraries}
        emit(
            files, manifest, target, options.force or bool(imported), [module.file for module in live.modules.values()]
        )
    verification = None
    if options.verify is not None:
        with clock.stage('verify', f'checking {target} without the libraries it came from') as returned:
            verification = verify_package(target, options.verify)
            returned(verification)
    result = ExportResult.of(target, carried.observation, live, totals(linked.code), clock.seconds, verification)
    return result, _lacking(verification, carried, linked) if verification is not None else None


def _lacking(verification: Verification, carried: carry.Carried, linked: Linked) -> Symbol | None:
    """The definition that the original has under the name which importing the package did not find, if any."""
    module, name = verification.lacking or ('', '')
    place = module.partition('.')[2]
    # A package without live text of its own is at its original place.
    homes = [origin for origin, path in linked.layout.modules.items() if path == place]
    homes += [f'{origin}.{place}' for origin in carried.observation.origins]
    found = (carry.imported_on_demand(origin, name) for origin in homes if name)
    world = carried.observation.world
    return next((each for each in found if each is not None and world.is_origin(each.module)), None)


def _reached(
    model: torch.nn.Module, options: ModelOptions, clock: Clock, imported: Sequence[Symbol]
) -> tuple[carry.Carried, LiveSet, Sequence[str]]:
    """Observe and reach, repeated until no further library that defines modules becomes an origin.

    A library that was not passed in ``intern`` and whose code needs compiled code becomes an import again instead.

    Returns:
        The observed model, the live set, and the libraries that stay imports.
    """
    intern, extern = tuple(options.intern), tuple(options.extern)
    while True:
        with clock.stage('observe', f'looking through {name_of(type(model))}') as returned:
            carried = carry.observe_model(model, _NAME, intern=intern, extern=extern, imported=imported)
            returned(carried.observation)
        with clock.stage('reach', 'following what it uses') as returned:
            live = reach(
                carried.observation,
                carried.modules,
                flatten=options.flatten,
                keep=(*options.keep, *carried.keep),
                until=options.until,
                inline=options.inline,
            )
            returned(live)
        more = set(carry.module_packages(live)) - {*intern, *extern}
        compiled = carry.compiled(live, carried.observation.world)
        led_into = {each.subject.partition('.')[0] for each in compiled} & {*intern} - {*options.intern}
        intern, extern = tuple(each for each in intern if each not in led_into), (*extern, *sorted(led_into))
        if not more and not led_into:
            if compiled:
                raise ExportError(*map(str, compiled))
            diagnostics = carry.refuse_changed(model, live, carried.observation.world)
            diagnostics += tuple(carry.goes_on_imported(each) for each in extern if each not in options.extern)
            return carried, replace(live, diagnostics=(*live.diagnostics, *diagnostics)), extern
        intern = (*intern, *sorted(more - led_into))


def _default_out(model: torch.nn.Module) -> Path:
    return Path(f'pack_from_{name_of(type(model))}_{datetime.now():%Y%m%d_%H%M%S}')


def _files(
    model: torch.nn.Module, data: bytes, carried: carry.Carried, linked: Linked, options: ModelOptions
) -> list[OutputFile]:
    observation = carried.observation
    start = linked.code['pack/__init__.py'] + "from .carried import load\n\n__all__ = ['load']\n"
    code = {**linked.code, 'pack/__init__.py': start, carry.CODE: carry.loader_text()}
    notes = model_documents(
        ModelDocumentFacts(
            name=observation.name,
            code=code,
            origins=observation.origins,
            versions=observation.versions,
            imported=carry.imported(data),
            by_value=tuple(str(each) for each in carried.by_value),
            python=carry.python_version(),
        )
    )
    texts = {**code, **notes}
    files = [OutputFile(path, text.encode()) for path, text in sorted(texts.items())]
    files.extend(OutputFile(path, Path(file).read_bytes()) for path, file in sorted(linked.resources.items()))
    return [*files, OutputFile(carry.OBJECT, data)]
