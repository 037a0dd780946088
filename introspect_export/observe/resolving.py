"""Types that the config names and that nothing built: which registry entry each one means."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import mmengine.registry
from mmengine.registry import Registry

from introspect_export.observe.paths import nodes, type_text
from introspect_export.observe.recording import Recorder, holder

_KINDS: tuple[tuple[str, str], ...] = (
    ('pipeline', 'TRANSFORMS'),
    ('transforms', 'TRANSFORMS'),
    ('dataset', 'DATASETS'),
    ('datasets', 'DATASETS'),
    ('batch_sampler', 'DATA_SAMPLERS'),
    ('sampler', 'DATA_SAMPLERS'),
    ('collate_fn', 'FUNCTIONS'),
    ('worker_init_fn', 'FUNCTIONS'),
    ('vis_backends', 'VISBACKENDS'),
    ('visualizer', 'VISUALIZERS'),
    ('optimizer', 'OPTIMIZERS'),
    ('optim_wrapper', 'OPTIM_WRAPPERS'),
    ('param_scheduler', 'PARAM_SCHEDULERS'),
    ('default_hooks', 'HOOKS'),
    ('custom_hooks', 'HOOKS'),
    ('train_cfg', 'LOOPS'),
    ('val_cfg', 'LOOPS'),
    ('test_cfg', 'LOOPS'),
    ('log_processor', 'LOG_PROCESSORS'),
    ('val_evaluator', 'METRICS'),
    ('test_evaluator', 'METRICS'),
    ('init_cfg', 'WEIGHT_INITIALIZERS'),
    ('model', 'MODELS'),
)
"""Which of mmengine's registries builds what stands under a key: the innermost key of a path decides."""


def resolve_unreached(config: Any, recorder: Recorder, top: tuple[str, ...] | None = None) -> None:
    """Record a look-up for every type in the config that no event stands for.

    A string that is no type but the name of an entry all the same (``ema_type='ExpMomentumEMA'``) is one too.

    Args:
        config: The config as it was before building changed it.
        recorder: Holds the events so far; look-ups are added to it.
        top: The top-level keys to go through; None for all.
    """
    reached = {event.path for event in recorder.events if event.path and (event.target or event.error)}
    for path, value in nodes(config):
        if top is not None and path.partition('.')[0] not in top:
            continue
        if isinstance(value, dict) and 'type' in value and path not in reached:
            _resolve(recorder, path, value['type'], _scope(config, path), imports=True)
        elif isinstance(value, str) and value.isidentifier() and path.rpartition('.')[2] != 'type':
            _resolve(recorder, path, value, _scope(config, path), imports=False)


def _resolve(recorder: Recorder, path: str, given: Any, scope: str | None, imports: bool) -> None:
    if not isinstance(given, str):
        recorder.add(path, mmengine.registry.MODELS, type_text(given), given)
        return
    with recorder.paused():
        found = find_entry(given, path, scope, imports)
    if found is not None:
        registry, key = found
        recorder.add(path, registry, given, registry.module_dict[key], key)


def find_entry(text: str, path: str, scope: str | None, imports: bool) -> tuple[Registry, str] | None:
    """The registry that holds what a type means, and its key there.

    Args:
        text: The type, with or without a scope.
        path: Where it stands. The registry that builds what stands there comes first, then every other of mmengine's.
        scope: The scope it is looked up in; None for the current one.
        imports: Whether the registry that comes first may import what it has not imported yet.
    """
    for registry, first in _candidates(path):
        with registry.switch_scope_and_registry(scope) as effective:
            if first and imports:
                _look_up(effective, text)
            found = holder(effective, text)
        if found is not None:
            return found
    return None


def _look_up(registry: Registry, text: str) -> None:
    """Have a registry import what a look-up imports."""
    try:
        registry.get(text)
    except Exception:  # Importing runs anybody's code; that the type is not found is the answer.
        return


def _candidates(path: str) -> Iterator[tuple[Registry, bool]]:
    kinds = dict(_KINDS)
    first = [kinds[part] for part in reversed(path.split('.')) if part in kinds][:1]
    roots = {name: one for name, one in vars(mmengine.registry).items() if isinstance(one, Registry)}
    yield from ((roots[name], True) for name in first if name in roots)
    yield from ((roots[name], False) for name in sorted(roots) if name not in first)


def _scope(config: Any, path: str) -> str | None:
    """The ``_scope_`` that holds at a place of the config: the innermost one, where there is any."""
    scope, current = None, config
    for part in (*path.split('.'), None):
        if isinstance(current, dict):
            scope = current.get('_scope_', scope)
        if part is not None:
            current = current[int(part) if isinstance(current, (list, tuple)) else part]
    return scope
