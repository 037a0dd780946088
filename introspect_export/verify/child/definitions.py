"""The definitions in the statements of a module or class: functions, and named values."""

from __future__ import annotations

import ast
import functools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

Node = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda | ast.expr

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_ACCESSORS = ('setter', 'getter', 'deleter')


@dataclass(frozen=True)
class Definition:
    """A definition.

    Attributes:
        name: The name that is bound; with ``.setter`` or the like for an accessor, and ``#2`` for the second binding.
        node: The function, the class, or the expression for the value.
    """

    name: str
    node: Node

    @property
    def is_function(self) -> bool:
        """Whether the node is a function."""
        return isinstance(self.node, (*_FUNCTIONS, ast.Lambda))

    @property
    def again(self) -> str:
        """The name that this definition is an alias of, or empty."""
        return self.node.id if isinstance(self.node, ast.Name) else ''


class Text:
    """An index of a module's text.

    Args:
        content: The text.
    """

    def __init__(self, content: str) -> None:
        tree = ast.parse(content)
        self.top = [each for each in definitions(tree.body) if not isinstance(each.node, ast.ClassDef)]
        self.unnamed = [each for each in tree.body if not _is_named(each)]
        """The statements that bind no name: calls that register, entries of tables."""
        self._classes: dict[str, list[ast.ClassDef]] = {}
        self._functions: dict[tuple[str, int], list[Node]] = {}
        self._index(tree, '')

    def _index(self, node: ast.AST, around: str) -> None:
        for each in ast.iter_child_nodes(node):
            inside = around
            if isinstance(each, ast.ClassDef):
                self._classes.setdefault(around + each.name, []).append(each)
                inside = f'{around}{each.name}.'
            elif isinstance(each, _FUNCTIONS):
                first = min([each.lineno, *(one.lineno for one in each.decorator_list)])
                self._functions.setdefault((each.name, first), []).append(each)
                inside = f'{around}{each.name}.<locals>.'
            elif isinstance(each, ast.Lambda):
                self._functions.setdefault(('<lambda>', each.lineno), []).append(each)
            self._index(each, inside)

    def function(self, name: str, line: int) -> Node | None:
        """The function of a code object; None if it is not unique.

        Args:
            name: The code object's name.
            line: Its first line.
        """
        found = self._functions.get((name, line), [])
        return found[0] if len(found) == 1 else None

    def classes(self, qualname: str) -> Sequence[ast.ClassDef]:
        """The class statements with a qualified name: several if a condition selects one."""
        return self._classes.get(qualname, [])


@functools.cache
def text_of(file: str) -> Text | None:
    """Return the text of a file; None if it cannot be read."""
    try:
        return Text(Path(file).read_text(encoding='utf-8'))
    except (OSError, SyntaxError, ValueError):
        return None


def definitions(body: Sequence[ast.stmt], kept: re.Pattern[str] | None = None) -> list[Definition]:
    """Return the definitions in statements, including nested ones under conditions.

    Args:
        body: The statements.
        kept: The pattern of names under which flattening keeps members of parents. After ``_Parent_run = run``, an
            earlier ``run`` is the parent's if a later one follows.
    """
    several = [Definition(name, node) for name, node in _defined(body)]
    for index, each in enumerate(several):
        if kept is not None and each.again and kept.fullmatch(each.name):
            if any(one.name == each.again for one in several[index + 1 :]):
                several[:index] = [
                    replace(one, name=each.name) if one.name == each.again else one for one in several[:index]
                ]
            several[index] = replace(each, name='')
    count: dict[str, int] = {}
    found: list[Definition] = []
    for each in several:
        count[each.name] = count.get(each.name, 0) + 1
        number = f'#{count[each.name]}' if count[each.name] > 1 else ''
        found += [replace(each, name=each.name + number)] if each.name else []
    return found


def _is_named(statement: ast.stmt) -> bool:
    """Whether a statement binds a name or imports, or is a constant without effect."""
    if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant):
        return True
    imports = any(isinstance(each, (ast.Import, ast.ImportFrom)) for each in ast.walk(statement))
    return imports or next(_defined([statement]), None) is not None


def _defined(body: Sequence[ast.AST]) -> Iterator[tuple[str, Node]]:
    for each in body:
        if isinstance(each, _FUNCTIONS):
            yield each.name + _accessor(each), each
        elif isinstance(each, ast.Assign):
            for target in each.targets:
                for one in ast.walk(target):
                    if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store):
                        yield one.id, each.value
        elif isinstance(each, ast.AnnAssign):
            if isinstance(each.target, ast.Name) and each.value is not None:
                yield each.target.id, each.value
        elif isinstance(each, ast.ClassDef):
            yield each.name, each
        elif not isinstance(each, ast.expr):
            yield from _defined(list(ast.iter_child_nodes(each)))


def _accessor(node: ast.FunctionDef | ast.AsyncFunctionDef) -> str:
    for each in node.decorator_list:
        if isinstance(each, ast.Attribute) and each.attr in _ACCESSORS:
            return f'.{each.attr}'
    return ''
