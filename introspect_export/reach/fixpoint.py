"""Deciding what is flattened, by what reaching shows: passes until no decision changes.

Two things can only be known once everything is reached. An ancestor that live code asks for by name (``isinstance(x,
A)``, ``except A``) must still answer for its flattened descendants. And a class that keeps its chain over flattened
bases must still have the method resolution order it had.
"""

from __future__ import annotations

import ast
from collections.abc import Container, Iterator, Sequence
from dataclasses import replace

from introspect_export.linearize import subclass_refusal
from introspect_export.model import Diagnostic, Observation, PartKind, Symbol, World
from introspect_export.model.liveset import Defined, LiveSet
from introspect_export.reach.base_names import misnamed
from introspect_export.reach.name_targets import Names
from introspect_export.reach.policy import FlattenPolicy
from introspect_export.reach.reachability import Reach
from introspect_export.reach.unknown_arguments import watched, watched_diagnostics
from introspect_export.read.origin_modules import SourceTree

_ABC = Symbol('abc', 'ABCMeta')


def reach(
    observation: Observation,
    modules: SourceTree,
    *,
    flatten: str = 'observed',
    keep: Sequence[Symbol] = (),
    until: Sequence[Symbol] = (),
    inline: bool = False,
) -> LiveSet:
    """Return all that the observed classes need, each class flattened as far as that is exact.

    Args:
        observation: What was observed.
        modules: Reads the origins' modules.
        flatten: ``observed`` (classes built or found live), ``all`` (every class reached) or ``none``.
        keep: Classes whose chain is left standing.
        until: Ancestors at which flattening stops.
        inline: Whether a parent's method that one statement calls is written out there.
    """
    names = Names(observation.world, modules)
    classes = frozenset(each.symbol for each in observation.classes)
    policy = FlattenPolicy(flatten, classes, {}, frozenset(keep), inline=inline)
    for symbol in classes:
        policy = _stop_at(policy, symbol, observation.world, until)
    chained: set[Symbol] = set()
    renamed: dict[Symbol, Diagnostic] = {}
    while True:
        live = Reach(observation, modules, names, policy).run()
        decided = _mend_orders(policy, live, observation.world)
        decided = decided.keeping(*live.bound_to_module)
        look = watched(live, observation.world)
        if look is not None:
            chained.update(symbol for symbol, flat in live.flat.items() if flat.merged)
            decided = decided.keeping(*chained)
        renamed.update(misnamed(live, observation))
        decided = decided.keeping(*renamed)
        virtual, decided = _answers(decided, live, observation.world)
        if decided == policy:
            if look is not None:
                live = replace(live, diagnostics=(*live.diagnostics, *watched_diagnostics(*look, iter(chained))))
            said = {*live.diagnostics, *_stops(policy), *renamed.values()}
            return replace(live, virtual=virtual, diagnostics=tuple(sorted(said)))
        policy = decided


def _stop_at(policy: FlattenPolicy, symbol: Symbol, world: World, until: Container[Symbol]) -> FlattenPolicy:
    chain = world.chain(symbol)
    for ancestor in chain.ancestors if chain else ():
        if ancestor in until:
            return policy.stopping(symbol, ancestor)
    return policy


def _live_classes(live: LiveSet) -> list[Symbol]:
    return [
        symbol
        for symbol in live.reasons
        if symbol.module in live.modules
        and any(
            live.modules[symbol.module].parts[index].kind is PartKind.CLASS
            for index in live.modules[symbol.module].definitions.get(symbol.qualname, ())
        )
    ]


def _mend_orders(policy: FlattenPolicy, live: LiveSet, world: World) -> FlattenPolicy:
    """Flatten, or keep whole, the classes whose method resolution order flattened ancestors would change."""
    flattened = {symbol: flat for symbol, flat in live.flat.items() if flat.merged}
    for symbol in _live_classes(live):
        chain = world.chain(symbol)
        if chain is None:
            continue
        if symbol in flattened:
            merged = flattened[symbol].merged
            standing = [each for each in chain.ancestors if each in flattened and each not in merged]
            policy = policy.keeping(*(each for each in standing if subclass_refusal(chain, flattened[each], merged)))
            continue
        policy = policy.keeping(*(each for each in _skipped_to(symbol, live) if each in flattened))
        if not any(subclass_refusal(chain, flattened[each]) for each in chain.ancestors if each in flattened):
            continue
        if symbol in live.flat or policy.mode == 'none' or symbol in policy.kept:
            policy = policy.keeping(symbol, *chain.ancestors)
        else:
            policy = policy.adding(symbol)
    return policy


def _skipped_to(symbol: Symbol, live: LiveSet) -> Iterator[Symbol]:
    """The classes that a class left standing names in ``super(Other, …)``: what comes after must be there."""
    module = live.modules[symbol.module]
    for index in module.definitions.get(symbol.qualname, ()):
        for node in ast.walk(module.tree.body[index]):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == 'super' and node.args:
                base = node.args[0]
                while isinstance(base, ast.Attribute):
                    base = base.value
                if isinstance(base, ast.Name):
                    resolution = live.resolutions.get((module.name, module.positions.span(base).start))
                    if resolution is not None and isinstance(resolution.target, Defined):
                        yield resolution.target.symbol


def _answers(
    policy: FlattenPolicy, live: LiveSet, world: World
) -> tuple[dict[Symbol, tuple[Symbol, ...]], FlattenPolicy]:
    """Which ancestors each flattened class must go on to answer for, and by which means.

    An abstract base class takes a class as its virtual subclass (https://docs.python.org/3/library/abc.html#abc.ABCMeta.register);
    below any other, and of an exception, the chain is left standing from there: an except clause takes no virtual
    subclasses (https://docs.python.org/3/reference/compound_stmts.html#except-clause).
    """
    asked, escaped = _asked(live, world)
    virtual: dict[Symbol, tuple[Symbol, ...]] = {}
    for symbol, flat in live.flat.items():
        wanted = [each for each in flat.merged if each in asked or _is_inside_of_live(each, live)]
        concrete = [
            each
            for each in wanted
            if each in escaped or each not in asked or not _is_abstract(each, world) or _is_exception(each, world)
        ]
        if concrete:
            policy = policy.stopping(symbol, concrete[0])
        elif wanted:
            virtual[symbol] = tuple(wanted)
    return virtual, policy


def _asked(live: LiveSet, world: World) -> tuple[set[Symbol], set[Symbol]]:
    """The live classes that live code uses as values, and those of them that are handed to functions.

    Any of the first may be what ``isinstance`` is asked of. What a function does with one of the second cannot be told:
    it may compare its members with a descendant's, which a virtual subclass does not stand up to.
    """
    asked: set[Symbol] = set()
    escaped: set[Symbol] = set()
    for name, module in live.modules.items():
        for part in module.parts:
            for use in part.uses:
                resolution = live.resolutions.get((name, use.span.start))
                if resolution is None or not isinstance(resolution.target, Defined) or use.context != 'load':
                    continue
                if use.role in ('value', 'argument') and len(use.attributes) == resolution.consumed:
                    asked.add(resolution.target.symbol)
                if use.role == 'argument' and len(use.attributes) == resolution.consumed:
                    escaped.add(resolution.target.symbol)
    for symbol in live.reasons:
        binding = world.binding(symbol.module, symbol.qualname)
        if binding is not None and binding.kind == 'data':
            asked.update(binding.contains)
    return asked, escaped


def _is_inside_of_live(symbol: Symbol, live: LiveSet) -> bool:
    """Whether a class stands inside of a class that is live: it is an attribute of it, by whatever name it is asked."""
    return symbol.qualname != symbol.top and Symbol(symbol.module, symbol.top) in live.reasons


def _is_abstract(symbol: Symbol, world: World) -> bool:
    chain = world.chain(symbol)
    metaclass = world.chain(chain.mro[0].metaclass) if chain else None
    return metaclass is not None and any(facts.symbol == _ABC for facts in metaclass.mro)


def _is_exception(symbol: Symbol, world: World) -> bool:
    chain = world.chain(symbol)
    return chain is not None and 'exception' in chain.mro[0].traits


def _stops(policy: FlattenPolicy) -> list[Diagnostic]:
    asked = (
        'code in the package uses that class as a value (in isinstance, or as an argument), where only a class that '
        'derives from it answers the same'
    )
    inside = 'it is an attribute of a class of the package, by which code may ask for it'
    return [
        Diagnostic(
            'IE-KEPT-BASE',
            str(symbol),
            f'flattened up to {ancestor} only: {asked if ancestor.qualname == ancestor.top else inside}',
        )
        for symbol, ancestor in policy.stops.items()
    ]
