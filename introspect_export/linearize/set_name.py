"""Members that are told their names when a class is made, and the lists of names that the class has of them.

``__set_name__`` is called for the members in their order
(https://docs.python.org/3/reference/datamodel.html#object.__set_name__). The flattened class makes a list of its own,
which must hold what the one holds that the class finds now: it does not where a subclass added names to its parent's.
"""

from __future__ import annotations

from collections.abc import Iterator

from introspect_export.linearize.flatten_context import Setting


def lists_of(setting: Setting) -> set[str]:
    """The attributes that have the lists."""
    return {name for index in setting.statements for name in setting.facts(index).lists.values()}


def list_refusals(setting: Setting) -> Iterator[tuple[str, str, int]]:
    """The lists that are shared with other classes, or would hold other names in the flattened class."""
    for attribute in sorted(lists_of(setting)):
        definers = setting.lineage.definers.get(attribute, [])
        adding = {index for index in setting.statements if attribute in setting.facts(index).lists.values()}
        held = setting.facts(definers[0]).listed.get(attribute) if definers else None
        own = adding <= set(definers) <= set(setting.statements)
        if not own or held != tuple(_listed_again(setting, attribute)):
            last = definers[-1] if definers else 0
            message = f'{setting.facts(last).symbol.name}.{attribute} holds names of members, and is shared'
            yield (
                'IE-LIN-CLASS-STATE',
                f'{message} with other classes',
                last if setting.is_merged(last) else max(adding),
            )


def _listed_again(setting: Setting, attribute: str) -> Iterator[str]:
    """The names that the flattened class's own list would hold."""
    for index in (0, *setting.merged):
        for name in setting.bodies[index].binders:
            told = setting.facts(index).lists.get(name) == attribute
            if told and setting.lineage.first(name) == index:
                yield name
