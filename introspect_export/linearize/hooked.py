"""Calls the ``__init_subclass__`` of a merged ancestor for the flattened class.

A class's own ``__init_subclass__`` is called for its subclasses, not for itself
(https://docs.python.org/3/reference/datamodel.html#object.__init_subclass__). After merging, the ancestor's hook is the
flattened class's own, so a decorator calls it; it is the innermost one, since Python called the ancestor's hook before
any decorator. Only hooks that do no more than read and set attributes of their class get here
(``observe/metaclass_effects.py``): what they set on ancestors is hidden by what they set on the class.
"""

from __future__ import annotations

from collections.abc import Iterator

from introspect_export.linearize.flatten_context import FlattenContext

HOOK = '__init_subclass__'


def hook_decorator(name: str) -> str:
    """The decorator that calls the hook for a class.

    Args:
        name: The hook's name; another than its original one if the class defines a hook itself.
    """
    return f'@lambda cls: (cls.{name}(), cls)[1]'


def hook_of(context: FlattenContext) -> int | None:
    """The class whose ``__init_subclass__`` ran for the class itself, if that class is merged."""
    found = context.lineage.own(HOOK, 0, after=True)
    return found if found is not None and context.is_merged(found) else None


def hook_refusals(context: FlattenContext) -> Iterator[tuple[str, str, int]]:
    """Refusals of hooks whose effect on the flattened class would differ from that on the original."""
    index = hook_of(context)
    for each in context.merged:
        replaced = sorted(_set_on(context, each).intersection(context.bodies[each].binders))
        if replaced:
            name = context.facts(each).symbol.name
            yield 'IE-LIN-INIT-SUBCLASS', f'an __init_subclass__ replaces {replaced[0]} of {name}', each
    if index is None:
        return
    owner = context.facts(index).symbol.name
    changed = {name for body in context.bodies.values() for name in body.changed}
    shared = sorted(_set_on(context, 0) & context.facts(0).shared & changed)
    if shared:
        message = (
            f'{shared[0]} is set by the __init_subclass__ of {owner}, changed in place and shared with other classes'
        )
        yield 'IE-LIN-CLASS-STATE', message, 0
    if _meets_metaclass(context):
        yield 'IE-LIN-INIT-SUBCLASS', f'its metaclass runs after the __init_subclass__ of {owner}, and they meet', 0
    if any(keyword.arg != 'metaclass' for keyword in context.statements[0].node.keywords):
        yield 'IE-LIN-KEYWORDS', f'it is made with keyword arguments, which the __init_subclass__ of {owner} gets', 0
    abstract = {name for facts in context.chain.mro for name in facts.abstract}
    filled = sorted(abstract & _set_on(context, 0))
    if filled:
        yield 'IE-LIN-INIT-SUBCLASS', f'the abstract {filled[0]} is set by the __init_subclass__ of {owner}', 0


def _meets_metaclass(context: FlattenContext) -> bool:
    """Whether the order of the hooks and the metaclass's ``__init__`` matters: one accesses what the other sets.

    Python runs the metaclass's ``__init__`` after the hooks, but before decorators.
    """
    leaf, hooked = context.facts(0), context.chain.mro[1:]
    sets = frozenset().union(*(facts.subclass_sets for facts in hooked))
    reads = frozenset().union(*(facts.subclass_reads for facts in hooked))
    return bool(leaf.metaclass_sets & (sets | reads) or leaf.metaclass_reads & sets)


def _set_on(context: FlattenContext, index: int) -> frozenset[str]:
    """The attributes that the hooks of a class's ancestors may have set on it."""
    hooked = [each for each, facts in enumerate(context.chain.mro) if facts.subclass_sets and each != index]
    found = [context.facts(each).subclass_sets for each in hooked if context.lineage.descends(index, each)]
    return frozenset().union(*found)
