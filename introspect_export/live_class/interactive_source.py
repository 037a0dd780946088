"""The statements of classes that were typed in: into a console, a notebook's cell, ``exec``.

What is found is believed only where it compiles to the very functions that the class has: a class statement may have
been typed in again since, and a console's history may be another session's.
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

# Functions that are made static or class methods without being declared so.
_DECLARED = ('__new__', '__init_subclass__', '__class_getitem__')
_COMPARED = (
    'co_code', 'co_names', 'co_varnames', 'co_freevars', 'co_cellvars', 'co_argcount', 'co_posonlyargcount',
    'co_kwonlyargcount', 'co_name',
)  # fmt: skip
# Stars, generators and the like: not the __future__ features of the session.
_KIND = 0x0FFF
_INDENTED = (' ', '\t', ')', ']', '}')


def statement_of(cls: type) -> str | None:
    """Return the top-level statement that made a class, or what is around it, or None where it is lost."""
    name = cls.__qualname__.partition('.')[0]
    for text in (*_from_cells(cls), *_from_dill(cls), *_from_history(name)):
        for statement in _class_statements(text, name):
            if _makes(statement, cls):
                return statement
    return None


def _from_cells(cls: type) -> Iterator[str]:
    """What the line cache has of the files that the methods name: notebooks put their cells there.

    A class without methods names none; any cell may have made it. Those entries have no time, being no files:
    ``linecache.checkcache`` would drop them otherwise.
    """
    files = list(dict.fromkeys(code.co_filename for _, code in _functions(cls)))
    if not files:
        files = [name for name, entry in reversed(linecache.cache.items()) if len(entry) == 4 and entry[1] is None]
    for file in files:
        yield ''.join(linecache.getlines(file))


def _from_dill(cls: type) -> Iterator[str]:
    """What ``dill`` finds: in the history of a console or of IPython."""
    try:
        from dill.source import getsource
    except ImportError:
        return
    try:
        yield textwrap.dedent(getsource(cls))
    except (OSError, TypeError, IndexError, SyntaxError, tokenize.TokenError):
        # Its ways of saying that it found nothing.
        return


def _from_history(name: str) -> Iterator[str]:
    """The statements in the lines typed into a console that is not ``__main__``, latest first."""
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
    """Whether a statement compiles to the functions that a class has, and gives it the constants that it has."""
    path = [each for each in cls.__qualname__.split('.') if each != '<locals>']
    code = _body_code(compile(statement, '<typed in>', 'exec', dont_inherit=True), path)
    if code is None:
        return False
    made: dict[str, list[types.CodeType]] = {}
    for each in _codes(code.co_consts):
        made.setdefault(each.co_name, []).append(each)
    own = vars(cls)
    body = _body(statement, path)
    functions = [each for _, each in _functions(cls)]
    if not all(_is_one_of(each, made[each.co_name]) for each in functions if each.co_name in made):
        return False
    plain = [(getattr(own.get(name), '__code__', None), name) for name in _plain_functions(body)]
    if not all(_is_one_of(each, made.get(name, [])) for each, name in plain):
        return False
    return all(name in own and repr(own[name]) == repr(value) for name, value in _constants(body))


def _is_one_of(code: types.CodeType | None, made: Sequence[types.CodeType]) -> bool:
    return code is not None and any(_same(code, each) for each in made)


def _body_code(code: types.CodeType, path: Sequence[str]) -> types.CodeType | None:
    """The code of a class body in that of what is around it; the last of its name."""
    found = [each for each in _codes(code.co_consts) if each.co_name == path[0]]
    if not found:
        return None
    return found[-1] if len(path) == 1 else _body_code(found[-1], path[1:])


def _codes(constants: Sequence[object]) -> list[types.CodeType]:
    return [each for each in constants if isinstance(each, types.CodeType)]


def _functions(cls: type) -> Iterator[tuple[str, types.CodeType]]:
    """The functions of a class that its own statement can have made, by member."""
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
    """Whether two code objects do the same, wherever they were typed."""
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
    """The body of a class in the statement of what is around it; the last of its name."""
    body: list[ast.stmt] = ast.parse(statement).body
    for name in path:
        found = [each for each in in_scope(body) if isinstance(each, DEFINITIONS) and each.name == name]
        body = max(found, key=lambda each: each.lineno).body
    return body


def _plain_functions(body: Sequence[ast.stmt]) -> list[str]:
    """The methods that are bound once and have no decorators."""
    bound = list(names_bound(body))
    plain = [
        each for each in body if isinstance(each, (ast.FunctionDef, ast.AsyncFunctionDef)) and not each.decorator_list
    ]
    return [each.name for each in plain if bound.count(each.name) == 1 and each.name not in _DECLARED]


def _constants(body: Sequence[ast.stmt]) -> Iterator[tuple[str, object]]:
    """The names that a class body binds once, to a constant."""
    bound = list(names_bound(body))
    for node in body:
        target = node.targets[0] if isinstance(node, ast.Assign) and len(node.targets) == 1 else None
        value = node.value if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant) else None
        if isinstance(target, ast.Name) and value is not None and bound.count(target.id) == 1 and target.id[:2] != '__':
            yield target.id, value.value
