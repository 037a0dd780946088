"""Which packages a live model's code comes from."""

from __future__ import annotations

from collections.abc import Iterable

import torch

from introspect_export.distributions import stdlib_names
from introspect_export.model.liveset import Library, LiveSet
from introspect_export.observe.origin_policy import Boundary, is_installed
from introspect_export.observe.raw import module_of, modules_of, mro_of, stored, subclasses_of

_FRAMEWORK = 'mmengine'
_TORCH = torch.__name__


def model_origins(model: torch.nn.Module) -> tuple[str, ...]:
    """The top packages whose code a model needs to be loaded without them.

    That is the package of every class in the model's tree of modules, bases included. Left out are torch itself,
    Python's own modules and mmengine; and, in models of others, the packages that extend mmengine: such a package is a
    part of the framework that others build upon, as it is when a config is exported.

    Args:
        model: The model.
    """
    tops = _tops(model) - _never()
    built_upon = _extensions()
    return tuple(sorted({each for each in tops if each not in built_upon or each == _top(type(model))} or tops))


def model_libraries(model: torch.nn.Module, origins: Iterable[str]) -> tuple[str, ...]:
    """The top packages, beside torch and Python's own, that classes in a model's tree are imported from.

    Args:
        model: The model.
        origins: The packages whose code is in the package.
    """
    return tuple(sorted(_tops(model) - {_TORCH, *stdlib_names(), *origins}))


def module_packages(live: LiveSet) -> tuple[str, ...]:
    """The libraries that live text names and that define classes of modules: what a model is made of comes from there.

    Args:
        live: What is reached from a model.
    """
    resolutions = (*live.resolutions.values(), *live.imports.values())
    named = {each.target.module.partition('.')[0] for each in resolutions if isinstance(each.target, Library)}
    defining = {_top(kind) for kind in subclasses_of(torch.nn.Module)}
    return tuple(sorted((named & defining) - _never() - _extensions()))


def _tops(model: torch.nn.Module) -> set[str]:
    return {_top(kind) for each in modules_of(model) for kind in mro_of(type(each))}


def _top(kind: type) -> str:
    return module_of(kind).partition('.')[0]


def _never() -> set[str]:
    """The packages that are no origin of a model's."""
    return {_TORCH, _FRAMEWORK, *stdlib_names()}


def _extensions() -> set[str]:
    """The packages that extend mmengine: modules of theirs register their classes in its own registries.

    Such a module holds the registry. That a registry holds a class of another package says nothing about that package:
    mmengine itself puts optimizers of others into its own.
    """
    found: set[str] = set()
    boundary = Boundary()
    for registry, names in boundary.bindings.values():
        holding = {module.partition('.')[0] for module, _ in names}
        if _FRAMEWORK in holding:
            held = (stored(value, '__module__') for value in registry.module_dict.values())
            found |= holding & {each.partition('.')[0] for each in held if type(each) is str}
    return {each for each in found - boundary.owners if is_installed(each)}
