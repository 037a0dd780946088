"""Error messages for types that no registry holds, and for arguments that a constructor does not accept."""

from __future__ import annotations

import difflib
import importlib.util
import inspect
import os
import pkgutil
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import FunctionType
from typing import Any

from mmengine.registry import DefaultScope, Registry

from introspect_export.observe.importing import advice_lines, failing_imports
from introspect_export.observe.raw import class_namespace, is_a, mro_of, stored
from introspect_export.observe.recording import LiveEvent

_NEAR = 5
_MOST_FILES = 2000
_NOT_SOURCE = ('build', 'dist', 'node_modules', 'site_packages', 'venv', 'work_dirs')
_REFUSED = re.compile(r"unexpected keyword argument '(\w+)'")


def explain(events: list[LiveEvent], imports: Mapping[str, str]) -> str | None:
    """The message for a type that was not found, with the registries searched and advice; None if all types were found.

    Args:
        events: The recorded calls of registries.
        imports: The modules of ``custom_imports`` whose import failed silently, with the reasons.
    """
    failed = [event for event in events if event.error and event.target is None and event.type_text]
    return _explain(failed[-1], {**imports, **failing_imports(failed)}) if failed else None


def explain_argument(events: list[LiveEvent], error: BaseException) -> str | None:
    """The message for an argument that a constructor does not accept, with similar names; None for other errors."""
    refused = _REFUSED.search(str(error)) if isinstance(error, TypeError) else None
    failed = [event for event in events if event.error and event.given and refused and refused[1] in event.given]
    if refused is None or not failed:
        return None
    event, name = failed[-1], refused[1]
    kind = stored(event.target, '__name__') or event.type_text
    where = f'{event.path}.{name}' if event.path else f'{name}, given by {event.caller}'
    near = difflib.get_close_matches(name, _parameters(event.target), _NEAR)
    hint = f'; did you mean {" or ".join(near)}?' if near else ''
    return f'{where}: {kind} takes no argument {name!r}{hint}'


def _parameters(target: Any) -> list[str]:
    """The parameters of a class or function, and of the constructors of its parents."""
    is_class = is_a(target, type)
    functions = [class_namespace(one).get('__init__') for one in mro_of(target)] if is_class else [target]
    found = [inspect.signature(each).parameters for each in functions if is_a(each, FunctionType)]
    return list(dict.fromkeys(name for each in found for name in each if name != 'self'))


def _explain(event: LiveEvent, imports: Mapping[str, str]) -> str:
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
    lines += advice_lines(imports) or [f'  {_advice(scope, name)}']
    return '\n'.join(lines)


def _advice(scope: str, name: str) -> str:
    current = DefaultScope.get_current_instance()
    top = (scope or (current.scope_name if current is not None else '')).partition('.')[0]
    if top and importlib.util.find_spec(top) is None:
        near = difflib.get_close_matches(top, [one.name for one in pkgutil.iter_modules()], 1)
        return f'the package {top!r} is not installed here' + (f'; did you mean {near[0]!r}?' if near else '')
    file = _defining_file(name)
    if file is not None:
        module = '.'.join(file.with_suffix('').parts).removesuffix('.__init__')
        return f"{file} defines it; add: custom_imports = dict(imports=['{module}'], allow_failed_imports=False)"
    module = f'{top}.module_that_defines_it' if scope else 'module_that_defines_it'
    return f"if a module registers it, add: custom_imports = dict(imports=['{module}'], allow_failed_imports=False)"


def _defining_file(name: str) -> Path | None:
    """The file below the working folder, relative to it, that defines a class or function of this name."""
    statement = re.compile(rf'^(class|def) {re.escape(name)}\b', re.MULTILINE)
    seen = 0
    for folder, folders, files in os.walk('.'):
        folders[:] = sorted(one for one in folders if one.isidentifier() and one not in _NOT_SOURCE)
        for file in sorted(one for one in files if one.endswith('.py')):
            seen += 1
            if seen > _MOST_FILES:
                return None
            path = Path(folder, file)
            if statement.search(path.read_text(encoding='utf-8', errors='replace')):
                return path
    return None


def _searched(asked: Registry, scope: str) -> list[Registry]:
    """The registries that mmengine searches, in order."""
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
    """A registry and its descendants."""
    yield registry
    for child in registry.children.values():
        yield from family(child)
