"""Classes whose direct bases' names are compared with names that a config gives, by code that is not exported.

An initializer that is told ``layer='Conv2d'`` initializes what is called so, and what derives *directly* from something
called so. A class flattened onto its library base derives directly from it, and no longer from its parent. Where one of
these names may be what is compared, the class keeps its chain; any other comparison gives what it gave.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from typing import Any

from introspect_export.linearize.memo import per_module
from introspect_export.model import Diagnostic, Look, Observation, SourceModule, Symbol
from introspect_export.model.liveset import LiveSet
from introspect_export.read.keyed_strings import defaults


def misnamed(live: LiveSet, observation: Observation) -> Iterator[tuple[Symbol, Diagnostic]]:
    """Yield the flattened classes that would be taken for others, each with what says so."""
    compared = {look: _compared(look, live, observation) for look in _looks(observation)}
    for symbol, flat in live.flat.items() if compared else ():
        chain = observation.world.chain(symbol) if flat.merged else None
        if chain is None:
            continue
        before = {each.name for each in chain.mro[0].bases}
        after = {each.name for each in flat.bases} or {'object'}
        for look, names in compared.items():
            found = sorted((before ^ after) & names)
            if found:
                message = (
                    f'its direct base would be {", ".join(sorted(after))} and no longer {", ".join(sorted(before))}, '
                    f'and {look.place} compares the names of direct bases with {found[0]!r}, which a config gives'
                )
                yield symbol, Diagnostic('IE-LIN-INTROSPECTION', str(symbol), message, look.place)
                break


def _looks(observation: Observation) -> list[Look]:
    """The looks at names of bases that observed classes lead to; they are at any object that these may hold."""
    chains = [observation.world.chain(each.symbol) for each in observation.classes]
    found = {
        look
        for chain in chains
        for facts in (chain.mro if chain else ())
        for looks in facts.looks.values()
        for look in looks
        if look.sees == 'bases'
    }
    return sorted(found)


def _compared(look: Look, live: LiveSet, observation: Observation) -> set[str]:
    """The strings that an object which looks may have been told."""
    configs = (observation.config, *observation.read_configs.values(), *observation.more_configs)
    found = {text for config in configs for text in _told(config, look.keys)}
    found.update(text for key in look.keys for text in observation.strings.get(key, ()))
    for module in live.modules.values():
        texts = _texts(module)
        found.update(text for key in look.keys for text in texts.get(key, ()))
        # What is not written out there may be any string of the module.
        if any((type_, key) in _open(module) for type_ in look.types for key in look.keys):
            found.update(_constants(module.tree))
    return found


def _told(value: Any, keys: tuple[str, ...]) -> Iterator[str]:
    """The strings that a config has under some keys."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _strings(inner) if key in keys else _told(inner, keys)
    elif isinstance(value, (list, tuple, set, frozenset)):
        for inner in value:
            yield from _told(inner, keys)


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        yield from (text for inner in value.values() for text in _strings(inner))
    elif isinstance(value, (list, tuple, set, frozenset)):
        yield from (text for inner in value for text in _strings(inner))


@per_module
def _texts(module: SourceModule) -> dict[str, set[str]]:
    """The strings that a module's text gives under a key, to a parameter or to an attribute of some name."""
    found: dict[str, set[str]] = {}
    for node in ast.walk(module.tree):
        for key, value in (*_pairs(node), *_named(node)):
            found.setdefault(key, set()).update(_constants(value))
    return found


@per_module
def _open(module: SourceModule) -> frozenset[tuple[str, str]]:
    """The keys of dicts with a ``type`` in a module's text whose values are not written out, each with that type."""
    found: set[tuple[str, str]] = set()
    for node in ast.walk(module.tree):
        pairs = dict(_pairs(node))
        for type_ in _constants(pairs['type']) if 'type' in pairs else ():
            found.update(
                (type_.rpartition('.')[2], key)
                for key, value in pairs.items()
                if any(isinstance(each, (ast.Name, ast.Attribute, ast.Call)) for each in ast.walk(value))
            )
    return frozenset(found)


def _pairs(node: ast.AST) -> Iterator[tuple[str, ast.expr]]:
    if isinstance(node, ast.Call):
        yield from ((each.arg, each.value) for each in node.keywords if each.arg)
    elif isinstance(node, ast.Dict):
        for key, value in zip(node.keys, node.values, strict=True):
            if isinstance(key, ast.Constant) and isinstance(key.value, str):
                yield key.value, value


def _named(node: ast.AST) -> Iterator[tuple[str, ast.expr]]:
    """Assignments to items and attributes, and defaults of parameters."""
    if isinstance(node, ast.Assign):
        for target in node.targets:
            if isinstance(target, ast.Attribute):
                yield target.attr, node.value
            elif isinstance(target, ast.Subscript) and isinstance(target.slice, ast.Constant):
                yield str(target.slice.value), node.value
    elif isinstance(node, ast.arguments):
        yield from defaults(node)


def _constants(node: ast.AST) -> set[str]:
    return {each.value for each in ast.walk(node) if isinstance(each, ast.Constant) and isinstance(each.value, str)}
