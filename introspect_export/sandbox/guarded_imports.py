"""Whether code is prepared for an import to fail: then it must fail, for else another branch than the user's is taken.

An import of a module that is not here may be guarded by ``try`` with a handler of import errors, by ``with`` whose
manager swallows them (``contextlib.suppress``, or one of the library's own), or by asking the import system whether
there is such a module (``importlib.util.find_spec``), in the module itself or in any that imports it.
"""

from __future__ import annotations

import ast
import builtins
import contextlib
import functools
import inspect
import os
import textwrap
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import Any

_MACHINERY = '<frozen importlib'
_LOADS = '_find_and_load_unlocked'
"""The function of the import system that looks for a module in order to load it; see ``importlib._bootstrap``."""
_BY_NAME = 'import_module'


def is_guarded(module: str, frame: FrameType | None) -> bool:
    """Whether a module that is not here may be missing, as far as the code up the stack is concerned.

    The stack is followed through the module's own package and through all imports, up to a function of another package,
    or code that imports whatever it is given a name of: a registry, a loader of configs.

    Args:
        module: The module that is looked for.
        frame: The frame in which a finder is asked for it.
    """
    top, ours = module.partition('.')[0], __name__.partition('.')[0]
    frame, loads = _asking(frame)
    if not loads:
        return True  # Somebody wants to know whether it is there, and it is not.
    first, imports, by_name = frame, False, False
    while frame is not None:
        name = str(frame.f_globals.get('__name__', ''))
        if name == 'importlib' or _is_machinery(frame):
            imports, by_name = True, by_name or name == 'importlib'
        else:
            package = name.partition('.')[0]
            elsewhere = package != top
            # What called a function of another package catches all kinds of errors, for reasons of its own.
            if package == ours or (elsewhere and not (imports or frame is first)):
                return False
            if elsewhere and by_name and not _names_module(frame):
                return False
            if any(_swallows(guard, frame) for guard in _around(frame.f_code.co_filename, frame.f_lineno)):
                return True
            if elsewhere and frame.f_code.co_name != '<module>':
                return False
            imports = by_name = False
        frame = frame.f_back
    return False


def _names_module(frame: FrameType) -> bool:
    """Whether the text that a frame is at imports a module by a name that it spells out."""
    return frame.f_lineno in _spelled(frame.f_code.co_filename)


def _asking(frame: FrameType | None) -> tuple[FrameType | None, bool]:
    """The first frame outside of the import system, and whether the system was to load the module."""
    loads = False
    while frame is not None and (_is_machinery(frame) or (not loads and frame.f_code.co_name == 'find_spec')):
        loads = loads or frame.f_code.co_name == _LOADS
        if not loads and frame.f_globals.get('__name__') == 'importlib.util':
            break
        frame = frame.f_back
    return frame, loads


def _is_machinery(frame: FrameType) -> bool:
    return frame.f_code.co_filename.startswith(_MACHINERY)


def _around(file: str, line: int) -> list[ast.Try | ast.With]:
    """The statements of a file that may keep an error of one of its lines from getting any further."""
    return [node for first, last, node in _guards(file) if first <= line <= last]


@functools.cache
def _guards(file: str) -> tuple[tuple[int, int, ast.Try | ast.With], ...]:
    found = [node for node in ast.walk(_parsed(file)) if isinstance(node, (ast.Try, ast.With))]
    return tuple((node.body[0].lineno, node.body[-1].end_lineno or node.body[-1].lineno, node) for node in found)


@functools.cache
def _spelled(file: str) -> frozenset[int]:
    """The lines of a file that import a module whose name is a constant there."""
    calls = [node for node in ast.walk(_parsed(file)) if isinstance(node, ast.Call) and node.args]
    spelled = [
        node
        for node in calls
        if (node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, 'id', '')) == _BY_NAME
        and isinstance(node.args[0], ast.Constant)
    ]
    return frozenset(line for node in spelled for line in range(node.lineno, (node.end_lineno or node.lineno) + 1))


def _parsed(file: str) -> ast.AST:
    if not os.path.isfile(file):
        return ast.Module([], [])
    try:
        return ast.parse(Path(file).read_bytes())
    except (OSError, SyntaxError, ValueError):
        return ast.Module([], [])


def _swallows(guard: ast.Try | ast.With, frame: FrameType) -> bool:
    """Whether a statement keeps an import error to itself; what cannot be found out may do so."""
    if isinstance(guard, ast.With):
        return any(_manager_swallows(item.context_expr, frame) for item in guard.items)
    return any(_catches(handler.type, frame) for handler in guard.handlers)


def _catches(kind: ast.expr | None, frame: FrameType) -> bool:
    """Whether a handler, or ``contextlib.suppress``, of a kind of exception is one of import errors."""
    if kind is None:
        return True
    try:
        value = _value(kind, frame)
    except Exception:  # A name that is bound later: the handler has not been reached, and its text must do.
        return _names(kind)
    kinds = value if isinstance(value, tuple) else (value,)
    return any(isinstance(one, type) and issubclass(ModuleNotFoundError, one) for one in kinds)


def _names(kind: ast.expr) -> bool:
    """Whether an expression names a class that import errors are of."""
    names = {node.id for node in ast.walk(kind) if isinstance(node, ast.Name)}
    return any(issubclass(ModuleNotFoundError, getattr(builtins, name, ())) for name in names if _is_error(name))


def _is_error(name: str) -> bool:
    value = getattr(builtins, name, None)
    return isinstance(value, type) and issubclass(value, BaseException)


def _manager_swallows(expression: ast.expr, frame: FrameType) -> bool:
    """Whether a context manager may swallow an import error."""
    try:
        maker = _value(expression.func if isinstance(expression, ast.Call) else expression, frame)
    except Exception:  # Any expression may stand here.
        return True
    if maker is contextlib.suppress:
        return isinstance(expression, ast.Call) and any(_catches(one, frame) for one in expression.args)
    source = inspect.unwrap(maker) if inspect.isfunction(maker) else _exit(maker)
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(source)))
    except (OSError, TypeError, SyntaxError):
        return False  # Made in C, as locks and files are: none of those swallows anything.
    return any(_lets_pass(node) for node in ast.walk(tree))


def _exit(maker: Any) -> Any:
    return inspect.getattr_static(maker if isinstance(maker, type) else type(maker), '__exit__', None)


def _lets_pass(node: ast.AST) -> bool:
    """Whether a part of a manager's text swallows: ``return True`` of ``__exit__``, ``except`` around a ``yield``."""
    if isinstance(node, ast.Return):
        return not (node.value is None or (isinstance(node.value, ast.Constant) and not node.value.value))
    if isinstance(node, ast.Try):
        return bool(node.handlers) and any(isinstance(each, ast.Yield) for part in node.body for each in ast.walk(part))
    return False


def _value(expression: ast.expr, frame: FrameType) -> Any:
    """The value of a name or dotted name in a frame, found without running any code of the library.

    Raises:
        LookupError: There is no such value.
    """
    if isinstance(expression, ast.Tuple):
        return tuple(_value(each, frame) for each in expression.elts)
    if isinstance(expression, ast.Attribute):
        owner = _value(expression.value, frame)
        return inspect.getattr_static(owner, expression.attr)
    if isinstance(expression, ast.Name):
        for names in _namespaces(frame):
            if expression.id in names:
                return names[expression.id]
    raise LookupError(ast.dump(expression))


def _namespaces(frame: FrameType) -> Iterator[Any]:
    yield frame.f_locals
    yield frame.f_globals
    yield vars(builtins)
