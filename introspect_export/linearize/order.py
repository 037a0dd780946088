"""In which order the class's own members and those of its ancestors stand."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from introspect_export.linearize.decisions import KeptName, Member, Target
from introspect_export.linearize.flatten_context import FlattenContext
from introspect_export.model import Diagnostic

Pair = tuple[int, int | None]
"""Two classes by position: what is from the first has to stand in front of what is from the second."""


def choose_order(
    context: FlattenContext,
    kept: Mapping[int, set[int]],
    names: Mapping[Member, KeptName],
    targets: Mapping[tuple[int, int, int], Target],
) -> tuple[tuple[int, ...], list[Diagnostic]]:
    """Choose the order of the groups; a class body is executed from top to bottom, and what it reads must be there.

    The class's own members first reads better. Ancestors first is the order in which the originals were executed, and
    needed where a class body names a parent's member, where a definition keeps a name that a nearer class binds again,
    and for fields, which are ordered by their statements. Where neither is right, a body that reads a global stands in
    front of the one that has a member of its name.
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
    place: dict[int | None, int] = {index: number for number, index in enumerate(order)}
    return all(place[one] < place[other] for one, other in pairs if one in place and other in place)


def _sorted(order: tuple[int, ...], pairs: Collection[Pair]) -> tuple[int, ...]:
    """An order in which all pairs stand right, as near to a given one as can be; that one where there is none."""
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
    """A member that a class body names, and a definition with a name that is bound again, come first."""
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
    """Names that a class body takes from its globals and that another group binds."""
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
    """Names that the class's own body binds for a while and that an ancestor's member has for good."""
    members = context.facts(0).members
    for name in context.bodies[0].binders:
        first = context.lineage.first(name)
        if name not in members and first in context.merged:
            where = context.where(0, context.statements[0].statement.start)
            message = f'{name} is bound only for a while'
            yield (0, first), Diagnostic('IE-LIN-CAPTURE', str(context.chain.symbol), message, where)
