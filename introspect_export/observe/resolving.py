"""Resolution of the config's types that building did not reach to entries of registries."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import mmengine.registry
from mmengine.registry import Registry

from introspect_export.observe.config_paths import nodes, type_text
from introspect_export.observe.origin_policy import may_be_origin, registry_bindings
from introspect_export.observe.raw import is_a, module_of
from introspect_export.observe.recording import LiveEvent, Recorder, holder
from introspect_export.observe.registry_callers import asks_registries

_MODEL_PARTS = ('model', 'tta_model', 'data_preprocessor')

_KINDS = {
    'batch_sampler': 'DATA_SAMPLERS',
    'collate_fn': 'FUNCTIONS',
    'custom_hooks': 'HOOKS',
    'dataset': 'DATASETS',
    'datasets': 'DATASETS',
    'default_hooks': 'HOOKS',
    'init_cfg': 'WEIGHT_INITIALIZERS',
    'log_processor': 'LOG_PROCESSORS',
    'model_wrapper_cfg': 'MODEL_WRAPPERS',
    'optim_wrapper': 'OPTIM_WRAPPERS',
    'optimizer': 'OPTIMIZERS',
    'param_scheduler': 'PARAM_SCHEDULERS',
    'pipeline': 'TRANSFORMS',
    'sampler': 'DATA_SAMPLERS',
    'strategy': 'STRATEGIES',
    'test_cfg': 'LOOPS',
    'test_evaluator': 'METRICS',
    'test_pipeline': 'TRANSFORMS',
    'train_cfg': 'LOOPS',
    'train_pipeline': 'TRANSFORMS',
    'transforms': 'TRANSFORMS',
    'tta_pipeline': 'TRANSFORMS',
    'val_cfg': 'LOOPS',
    'val_evaluator': 'METRICS',
    'val_pipeline': 'TRANSFORMS',
    'vis_backends': 'VISBACKENDS',
    'visualizer': 'VISUALIZERS',
    'worker_init_fn': 'FUNCTIONS',
}
"""The mmengine registry that builds the dicts under a key; the innermost of these keys in a path decides."""


def resolve_unreached(config: Any, recorder: Recorder, top: tuple[str, ...] | None = None) -> None:
    """Record a look-up for every type in the config without an event, and report what was not built.

    Strings under other keys that name an entry (``ema_type='ExpMomentumEMA'``) are looked up too.

    Args:
        config: The config as it was before building changed it.
        recorder: Has the events so far; look-ups are added to it, and its ``failed`` is called for what was not built.
        top: The top-level keys to search; None for all.
    """
    reached = {
        event.path: event for event in recorder.events if event.path and (event.target is not None or event.error)
    }
    resolver = _Resolver(recorder)
    strings = []
    owners: dict[str, Any] = {}
    for path, value in nodes(config):
        if top is not None and path.partition('.')[0] not in top:
            continue
        if isinstance(value, dict) and 'type' in value:
            event = reached.get(path)
            if event is None:
                event = resolver.resolve(path, value['type'], _scope(config, path), imports=True)
            owners[path] = event.target if event is not None else None
            # A build that raised has been reported already. After a mere look-up, code may have built it all the same.
            if event is not None and event.result is None and not event.error:
                recorder.failed(event.target, value)
        elif isinstance(value, str) and path.rpartition('.')[2] not in ('type', '_scope_'):
            strings.append((path, value))
    # Last, since looking up the types may import modules that register further entries.
    keys = {key for registry in resolver.every() for key in registry.module_dict}
    for path, value in strings:
        if value.rpartition('.')[2] in keys and _may_be_type(path, owners):
            resolver.resolve(path, value, _scope(config, path), imports=False)


def _may_be_type(path: str, owners: Mapping[str, Any]) -> bool:
    """Whether the string at a path may name an entry, by the class of the innermost dict with a type around it.

    A class of a library that uses no registry does not look it up: the initializer of ``init_cfg`` compares its
    ``layer`` with the names of torch's classes. Strings of a top-level section may be read by its builder.

    Args:
        path: The path of the string.
        owners: The class, function or None for each dict with a type, by path.
    """
    parts = path.split('.')
    above = ('.'.join(parts[:count]) for count in range(len(parts) - 1, 0, -1))
    owner = next((each for each in above if each in owners), '')
    target: Any = owners.get(owner)
    if '.' not in owner or not is_a(target, type):
        return True
    return may_be_origin(module_of(target).partition('.')[0], ()) or asks_registries(target)


class _Resolver:
    """Looks types up as mmengine's registries do."""

    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder
        self._roots = {name: one for name, one in vars(mmengine.registry).items() if isinstance(one, Registry)}
        self._effective: dict[tuple[int, str | None], Registry] = {}
        self._alone: list[Registry] | None = None

    def resolve(self, path: str, declared: Any, scope: str | None, imports: bool) -> LiveEvent | None:
        """Record a look-up of a type; None where no registry holds it.

        Args:
            path: The path of the dict, or of the string.
            declared: The type: a name, a class or a function.
            scope: The scope to look it up in; None for the current one.
            imports: Whether the registry may import its locations.
        """
        if not isinstance(declared, str):
            return self._recorder.add(path, self._roots['MODELS'], type_text(declared), declared)
        with self._recorder.paused():
            found = self._find(declared, path, scope, imports)
        if found is None:
            return None
        (registry, key), searched = found
        event = self._recorder.add(path, registry, declared, registry.module_dict[key], key)
        event.searched = searched
        return event

    def _find(
        self, text: str, path: str, scope: str | None, imports: bool
    ) -> tuple[tuple[Registry, str], Registry] | None:
        """The registry that holds a type, with its key there, and the registry where the search began.

        The registry that builds dicts at this path is searched first, and may import its locations.
        """
        preferred = _preferred(path)
        for index, name in enumerate(preferred):
            effective = self._under(self._roots[name], scope)
            if index == 0 and imports:
                _look_up(effective, text)
            found = holder(effective, text)
            if found is not None:
                return found, effective
        others = [self._under(one, scope) for name, one in sorted(self._roots.items()) if name not in preferred]
        remaining = [*others, *self.alone()]
        return next(((found, one) for one in remaining if (found := holder(one, text)) is not None), None)

    def _under(self, root: Registry, scope: str | None) -> Registry:
        """The registry of a scope (None: the current one) that mmengine uses instead of a root registry."""
        key = (id(root), scope)
        if key not in self._effective:
            with root.switch_scope_and_registry(scope) as effective:
                self._effective[key] = effective
        return self._effective[key]

    def alone(self) -> list[Registry]:
        """The registries without a parent that are not mmengine's, by scope and name."""
        if self._alone is None:
            roots = {id(one) for one in self._roots.values()}
            found = [one for one, _ in registry_bindings().values() if one.parent is None and id(one) not in roots]
            self._alone = sorted(found, key=lambda one: (one.scope, one.name))
        return self._alone

    def every(self) -> Iterator[Registry]:
        """All registries."""
        for root in [*self._roots.values(), *self.alone()]:
            yield from _family(root)


def _family(registry: Registry) -> Iterator[Registry]:
    yield registry
    for child in registry.children.values():
        yield from _family(child)


def _preferred(path: str) -> list[str]:
    parts = path.split('.')
    if parts[0] in _MODEL_PARTS:
        return ['WEIGHT_INITIALIZERS'] if 'init_cfg' in parts else ['MODELS', 'TASK_UTILS']
    inner = next((part for part in reversed(parts) if part in _KINDS), '')
    return [_KINDS[inner]] if inner else []


def _look_up(registry: Registry, text: str) -> None:
    """Look a type up for the side effect: the registry imports its locations."""
    try:
        registry.get(text)
    except Exception:  # Imports run foreign code; a failed look-up is handled by the caller.
        return


def _scope(config: Any, path: str) -> str | None:
    """The ``_scope_`` that applies at a path of the config: the innermost one, or None."""
    scope, current = None, config
    for part in (*path.split('.'), None):
        if isinstance(current, dict):
            scope = current.get('_scope_', scope)
        if part is not None:
            current = current[int(part) if isinstance(current, (list, tuple)) else part]
    return scope
