"""Merging chains of dataclasses into one class with all fields, in the order in which they were inherited."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from introspect_export.linearize.class_body import Body, Chunk
from introspect_export.linearize.flatten_context import FlattenContext
from introspect_export.linearize.locate import index_of


def field_name(chunk: Chunk) -> str | None:
    """The name that an annotated assignment in a class body binds; None for other statements."""
    node = chunk.nodes[0]
    return node.target.id if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) else None


def fields_of(context: FlattenContext) -> Iterator[tuple[int, Chunk]]:
    """The statements that define fields in a chain of dataclasses; all are kept, also those of redefined fields."""
    if 'dataclass' in context.facts(0).traits:
        for index in context.merged:
            for chunk in context.bodies[index].chunks:
                if field_name(chunk):
                    yield index, chunk


def dataclass_refusals(context: FlattenContext) -> Iterator[tuple[str, str, int]]:
    """Refusals of chains with dataclasses.

    Fields are collected in reverse MRO, and a redefined field keeps its first place
    (https://docs.python.org/3/library/dataclasses.html#inheritance). One body with all annotated statements, ancestors
    first, is equivalent if every class of the chain is a dataclass with the same options.
    """
    leaf = context.facts(0)
    if 'dataclass' not in leaf.traits:
        for index in context.merged:
            if 'dataclass' in context.facts(index).traits:
                yield (
                    'IE-LIN-DATACLASS',
                    f'{context.facts(index).symbol.name} is a dataclass and the class is not',
                    index,
                )
        return
    decorators = _decorators(context, 0)
    lazy = {index_of(statement.module).lazy for statement in context.statements.values()}
    if len(lazy) > 1:
        yield 'IE-LIN-DATACLASS', "its fields' annotations are evaluated in one module and not in another", 0
    # The fields of a class that is not merged come before all merged ones, which may not be the original order.
    kinds = [facts.traits for facts in context.chain.mro]
    first = min((each for each in context.standing if 'dataclass' in kinds[each]), default=len(kinds))
    nearer: set[str] = set()
    for index in (0, *context.merged):
        name, body = context.facts(index).symbol.name, context.bodies[index]
        fields = {found for chunk in body.chunks if (found := field_name(chunk))}
        if index and 'dataclass' not in context.facts(index).traits:
            if fields:
                yield 'IE-LIN-DATACLASS', f'{name} is no dataclass and has annotations', index
        elif index and _decorators(context, index) != decorators:
            yield 'IE-LIN-DATACLASS', f'{name} is another kind of dataclass', index
        if index > first and fields:
            yield 'IE-LIN-DATACLASS', f'{context.facts(first).symbol.name} comes before {name} and has fields', index
        if index and any('KW_ONLY' in ast.dump(chunk.nodes[0]) for chunk in body.chunks if field_name(chunk)):
            yield 'IE-LIN-DATACLASS', f'{name} has fields that are keyword-only from a place on', index
        hidden = sorted(fields & nearer)
        if hidden:
            yield 'IE-LIN-DATACLASS', f'the field {hidden[0]} of {name} is hidden by a member that is no field', index
        nearer |= _plain_names(body)
    if any('slots' in text for text in decorators):
        yield 'IE-LIN-DATACLASS', 'its decorator makes slots', 0


def _plain_names(body: Body) -> set[str]:
    """The names that a class body binds by other statements than fields."""
    return {
        name for name, chunks in body.binders.items() if any(field_name(body.chunks[each]) is None for each in chunks)
    }


def _decorators(context: FlattenContext, index: int) -> list[str]:
    """The ``dataclass`` decorators of a class, dumped for comparison."""
    return [ast.dump(each) for each in context.statements[index].node.decorator_list if 'dataclass' in ast.dump(each)]
