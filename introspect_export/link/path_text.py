"""Static evaluation of expressions for paths: to one path, or to a pattern of possible ones.

It covers strings, ``os.path``, ``pathlib``, ``__file__``, and globals that are assigned once.
"""

from __future__ import annotations

import ast
import os
import re
from collections.abc import Callable, Mapping
from pathlib import PurePath
from typing import Any

from introspect_export.model import PartKind, SourceModule
from introspect_export.model.liveset import Builtin, Defined, Library, LiveSet, ModuleAttribute, Resolution

Path = str | PurePath

_DEEPEST = 20
_ANY = '.*'
_PATH_CLASSES = ('pathlib.Path', 'pathlib.PurePath', 'pathlib.PosixPath')
_JOINING = ('os.path.join', *_PATH_CLASSES)
_SAME = ('os.path.abspath', 'os.path.realpath', 'os.path.normpath', 'os.fspath', 'os.path.expanduser', 'builtins.str')
_SAME_METHODS = ('resolve', 'absolute', 'as_posix', 'expanduser')
_FIELD = re.compile(r'\{[^{}]*\}|%[-+ #0]*\d*(?:\.\d+)?[sdirfg]')


class Paths:
    """Evaluates path expressions of live text.

    Args:
        live: The live set, with the resolutions of names.
        place: Returns the value of ``__file__`` in a module.
    """

    def __init__(self, live: LiveSet, place: Callable[[SourceModule], str]) -> None:
        self._live = live
        self._place = place

    def value(self, node: ast.AST, module: SourceModule, depth: int = 0) -> Path | int | None:
        """The value of an expression if it is a path, string or integer that can be determined; else None.

        Args:
            node: The expression.
            module: The module that contains it.
            depth: The depth of the recursion, which is limited.
        """
        if depth > _DEEPEST:
            return None
        if isinstance(node, ast.Constant):
            return node.value if isinstance(node.value, (str, int)) else None
        if isinstance(node, ast.Name):
            return self._global(node, module, depth)
        if isinstance(node, ast.JoinedStr):
            return self._joined([self._field(each, module, depth) for each in node.values])
        if isinstance(node, ast.BinOp):
            left, right = self.value(node.left, module, depth + 1), self.value(node.right, module, depth + 1)
            return _combined(node.op, left, right)
        if isinstance(node, ast.Attribute) and node.attr == 'parent':
            inner = self.value(node.value, module, depth + 1)
            return inner.parent if isinstance(inner, PurePath) else None
        if isinstance(node, ast.Subscript) and isinstance(node.value, ast.Attribute) and node.value.attr == 'parents':
            inner, up = self.value(node.value.value, module, depth + 1), self.value(node.slice, module, depth + 1)
            known = isinstance(inner, PurePath) and isinstance(up, int) and 0 <= up < len(inner.parents)
            return inner.parents[up] if known and isinstance(inner, PurePath) and isinstance(up, int) else None
        return self._call(node, module, depth) if isinstance(node, ast.Call) else None

    def _field(self, node: ast.expr, module: SourceModule, depth: int) -> Path | int | None:
        if isinstance(node, ast.FormattedValue):
            plain = node.conversion == -1 and node.format_spec is None
            return self.value(node.value, module, depth + 1) if plain else None
        return self.value(node, module, depth + 1)

    @staticmethod
    def _joined(parts: list[Any]) -> str | None:
        return None if any(each is None for each in parts) else ''.join(map(str, parts))

    def _global(self, node: ast.Name, module: SourceModule, depth: int) -> Path | int | None:
        found = self._resolution(node, module)
        target = found.target if found is not None else None
        if isinstance(target, ModuleAttribute) and target.attribute == '__file__':
            owner = self._live.modules.get(target.module)
            return self._place(owner) if owner is not None else None
        if not isinstance(target, Defined) or target.symbol.module not in self._live.modules:
            return None
        owner = self._live.modules[target.symbol.module]
        parts = [owner.parts[index] for index in owner.definitions.get(target.symbol.qualname, ())]
        if len(parts) != 1 or parts[0].kind is not PartKind.ASSIGN:
            return None
        statement = owner.tree.body[parts[0].index]
        targets = statement.targets if isinstance(statement, ast.Assign) else [getattr(statement, 'target', None)]
        value = getattr(statement, 'value', None)
        single = len(targets) == 1 and isinstance(targets[0], ast.Name) and not isinstance(statement, ast.AugAssign)
        return self.value(value, owner, depth + 1) if single and value is not None else None

    def _call(self, node: ast.Call, module: SourceModule, depth: int) -> Path | int | None:
        if node.keywords or any(isinstance(each, ast.Starred) for each in node.args):
            return None
        name = self.dotted(node.func, module)
        if isinstance(node.func, ast.Attribute) and not name:
            inner = self.value(node.func.value, module, depth + 1)
            if isinstance(inner, PurePath) and node.func.attr in (*_SAME_METHODS, 'joinpath'):
                more = [self.value(each, module, depth + 1) for each in node.args]
                return _path(inner, more) if node.func.attr == 'joinpath' else inner
            return None
        values = [self.value(each, module, depth + 1) for each in node.args]
        if not values or not all(isinstance(each, (str, PurePath)) for each in values):
            return None
        texts = [str(each) for each in values]
        if name == 'os.path.join':
            return os.path.join(*texts)
        if name in _PATH_CLASSES:
            return PurePath(*texts)
        if name == 'os.path.dirname':
            return os.path.dirname(texts[0])
        return texts[0] if name in _SAME else None

    def dotted(self, node: ast.expr, module: SourceModule) -> str:
        """The dotted name of the library's object that an expression names, or empty.

        Args:
            node: The expression.
            module: The module that contains it.
        """
        attributes: list[str] = []
        while isinstance(node, ast.Attribute):
            attributes.insert(0, node.attr)
            node = node.value
        found = self._resolution(node, module) if isinstance(node, ast.Name) else None
        if found is None:
            return ''
        if isinstance(found.target, Library):
            return '.'.join(each for each in (found.target.module, found.target.attribute, *attributes) if each)
        return f'builtins.{found.target.name}' if isinstance(found.target, Builtin) and not attributes else ''

    def may_be_path(self, node: ast.expr, module: SourceModule) -> bool:
        """Whether the object of a method call may be a path: not a library's module, nor a library's other result.

        Args:
            node: The expression for the object.
            module: The module that contains it.
        """
        name = self.dotted(node.func if isinstance(node, ast.Call) else node, module)
        return not name or (isinstance(node, ast.Call) and name in _PATH_CLASSES)

    def _resolution(self, node: ast.Name, module: SourceModule) -> Resolution | None:
        return self._live.resolutions.get((module.name, module.positions.span(node).start))

    def pattern(self, node: ast.AST, module: SourceModule) -> str:
        """A regular expression for the possible values of an expression; unknown pieces match anything.

        Args:
            node: The expression.
            module: The module that contains it.
        """
        known = self.value(node, module)
        if isinstance(known, (str, PurePath)):
            return re.escape(str(known))
        if isinstance(node, ast.JoinedStr):
            return ''.join(self.pattern(each, module) for each in node.values)
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
            return self.pattern(node.left, module) + self.pattern(node.right, module)
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div):
            return f'{self.pattern(node.left, module)}/{self.pattern(node.right, module)}'
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mod):
            return _filled(node.left)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == 'format':
            return _filled(node.func.value)
        if isinstance(node, ast.Call) and node.args:
            name = self.dotted(node.func, module)
            if name in _JOINING:
                return '/?'.join(self.pattern(each, module) for each in node.args)
            return self.pattern(node.args[0], module) if name in _SAME else _ANY
        return _ANY


def _combined(op: ast.operator, left: Any, right: Any) -> Path | None:
    if isinstance(op, ast.Add) and isinstance(left, str) and isinstance(right, str):
        return left + right
    paths = isinstance(left, PurePath) or isinstance(right, PurePath)
    if isinstance(op, ast.Div) and paths and isinstance(left, (str, PurePath)) and isinstance(right, (str, PurePath)):
        return PurePath(left) / right
    return None


def _path(first: PurePath, more: list[Any]) -> PurePath | None:
    return first.joinpath(*more) if all(isinstance(each, (str, PurePath)) for each in more) else None


def _filled(node: ast.AST) -> str:
    """The pattern of a format string."""
    if not (isinstance(node, ast.Constant) and isinstance(node.value, str)):
        return _ANY
    return _ANY.join(re.escape(each) for each in _FIELD.split(node.value))


def normal(path: Path, folder: str) -> str:
    """The absolute, normalized form of a path.

    Args:
        path: The path.
        folder: The folder that a relative path starts from.
    """
    return os.path.normpath(os.path.join(folder, str(path)))


Names = Mapping[str, str]

__all__ = ['Names', 'Path', 'Paths', 'normal']
