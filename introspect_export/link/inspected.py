"""The registries whose content some text of the package may read without asking them."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from introspect_export.link.executed_names import KnownNames
from introspect_export.link.executed_walk import ASKS
from introspect_export.link.names import InLibrary, Text
from introspect_export.link.own import Scope, imported_names

# The members of a registry that tell nothing of its content; see ``mmengine.registry.Registry``.
_ABOUT = frozenset(('build_func', 'name', 'parent', 'register_module', 'root', 'scope', *ASKS))
_CONTENT = frozenset(('module_dict', '_module_dict'))


def inspected(known: KnownNames) -> frozenset[str]:
    """Return the variables of those registries; where a registry is not known, all of them."""
    found = {name for text in known.names.texts.values() for name in _inspected(known, text)}
    return known.registries if '' in found else frozenset(found)


def _inspected(known: KnownNames, text: Text) -> Iterator[str]:
    """The registries that a module reads; an empty name for one that is not known."""
    nodes = list(ast.walk(text.tree))
    scope = Scope(text, imported_names(text, nodes))
    for node in nodes:
        if isinstance(node, ast.Attribute):
            registries = _registries(known, scope, node.value)
            if registries and node.attr not in _ABOUT:
                yield from registries
            elif not registries and node.attr in _CONTENT:
                yield ''
        elif isinstance(node, ast.Call):
            # ``len(MODELS)``
            handed = [name for each in node.args for name in _registries(known, scope, each)]
            functions = known.meanings(scope, node.func) if handed else []
            if any(isinstance(one, InLibrary) and one.module == 'builtins' for one in functions):
                yield from handed


def _registries(known: KnownNames, scope: Scope, node: ast.expr) -> list[str]:
    return [one.name for one in known.meanings(scope, node) if known.is_registry(one)]
