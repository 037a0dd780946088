"""Detection of guarded imports: code that handles a missing module must see the import fail.

Otherwise it would take another branch than in the user's interpreter. An import of a missing module may be guarded by
``try`` with a handler of import errors, by ``with`` whose manager suppresses them (``contextlib.suppress``, or a
library's own), or by a query of the import system (``importlib.util.find_spec``), in the importing module or in any
module that imports that one.
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
_LOADING = '_find_and_load_unlocked'
"""The function of ``importlib._bootstrap`` that finds a module in order to load it, unlike ``find_spec``."""
_BY_NAME = 'import_module'


def is_guarded(module: str, frame: FrameType | None) -> bool:
    """Whether some code on the stack handles the absence of a module.

    The stack is followed through the module's own package and through all imports, up to a function of another package,
    or code that imports a module by a variable name: a registry, a loader of configs.

    Args:
        module: The missing module.
        frame: The frame of the finder's ``find_spec``.
    """
    top, ours = module.partition('.')[0], __name__.partition('.')[0]
    frame, loads = _importing(frame)
    if not loads:
        return True  # The code only queries whether the module exists.
    # Whether the last frames were those of an import, and whether it was a call of ``importlib.import_module``.
    first, imports, by_name = frame, False, False
    while frame is not None:
        name = str(frame.f_globals.get('__name__', ''))
        if name == 'importlib' or _is_machinery(frame):
            imports, by_name = True, by_name or name == 'importlib'
        else:
            package = name.partition('.')[0]
            elsewhere = package != top
            # A caller of another package's function may catch errors of all kinds, unrelated to this import.
            if package == ours or (elsewhere and not (imports or frame is first)):
                return False
            if elsewhere and by_name and not _names_module(frame):
                return False
            if any(_suppresses(guard, frame) for guard in _around(frame.f_code.co_filename, frame.f_lineno)):
                return True
            if elsewhere and frame.f_code.co_name != '<module>':
                return False
            imports = by_name = False
        frame = frame.f_back
    return False


def _names_module(frame: FrameType) -> bool:
    """Whether a frame's current line calls ``import_module`` with a constant."""
    return frame.f_lineno in _constant_imports(frame.f_code.co_filename)


def _importing(frame: FrameType | None) -> tuple[FrameType | None, bool]:
    """The innermost frame outside of the import system, and whether it loads the module."""
    loads = False
    while frame is not None and (_is_machinery(frame) or (not loads and frame.f_code.co_name == 'find_spec')):
        loads = loads or frame.f_code.co_name == _LOADING
        if not loads and frame.f_globals.get('__name__') == 'importlib.util':
            break
        frame = frame.f_back
    return frame, loads


def _is_machinery(frame: FrameType) -> bool:
    return frame.f_code.co_filename.startswith(_MACHINERY)


def _around(file: str, line: int) -> list[ast.Try | ast.With]:
    """The ``try`` and ``with`` statements of a file whose bodies contain a line."""
    return [node for first, last, node in _guards(file) if first <= line <= last]


@functools.cache
def _guards(file: str) -> tuple[tuple[int, int, ast.Try | ast.With], ...]:
    found = [node for node in ast.walk(_parsed(file)) if isinstance(node, (ast.Try, ast.With))]
    return tuple((node.body[0].lineno, node.body[-1].end_lineno or node.body[-1].lineno, node) for node in found)


@functools.cache
def _constant_imports(file: str) -> frozenset[int]:
    """The lines of a file with calls of ``import_module`` whose argument is a constant."""
    calls = [node for node in ast.walk(_parsed(file)) if isinstance(node, ast.Call) and node.args]
    constant = [
        node
        for node in calls
        if (node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, 'id', '')) == _BY_NAME
        and isinstance(node.args[0], ast.Constant)
    ]
    return frozenset(line for node in constant for line in range(node.lineno, (node.end_lineno or node.lineno) + 1))


def _parsed(file: str) -> ast.AST:
    if not os.path.isfile(file):
        return ast.Module([], [])
    try:
        return ast.parse(Path(file).read_bytes())
    except (OSError, SyntaxError, ValueError):
        return ast.Module([], [])


def _suppresses(guard: ast.Try | ast.With, frame: FrameType) -> bool:
    """Whether a statement suppresses an import error; assumed where that cannot be determined."""
    if isinstance(guard, ast.With):
        return any(_manager_suppresses(item.context_expr, frame) for item in guard.items)
    return any(_catches(handler.type, frame) for handler in guard.handlers)


def _catches(kind: ast.expr | None, frame: FrameType) -> bool:
    """Whether a handler, or ``contextlib.suppress``, with this exception class catches import errors."""
    if kind is None:
        return True
    try:
        value = _value(kind, frame)
    except Exception:  # The name is not bound yet, since the handler has not run: decide by its text.
        return _names_import_error(kind)
    kinds = value if isinstance(value, tuple) else (value,)
    return any(isinstance(one, type) and issubclass(ModuleNotFoundError, one) for one in kinds)


def _names_import_error(kind: ast.expr) -> bool:
    """Whether an expression names a builtin exception that catches import errors."""
    names = {node.id for node in ast.walk(kind) if isinstance(node, ast.Name)}
    return any(issubclass(ModuleNotFoundError, getattr(builtins, name, ())) for name in names if _is_error(name))


def _is_error(name: str) -> bool:
    value = getattr(builtins, name, None)
    return isinstance(value, type) and issubclass(value, BaseException)


def _manager_suppresses(expression: ast.expr, frame: FrameType) -> bool:
    """Whether a context manager may suppress an import error."""
    try:
        maker = _value(expression.func if isinstance(expression, ast.Call) else expression, frame)
    except Exception:  # Only names and attributes are evaluated.
        return True
    if maker is contextlib.suppress:
        return isinstance(expression, ast.Call) and any(_catches(one, frame) for one in expression.args)
    source = inspect.unwrap(maker) if inspect.isfunction(maker) else _exit(maker)
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(source)))
    except (OSError, TypeError, SyntaxError):
        return False  # Implemented in C, such as locks and files: those suppress no exceptions.
    return any(_may_suppress(node) for node in ast.walk(tree))


def _exit(maker: Any) -> Any:
    return inspect.getattr_static(maker if isinstance(maker, type) else type(maker), '__exit__', None)


def _may_suppress(node: ast.AST) -> bool:
    """Whether a node of a manager's source may suppress: a true ``return``, or ``yield`` in a ``try`` with handlers."""
    if isinstance(node, ast.Return):
        return not (node.value is None or (isinstance(node.value, ast.Constant) and not node.value.value))
    if isinstance(node, ast.Try):
        return bool(node.handlers) and any(isinstance(each, ast.Yield) for part in node.body for each in ast.walk(part))
    return False


def _value(expression: ast.expr, frame: FrameType) -> Any:
    """Evaluate a name, dotted name or tuple of such in a frame, without running code of a library.

    Raises:
        AttributeError: An attribute does not exist.
        LookupError: A name is not bound, or the expression is of another kind.
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
