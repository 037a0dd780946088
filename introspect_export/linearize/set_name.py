"""Refusals because of lists in which members register their names through ``__set_name__``.

``__set_name__`` is called for the members of a class in their order
(https://docs.python.org/3/reference/datamodel.html#object.__set_name__). The flattened class creates a list of its own,
which must have the same content as the current one; it does not if a subclass added names to its parent's list.
"""

from __future__ import annotations

from collections.abc import Iterator

from introspect_export.linearize.flatten_context import FlattenContext


def lists_of(context: FlattenContext) -> set[str]:
    """The attributes that hold such lists."""
    return {name for index in context.statements for name in context.facts(index).lists.values()}


def list_refusals(context: FlattenContext) -> Iterator[tuple[str, str, int]]:
    """Refusals of lists that are shared with other classes, or would hold other names in the flattened class."""
    for attribute in sorted(lists_of(context)):
        definers = context.lineage.definers.get(attribute, [])
        adding = {index for index in context.statements if attribute in context.facts(index).lists.values()}
        current = context.facts(definers[0]).listed.get(attribute) if definers else None
        own = adding <= set(definers) <= set(context.statements)
        if not own or current != tuple(_listed_again(context, attribute)):
            last = definers[-1] if definers else 0
            message = f'{context.facts(last).symbol.name}.{attribute} holds names of members, and is shared'
            yield (
                'IE-LIN-CLASS-STATE',
                f'{message} with other classes',
                last if context.is_merged(last) else max(adding),
            )


def _listed_again(context: FlattenContext, attribute: str) -> Iterator[str]:
    """The names that the flattened class's own list would hold."""
    for index in (0, *context.merged):
        for name in context.bodies[index].binders:
            registers = context.facts(index).lists.get(name) == attribute
            if registers and context.lineage.first(name) == index:
                yield name
