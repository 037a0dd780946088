"""Name resolution for code that is compared: local variables, nested imports, and globals by the bound object."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterator, Mapping, Sequence
from types import BuiltinFunctionType, FunctionType, ModuleType
from typing import Any

UNKNOWN = 'a name'
"""The word for a name that is no global: one that a nested import or a class body binds."""

_MISSING = object()
_NAMED = (ast.ExceptHandler, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


class Meanings:
    """The globals of one module.

    Args:
        namespace: The module's namespace.
        own: The packages that are not libraries, whose modules' names are not compared.
    """

    def __init__(self, namespace: Mapping[str, Any], own: frozenset[str]) -> None:
        self._globals = namespace
        self._own = own

    def value(self, chain: Sequence[str]) -> tuple[Any, int]:
        """Resolve a dotted name as far as it leads through modules.

        Args:
            chain: The components of the name.

        Returns:
            The value, or None, and the number of components that were resolved.
        """
        found, used, _ = self._followed(chain)
        return (None if found is _MISSING else found), used

    def of(self, chain: Sequence[str]) -> tuple[str, int]:
        """Describe the target of a dotted name with a word that is the same in both roles.

        Args:
            chain: The components of the name.

        Returns:
            The word, and the number of components that it covers.
        """
        value, used, home = self._followed(chain)
        if value is _MISSING:
            return (f'{home}.{chain[used - 1]}', used) if home else (UNKNOWN, len(chain))
        return self._word(value, home, chain[used - 1]), used

    def _followed(self, chain: Sequence[str]) -> tuple[Any, int, str]:
        """The value, the number of components resolved, and the library module that has it (empty for own modules)."""
        value = self._globals.get(chain[0], vars(builtins).get(chain[0], _MISSING))
        used, home = 1, ''
        while isinstance(value, ModuleType) and used < len(chain):
            home = '' if self._is_own(value.__name__) else value.__name__
            value = vars(value).get(chain[used], _MISSING)
            used += 1
        return value, used, home

    def _is_own(self, module: str) -> bool:
        return module.partition('.')[0] in self._own

    def _word(self, value: Any, home: str, name: str) -> str:
        if isinstance(value, ModuleType):
            return 'a module' if self._is_own(value.__name__) else value.__name__
        if isinstance(value, (type, FunctionType, BuiltinFunctionType)):
            return self._named(value)
        return f'{home}.{name}' if home else 'a global'

    def _named(self, value: Any) -> str:
        qualname = str(value.__qualname__)
        if not self._is_own(str(value.__module__)):
            return f'{value.__module__}.{qualname}'
        if isinstance(value, type):
            return f'the class {qualname}'
        # In the package, a method may be a member of a flattened subclass, under a longer name.
        return f'the function {qualname}' if '.' not in qualname else 'a function'


def local_names(node: ast.AST) -> frozenset[str]:
    """Return the names that a piece of code or a nested function binds, except those declared global.

    Args:
        node: The piece of code.
    """
    found, others = set[str](), set[str]()
    imported = {target for each in ast.walk(node) if is_import(each) for target in getattr(each, 'targets', ())}
    for each in ast.walk(node):
        if isinstance(each, ast.arg):
            found.add(each.arg)
        elif isinstance(each, ast.Name) and not isinstance(each.ctx, ast.Load) and each not in imported:
            found.add(each.id)
        elif isinstance(each, _NAMED) and each.name and each is not node:
            found.add(each.name)
        elif isinstance(each, ast.Global):
            others.update(each.names)
    return frozenset(found - others)


def imported_names(node: ast.AST, own: frozenset[str]) -> tuple[frozenset[str], frozenset[str]]:
    """Return the names that nested imports bind, from own packages and from libraries.

    Args:
        node: The piece of code.
        own: The packages that are not libraries.
    """
    found: dict[str, bool] = {}
    for each in ast.walk(node):
        if isinstance(each, (ast.Import, ast.ImportFrom)):
            for name, module in _bound(each):
                found[name] = found.get(name, False) or not module or module.partition('.')[0] in own
        elif isinstance(each, ast.Assign) and is_import(each):
            found.update({target.id: True for target in each.targets if isinstance(target, ast.Name)})
    return frozenset(name for name, ours in found.items() if ours), frozenset(
        name for name, ours in found.items() if not ours
    )


def _bound(node: ast.Import | ast.ImportFrom) -> Iterator[tuple[str, str]]:
    """The names that a statement binds, each with the module, which is empty for a relative import."""
    for alias in node.names:
        name = alias.asname or alias.name.partition('.')[0]
        if isinstance(node, ast.Import):
            yield name, alias.name
        else:
            yield name, '' if node.level else node.module or ''


def is_import(node: ast.AST) -> bool:
    """Whether a statement imports, or assigns a result of ``import_module`` for ``__package__``.

    The package does the latter in place of importing an origin's top-level package.

    Args:
        node: The statement.
    """
    if not isinstance(node, ast.Assign):
        return isinstance(node, (ast.Import, ast.ImportFrom))
    call = node.value
    if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Attribute) or call.func.attr != 'import_module':
        return False
    return any(isinstance(each, ast.Name) and each.id == '__package__' for each in call.args)
