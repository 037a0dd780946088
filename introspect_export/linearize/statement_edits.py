"""Turns a plan into edits of the statements of class bodies."""

from __future__ import annotations

import ast
from bisect import bisect_left
from collections.abc import Iterator, Sequence

from introspect_export.linearize.class_body import Access, Chunk
from introspect_export.linearize.decisions import Member, Plan, Target
from introspect_export.linearize.flatten_context import FlattenContext
from introspect_export.linearize.kept_names import is_abstract
from introspect_export.linearize.locate import index_of
from introspect_export.linearize.resolve import CLASS_FIRST
from introspect_export.linearize.super_starts import start_expression
from introspect_export.model import Edit, Excerpt, SourceModule, Span
from introspect_export.read.bindings import FUNCTIONS


class StatementEdits:
    """Makes the edits of a plan.

    Args:
        context: The chain with its texts.
        plan: The plan for it.
    """

    def __init__(self, context: FlattenContext, plan: Plan) -> None:
        self._context = context
        self._plan = plan
        self._own_tag = context.facts(0).symbol.name.lstrip('_')

    def of_chunk(self, index: int, chunk: Chunk, indent: str | None) -> list[Edit]:
        """Return the edits of one statement.

        Args:
            index: The position of its class.
            chunk: The statement.
            indent: The new indentation of its lines; None if it does not change.
        """
        edits = [*self._renames(index, chunk), *self._accesses(index, chunk)]
        if index and self._context.facts(index).symbol.name.lstrip('_') != self._own_tag:
            edits.extend(Edit(span.start, span.end, mangled) for span, mangled in chunk.privates)
        for node in chunk.nodes:
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                edits.extend(self._decorators(index, chunk, node))
        if index and self._becomes_eager(index):
            edits.extend(_quoted_annotations(self._context.statements[index].module, chunk))
        if indent is not None:
            edits.extend(
                indentation(
                    self._context.statements[index].module, chunk, self._context.bodies[index].indent or '', indent
                )
            )
        return edits

    def _becomes_eager(self, index: int) -> bool:
        """Whether a parent's postponed annotations (PEP 563) would be evaluated in the class's own module."""
        own, home = self._context.statements[0].module, self._context.statements[index].module
        return index_of(home).lazy and not index_of(own).lazy

    def _renames(self, index: int, chunk: Chunk) -> Iterator[Edit]:
        for each in chunk.occurrences:
            naming = self._plan.names.get((index, each.name))
            if naming is not None and naming.text != each.name and not each.free:
                yield Edit(each.span.start, each.span.end, naming.text)

    def _decorators(self, index: int, chunk: Chunk, node: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[Edit]:
        positions = self._context.statements[index].module.positions
        name = chunk.binds[0] if len(chunk.binds) == 1 else node.name
        naming = self._plan.names.get((index, name))
        if naming is None:
            return
        start = positions.span(node).start
        if naming.text != name and name in CLASS_FIRST and not node.decorator_list:
            # Python makes these static and class methods implicitly, but only under their own names:
            # https://docs.python.org/3/reference/datamodel.html#object.__new__
            kind = 'staticmethod' if name == '__new__' else 'classmethod'
            yield Edit(start, start, f'@{kind}\n{self._context.bodies[index].indent or ""}')
        if naming.bare:
            starts = [_at_sign(self._context, index, each) for each in node.decorator_list]
            for each, at, following in zip(node.decorator_list, starts, [*starts[1:], start], strict=False):
                if is_abstract(each):
                    yield Edit(at, following, '')

    def _accesses(self, index: int, chunk: Chunk) -> Iterator[Edit]:
        for place, access in enumerate(chunk.accesses):
            target = self._plan.targets[index, chunk.index, place]
            if (index, chunk.index, place) in self._plan.inlined:
                continue
            if target.kind in ('super', 'super-call'):
                yield from _to_super(access, target, self._start(target))
            elif target.kind == 'constant':
                end = access.ends[target.length - 1] if target.length else access.span.end
                yield Edit(access.span.start, end, target.text)
            elif target.guarded and target.member is not None:
                start = self._context.statements[index].module.cut(Span(*access.ends))
                yield from _guarded(access, target, self._plan.names[target.member].reached, start)
            elif target.kind != 'keep' and target.member is not None:
                yield from self._to_member(access, target, target.member)

    def _start(self, target: Target) -> Excerpt | None:
        """The expression of the class at which ``super`` starts, if that is not the flattened class."""
        if target.start is None:
            return None
        statement = self._context.statements[target.start[0]]
        expression = start_expression(statement.node.bases[target.start[1]])
        return excerpt(statement.module, statement.module.positions.span(expression))

    def _to_member(self, access: Access, target: Target, member: Member) -> Iterator[Edit]:
        naming = self._plan.names[member]
        wins = self._context.lineage.first(member[1]) == member[0]
        end = access.ends[target.length - 1] if target.length else access.span.end
        if target.kind == 'instance-call' and access.call and access.call.first and access.call.first_span:
            yield Edit(access.span.start, end, f'{access.call.first.text}.{naming.reached}')
            yield Edit(access.call.first_span.start, access.call.first_span.end, '')
        elif target.kind == 'asked':
            yield Edit(access.ends[0], access.ends[1], access.receiver.text)
            yield Edit(access.ends[2] + 1, access.ends[3] - 1, naming.reached)
        elif target.kind == 'instance' and access.receiver.kind == 'first':
            yield Edit(access.span.start, end, f'{access.receiver.text}.{naming.reached}')
        elif target.kind == 'instance' and access.receiver.span:
            yield Edit(access.span.start, access.receiver.span.start, '')
            yield Edit(access.receiver.span.end, end, f'.{naming.reached}')
        else:
            name = naming.text if wins else naming.reached
            kind = self._context.facts(member[0]).members.get(member[1], '')
            text = {
                'class': f'__class__.{name}',
                'bound': f'__class__.{naming.reached}.__get__({access.receiver.text})',
                'namespace': f'{name}.__func__' if kind == 'staticmethod' else name,
            }[target.kind]
            yield Edit(access.span.start, end, text)


def _guarded(access: Access, target: Target, name: str, start: str) -> Iterator[Edit]:
    """Insert the replacement for instances of the exact class before the original access, kept for other instances."""
    first = access.receiver.text
    value = {'bound': f'__class__.{name}.__get__({first})', 'class': f'__class__.{name}'}
    found = value.get(target.kind, f'{first}.{name}')
    yield Edit(access.span.start, access.span.start, f'({found} if {start} is __class__ else ')
    yield Edit(access.span.end, access.span.end, ')')


def _at_sign(context: FlattenContext, index: int, decorator: ast.expr) -> int:
    module = context.statements[index].module
    return module.text.rindex('@', 0, module.positions.span(decorator).start)


def _to_super(access: Access, target: Target, start: Excerpt | None) -> Iterator[Edit]:
    """Replace an access by one through ``super``, without arguments where that is possible."""
    name = access.attribute or access.path[target.length - 1]
    begin, end = access.span.start, access.ends[target.length - 1] if target.length else access.span.end
    tail = f').{name}'
    if access.asked:
        (begin, end), tail = access.ends[:2], ')'
    receiver = access.call.first if target.kind == 'super-call' and access.call else access.receiver
    if receiver is None:
        raise ValueError(f'nothing to bind super().{name} to')
    opening, between = ('super(', ', ') if start else ('super(__class__, ', '')
    if receiver.kind == 'type' and receiver.span is not None:
        yield Edit(begin, receiver.span.start, opening, start, between)
        yield Edit(receiver.span.end, end, tail)
        return
    if access.direct and start is None:
        yield Edit(begin, end, f'super({tail}')
    else:
        yield Edit(begin, end, opening, start, f'{between}{receiver.text}{tail}')
    if target.kind == 'super-call' and access.call and access.call.first_span:
        yield Edit(access.call.first_span.start, access.call.first_span.end, '')


def _quoted_annotations(module: SourceModule, chunk: Chunk) -> Iterator[Edit]:
    """Replace annotations by strings, as PEP 563 does; those of local variables are never evaluated and are left."""
    stack: list[tuple[ast.AST, bool]] = [(node, True) for node in chunk.nodes]
    while stack:
        node, at_class_level = stack.pop()
        found = [getattr(node, 'annotation', None)] if isinstance(node, ast.arg) or at_class_level else []
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            found.append(node.returns)
        for annotation in found:
            if annotation is not None:
                span = module.positions.span(annotation)
                yield Edit(span.start, span.end, repr(ast.unparse(annotation)))
        inner = isinstance(node, ast.ClassDef) or (at_class_level and not isinstance(node, FUNCTIONS))
        stack.extend((child, inner) for child in ast.iter_child_nodes(node))


def indentation(module: SourceModule, chunk: Chunk, present: str, wanted: str) -> Iterator[Edit]:
    """Change the indentation of a statement's lines; lines inside of strings are not changed."""
    if present == wanted:
        return
    inside = {
        line
        for node in chunk.nodes
        for each in ast.walk(node)
        if isinstance(each, (ast.Constant, ast.JoinedStr)) and each.end_lineno and each.lineno != each.end_lineno
        for line in range(each.lineno + 1, each.end_lineno + 1)
    }
    first = bisect_left(module.line_starts, chunk.span.start)
    last = bisect_left(module.line_starts, chunk.span.end)
    for number in range(first, last):
        start = module.line_starts[number]
        if number + 1 not in inside and module.text.startswith(present, start):
            yield Edit(start, start + len(present), wanted)


def module_path(module: SourceModule) -> str:
    """A module's file relative to the folder of its top-level package: ``package/module.py``."""
    path = module.name.replace('.', '/')
    return f'{path}/__init__.py' if module.is_package else f'{path}.py'


def excerpt(module: SourceModule, span: Span, edits: Sequence[Edit] = ()) -> Excerpt:
    """Cut an excerpt, with the outermost ones of nested edits and the uses of globals that no edit touches."""
    index = index_of(module)
    chosen: list[Edit] = []
    for edit in sorted(edits, key=lambda each: (each.start, -each.end)):
        if not chosen or edit.start >= chosen[-1].end:
            chosen.append(edit)
    uses = []
    at = 0
    for use in index.within(span):
        while at < len(chosen) and chosen[at].end <= use.span.start:
            at += 1
        if at == len(chosen) or use.span.end <= chosen[at].start:
            uses.append(use)
    return Excerpt(module.name, span, tuple(chosen), tuple(uses))
