"""Which packages a live model's code comes from."""

from __future__ import annotations

from collections.abc import Iterator

import torch
from mmengine.registry import Registry

from introspect_export.distributions import stdlib_names
from introspect_export.model.liveset import Library, LiveSet
from introspect_export.observe.boundary import registry_bindings

_FRAMEWORK = 'mmengine'
_TORCH = torch.__name__


def model_origins(model: torch.nn.Module) -> tuple[str, ...]:
    """The top packages whose code a model needs to be loaded without them.

    That is the package of every class in the model's tree of modules, bases included. Left out are torch itself,
    Python's own modules, mmengine, and what adds classes to mmengine's own registries: such a package is a part of the
    framework that others build upon, as it is when a config is exported.

    Args:
        model: The model.
    """
    kinds = {kind for each in model.modules() for kind in type(each).__mro__}
    return tuple(sorted({_top(kind) for kind in kinds} - _never()))


def module_packages(live: LiveSet) -> tuple[str, ...]:
    """The libraries that live text names and that define classes of modules: what a model is made of comes from there.

    Args:
        live: What is reached from a model.
    """
    resolutions = (*live.resolutions.values(), *live.imports.values())
    named = {each.target.module.partition('.')[0] for each in resolutions if isinstance(each.target, Library)}
    return tuple(sorted(named & {_top(kind) for kind in _subclasses(torch.nn.Module)} - _never()))


def _subclasses(kind: type) -> set[type]:
    found: set[type] = set()
    pending: list[type] = [kind]
    while pending:
        one: type = pending.pop()
        pending.extend(set(one.__subclasses__()) - found)
        found.update(one.__subclasses__())
    return found


def _top(kind: type) -> str:
    return str(kind.__module__).partition('.')[0]


def _never() -> set[str]:
    """The packages that are no origin of a model's."""
    return {_TORCH, *stdlib_names(), *_framework()}


def _framework() -> Iterator[str]:
    """The packages of the framework: mmengine, and those of what its own registries hold."""
    yield _FRAMEWORK
    for registry, names in registry_bindings().values():
        if any(module.partition('.')[0] == _FRAMEWORK for module, _ in names):
            yield from _held(registry)


def _held(registry: Registry) -> Iterator[str]:
    for value in registry.module_dict.values():
        yield str(getattr(value, '__module__', '')).partition('.')[0]
