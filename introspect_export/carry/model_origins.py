"""The packages that a live model's code comes from."""

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
    """The top-level packages whose code must be exported, so that a model can be loaded without them.

    Those are the packages of every class in the model's tree of modules, bases included, except for torch, the standard
    library and mmengine. Packages that extend mmengine are left out of other packages' models: they are part of the
    framework, as when a config is exported.

    Args:
        model: The model.
    """
    tops = _tops(model) - _excluded()
    extensions = _extensions()
    return tuple(sorted({each for each in tops if each not in extensions or each == _top(type(model))} or tops))


def model_libraries(model: torch.nn.Module, origins: Iterable[str]) -> tuple[str, ...]:
    """The libraries of classes in a model's tree of modules, except for torch and the standard library.

    Args:
        model: The model.
        origins: The packages whose code is exported.
    """
    return tuple(sorted(_tops(model) - {_TORCH, *stdlib_names(), *origins}))


def module_packages(live: LiveSet) -> tuple[str, ...]:
    """The libraries that live code uses and that define subclasses of ``torch.nn.Module``, which models may consist of.

    Args:
        live: The parts reached from a model.
    """
    resolutions = (*live.resolutions.values(), *live.imports.values())
    named = {each.target.module.partition('.')[0] for each in resolutions if isinstance(each.target, Library)}
    defining = {_top(kind) for kind in subclasses_of(torch.nn.Module)}
    return tuple(sorted((named & defining) - _excluded() - _extensions()))


def _tops(model: torch.nn.Module) -> set[str]:
    return {_top(kind) for each in modules_of(model) for kind in mro_of(type(each))}


def _top(kind: type) -> str:
    return module_of(kind).partition('.')[0]


def _excluded() -> set[str]:
    """The packages that are never origins of a model."""
    return {_TORCH, _FRAMEWORK, *stdlib_names()}


def _extensions() -> set[str]:
    """The installed packages that extend mmengine: their modules register their classes in mmengine's registries.

    Such a package has the registry as a global of one of its modules. An entry alone is no evidence: mmengine itself
    registers optimizers of other packages.
    """
    found: set[str] = set()
    boundary = Boundary()
    for registry, names in boundary.bindings.values():
        holding = {module.partition('.')[0] for module, _ in names}
        if _FRAMEWORK in holding:
            modules = (stored(value, '__module__') for value in registry.module_dict.values())
            found |= holding & {each.partition('.')[0] for each in modules if type(each) is str}
    return {each for each in found - boundary.owners if is_installed(each)}
