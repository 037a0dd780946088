"""Decides which classes are flattened: repeats passes of reaching until no decision changes.

Two conditions can only be checked once everything is reached. An ancestor that live code names in a type check
(``isinstance(x, A)``, ``except A``) must still match instances of its flattened descendants. And the method resolution
order of a class that keeps its chain must not change because its bases are flattened.
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
    """Return everything that the observed classes need, each class flattened as far as that preserves behaviour.

    Args:
        observation: The observation of the config.
        modules: Reads the origins' modules.
        flatten: ``observed`` (classes built or found live), ``all`` (every class reached) or ``none``.
        keep: Classes that keep their chain.
        until: Ancestors at which flattening stops.
        inline: Whether a parent's method that a single statement calls is inlined there.
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
            # The introspecting code may receive instances of any class, so no class can be flattened.
            chained.update(symbol for symbol, flat in live.flat.items() if flat.merged)
            decided = decided.keeping(*chained)
        renamed.update(misnamed(live, observation))
        decided = decided.keeping(*renamed)
        virtual, decided = _answers(decided, live, observation.world)
        # Passes only add decisions, so this is reached.
        if decided == policy:
            if look is not None:
                live = replace(live, diagnostics=(*live.diagnostics, *watched_diagnostics(*look, iter(chained))))
            diagnostics = {*live.diagnostics, *_stops(policy), *renamed.values()}
            return replace(live, virtual=virtual, diagnostics=tuple(sorted(diagnostics)))
        policy = decided


def _stop_at(policy: FlattenPolicy, symbol: Symbol, world: World, until: Container[Symbol]) -> FlattenPolicy:
    """The policy with a class flattened up to its nearest ancestor that is in ``until``."""
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
    """The policy with more classes flattened or kept, so that no flattened ancestor changes another class's MRO."""
    flattened = {symbol: flat for symbol, flat in live.flat.items() if flat.merged}
    for symbol in _live_classes(live):
        chain = world.chain(symbol)
        if chain is None:
            continue
        if symbol in flattened:
            merged = flattened[symbol].merged
            remaining = [each for each in chain.ancestors if each in flattened and each not in merged]
            policy = policy.keeping(*(each for each in remaining if subclass_refusal(chain, flattened[each], merged)))
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
    """The classes that a class names in ``super(Other, …)``: the lookup must find their ancestors in the MRO."""
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
    """Decide by which means each flattened class remains a subclass of the merged ancestors that live code checks for.

    A class can be registered as a virtual subclass of an abstract base class
    (https://docs.python.org/3/library/abc.html#abc.ABCMeta.register). For any other ancestor flattening stops there,
    and also for exceptions, since an except clause ignores virtual subclasses
    (https://docs.python.org/3/reference/compound_stmts.html#except-clause).

    Returns:
        For each flattened class, the ancestors of which it becomes a virtual subclass; and the policy with the
        ancestors at which flattening stops.
    """
    used, escaped = _used_as_values(live, world)
    virtual: dict[Symbol, tuple[Symbol, ...]] = {}
    for symbol, flat in live.flat.items():
        wanted = [each for each in flat.merged if each in used or _is_inside_of_live(each, live)]
        concrete = [
            each
            for each in wanted
            if each in escaped or each not in used or not _is_abstract(each, world) or _is_exception(each, world)
        ]
        if concrete:
            policy = policy.stopping(symbol, concrete[0])
        elif wanted:
            virtual[symbol] = tuple(wanted)
    return virtual, policy


def _used_as_values(live: LiveSet, world: World) -> tuple[set[Symbol], set[Symbol]]:
    """The live classes that live code uses as values, and those of them that are passed to functions.

    Any of the first may become the second argument of ``isinstance``. What a function does with one of the second is
    unknown: it may compare its members with a descendant's, for which a virtual subclass does not suffice.
    """
    used: set[Symbol] = set()
    escaped: set[Symbol] = set()
    for name, module in live.modules.items():
        for part in module.parts:
            for use in part.uses:
                resolution = live.resolutions.get((name, use.span.start))
                if resolution is None or not isinstance(resolution.target, Defined) or use.context != 'load':
                    continue
                if use.role in ('value', 'argument') and len(use.attributes) == resolution.consumed:
                    used.add(resolution.target.symbol)
                if use.role == 'argument' and len(use.attributes) == resolution.consumed:
                    escaped.add(resolution.target.symbol)
    for symbol in live.reasons:
        binding = world.binding(symbol.module, symbol.qualname)
        if binding is not None and binding.kind == 'data':
            used.update(binding.contains)
    return used, escaped


def _is_inside_of_live(symbol: Symbol, live: LiveSet) -> bool:
    """Whether a class is nested in a live class: it is an attribute of that and may be accessed under any name."""
    return symbol.qualname != symbol.top and Symbol(symbol.module, symbol.top) in live.reasons


def _is_abstract(symbol: Symbol, world: World) -> bool:
    chain = world.chain(symbol)
    metaclass = world.chain(chain.mro[0].metaclass) if chain else None
    return metaclass is not None and any(facts.symbol == _ABC for facts in metaclass.mro)


def _is_exception(symbol: Symbol, world: World) -> bool:
    chain = world.chain(symbol)
    return chain is not None and 'exception' in chain.mro[0].traits


def _stops(policy: FlattenPolicy) -> list[Diagnostic]:
    as_value = (
        'code in the package uses that class as a value (in isinstance, or as an argument), where only a class that '
        'derives from it answers the same'
    )
    inside = 'it is an attribute of a class of the package, by which code may ask for it'
    return [
        Diagnostic(
            'IE-KEPT-BASE',
            str(symbol),
            f'flattened up to {ancestor} only: {as_value if ancestor.qualname == ancestor.top else inside}',
        )
        for symbol, ancestor in policy.stops.items()
    ]
