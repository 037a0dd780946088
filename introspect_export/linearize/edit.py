"""Writes a planned class: pieces of original text under comments with their origins."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from introspect_export.linearize.body_chunks import header_end
from introspect_export.linearize.class_body import Chunk
from introspect_export.linearize.class_marks import marking_decorators
from introspect_export.linearize.decisions import Plan
from introspect_export.linearize.flatten_context import FlattenContext
from introspect_export.linearize.header import base_expression
from introspect_export.linearize.hooked import HOOK, hook_decorator, hook_of
from introspect_export.linearize.inline_text import Splicer
from introspect_export.linearize.ordering import ordering_of
from introspect_export.linearize.statement_edits import StatementEdits, excerpt, module_path
from introspect_export.model import Edit, FlatClass, Literal, MemberOrigin, Piece, Span


def write_class(context: FlattenContext, plan: Plan) -> FlatClass:
    """Write the flattened class.

    Args:
        context: The chain with its texts.
        plan: A plan without refusals.
    """
    writer = _ClassWriter(context, plan)
    return FlatClass(
        symbol=context.chain.symbol,
        merged=tuple(context.facts(index).symbol for index in context.merged),
        bases=tuple(context.facts(index).bases[place] for index, place in plan.bases),
        pieces=tuple(writer.pieces()),
        members=tuple(_members(context, plan)),
        diagnostics=(),
    )


def _members(context: FlattenContext, plan: Plan) -> Iterator[MemberOrigin]:
    """The origin of each member of the flattened class, also under its second name."""
    for index in plan.order:
        module, body = context.statements[index].module, context.bodies[index]
        for name, chunks in body.binders.items():
            naming = plan.names.get((index, name))
            if naming is not None and name in context.facts(index).members:
                place = module.place(body.chunks[chunks[-1]].core.start)
                shown = [naming.text] if naming.text != name or context.lineage.first(name) == index else []
                for each in (*shown, *([naming.alias] if naming.alias else [])):
                    yield MemberOrigin(each, name, context.facts(index).symbol, place)


class _ClassWriter:
    """Writes the pieces of one class.

    Args:
        context: The chain with its texts.
        plan: The plan for it.
    """

    def __init__(self, context: FlattenContext, plan: Plan) -> None:
        self._context = context
        self._plan = plan
        self._changes = StatementEdits(context, plan)
        self._splicer = Splicer(context, plan, self._changes)
        self._own = context.statements[0]
        start = context.statements[0].module.positions.span(self._own.node).start
        line = self._own.module.text.rfind('\n', 0, start) + 1
        outer = self._own.module.text[line:start]
        self._indent = context.bodies[0].indent or outer + '    '

    def pieces(self) -> Iterator[Piece]:
        yield from self._header()
        merged = [index for index in self._plan.order if index and self._plan.chunks.get(index)]
        own = self._context.bodies[0].chunks
        front = own if self._plan.leaf_first else [each for each in own if each.kind == 'docstring']
        rest = list(own[len(front) :])
        yield from self._front(front, bool(merged))
        blank = bool(front) and not all(_is_pass(each) for each in front)
        something = any(each.kind != 'blank' for each in rest) or (bool(rest) and not merged and not front)
        for index in self._plan.order:
            chunks = [self._context.bodies[index].chunks[each] for each in self._plan.chunks.get(index, ())]
            chunks = chunks if index else rest if something else []
            if chunks:
                yield self._comment(index, 'from' if index else 'of', blank)
                blank = True
                yield from self._runs(index, chunks)

    def _header(self) -> Iterator[Piece]:
        """The decorators, the name and the new bases; the class's own keyword arguments are kept."""
        module, node = self._own.module, self._own.node
        first, last = module.positions.span(node.bases[0]), module.positions.span(node.bases[-1])
        keywords = [module.positions.span(each) for each in node.keywords]
        bases = [self._base(index, place) for index, place in self._plan.bases]
        if self._plan.metaclass is not None:
            bases.append(self._metaclass(self._plan.metaclass))
        end = header_end(self._own)
        begin = module.positions.span(node).start
        yield excerpt(module, Span(self._own.span.start, begin))
        yield from self._inherited(begin)
        hook = hook_of(self._context)
        if hook is not None:
            outer = module.text[module.text.rfind('\n', 0, begin) + 1 : begin]
            yield Literal(f'{hook_decorator(self._plan.names[hook, HOOK].text)}\n{outer}')
        if bases:
            yield excerpt(module, Span(begin, first.start))
            for number, pieces in enumerate(bases):
                if number:
                    yield Literal(', ')
                yield from pieces
            yield excerpt(module, Span(last.end, end))
        elif keywords:
            yield excerpt(module, Span(begin, first.start))
            yield excerpt(module, Span(keywords[0].start, end))
        else:
            # Neither bases nor keywords are left, so the parentheses are dropped.
            opening = module.text.rindex('(', begin, first.start)
            yield excerpt(module, Span(begin, opening))
            yield Literal(':')

    def _inherited(self, begin: int) -> Iterator[Piece]:
        """The decorators of ancestors that the class needs too: ``total_ordering`` and those that mark a class."""
        ordering = ordering_of(self._context)
        for index, decorator in (*([ordering] if ordering else []), *marking_decorators(self._context)):
            module = self._context.statements[index].module
            text = self._own.module.text
            yield Literal('@')
            yield excerpt(module, module.positions.span(decorator))
            yield Literal('\n' + text[text.rfind('\n', 0, begin) + 1 : begin])

    def _base(self, index: int, place: int) -> list[Piece]:
        module = self._context.statements[index].module
        return [excerpt(module, module.positions.span(base_expression(self._context, index, place)))]

    def _metaclass(self, index: int) -> list[Piece]:
        statement = self._context.statements[index]
        value = next(each.value for each in statement.node.keywords if each.arg == 'metaclass')
        return [Literal('metaclass='), excerpt(statement.module, statement.module.positions.span(value))]

    def _front(self, chunks: tuple[Chunk, ...] | list[Chunk], followed: bool) -> Iterator[Piece]:
        """The part of the class's own body that comes first, with what follows the header on its line.

        Args:
            chunks: The chunks to write.
            followed: Whether members of ancestors come after them, so that ``pass`` is not needed.
        """
        module = self._own.module
        header = header_end(self._own)
        drop = followed and not all(each.kind == 'docstring' for each in chunks)
        shown = [each for each in chunks if not (drop and _is_pass(each))]
        if self._context.bodies[0].indent is None:
            for each in shown:
                yield Literal(f'\n{self._indent}')
                yield excerpt(module, each.core, self._changes.of_chunk(0, each, None))
            return
        line_end = module.text.find('\n', header)
        yield excerpt(module, Span(header, line_end))
        if shown:
            yield Literal('\n')
            yield from self._runs(0, shown)

    def _comment(self, index: int, word: str, blank: bool) -> Literal:
        """The comment above a group of members, after a blank line if ``blank``."""
        statement = self._context.statements[index]
        line = statement.module.place(statement.module.positions.span(statement.node).start).line
        where = f'{module_path(statement.module)}:{line}'
        text = f'{statement.node.name} ({where})' if word == 'from' else f'{statement.node.name} itself'
        return Literal('\n' * (1 + blank) + f'{self._indent}# -- {word} {text}\n')

    def _runs(self, index: int, chunks: list[Chunk]) -> Iterator[Piece]:
        """The pieces of chunks: those that were adjacent in one excerpt, each followed by its second names."""
        aliases = self._aliases(index)
        run: list[Chunk] = []
        start = True
        for number, chunk in enumerate(chunks):
            run.append(chunk)
            following = chunks[number + 1] if number + 1 < len(chunks) else None
            if following is None or following.index != chunk.index + 1 or chunk.index in aliases:
                yield from self._run(index, run, start)
                for line in aliases.get(chunk.index, []):
                    yield Literal(f'\n{self._indent}{line}')
                if following is not None:
                    yield Literal('\n')
                run, start = [], False

    def _run(self, index: int, chunks: list[Chunk], first: bool) -> Iterator[Piece]:
        """The pieces of adjacent chunks, reindented where the indentation of their class differs."""
        module = self._context.statements[index].module
        span = Span(chunks[0].span.start, chunks[-1].span.end)
        indent = None if self._context.bodies[index].indent == self._indent else self._indent
        edits: list[Edit] = []
        for each in chunks:
            edits.extend(self._changes.of_chunk(index, each, indent))
        if self._context.bodies[index].indent is None:
            yield Literal(self._indent)
            span = Span(chunks[0].core.start, chunks[-1].core.end)
        elif first and (index or not self._plan.leaf_first):
            span = Span(_without_blank_lines(module.text, span), span.end)
        present = (self._context.bodies[index].indent or '', indent) if indent is not None else ('', '')
        yield from self._splicer.pieces(index, chunks, span, edits, present)

    def _aliases(self, index: int) -> dict[int, list[str]]:
        """The lines that assign second names and qualified names, by the last chunk that binds the definition."""
        found: dict[int, list[str]] = {}
        for (home, name), qualname in sorted(self._plan.shown.items()):
            if home == index:
                last = self._context.bodies[index].binders[name][-1]
                plain = self._context.facts(index).members[name] == 'function'
                found.setdefault(last, []).append(f'{name}{"" if plain else ".__func__"}.__qualname__ = {qualname!r}')
        for name, chunks in self._context.bodies[index].binders.items():
            naming = self._plan.names.get((index, name))
            if naming is not None and naming.alias:
                value = {
                    '__new__': 'staticmethod({})',
                    '__init_subclass__': 'classmethod({})',
                    '__class_getitem__': 'classmethod({})',
                }
                text = value.get(name, '{}') if self._is_undeclared(index, chunks[-1]) else '{}'
                lines = found.setdefault(chunks[-1], [])
                if self._context.facts(index).members.get(name) == 'cached':
                    # A cached_property stores values under one name, and raises if it is bound to a second one.
                    text = 'property({}.__get__)'
                    if self._context.lineage.first(name) != index:
                        # Another definition gets this name below, so creating the class would not name this one.
                        lines.append(f'{name}.__set_name__(None, {name!r})')
                lines.append(f'{naming.alias} = {text.format(naming.text)}')
                if self._context.lineage.first(name) not in self._context.statements:
                    # A class that is not merged defines the member that this name must find, so it is removed here.
                    lines.append(f'del {naming.text}')
        return found

    def _is_undeclared(self, index: int, number: int) -> bool:
        """Whether a chunk consists of functions without decorators."""
        nodes = self._context.bodies[index].chunks[number].nodes
        return all(
            isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and not node.decorator_list for node in nodes
        )


def _is_pass(chunk: Chunk) -> bool:
    return chunk.kind == 'blank' and all(isinstance(node, ast.Pass) for node in chunk.nodes)


def _without_blank_lines(text: str, span: Span) -> int:
    """The start of the first line of a span that is not blank."""
    start = span.start
    while True:
        end = text.find('\n', start, span.end)
        if end == -1 or text[start:end].strip():
            return start
        start = end + 1
