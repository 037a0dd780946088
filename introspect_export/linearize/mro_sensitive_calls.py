"""Looks at the class from outside of its text: functions that its methods hand it to, and what library bases do.

``observe/mro_readers.py`` has followed where it goes; here it is decided which of these looks run for the flattened
class, and which of them would see another one.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping

from introspect_export.linearize.decisions import KeptName, Member
from introspect_export.linearize.flatten_context import FlattenContext
from introspect_export.model import Diagnostic, Look

_MRO = 'mro'
_NAMES = 'names'
_SUPER = 'super'


def looked_at(
    context: FlattenContext, reached: Iterable[Member], known: Container[str], starts: Container[str]
) -> Iterator[Diagnostic]:
    """Refuse for looks that tell which class has what, and for ``super`` that starts at what it is handed.

    Args:
        context: The chain with its texts.
        reached: The definitions that are kept.
        known: The places that are refused for already.
        starts: The places of ``super`` of which the plan says what it becomes.
    """
    for owner, name, look in _looks(context, reached):
        if look.place in known:
            continue
        if look.sees == _MRO:
            yield _diagnostic(context, f'{_told(owner, name)} shows which class has what ({look.text})', look)
        elif look.sees == _SUPER and look.place not in starts and _finds_merged(context, look):
            message = f'{_told(owner, name)} starts super at the class it is handed ({look.text})'
            yield Diagnostic('IE-LIN-DYNAMIC-SUPER', str(context.chain.symbol), message, look.place)


def listed(context: FlattenContext, names: Mapping[Member, KeptName]) -> Iterator[Diagnostic]:
    """Refuse for looks that list all names, where the flattened class has one more.

    Args:
        context: The chain with its texts.
        names: What every kept definition is called.
    """
    new = sorted(naming.reached for (_, name), naming in names.items() if naming.alias or naming.text != name)
    for owner, name, look in _looks(context, names) if new else ():
        if look.sees == _NAMES:
            yield _diagnostic(context, f'{_told(owner, name)} lists its names ({look.text}), {new[0]} among them', look)


def _finds_merged(context: FlattenContext, look: Look) -> bool:
    """Whether what comes behind the class has an attribute in a class that is merged into it."""
    found = [context.lineage.after(name, 0) for name in look.keys]
    return not found or any(each is not None and context.is_merged(each) for each in found)


def _looks(context: FlattenContext, reached: Iterable[Member]) -> Iterator[tuple[str, str, Look]]:
    """The looks of what is kept, and of all that classes which stay have: who calls that is not known."""
    members = [
        *reached,
        *((index, name) for index in context.standing for name in context.facts(index).looks),
        (0, '@'),
    ]
    for index, name in members:
        facts = context.facts(index)
        for look in facts.looks.get(name, ()):
            yield facts.symbol.name, name, look


def _told(owner: str, name: str) -> str:
    return f'a decorator of {owner}' if name == '@' else f'{owner}.{name}'


def _diagnostic(context: FlattenContext, message: str, look: Look) -> Diagnostic:
    return Diagnostic('IE-LIN-INTROSPECTION', str(context.chain.symbol), message, look.place)
