"""What to tell about a type that no registry knows."""

from __future__ import annotations

import difflib
import importlib.util
from collections.abc import Iterator

from mmengine.registry import DefaultScope, Registry

from introspect_export.observe.recording import LiveEvent

_NEAR = 5


def explain(events: list[LiveEvent]) -> str | None:
    """Say which type was not found, where it was looked for, and what to do; None if every type was found."""
    failed = [event for event in events if event.error and event.target is None and event.type_text]
    return _explain(failed[-1]) if failed else None


def _explain(event: LiveEvent) -> str:
    text = event.type_text
    scope, _, name = text.rpartition('.')
    searched = _searched(event.asked, scope)
    where = f'{event.path}.type' if event.path else f'made in {event.caller}' if event.caller else event.under
    lines = [f"{where}: no registry knows the type '{text}'"]
    names = ', '.join(f'{registry.scope}::{registry.name}' for registry in searched)
    lines.append(f'  searched, in this order: {names}')
    every = list(family(event.asked.root))
    others = [f'{one.scope}.{name}' for one in every if name in one.module_dict and one not in searched]
    near = difflib.get_close_matches(name, {key for one in every for key in one.module_dict}, _NEAR)
    if others:
        lines.append(f'  another scope has it: {", ".join(others)}')
    elif near:
        lines.append(f'  near names: {", ".join(near)}')
    lines.append(f'  {_advice(scope)}')
    return '\n'.join(lines)


def _advice(scope: str) -> str:
    top = scope.partition('.')[0]
    if top and importlib.util.find_spec(top) is None:
        return f'the package {top!r} is not installed here'
    module = f'{top}.module_that_defines_it' if top else 'module_that_defines_it'
    return f"if a module registers it, add: custom_imports = dict(imports=['{module}'], allow_failed_imports=False)"


def _searched(asked: Registry, scope: str) -> list[Registry]:
    """The registries that mmengine looks into, in order."""
    current = DefaultScope.get_current_instance()
    start = scope or (current.scope_name if current is not None else '')
    first: Registry | None = asked.root._search_child(start) if start else asked
    if scope:
        return [first] if first is not None else [asked]
    registries: list[Registry] = []
    node: Registry | None = first or asked
    while node is not None:
        registries.append(node)
        node = node.parent
    return registries


def family(registry: Registry) -> Iterator[Registry]:
    """A registry, its children and theirs."""
    yield registry
    for child in registry.children.values():
        yield from family(child)
