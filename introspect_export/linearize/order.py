"""Chooses the order in which the members of the class itself and those of its ancestors are written."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from introspect_export.linearize.decisions import KeptName, Member, Target
from introspect_export.linearize.flatten_context import FlattenContext
from introspect_export.model import Diagnostic

Pair = tuple[int, int | None]
"""Two classes by position: the members of the first must come before those of the second."""


def choose_order(
    context: FlattenContext,
    kept: Mapping[int, set[int]],
    names: Mapping[Member, KeptName],
    targets: Mapping[tuple[int, int, int], Target],
) -> tuple[tuple[int, ...], list[Diagnostic]]:
    """Choose the order of the groups of members, one for each class.

    A class body is executed from top to bottom, so names must be bound before they are read. The class's own members
    first is more readable. Ancestors first is the order in which the originals were executed; it is needed if a class
    body names a parent's member, if a definition keeps a name that a nearer class binds as well, and for fields, whose
    order is that of their statements. If neither is right, a body that reads a global comes before the class that has a
    member of that name.

    Args:
        context: The chain with its texts.
        kept: The indices of the kept chunks, by the position of the class.
        names: The names of the kept definitions.
        targets: The replacement of every access in a kept chunk.

    Returns:
        The positions of the classes in order, and the refusals of conditions that the order does not satisfy.
    """
    forward, backward = (0, *context.merged), (*reversed(context.merged), 0)
    fields = 'dataclass' in context.facts(0).traits
    needed = set(_above(context, names, targets))
    captures = dict(_captures(context, kept, names))
    if not needed and not fields and _holds(forward, captures):
        return forward, []
    doubtful = {**captures, **dict(_clobbered(context))}
    order = backward
    if not fields and not _holds(backward, doubtful):
        order = _sorted(backward, {*needed, *doubtful})
    return order, [why for pair, why in doubtful.items() if not _holds(order, (pair,))]


def _holds(order: tuple[int, ...], pairs: Collection[Pair]) -> bool:
    """Whether an order satisfies all pairs; those with classes that are not in it are ignored."""
    place: dict[int | None, int] = {index: number for number, index in enumerate(order)}
    return all(place[one] < place[other] for one, other in pairs if one in place and other in place)


def _sorted(order: tuple[int, ...], pairs: Collection[Pair]) -> tuple[int, ...]:
    """An order that satisfies all pairs and is as close as possible to a given one; the given one if none exists."""
    rest, found = list(order), list[int]()
    while rest:
        free = (each for each in rest if not any(one in rest and other == each for one, other in pairs))
        following = next(free, None)
        if following is None:
            return order
        rest.remove(following)
        found.append(following)
    return tuple(found)


def _above(
    context: FlattenContext, names: Mapping[Member, KeptName], targets: Mapping[tuple[int, int, int], Target]
) -> Iterator[Pair]:
    """The pairs for members that a class body names, and for definitions whose name another class binds as well."""
    for (index, _, _), target in targets.items():
        if target.kind == 'namespace' and target.member is not None:
            yield target.member[0], index
    for member, naming in names.items():
        first = context.lineage.first(member[1])
        shadowed = member[0] != 0 and first is not None and first != member[0]
        if (naming.alias and first != member[0]) or (naming.text == member[1] and shadowed):
            yield member[0], first


def _captures(
    context: FlattenContext, kept: Mapping[int, set[int]], names: Mapping[Member, KeptName]
) -> Iterator[tuple[Pair, Diagnostic]]:
    """The pairs for globals that a class body reads and whose names are bound as members of another class."""
    binding: dict[str, set[int]] = {}
    for (index, name), naming in names.items():
        if name in context.bodies[index].binders:
            for each in (naming.text, naming.alias):
                binding.setdefault(each or naming.text, set()).add(index)
    for index, numbers in kept.items():
        chunks = [context.bodies[index].chunks[number] for number in sorted(numbers)]
        for use in (use for chunk in chunks for use in chunk.occurrences if use.free):
            for other in sorted(binding.get(use.name, set()) - {index}):
                owner = context.facts(index).symbol.name
                message = f'{use.name} is a global in {owner} and a member of another class'
                where = context.where(index, use.span.start)
                yield (index, other), Diagnostic('IE-LIN-CAPTURE', str(context.chain.symbol), message, where)


def _clobbered(context: FlattenContext) -> Iterator[tuple[Pair, Diagnostic]]:
    """The pairs for names that the class's own body binds temporarily and that are members of an ancestor."""
    members = context.facts(0).members
    for name in context.bodies[0].binders:
        first = context.lineage.first(name)
        if name not in members and first in context.merged:
            where = context.where(0, context.statements[0].statement.start)
            message = f'{name} is bound only for a while'
            yield (0, first), Diagnostic('IE-LIN-CAPTURE', str(context.chain.symbol), message, where)
