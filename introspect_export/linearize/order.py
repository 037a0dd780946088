"""Whether the class's own members may come before those of its ancestors."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from introspect_export.linearize.decisions import Member, Naming, Target
from introspect_export.linearize.setting import Setting
from introspect_export.model import Diagnostic


def leaf_comes_first(
    setting: Setting,
    kept: Mapping[int, set[int]],
    names: Mapping[Member, Naming],
    targets: Mapping[tuple[int, int, int], Target],
) -> tuple[bool, list[Diagnostic]]:
    """Choose the order of the groups; a class body is executed from top to bottom, and what it reads must be there.

    The class's own members first reads better. Ancestors first is the order in which the originals were executed, and
    needed where a class body names a parent's member, where a definition keeps a name that a nearer class binds again,
    and for fields, which are ordered by their statements.
    """
    demands = (
        any(each.kind == 'namespace' for each in targets.values())
        or any(name.alias and setting.lineage.first(member[1]) != member[0] for member, name in names.items())
        or any(name.text == member[1] and _is_shadowed(setting, member) for member, name in names.items())
        or 'dataclass' in setting.facts(0).traits
    )
    if not demands and not list(_captures(setting, kept, names, (0, *setting.merged))):
        return True, []
    order = (*reversed(setting.merged), 0)
    refused = [*_captures(setting, kept, names, order), *_clobbered(setting, names)]
    return False, refused


def _is_shadowed(setting: Setting, member: Member) -> bool:
    first = setting.lineage.first(member[1])
    return member[0] != 0 and first is not None and first != member[0]


def _captures(
    setting: Setting, kept: Mapping[int, set[int]], names: Mapping[Member, Naming], order: tuple[int, ...]
) -> Iterator[Diagnostic]:
    """Names that a class body takes from its globals and that another group has bound by then."""
    bound: dict[str, int] = {}
    for index in order:
        body = setting.bodies[index]
        for number in sorted(kept[index]):
            for each in body.chunks[number].occurrences:
                if each.free and each.name in bound:
                    yield Diagnostic(
                        'IE-LIN-CAPTURE',
                        str(setting.chain.symbol),
                        f'{each.name} is a global in {setting.facts(index).symbol.name} and a member of another class',
                        setting.where(index, each.span.start),
                    )
        for name in body.binders:
            naming = names.get((index, name))
            if naming is not None:
                bound.update({each: index for each in (naming.text, naming.alias) if each})


def _clobbered(setting: Setting, names: Mapping[Member, Naming]) -> Iterator[Diagnostic]:
    """Names that the class's own body binds for a while and that an ancestor's member has for good."""
    members = setting.facts(0).members
    for name in setting.bodies[0].binders:
        if name not in members and setting.lineage.first(name) in setting.merged:
            where = setting.where(0, setting.statements[0].statement.start)
            yield Diagnostic('IE-LIN-CAPTURE', str(setting.chain.symbol), f'{name} is bound only for a while', where)
