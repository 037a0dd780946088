"""The statements of classes without a file: those typed in a console or a notebook's cell, or run by ``exec``.

A candidate is accepted only if it compiles to the same functions as the class has: the class statement may have been
typed again since, and a console's history may include earlier sessions.
"""

from __future__ import annotations

import ast
import linecache
import textwrap
import tokenize
import types
from collections.abc import Iterator, Sequence
from typing import Any

from introspect_export.read.bindings import DEFINITIONS, in_scope, names_bound

# Functions that are implicitly static or class methods.
_DECLARED = ('__new__', '__init_subclass__', '__class_getitem__')
_COMPARED = (
    'co_code', 'co_names', 'co_varnames', 'co_freevars', 'co_cellvars', 'co_argcount', 'co_posonlyargcount',
    'co_kwonlyargcount', 'co_name',
)  # fmt: skip
# Variadic parameters, generators and the like; not the __future__ features, which may be those of the session.
_KIND = 0x0FFF
_INDENTED = (' ', '\t', ')', ']', '}')


def statement_of(cls: type) -> str | None:
    """Return the top-level statement that defines a class, or the function or class around it, or None."""
    name = cls.__qualname__.partition('.')[0]
    for text in (*_from_cells(cls), *_from_dill(cls), *_from_history(name)):
        for statement in _class_statements(text, name):
            if _makes(statement, cls):
                return statement
    return None


def _from_cells(cls: type) -> Iterator[str]:
    """Texts in the line cache, where notebooks put their cells, by the file names in the methods' code.

    For a class without methods, all cells are candidates. Their entries have no modification time, so that
    ``linecache.checkcache`` keeps them.
    """
    files = list(dict.fromkeys(code.co_filename for _, code in _functions(cls)))
    if not files:
        files = [name for name, entry in reversed(linecache.cache.items()) if len(entry) == 4 and entry[1] is None]
    for file in files:
        yield ''.join(linecache.getlines(file))


def _from_dill(cls: type) -> Iterator[str]:
    """The text that ``dill`` finds in the history of a console or of IPython."""
    try:
        from dill.source import getsource
    except ImportError:
        return
    try:
        yield textwrap.dedent(getsource(cls))
    except (OSError, TypeError, IndexError, SyntaxError, tokenize.TokenError):
        # What it raises where it finds nothing.
        return


def _from_history(name: str) -> Iterator[str]:
    """The statements in the history of a console that is not ``__main__``, latest first."""
    try:
        import readline
    except ImportError:
        return
    lines = [readline.get_history_item(number + 1) for number in range(readline.get_current_history_length())]
    starts = [
        number
        for number, line in enumerate(lines)
        if line.startswith((f'class {name}', f'def {name}', f'async def {name}'))
    ]
    for start in reversed(starts):
        first = start
        while first and lines[first - 1].startswith('@'):
            first -= 1
        last = start + 1
        while last < len(lines) and (not lines[last].strip() or lines[last].startswith(_INDENTED)):
            last += 1
        yield '\n'.join(lines[first:last]) + '\n'


def _class_statements(text: str, name: str) -> list[str]:
    """The top-level statements of a text that define a class or a function of this name, latest first."""
    try:
        tree = ast.parse(text)
    except SyntaxError:
        return []
    lines = text.splitlines(keepends=True)
    found = []
    for node in tree.body:
        if isinstance(node, DEFINITIONS) and node.name == name:
            first = min([node.lineno, *(each.lineno for each in node.decorator_list)])
            found.append(''.join(lines[first - 1 : node.end_lineno]))
    return found[::-1]


def _makes(statement: str, cls: type) -> bool:
    """Whether a statement compiles to the functions of a class, and assigns its constants."""
    path = [each for each in cls.__qualname__.split('.') if each != '<locals>']
    code = _body_code(compile(statement, '<typed in>', 'exec', dont_inherit=True), path)
    if code is None:
        return False
    compiled: dict[str, list[types.CodeType]] = {}
    for each in _codes(code.co_consts):
        compiled.setdefault(each.co_name, []).append(each)
    own = vars(cls)
    body = _body(statement, path)
    functions = [each for _, each in _functions(cls)]
    if not all(_is_one_of(each, compiled[each.co_name]) for each in functions if each.co_name in compiled):
        return False
    plain = [(getattr(own.get(name), '__code__', None), name) for name in _plain_functions(body)]
    if not all(_is_one_of(each, compiled.get(name, [])) for each, name in plain):
        return False
    return all(name in own and repr(own[name]) == repr(value) for name, value in _constants(body))


def _is_one_of(code: types.CodeType | None, candidates: Sequence[types.CodeType]) -> bool:
    return code is not None and any(_same(code, each) for each in candidates)


def _body_code(code: types.CodeType, path: Sequence[str]) -> types.CodeType | None:
    """The code of a class body, by the names on the path to it in enclosing code; of equal names the last one."""
    found = [each for each in _codes(code.co_consts) if each.co_name == path[0]]
    if not found:
        return None
    return found[-1] if len(path) == 1 else _body_code(found[-1], path[1:])


def _codes(constants: Sequence[object]) -> list[types.CodeType]:
    return [each for each in constants if isinstance(each, types.CodeType)]


def _functions(cls: type) -> Iterator[tuple[str, types.CodeType]]:
    """The functions of a class that its own statement may define, by member."""
    for name, value in vars(cls).items():
        parts: list[Any] = [value]
        if isinstance(value, property):
            parts = [value.fget, value.fset, value.fdel]
        elif isinstance(value, (classmethod, staticmethod)):
            parts = [value.__func__]
        for part in parts:
            if isinstance(part, types.FunctionType) and part.__module__ == cls.__module__:
                yield name, part.__code__


def _same(code: types.CodeType, other: types.CodeType) -> bool:
    """Whether two code objects are equal except for file and lines."""
    if (
        any(getattr(code, each) != getattr(other, each) for each in _COMPARED)
        or (code.co_flags ^ other.co_flags) & _KIND
    ):
        return False
    pairs = list(zip(code.co_consts, other.co_consts, strict=False))
    inner = [(one, two) for one, two in pairs if isinstance(one, types.CodeType)]
    rest = [(one, two) for one, two in pairs if not isinstance(one, types.CodeType)]
    return (
        len(code.co_consts) == len(other.co_consts)
        and all(type(one) is type(two) and (repr(one) == repr(two) or one == two) for one, two in rest)
        and all(isinstance(two, types.CodeType) and _same(one, two) for one, two in inner)
    )


def _body(statement: str, path: Sequence[str]) -> list[ast.stmt]:
    """The body of a class, by the names on the path to it in a statement; of equal names the last one."""
    body: list[ast.stmt] = ast.parse(statement).body
    for name in path:
        found = [each for each in in_scope(body) if isinstance(each, DEFINITIONS) and each.name == name]
        body = max(found, key=lambda each: each.lineno).body
    return body


def _plain_functions(body: Sequence[ast.stmt]) -> list[str]:
    """The methods without decorators whose names are bound only once."""
    bound = list(names_bound(body))
    plain = [
        each for each in body if isinstance(each, (ast.FunctionDef, ast.AsyncFunctionDef)) and not each.decorator_list
    ]
    return [each.name for each in plain if bound.count(each.name) == 1 and each.name not in _DECLARED]


def _constants(body: Sequence[ast.stmt]) -> Iterator[tuple[str, object]]:
    """The names that a class body binds only once, to a constant, with that value."""
    bound = list(names_bound(body))
    for node in body:
        target = node.targets[0] if isinstance(node, ast.Assign) and len(node.targets) == 1 else None
        value = node.value if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant) else None
        if isinstance(target, ast.Name) and value is not None and bound.count(target.id) == 1 and target.id[:2] != '__':
            yield target.id, value.value
