"""Finds class statements in a module's source."""

from __future__ import annotations

import ast
from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass

from introspect_export.linearize.memo import per_module
from introspect_export.model import ClassFacts, NameUse, SourceModule, Span
from introspect_export.read.class_statements import class_statements


@dataclass(frozen=True)
class ClassStatement:
    """A class statement in its module.

    Attributes:
        module: The module.
        node: The statement.
        span: The text that the output replaces: the statement, with leading comments if it is at the top level.
        statement: From the first decorator to the last character of the body.
    """

    module: SourceModule
    node: ast.ClassDef
    span: Span
    statement: Span


@dataclass(frozen=True)
class ModuleIndex:
    """Data of a module that are looked up frequently.

    Attributes:
        classes: Its class statements at any depth, by qualified name.
        part_of: For each class statement at the top level, by identity, the span of its part.
        uses: The uses of globals, by the offset where they start.
        starts: The same offsets, sorted.
        ordered: The same uses, sorted.
        rebound: The globals that some function rebinds.
        lazy: Whether the evaluation of annotations is postponed (PEP 563).
    """

    classes: Mapping[str, tuple[ast.ClassDef, ...]]
    part_of: Mapping[int, Span]
    uses: Mapping[int, NameUse]
    starts: tuple[int, ...]
    ordered: tuple[NameUse, ...]
    rebound: frozenset[str]
    lazy: bool

    def within(self, span: Span) -> tuple[NameUse, ...]:
        """The uses inside of a span."""
        return self.ordered[bisect_left(self.starts, span.start) : bisect_left(self.starts, span.end)]


@per_module
def index_of(module: SourceModule) -> ModuleIndex:
    """Return the index of a module."""
    ordered = tuple(sorted((use for part in module.parts for use in part.uses), key=lambda use: use.span))
    return ModuleIndex(
        classes=class_statements(module.tree),
        part_of={
            id(node): part.span
            for part, node in zip(module.parts, module.tree.body, strict=True)
            if isinstance(node, ast.ClassDef)
        },
        uses={use.span.start: use for use in ordered},
        starts=tuple(use.span.start for use in ordered),
        ordered=ordered,
        rebound=frozenset(name for part in module.parts for name in part.rebinds),
        lazy='annotations' in module.future,
    )


def find_class(module: SourceModule, facts: ClassFacts) -> ClassStatement | None:
    """Return the statement that created a class, or None if it is missing or ambiguous."""
    index = index_of(module)
    found = index.classes.get(facts.symbol.qualname, ())
    # A class to which its symbol does not resolve may not be the one that this statement creates. For classes entered
    # in an interactive session, the source was already chosen by the class that it creates.
    doubtful = 'hidden' in facts.traits and '<locals>' not in facts.symbol.qualname and 'typed-in' not in facts.traits
    if len(found) > 1 or doubtful:
        found = tuple(node for node in found if _holds_lines(node, facts))
    if len(found) != 1:
        return None
    node = found[0]
    statement = module.positions.decorated(node)
    return ClassStatement(module, node, index.part_of.get(id(node), statement), statement)


def _holds_lines(node: ast.ClassDef, facts: ClassFacts) -> bool:
    """Whether the functions of the live class are those of this statement."""
    last = node.end_lineno or node.lineno
    return bool(facts.lines) and all(node.lineno <= line <= last for line in facts.lines.values())
