"""The variables of enclosing functions and classes that a nested class statement uses."""

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
    """Return the variables of enclosing functions and classes that a class statement uses, in source order.

    Functions see the variables of enclosing functions; bases and decorators see those of an enclosing class as well:
    https://docs.python.org/3/reference/executionmodel.html#resolution-of-names.
    """
    return _seen(statement.module)(statement)


def seen_in(statement: ClassStatement, node: ast.AST) -> list[NameUse]:
    """Return the uses of such variables in one node of the statement."""
    span = statement.module.positions.span(node)  # type: ignore[arg-type]  # Callers pass expressions and statements.
    return [each for each in seen_around(statement) if span.holds(each.span)]


def is_own_name(statement: ClassStatement, use: NameUse) -> bool:
    """Whether a method names its own class by the variable of the enclosing function that the class statement binds.

    Such a use needs no variable if the class is in a module of its own: there the name is a global.
    """
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
    """Return the indentation of the line on which a class statement starts."""
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
    """The variables of enclosing scopes that the statement uses.

    The statement is parsed by itself: names that are globals then, but not in the module, belong to enclosing scopes.
    """
    module = statement.module
    nonlocals = list(_declared(statement))
    if nonlocals:
        # ``nonlocal`` without an enclosing function is a syntax error, so the statement cannot be parsed by itself.
        yield from nonlocals
        return
    # ``if 1:`` makes the indented statement valid.
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
    """The variables of enclosing functions that the statement declares nonlocal."""
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
