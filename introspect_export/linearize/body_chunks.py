"""Splits the body of a class statement into chunks."""

from __future__ import annotations

import ast
import io
import tokenize
from collections import defaultdict
from collections.abc import Callable

from introspect_export.linearize.class_body import Body, Chunk
from introspect_export.linearize.locate import ClassStatement, index_of
from introspect_export.linearize.memo import per_module
from introspect_export.linearize.statement_walk import Walker
from introspect_export.model import SourceModule, Span
from introspect_export.read.bindings import FUNCTION_STATEMENTS


def body_of(statement: ClassStatement) -> Body:
    """Return the body of a class statement; cached for as long as its module."""
    return _bodies(statement.module)(statement)


@per_module
def _bodies(module: SourceModule) -> Callable[[ClassStatement], Body]:
    known: dict[int, Body] = {}

    def of_statement(statement: ClassStatement) -> Body:
        key = id(statement.node)
        if key not in known:
            known[key] = _read_body(statement)
        return known[key]

    return of_statement


def header_end(statement: ClassStatement) -> int:
    """The offset after the colon that ends a class statement's header.

    Raises:
        ValueError: There is no such colon.
    """
    text = statement.module.text
    start = statement.module.positions.span(statement.node).start
    end = statement.module.positions.decorated(statement.node.body[0]).start
    depth = 0
    source = text[start:end]
    line_starts = [0]
    for token in tokenize.generate_tokens(io.StringIO(source + 'pass\n').readline):
        if token.type != tokenize.OP:
            continue
        while len(line_starts) < token.end[0]:
            line_starts.append(source.index('\n', line_starts[-1]) + 1)
        depth += {'(': 1, '[': 1, '{': 1, ')': -1, ']': -1, '}': -1}.get(token.string, 0)
        if token.string == ':' and depth == 0:
            return start + line_starts[token.end[0] - 1] + token.end[1]
    raise ValueError(f'no colon in {source!r}')


def _read_body(statement: ClassStatement) -> Body:
    module, node = statement.module, statement.node
    groups = _on_shared_lines(node.body)
    first = module.positions.decorated(node.body[0]).start
    line_start = module.text.rfind('\n', 0, first) + 1
    own_lines = not module.text[line_start:first].strip()
    header = header_end(statement)
    at = module.text.find('\n', header) + 1 if own_lines else first
    walker_index = index_of(module)
    chunks = []
    identifiers: set[str] = set()
    assigned: set[str] = set()
    changed: set[str] = set()
    for index, nodes in enumerate(groups):
        last = index == len(groups) - 1
        core = Span(module.positions.decorated(nodes[0]).start, module.positions.span(nodes[-1]).end)
        end = statement.span.end if last else _line_end(module.text, core.end)
        walker = Walker(module, walker_index, node.name)
        for each in nodes:
            walker.walk(each)
        identifiers |= walker.identifiers
        assigned |= walker.assigned
        changed |= walker.changed
        chunks.append(
            Chunk(
                index=index,
                nodes=nodes,
                span=Span(at, max(end, core.end)),
                core=core,
                kind=_kind(nodes, index, bool(any(each.binds for each in walker.occurrences))),
                occurrences=tuple(walker.occurrences),
                accesses=tuple(walker.accesses),
                privates=tuple(walker.privates),
                hazards=tuple(walker.hazards),
            )
        )
        at = max(end, core.end) + 1
    binders: dict[str, list[int]] = defaultdict(list)
    readers: dict[str, list[int]] = defaultdict(list)
    for chunk in chunks:
        for name in chunk.binds:
            binders[name].append(chunk.index)
        for name in dict.fromkeys(each.name for each in chunk.occurrences if not each.binds):
            readers[name].append(chunk.index)
    return Body(
        chunks=tuple(chunks),
        binders={name: tuple(found) for name, found in binders.items()},
        readers={name: tuple(found) for name, found in readers.items()},
        indent=module.text[line_start:first] if own_lines else None,
        identifiers=frozenset(identifiers),
        assigned=frozenset(assigned),
        changed=frozenset(changed),
    )


def _on_shared_lines(nodes: list[ast.stmt]) -> list[tuple[ast.stmt, ...]]:
    """Group statements so that those that share a line by ``;`` are in one group."""
    groups: list[list[ast.stmt]] = []
    last_line = -1
    for node in nodes:
        if groups and node.lineno == last_line:
            groups[-1].append(node)
        else:
            groups.append([node])
        last_line = node.end_lineno or node.lineno
    return [tuple(group) for group in groups]


def _line_end(text: str, offset: int) -> int:
    end = text.find('\n', offset)
    return len(text) if end == -1 else end


def _kind(nodes: tuple[ast.stmt, ...], index: int, binds: bool) -> str:
    """The kind of a chunk; see ``Chunk.kind``."""
    if len(nodes) > 1:
        return 'compound' if binds else 'blank' if all(_is_blank(node) for node in nodes) else 'effect'
    node = nodes[0]
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        return 'docstring' if index == 0 and isinstance(node.value.value, str) else 'blank'
    if _is_blank(node):
        return 'blank'
    if isinstance(node, FUNCTION_STATEMENTS):
        return 'def'
    if isinstance(node, ast.ClassDef):
        return 'class'
    if isinstance(node, ast.AnnAssign) and node.value is None:
        return 'annotation'
    if not binds:
        return 'effect'
    return 'simple' if isinstance(node, (ast.Assign, ast.AnnAssign)) else 'compound'


def _is_blank(node: ast.stmt) -> bool:
    """Whether a statement does nothing: ``pass``, ``...`` or another constant."""
    return isinstance(node, ast.Pass) or (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))
