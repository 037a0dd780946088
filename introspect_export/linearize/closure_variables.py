"""What a class statement inside of functions or other classes sees of what is around it."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from dataclasses import replace

from introspect_export.linearize.locate import ClassStatement, index_of
from introspect_export.linearize.memo import per_module
from introspect_export.model import NameUse, SourceModule, Span
from introspect_export.read import Positions
from introspect_export.read.bindings import FUNCTION_STATEMENTS, bound_inside, in_scope, local_names
from introspect_export.read.global_uses import global_uses


def seen_around(statement: ClassStatement) -> tuple[NameUse, ...]:
    """Return the names of the functions and classes around a class statement that it uses, in the order of the text.

    Functions see the variables of functions around them, bases and decorators the names of a class around as well:
    https://docs.python.org/3/reference/executionmodel.html#resolution-of-names.
    """
    return _seen(statement.module)(statement)


def seen_in(statement: ClassStatement, node: ast.AST) -> list[NameUse]:
    """Return those names that stand in a part of the statement."""
    span = statement.module.positions.span(node)  # type: ignore[arg-type]  # All that is asked for has a position.
    return [each for each in seen_around(statement) if span.holds(each.span)]


def is_own_name(statement: ClassStatement, use: NameUse) -> bool:
    """Whether methods name the class itself by the variable that only its statement binds: on its own a global does."""
    name = statement.node.name
    around = list(_functions_around(statement))
    if use.name != name or not use.deferred or use.context != 'load' or not around:
        return False
    nearest = max(around, key=lambda each: each.lineno)
    declared = [
        each for node in ast.walk(nearest) if isinstance(node, (ast.Global, ast.Nonlocal)) for each in node.names
    ]
    directly = any(node is statement.node for node in in_scope(nearest.body))
    return directly and [*declared, *bound_inside([nearest])].count(name) == 1


def outer_indent(statement: ClassStatement) -> str:
    """Return what the lines around a class statement are indented by."""
    text, start = statement.module.text, statement.statement.start
    return text[text.rfind('\n', 0, start) + 1 : start]


@per_module
def _seen(module: SourceModule) -> Callable[[ClassStatement], tuple[NameUse, ...]]:
    known: dict[int, tuple[NameUse, ...]] = {}

    def of_statement(statement: ClassStatement) -> tuple[NameUse, ...]:
        key = id(statement.node)
        if key not in known:
            known[key] = tuple(_read(statement)) if outer_indent(statement) else ()
        return known[key]

    return of_statement


def _read(statement: ClassStatement) -> Iterator[NameUse]:
    """The globals of the statement, read as if nothing were around it, that are none where it stands."""
    module = statement.module
    bound_again = list(_declared(statement))
    if bound_again:
        # Nothing could be read without the function that binds them.
        yield from bound_again
        return
    head = 'from __future__ import annotations\nif 1:\n' if index_of(module).lazy else 'if 1:\n'
    start = statement.statement.start - len(outer_indent(statement))
    text = f'{head}{module.text[start : statement.statement.end]}\n'
    tree = ast.parse(text)
    shift = start - len(head)
    for use in global_uses(text, tree, module.file, Positions(text)):
        if use.span.start + shift not in index_of(module).uses and not use.annotation:
            span = Span(use.span.start + shift, use.span.end + shift)
            yield replace(use, span=span, ends=tuple(end + shift for end in use.ends))


def _declared(statement: ClassStatement) -> Iterator[NameUse]:
    """The names of functions around that the statement declares nonlocal."""
    declared = [node for node in ast.walk(statement.node) if isinstance(node, ast.Nonlocal)]
    if not declared:
        return
    around = {name for each in _functions_around(statement) for name in local_names(each)}
    for node in declared:
        span = statement.module.positions.span(node)
        yield from (NameUse(name, span, True, False, 'declare') for name in node.names if name in around)


def _functions_around(statement: ClassStatement) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    line = statement.node.lineno
    for node in ast.walk(statement.module.tree):
        if isinstance(node, FUNCTION_STATEMENTS) and node.lineno < line <= (node.end_lineno or node.lineno):
            yield node
