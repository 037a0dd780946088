"""Refusals that follow from the kinds of the chain's classes and how they are created, not from their methods' code."""

from __future__ import annotations

from collections.abc import Callable, Container

from introspect_export.linearize.class_marks import marks_on
from introspect_export.linearize.closure_variables import seen_in
from introspect_export.linearize.decisions import Member, Refusal
from introspect_export.linearize.fields import dataclass_refusals
from introspect_export.linearize.flatten_context import FlattenContext, decorator_path
from introspect_export.linearize.global_names import parts_of
from introspect_export.linearize.hooked import hook_refusals
from introspect_export.linearize.library_mixins import interleaved_refusals, naming_refusals
from introspect_export.linearize.monkeypatching import GENERATED, Found, patched_refusals
from introspect_export.linearize.mro import IMPLICIT
from introspect_export.linearize.ordering import added_by_ordering
from introspect_export.linearize.set_name import list_refusals, lists_of
from introspect_export.model import Diagnostic, PartKind

_OWN_WAY = {
    'enum': 'it is an enumeration, whose metaclass makes members of what the class body binds',
    'protocol-class': 'it is a Protocol, which answers isinstance by the members that its own statement has',
}
# Ancestors that are never merged, whatever derives from them.
_STAYING = {
    'protocol-class': 'is a Protocol, which answers by the members that its own statement has',
    'namedtuple': 'is a named tuple, which is made of its fields',
    'dataclass': 'is a dataclass, and the class is not',
}
_BASES = ('__bases__', '__mro__', '__base__', '.mro(')


def class_refusals(context: FlattenContext, reached: Container[Member]) -> list[Refusal]:
    """Return the refusals for a chain that has something to merge.

    Args:
        context: The chain with its texts.
        reached: The definitions that the flattened class has.
    """
    of_a_kind = list(_made_in_its_own_way(context))
    checks: tuple[Callable[[FlattenContext], Found], ...] = (
        _creation,
        _kinds,
        _protocols,
        _own_decorators,
        lambda context: _shared_state(context, reached),
        _slots,
        _texts,
        patched_refusals,
        _locals,
        dataclass_refusals,
        list_refusals,
    )
    found = of_a_kind or [each for check in checks for each in check(context)]
    subject = str(context.chain.symbol)
    # The fields of a dataclass are in the order of the whole chain, so no single ancestor can be left out.
    whole = 'dataclass' in context.facts(0).traits

    def refusal(code: str, message: str, index: int, owner: int) -> Refusal:
        where = context.where(index, context.statements[index].statement.start)
        return Refusal(Diagnostic(code, subject, message, where), 0 if whole else owner)

    return [
        *(refusal(code, message, index, index) for code, message, index in found),
        *(refusal(*each[:2], 0, each[2]) for check in _OF_STANDING if not of_a_kind for each in check(context)),
    ]


# Checks of the classes that are not merged; each refusal has the position of the merged class that causes it.
_OF_STANDING: tuple[Callable[[FlattenContext], Found], ...] = (interleaved_refusals, naming_refusals)


def is_of_a_kind(context: FlattenContext) -> bool:
    """Whether the class is an enumeration or the like, so that all other refusals would only be consequences."""
    return bool(list(_made_in_its_own_way(context)))


def _made_in_its_own_way(context: FlattenContext) -> Found:
    """The refusal of a class whose kind rules out any merging."""
    for trait, message in _OWN_WAY.items():
        if trait in context.facts(0).traits:
            yield _code(trait), message, 0
            return


def staying_refusals(context: FlattenContext) -> list[Diagnostic]:
    """The diagnostic why no ancestor is merged, if a direct base is of a kind that is never merged."""
    where = context.where(0, context.statements[0].statement.start)
    nearest = [facts for facts in context.chain.mro[1:] if facts.symbol in context.facts(0).bases and facts.origin]
    found = [(facts, trait) for facts in nearest for trait in _STAYING if trait in facts.traits]
    return [
        Diagnostic(_code(trait), str(context.chain.symbol), f'{facts.symbol.name} {_STAYING[trait]}', where)
        for facts, trait in found[:1]
    ]


def _code(trait: str) -> str:
    return f'IE-LIN-{trait.removesuffix("-class").upper()}'


def _creation(context: FlattenContext) -> Found:
    """Refusals of hooks that run at class creation: they would run for one class instead of for several."""
    leaf = context.facts(0)
    if leaf.metaclass_acts:
        acting = min(leaf.metaclass_acts)
        yield 'IE-LIN-METACLASS', f'its metaclass {leaf.metaclass.name} acts when a class is made ({acting})', 0
    for index, facts in enumerate(context.chain.mro):
        if index and 'init-subclass' in facts.traits:
            yield 'IE-LIN-INIT-SUBCLASS', f'{facts.symbol.name} acts when a subclass is made', 0
    yield from hook_refusals(context)
    for index in context.merged:
        node = context.statements[index].node
        replaced = sorted(leaf.metaclass_sets.intersection(context.bodies[index].binders))
        if replaced:
            yield 'IE-LIN-METACLASS', f'its metaclass replaces {replaced[0]} of {node.name}', index
        if any(keyword.arg != 'metaclass' for keyword in node.keywords):
            yield 'IE-LIN-KEYWORDS', f'{node.name} is made with keyword arguments', index
        for name, kind in context.facts(index).members.items():
            if kind == 'named':
                yield (
                    'IE-LIN-DESCRIPTOR',
                    f'{node.name}.{name} is told its class when that is made (__set_name__)',
                    index,
                )


def _kinds(context: FlattenContext) -> Found:
    for index in context.merged:
        if getattr(context.statements[index].node, 'type_params', []):
            yield 'IE-LIN-GENERIC', f'{context.facts(index).symbol.name} has type parameters of its own', index


def _protocols(context: FlattenContext) -> Found:
    """Refusals because of Protocols: their constructor calls the next one in the MRO, which must not be merged."""
    found = [index for index in context.standing if 'protocol-class' in context.facts(index).traits]
    for index in context.merged:
        before = [each for each in found if each < index and '__init__' in context.facts(each).members]
        if before and '__init__' in context.facts(index).members:
            first, last = context.facts(before[0]).symbol.name, context.facts(index).symbol.name
            yield 'IE-LIN-PROTOCOL', f'{first} comes before {last}, and looks for its __init__', 0
    yield from _constructors_kept(context, min(found, default=0))


def _constructors_kept(context: FlattenContext, protocol: int) -> Found:
    """Refusals of ancestors that would cache another constructor than their descendant.

    ``Protocol`` looks the next constructor up at the first instantiation of a class and stores it on that class, where
    subclasses inherit it.
    """
    real = [
        each
        for each in context.lineage.definers.get('__init__', ())
        if ('__init__' in context.bodies[each].binders if each in context.bodies else not _is_protocol(context, each))
    ]
    for index in context.merged if protocol and real and real[0] > protocol else ():
        found = next((each for each in real if context.lineage.descends(index, each)), None)
        if context.lineage.descends(index, protocol) and found != real[0]:
            name, last = context.facts(index).symbol.name, context.facts(real[0]).symbol.name
            yield 'IE-LIN-PROTOCOL', f'an instance of {name} keeps another constructor than that of {last}', index


def _is_protocol(context: FlattenContext, index: int) -> bool:
    return 'protocol-class' in context.facts(index).traits


def _own_decorators(context: FlattenContext) -> Found:
    """Refusals of the class's decorators whose functions contain a name with which bases are introspected."""
    module = context.statements[0].module
    for decorator in context.statements[0].node.decorator_list:
        path = decorator_path(decorator)
        parts = parts_of(module, path, context.modules) if len(path) == 1 else ()
        texts = [home.cut(part.statement) for home, part in parts if part.kind is PartKind.FUNCTION]
        if any(each in text for text in texts for each in _BASES):
            yield 'IE-LIN-INTROSPECTION', f'its decorator {path[0]} looks at its bases', 0


def _shared_state(context: FlattenContext, reached: Container[Member]) -> Found:
    """Refusals of containers in an ancestor's body that methods fill: all subclasses share them, copies would not."""
    changed = {name for body in context.bodies.values() for name in body.changed}
    assigned = {name for body in context.bodies.values() for name in body.assigned}
    for index in context.merged:
        shared = sorted(
            name for name in (context.facts(index).mutable & changed) - assigned if (index, name) in reached
        )
        if shared:
            message = (
                f'{context.facts(index).symbol.name}.{shared[0]} is changed in place and shared with other classes'
            )
            yield 'IE-LIN-CLASS-STATE', message, index


def _slots(context: FlattenContext) -> Found:
    """Refusals because of ``__slots__``: https://docs.python.org/3/reference/datamodel.html#slots.

    A class without slots in a chain gives its instances a ``__dict__``, which the flattened class would not.
    """
    own = 'slots' in context.facts(0).traits
    for index in context.merged:
        facts = context.facts(index)
        if 'slot' in facts.members.values():
            yield 'IE-LIN-SLOTS', f'{facts.symbol.name} has slots', index
        elif own and 'slots' not in facts.traits:
            yield 'IE-LIN-SLOTS', f'it has slots and {facts.symbol.name} has none', 0


def _texts(context: FlattenContext) -> Found:
    """Refusals of members that no statement of a class body makes, and of statements that bind no member.

    Such members were added by decorators, later assignments and the like.
    """
    leaf = context.facts(0)
    # Hooks set these on the class itself too, where they hide the parents'; or ``__set_name__`` creates them again.
    made_again = {name for name in context.chain.sets if name in leaf.members} | lists_of(context)
    for index in context.merged:
        facts, body = context.facts(index), context.bodies[index]
        implied = {'__hash__'} if '__eq__' in facts.members else set()
        if 'dataclass' in facts.traits:
            implied |= GENERATED
        # The first instantiation stores a constructor: https://docs.python.org/3/library/typing.html#typing.Protocol.
        implied |= {'__init__'} if 'protocol' in facts.traits else set()
        implied |= {name for name, kind in facts.members.items() if kind == 'slot'} | IMPLICIT | made_again
        implied |= added_by_ordering(context, index) | marks_on(context, index)
        added = [name for name in facts.members if name not in implied and name not in body.binders]
        if added:
            yield 'IE-LIN-ADDED-MEMBER', f'{facts.symbol.name}.{added[0]} is not made by its class statement', index
        for chunk in body.chunks:
            reads = any(not each.binds and each.name in body.binders for each in chunk.occurrences)
            if chunk.kind == 'effect' and not reads:
                yield (
                    'IE-LIN-CLASS-EFFECT',
                    f'the body of {facts.symbol.name} does something at line {chunk.nodes[0].lineno}',
                    index,
                )


def _locals(context: FlattenContext) -> Found:
    """Refusals of classes defined inside of functions, which may use the functions' variables.

    A class that is written to a module of its own is refused only if its decorators or keywords use some.
    """
    if context.alone:
        node = context.statements[0].node
        for outside in (*node.decorator_list, *(each.value for each in node.keywords)):
            for use in seen_in(context.statements[0], outside):
                yield 'IE-LIN-LOCAL', f'its statement names {use.name}, a variable of what is around it', 0
        return
    for index in context.statements:
        if '<locals>' in context.facts(index).symbol.qualname:
            yield 'IE-LIN-LOCAL', f'{context.facts(index).symbol.name} is made inside of a function', index
