"""Members that are told their names when a class is made, and the lists of names that the class has of them.

``__set_name__`` is called for the members in their order
(https://docs.python.org/3/reference/datamodel.html#object.__set_name__). A parent's list also has the names of its
subclasses: they find it, and add to it. The flattened class makes a list of its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from introspect_export.linearize.decisions import Member, Naming
from introspect_export.linearize.setting import Setting
from introspect_export.model import Diagnostic


def lists_of(setting: Setting) -> set[str]:
    """The attributes that have the lists."""
    return {name for index in (0, *setting.merged) for name in setting.facts(index).lists.values()}


def list_refusals(setting: Setting, names: Mapping[Member, Naming], *, leaf_first: bool) -> Iterator[Diagnostic]:
    """The lists that would hold other names, or the same in another order, in the flattened class."""
    for attribute in sorted(lists_of(setting)):
        definers = setting.lineage.definers.get(attribute, [])
        if not any(setting.is_merged(each) for each in definers) and all(
            attribute not in setting.facts(each).lists.values() for each in setting.merged
        ):
            continue
        held = setting.facts(definers[0]).listed.get(attribute) if definers else None
        if held != _names_in(setting, names, attribute, leaf_first) or not set(definers) <= set(setting.statements):
            owner = setting.facts(definers[-1] if definers else 0).symbol.name
            message = f'{owner}.{attribute} holds the names of members, and would hold others'
            where = setting.where(0, setting.statements[0].statement.start)
            yield Diagnostic('IE-LIN-CLASS-STATE', str(setting.chain.symbol), message, where)


def _names_in(setting: Setting, names: Mapping[Member, Naming], attribute: str, leaf_first: bool) -> tuple[str, ...]:
    """The names that the flattened class's own list would hold."""
    order = (0, *setting.merged) if leaf_first else (*reversed(setting.merged), 0)
    bound: dict[str, None] = {}
    for index in order:
        for name in setting.bodies[index].binders:
            naming = names.get((index, name))
            bound.update({naming.text: None} if naming is not None else {})
    winners = ((name, setting.lineage.first(name)) for name in bound)
    return tuple(
        name for name, first in winners if first is not None and setting.facts(first).lists.get(name) == attribute
    )
