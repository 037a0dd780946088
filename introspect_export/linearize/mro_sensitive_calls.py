"""Refusals of introspection outside of the class's own text: in functions that get the class, and in library bases.

``observe/mro_readers.py`` follows where methods pass the object and its class. Here it is decided which introspecting
code runs for the flattened class and would get another result for it.
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
    """Yield refusals of code that reads which class defines what, and of ``super`` that starts at an argument.

    Args:
        context: The chain with its texts.
        reached: The definitions that are kept.
        known: The places of existing refusals, which are not repeated.
        starts: The places of ``super`` calls that the plan replaces.
    """
    for owner, name, look in _looks(context, reached):
        if look.place in known:
            continue
        if look.sees == _MRO:
            yield _diagnostic(context, f'{_described(owner, name)} shows which class has what ({look.text})', look)
        elif look.sees == _SUPER and look.place not in starts and _finds_merged(context, look):
            message = f'{_described(owner, name)} starts super at the class it is handed ({look.text})'
            yield Diagnostic('IE-LIN-DYNAMIC-SUPER', str(context.chain.symbol), message, look.place)


def listed(context: FlattenContext, names: Mapping[Member, KeptName]) -> Iterator[Diagnostic]:
    """Yield refusals of code that lists all attribute names, if the flattened class has additional ones.

    Args:
        context: The chain with its texts.
        names: The names of every kept definition.
    """
    new = sorted(naming.reached for (_, name), naming in names.items() if naming.alias or naming.text != name)
    for owner, name, look in _looks(context, names) if new else ():
        if look.sees == _NAMES:
            message = f'{_described(owner, name)} lists its names ({look.text}), {new[0]} among them'
            yield _diagnostic(context, message, look)


def _finds_merged(context: FlattenContext, look: Look) -> bool:
    """Whether ``super`` that starts at the class finds an attribute in a merged class, or an unknown attribute."""
    found = [context.lineage.after(name, 0) for name in look.keys]
    return not found or any(each is not None and context.is_merged(each) for each in found)


def _looks(context: FlattenContext, reached: Iterable[Member]) -> Iterator[tuple[str, str, Look]]:
    """The introspecting code that kept definitions lead to, or any member of an unmerged class.

    Which members of unmerged classes are called is unknown.
    """
    members = [
        *reached,
        *((index, name) for index in context.standing for name in context.facts(index).looks),
        (0, '@'),
    ]
    for index, name in members:
        facts = context.facts(index)
        for look in facts.looks.get(name, ()):
            yield facts.symbol.name, name, look


def _described(owner: str, name: str) -> str:
    return f'a decorator of {owner}' if name == '@' else f'{owner}.{name}'


def _diagnostic(context: FlattenContext, message: str, look: Look) -> Diagnostic:
    return Diagnostic('IE-LIN-INTROSPECTION', str(context.chain.symbol), message, look.place)
