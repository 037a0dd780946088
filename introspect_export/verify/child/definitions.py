"""What statements of a module, or of a class, define: functions, and values that are given a name."""

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
    """One.

    Attributes:
        name: Its name, with ``.setter`` or a number where there are several under one.
        node: The function, or the expression of the value, or a class.
    """

    name: str
    node: Node

    @property
    def is_function(self) -> bool:
        """Whether it is a function."""
        return isinstance(self.node, (*_FUNCTIONS, ast.Lambda))

    @property
    def again(self) -> str:
        """The name that this one is a second name for, or nothing."""
        return self.node.id if isinstance(self.node, ast.Name) else ''


class Text:
    """The text of a module.

    Args:
        content: The text.
    """

    def __init__(self, content: str) -> None:
        tree = ast.parse(content)
        self.top = [each for each in definitions(tree.body) if not isinstance(each.node, ast.ClassDef)]
        self.unnamed = [each for each in tree.body if not _is_named(each)]
        """The statements that give nothing a name: calls that register, entries of tables."""
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
        """The function that code of a name and a first line came from; nothing where it may be another one."""
        found = self._functions.get((name, line), [])
        return found[0] if len(found) == 1 else None

    def classes(self, qualname: str) -> Sequence[ast.ClassDef]:
        """The statements of a class, several where it depends on something which of them is executed."""
        return self._classes.get(qualname, [])


@functools.cache
def text_of(file: str) -> Text | None:
    """The text of a file; nothing where there is none."""
    try:
        return Text(Path(file).read_text(encoding='utf-8'))
    except (OSError, SyntaxError, ValueError):
        return None


def definitions(body: Sequence[ast.stmt], kept: re.Pattern[str] | None = None) -> list[Definition]:
    """What statements define, those under conditions included, each name with a number where it comes again.

    Args:
        body: The statements.
        kept: What the names are like under which flattening keeps members of parents: ``_Parent_run = run`` means
            that what is called ``run`` so far is the parent's, where there is another one behind it.
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
    """Whether a statement defines or imports something, or does nothing."""
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
