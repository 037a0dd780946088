"""Classes whose direct bases' names may be compared, by code that is not exported, with names from a config.

An initializer with ``layer='Conv2d'`` initializes classes of that name and classes that derive *directly* from one of
that name. A class flattened onto its library base derives directly from that, and no longer from its former parent. If
one of these names may be among those compared, the class must not be flattened; no other comparison is affected.
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
    """Yield the flattened classes for which such a comparison may give another result, each with a diagnostic."""
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
    """The code reachable from observed classes that reads names of bases; it may do so for any object."""
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
    """The strings that an object with such code may have been constructed with."""
    configs = (observation.config, *observation.read_configs.values(), *observation.more_configs)
    found = {text for config in configs for text in _configured(config, look.keys)}
    found.update(text for key in look.keys for text in observation.strings.get(key, ()))
    for module in live.modules.values():
        texts = _texts(module)
        found.update(text for key in look.keys for text in texts.get(key, ()))
        # An argument that is not a literal may be any string of the module.
        if any((type_, key) in _open(module) for type_ in look.types for key in look.keys):
            found.update(_constants(module.tree))
    return found


def _configured(value: Any, keys: tuple[str, ...]) -> Iterator[str]:
    """The strings that a config has under some keys."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _strings(inner) if key in keys else _configured(inner, keys)
    elif isinstance(value, (list, tuple, set, frozenset)):
        for inner in value:
            yield from _configured(inner, keys)


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        yield from (text for inner in value.values() for text in _strings(inner))
    elif isinstance(value, (list, tuple, set, frozenset)):
        yield from (text for inner in value for text in _strings(inner))


@per_module
def _texts(module: SourceModule) -> dict[str, set[str]]:
    """The string constants in a module by the name of the key, parameter or attribute that they are a value of."""
    found: dict[str, set[str]] = {}
    for node in ast.walk(module.tree):
        for key, value in (*_pairs(node), *_named(node)):
            found.setdefault(key, set()).update(_constants(value))
    return found


@per_module
def _open(module: SourceModule) -> frozenset[tuple[str, str]]:
    """The type and key of each dict item in a module that is not a literal, for dicts that have a literal ``type``."""
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
    """The keyword arguments of a call, or the items of a dict display with literal keys."""
    if isinstance(node, ast.Call):
        yield from ((each.arg, each.value) for each in node.keywords if each.arg)
    elif isinstance(node, ast.Dict):
        for key, value in zip(node.keys, node.values, strict=True):
            if isinstance(key, ast.Constant) and isinstance(key.value, str):
                yield key.value, value


def _named(node: ast.AST) -> Iterator[tuple[str, ast.expr]]:
    """The values assigned to items and attributes, and the defaults of parameters, by name."""
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
