"""Inlines the text of methods in place of their calls."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

from introspect_export.linearize.class_body import Chunk
from introspect_export.linearize.decisions import Call, Member, Plan
from introspect_export.linearize.flatten_context import FlattenContext
from introspect_export.linearize.inline import Site, bindings, body_statements, site_of
from introspect_export.linearize.statement_edits import StatementEdits, excerpt, indentation, module_path
from introspect_export.model import Edit, Literal, Piece, Span


class Splicer:
    """Cuts excerpts in which the calls chosen for inlining are replaced by the bodies of their methods.

    Args:
        context: The chain with its texts.
        plan: The plan for it.
        changes: Makes its edits.
    """

    def __init__(self, context: FlattenContext, plan: Plan, changes: StatementEdits) -> None:
        self._context = context
        self._plan = plan
        self._changes = changes

    def pieces(
        self,
        index: int,
        chunks: Sequence[Chunk],
        span: Span,
        edits: Sequence[Edit],
        indent: tuple[str, str] = ('', ''),
        keyword: str = 'return',
    ) -> Iterator[Piece]:
        """The pieces of a span.

        Args:
            index: The position of the class.
            chunks: The statements in the span.
            span: The span.
            edits: Its edits.
            indent: The indentation of the span's lines in the source and in the output, if these differ.
            keyword: The text that replaces a ``return`` at the end.
        """  # fmt: skip
        module = self._context.statements[index].module
        at = span.start
        numbers = {each.index for each in chunks}
        calls = [call for call in self._plan.inlined if call[0] == index and call[1] in numbers]
        places = [(module.positions.span(site_of(self._context, call).statement), call) for call in calls]
        for place, call in sorted(places, key=lambda each: each[0]):
            line = module.text.rfind('\n', 0, place.start) + 1
            if line > at:
                yield excerpt(module, Span(at, line), _within(edits, Span(at, line)))
            present = module.text[line : place.start]
            wanted = indent[1] + present[len(indent[0]) :] if present.startswith(indent[0]) else present
            yield from self._body(call, wanted, edits, keyword)
            at = place.end
        if at < span.end:
            yield excerpt(module, Span(at, span.end), _within(edits, Span(at, span.end)))

    def _body(self, call: Call, indent: str, edits: Sequence[Edit], keyword: str) -> Iterator[Piece]:
        """The body of a called method, under a comment with its origin, for the statement of the call."""
        index, name = self._plan.inlined[call]
        chunk, node = self._called((index, name))
        site = site_of(self._context, call)
        keyword = keyword if site.keyword == 'return' else site.keyword
        module = self._context.statements[index].module
        place = module.place(module.positions.span(node).start)
        path = module_path(module)
        yield Literal(f'{indent}# from {self._context.facts(index).symbol.name}.{name} ({path}:{place.line})\n')
        bound = list(self._bindings(call, site, node, indent, edits))
        yield from bound
        statements = body_statements(node)
        end = statements[-1]
        nested = any(site_of(self._context, other).statement is end for other in self._inside((index, name)))
        own = [*self._changes.of_chunk(index, chunk, None)]
        span = self._span(index, statements)
        present = module.text[
            module.text.rfind('\n', 0, self._start(index, statements[0])) + 1 : self._start(index, statements[0])
        ]
        own += indentation(module, chunk, present, indent)
        if isinstance(end, ast.Return) and not nested and keyword != 'return':
            if keyword or not _is_idle(end.value, node):
                own = [*own, self._instead_of_return(index, end, keyword)]
            elif len(statements) == 1:
                yield Literal('' if bound else f'{indent}pass')
                return
            else:
                span = Span(span.start, module.positions.span(statements[-2]).end)
        yield from self.pieces(index, [chunk], span, _within(own, span), (present, indent), keyword)
        if keyword == 'return' and not isinstance(end, ast.Return):
            yield Literal(f'\n{indent}return')

    def _instead_of_return(self, index: int, node: ast.Return, keyword: str) -> Edit:
        module = self._context.statements[index].module
        start = module.positions.span(node).start
        end = start + len('return')
        if not keyword:
            end += len(module.text[end:]) - len(module.text[end:].lstrip(' \t'))
        return Edit(start, end, keyword)

    def _bindings(
        self, call: Call, site: Site, node: ast.FunctionDef, indent: str, edits: Sequence[Edit]
    ) -> Iterator[Piece]:
        """``parameter = argument`` for every parameter whose argument is not the variable of the same name."""
        inside = {id(each) for each in ast.walk(site.statement)}
        for name, value in (bindings(site, node) or {}).items():
            if isinstance(value, ast.Name) and value.id == name:
                continue
            module = self._context.statements[call[0] if id(value) in inside else self._plan.inlined[call][0]].module
            span = module.positions.span(value)
            several = '\n' in module.text[span.start : span.end]
            yield Literal(f'{indent}{name} = {"(" if several else ""}')
            yield excerpt(module, span, _within(edits, span) if id(value) in inside else ())
            yield Literal(')\n' if several else '\n')

    def _called(self, member: Member) -> tuple[Chunk, ast.FunctionDef]:
        body = self._context.bodies[member[0]]
        chunk = body.chunks[body.binders[member[1]][0]]
        node = chunk.nodes[0]
        if not isinstance(node, ast.FunctionDef):
            raise ValueError(f'{member[1]} is no function')
        return chunk, node

    def _inside(self, member: Member) -> list[Call]:
        """The calls in a method that are inlined themselves."""
        number = self._context.bodies[member[0]].binders[member[1]][0]
        return [call for call in self._plan.inlined if call[:2] == (member[0], number)]

    def _start(self, index: int, statement: ast.stmt) -> int:
        return self._context.statements[index].module.positions.decorated(statement).start

    def _span(self, index: int, statements: Sequence[ast.stmt]) -> Span:
        """The span of statements with the comments above the first."""
        module = self._context.statements[index].module
        start = module.text.rfind('\n', 0, self._start(index, statements[0])) + 1
        while True:
            line = module.text.rfind('\n', 0, start - 1) + 1
            if not module.text[line:start].lstrip().startswith('#'):
                return Span(start, module.positions.span(statements[-1]).end)
            start = line


def _within(edits: Sequence[Edit], span: Span) -> list[Edit]:
    return [each for each in edits if span.start <= each.start and each.end <= span.end]


def _is_idle(value: ast.expr | None, node: ast.FunctionDef) -> bool:
    """Whether evaluating the value that a function returns has no effect: a constant, or a variable that is bound.

    A variable counts as bound if a parameter or an assignment at the top level of the function binds it.
    """
    if not isinstance(value, ast.Name):
        return value is None or isinstance(value, ast.Constant)
    assigned = {each.arg for each in ast.walk(node.args) if isinstance(each, ast.arg)}
    for statement in node.body:
        targets = statement.targets if isinstance(statement, ast.Assign) else []
        assigned |= {each.id for each in targets if isinstance(each, ast.Name)}
    handled = {each.name for each in ast.walk(node) if isinstance(each, ast.ExceptHandler)}
    return value.id in assigned - handled
