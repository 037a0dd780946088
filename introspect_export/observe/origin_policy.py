"""Which modules are origin (their code goes into the export) and which are libraries (they stay imports)."""

from __future__ import annotations

import functools
import os
import site
import sys
import sysconfig
from collections.abc import Mapping, Sequence
from types import ModuleType
from typing import Any

from mmengine.registry import Registry

from introspect_export.distributions import providers, stdlib_names
from introspect_export.observe.raw import is_a, module_namespace, namespace, subclasses_of

_PROGRAM = __name__.partition('.')[0]
_FRAMEWORK = 'mmengine'


class Boundary:
    """The policy, for the modules that are loaded when it is created.

    A top-level package is origin if a global of one of its modules is a ``Registry`` that is no global of mmengine;
    a module outside of any installed distribution is origin too. The user's names take precedence, the longest first.

    Args:
        intern: Packages or modules that are origin.
        extern: Packages or modules that are libraries.
    """

    def __init__(self, intern: Sequence[str] = (), extern: Sequence[str] = ()) -> None:
        self._explicit = {**dict.fromkeys(intern, True), **dict.fromkeys(extern, False)}
        self._tops: dict[str, bool] = {}
        self.bindings = registry_bindings()
        """By ``id`` of every registry: the registry, and its globals as modules with names, in the order of import."""
        own = {key for key, (_, names) in self.bindings.items() if any(_top(one) == _FRAMEWORK for one, _ in names)}
        self.owners = {_top(one) for key, (_, names) in self.bindings.items() if key not in own for one, _ in names}
        """The top-level packages with a registry that is not mmengine's."""

    def is_origin(self, module: str) -> bool:
        """Whether the code of a module goes into the export."""
        name = module
        while name:
            if name in self._explicit:
                return self._explicit[name]
            name = name.rpartition('.')[0]
        top = _top(module)
        if top not in self._tops:
            self._tops[top] = self._decide(top)
        return self._tops[top]

    def _decide(self, top: str) -> bool:
        if top in (_FRAMEWORK, _PROGRAM) or top in stdlib_names():
            return top == '__main__'
        return top in self.owners or not is_installed(top)


def is_framework(module: str) -> bool:
    """Whether a module belongs to mmengine, or to this program, which acts as mmengine's runner."""
    return _top(module) in (_FRAMEWORK, _PROGRAM)


def may_be_origin(top: str, intern: Sequence[str]) -> bool:
    """Whether a top-level package may be origin, as far as that is known while it is still being imported."""
    if any(_top(one) == top for one in intern):
        return True
    if top in stdlib_names() or is_framework(top):
        return top == '__main__'
    return not is_installed(top) or _holds_registry(top)


def _holds_registry(top: str) -> bool:
    kinds, inside = _kinds(), f'{top}.'
    # The copy is atomic: during an iteration the garbage collector may run a finalizer that imports.
    loaded: Mapping[str, object] = sys.modules.copy()
    modules: list[Any] = [one for name, one in loaded.items() if name == top or name.startswith(inside)]
    contents = (module_namespace(one) for one in modules if is_a(one, ModuleType))
    return any(not kinds.isdisjoint(map(id, map(type, list(each.values())))) for each in contents)


def _top(module: str) -> str:
    return module.partition('.')[0]


def registry_bindings() -> dict[int, tuple[Registry, list[tuple[str, str]]]]:
    """Find every registry that is a global of a loaded module.

    Returns:
        By ``id``, each registry with its modules and names, in the order of import.
    """
    kinds = _kinds()
    bindings: dict[int, tuple[Registry, list[tuple[str, str]]]] = {}
    modules: Mapping[str, Any] = sys.modules.copy()  # Not only modules: libraries may put any object there.
    for name, module in modules.items():
        content = module_namespace(module) if is_a(module, ModuleType) else None
        # Testing the set of types first is much faster; by identity, since a metaclass may define ``__hash__``.
        if not content or kinds.isdisjoint(map(id, map(type, list(content.values())))):
            continue
        for key, value in content.copy().items():
            if id(type(value)) in kinds:
                bindings.setdefault(id(value), (value, []))[1].append((name, key))
    return bindings


def _kinds() -> frozenset[int]:
    """The ids of the classes of registries: hashing a class may run code of its metaclass."""
    return frozenset(map(id, (Registry, *subclasses_of(Registry))))


def is_installed(top: str) -> bool:
    """Whether a top-level module or package belongs to an installed distribution."""
    folder = package_folder(top)
    if folder is None:
        return True  # Created by a C extension or at run time: there is no source to export.
    if any(folder == one or folder.startswith(one + os.sep) for one in _site_folders()):
        return True
    return top in providers(sys.path)


def package_folder(top: str) -> str | None:
    """The folder of a loaded top-level package, or the folder that its module file is in."""
    content = namespace(sys.modules.get(top))
    file = content.get('__file__')
    if isinstance(file, str):
        return os.path.dirname(os.path.abspath(file))
    paths: Any = content.get('__path__')
    return next((os.path.abspath(one) for one in list(paths or ()) if isinstance(one, str)), None)


@functools.cache
def _site_folders() -> tuple[str, ...]:
    paths = {sysconfig.get_path('purelib'), sysconfig.get_path('platlib'), site.getusersitepackages()}
    return tuple(sorted(os.path.abspath(one) for one in (*paths, *site.getsitepackages()) if one))
