"""Export several configs as one package: observed one after the other, then reached and linked together."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from introspect_export.api import package_files, sources_of, symbol_named
from introspect_export.batch.joined_observation import join_observations
from introspect_export.emit import emit
from introspect_export.gc_tuning import seldom_collected
from introspect_export.link import link
from introspect_export.load import load_config
from introspect_export.model import ExportError, InternalError, Observation
from introspect_export.model.linked_package import Linked
from introspect_export.model.output_package import OutputFile
from introspect_export.observe import observe_config
from introspect_export.reach import reach
from introspect_export.read.origin_modules import SourceTree

_ROUNDS = 3


@dataclass(frozen=True)
class SharedPackage:
    """A written shared package.

    Attributes:
        configs: The configs in it.
        failed: For each other config, the name and message of the exception.
        read: The modules that were parsed.
        lines: The number of lines of its Python files.
        diagnostics: The diagnostics, as plain data.
    """

    configs: tuple[str, ...]
    failed: Mapping[str, tuple[str, str]]
    read: tuple[str, ...]
    lines: int
    diagnostics: tuple[dict[str, Any], ...]


@seldom_collected()
def export_shared(config_paths: Mapping[str, str], out: Path, options: Mapping[str, Any]) -> SharedPackage:
    """Export configs as one package with one copy of their common code.

    Args:
        config_paths: For each config, the path of its file below ``pack/configs``.
        out: The folder to write.
        options: Further arguments of ``export``.

    Raises:
        ExportError: None of the configs can be exported, or not together.
    """
    failed: dict[str, tuple[str, str]] = {}
    observations = _observe(list(config_paths), options, failed)
    if not observations:
        raise ExportError(*(f'{config}: {reason}' for config, (_, reason) in failed.items()))
    scopes = sorted({one.scope for one in observations.values()})
    if len(scopes) > 1:
        raise ExportError(f'configs of the scopes {", ".join(scopes)} cannot share a package; give each scope a batch')
    joined = join_observations(list(observations.values()))
    modules = SourceTree(joined.world)
    live = reach(
        joined,
        modules,
        flatten=options.get('flatten', 'observed'),
        keep=[symbol_named(each) for each in options.get('keep', ())],
        until=[symbol_named(each) for each in options.get('until', ())],
        inline=options.get('inline', False),
    )
    roots = options.get('data_roots') or {}
    configs = {f'{config_paths[config]}.py': observation for config, observation in observations.items()}
    linked = link(joined, live, '', roots, options.get('inline', False), configs)
    files = package_files(linked, joined, roots)
    outputs = [_with_config_list(file, linked, observations, config_paths) for file in files]
    emit(outputs, linked.manifest, out, force=True, sources=sources_of(live, linked))
    return SharedPackage(
        configs=tuple(observations),
        failed=failed,
        read=tuple(sorted(live.modules)),
        lines=sum(text.count('\n') for path, text in linked.code.items() if path.endswith('.py')),
        diagnostics=tuple(
            asdict(each) for each in sorted({*joined.diagnostics, *live.diagnostics, *linked.diagnostics})
        ),
    )


def _observe(
    configs: Sequence[str], options: Mapping[str, Any], failed: dict[str, tuple[str, str]]
) -> dict[str, Observation]:
    """Observe the configs repeatedly until all have the same registries: each may import further modules."""
    given = {key: options[key] for key in ('intern', 'extern', 'model_only', 'device') if key in options}
    observations: dict[str, Observation] = {}
    for _ in range(_ROUNDS):
        given['extended'] = _extended(observations.values())
        for config in configs:
            if config not in failed:
                try:
                    observations[config] = observe_config(load_config(config, options=options.get('options')), **given)
                except Exception as error:  # A failure must not affect the other configs.
                    failed[config] = (type(error).__name__, str(error))
                    observations.pop(config, None)
        if len({json.dumps(sorted(map(str, one.registries.items()))) for one in observations.values()}) <= 1:
            return observations
    raise InternalError('the configs go on to bring up new registries')


def _extended(observations: Iterable[Observation]) -> dict[str, str]:
    """The libraries' registries that some config needs another one below, with the smallest scope of these."""
    found: dict[str, str] = {}
    for facts in (each for one in observations for each in one.registries.values()):
        if facts.parent is not None and facts.extends_parent:
            found[facts.parent] = min(facts.scope, found.get(facts.parent, facts.scope))
    return found


def _with_config_list(
    file: OutputFile, linked: Linked, observations: Mapping[str, Observation], config_paths: Mapping[str, str]
) -> OutputFile:
    """The README with a list of the configs appended; other files unchanged."""
    if file.path != 'README.md' or len(observations) < 2:
        return file
    paths = '\n'.join(f'    pack/configs/{config_paths[config]}.py' for config in observations)
    text = (
        f'\n## All configs\n\nThis package holds {len(observations)} configs; what they have in common is in it once. '
        'The text above is about the first. The tools take any of them, as in '
        f'`python tools/train.py {linked.config_path}`:\n\n'
    )
    return replace(file, content=file.content + text.encode() + paths.encode() + b'\n')
