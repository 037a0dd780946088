"""One package for several configs: observed one after the other, reached and linked together."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from introspect_export.api import package_files, sources_of, symbol_named
from introspect_export.batch.union import union
from introspect_export.collecting import seldom_collected
from introspect_export.emit import emit
from introspect_export.link import link
from introspect_export.link.config import ConfigLinker
from introspect_export.link.config_text import config_text
from introspect_export.link.manifest import plain_types
from introspect_export.link.registries import plan_registries
from introspect_export.load import load_config
from introspect_export.load.locate import portable
from introspect_export.model import ExportError, InternalError, Observation
from introspect_export.model.linked import Linked
from introspect_export.model.liveset import LiveSet
from introspect_export.model.package import OutputFile
from introspect_export.observe import observe_config
from introspect_export.reach import reach
from introspect_export.read.tree import SourceTree

_ROUNDS = 3


@dataclass(frozen=True)
class SharedPackage:
    """A written package.

    Attributes:
        configs: The configs in it.
        failed: Why the others are not, by config: the exception's name and what it says.
        read: The modules that were read.
        lines: How many lines its Python files have.
        diagnostics: What there is to say, as plain data.
    """

    configs: tuple[str, ...]
    failed: Mapping[str, tuple[str, str]]
    read: tuple[str, ...]
    lines: int
    diagnostics: tuple[dict[str, Any], ...]


@seldom_collected()
def export_shared(places: Mapping[str, str], out: Path, options: Mapping[str, Any]) -> SharedPackage:
    """Export configs as one package that holds what they have in common once.

    Args:
        places: For each config the path of its file below ``pack/configs``.
        out: The folder to write.
        options: What else ``export`` takes.

    Raises:
        ExportError: None of the configs can be exported, or not together.
    """
    failed: dict[str, tuple[str, str]] = {}
    seen = _observed(list(places), options, failed)
    if not seen:
        raise ExportError(*(f'{config}: {reason}' for config, (_, reason) in failed.items()))
    scopes = sorted({one.scope for one in seen.values()})
    if len(scopes) > 1:
        raise ExportError(f'configs of the scopes {", ".join(scopes)} cannot share a package; give each scope a batch')
    whole = union(list(seen.values()))
    modules = SourceTree(whole.world)
    live = reach(
        whole,
        modules,
        flatten=options.get('flatten', 'observed'),
        keep=[symbol_named(each) for each in options.get('keep', ())],
        until=[symbol_named(each) for each in options.get('until', ())],
        inline=options.get('inline', False),
    )
    inline = options.get('inline', False)
    linked = _with_configs(
        link(whole, live, '', options.get('data_roots') or {}, inline), whole, live, seen, places, options
    )
    files = package_files(linked, whole, options.get('data_roots') or {})
    listed = [_listing(file, linked, seen, places) for file in files]
    emit(listed, out, force=True, sources=sources_of(live, linked))
    return SharedPackage(
        configs=tuple(seen),
        failed=failed,
        read=tuple(sorted(live.modules)),
        lines=sum(text.count('\n') for path, text in linked.code.items() if path.endswith('.py')),
        diagnostics=tuple(
            asdict(each) for each in sorted({*whole.diagnostics, *live.diagnostics, *linked.diagnostics})
        ),
    )


def _observed(
    configs: Sequence[str], options: Mapping[str, Any], failed: dict[str, tuple[str, str]]
) -> dict[str, Observation]:
    """Observe each config, until all saw the same registries: what one imports, the others are to know as well."""
    given = {key: options[key] for key in ('intern', 'extern', 'model_only', 'device') if key in options}
    seen: dict[str, Observation] = {}
    for _ in range(_ROUNDS):
        for config in configs:
            if config not in failed:
                try:
                    seen[config] = observe_config(load_config(config, options=options.get('options')), **given)
                except Exception as error:  # One that fails leaves the others alone.
                    failed[config] = (type(error).__name__, str(error))
                    seen.pop(config, None)
        if len({json.dumps(sorted(map(str, one.registries.items()))) for one in seen.values()}) <= 1:
            return seen
    raise InternalError('the configs go on to bring up new registries')


def _with_configs(
    linked: Linked,
    whole: Observation,
    live: LiveSet,
    seen: Mapping[str, Observation],
    places: Mapping[str, str],
    options: Mapping[str, Any],
) -> Linked:
    """The package with all configs in the place of the first one's."""
    registries = plan_registries(whole, live)
    code = {path: text for path, text in linked.code.items() if path != linked.config_path}
    entries = []
    for config, observation in seen.items():
        own = replace(whole, config=observation.config)
        path = f'pack/configs/{places[config]}.py'
        roots = options.get('data_roots') or {}
        linker = ConfigLinker(own, registries, linked.layout, roots, linked.files, path.count('/') - 1)
        config_here = linker.link()
        code[path] = config_text(config_here)
        entries.append(
            {
                'config': {
                    'name': observation.name,
                    'scope': observation.scope,
                    'file': portable(observation.config_file),
                    'options': dict(observation.options),
                },
                'in': path,
                'sections': [asdict(section) for section in observation.sections],
                'plain_types': plain_types(observation),
                'compared': linker.record(config_here),
            }
        )
    init = code['pack/__init__.py']
    code['pack/__init__.py'] = init.replace(linked.config_path.partition('/')[2], 'configs/', 1)
    manifest = json.loads(linked.manifest)
    first = next(iter(seen))
    manifest.update({key: value for key, value in entries[0].items() if key != 'in'}, configs=entries)
    return replace(
        linked,
        code=dict(sorted(code.items())),
        config_path=f'pack/configs/{places[first]}.py',
        manifest=json.dumps(manifest, indent=1, ensure_ascii=False) + '\n',
    )


def _listing(
    file: OutputFile, linked: Linked, seen: Mapping[str, Observation], places: Mapping[str, str]
) -> OutputFile:
    """The README with the list of configs at its end; any other file as it is."""
    if file.path != 'README.md' or len(seen) < 2:
        return file
    paths = '\n'.join(f'    pack/configs/{places[config]}.py' for config in seen)
    text = (
        f'\n## All configs\n\nThis package holds {len(seen)} configs; what they have in common is in it once. The text '
        f'above is about the first. The tools take any of them, as in `python tools/train.py {linked.config_path}`:\n\n'
    )
    return replace(file, content=file.content + text.encode() + paths.encode() + b'\n')
