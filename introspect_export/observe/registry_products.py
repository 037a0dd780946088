"""Calls of objects that a registry built, whose class depends on the config.

``func = build(cfg, INITIALIZERS)`` creates an instance of some class in the registry, so ``func(module)`` may call any
of them.
"""

from __future__ import annotations

import ast
import inspect
import types
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from mmengine.registry import Registry

from introspect_export.observe.call_targets import Given
from introspect_export.observe.lookup_errors import family
from introspect_export.observe.raw import class_namespace, is_a, mro_of

Static = Callable[[ast.AST], Any]
"""Returns the live value of an expression that is a dotted name."""


@dataclass(frozen=True)
class Product:
    """A class that a registry may have built an instance of.

    Attributes:
        kind: The class.
        parameters: The parameters of its constructors, which a config may set.
        keys: Its keys in registries.
    """

    kind: type
    parameters: tuple[str, ...]
    keys: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class ProductCall:
    """A call of a method of an object that a registry built.

    Attributes:
        registry: The registry.
        method: The method; ``__call__`` where the product itself is called.
        given: The arguments.
    """

    registry: Registry
    method: str
    given: Given


def registry_asked(node: ast.AST, static: Static) -> Registry | None:
    """The registry that a call builds from: the object whose method is called, or an argument; else None."""
    if not isinstance(node, ast.Call):
        return None
    owner = [node.func.value] if isinstance(node.func, ast.Attribute) else []
    values = [static(each) for each in (*owner, *node.args, *(keyword.value for keyword in node.keywords))]
    return next((each for each in values if is_a(each, Registry)), None)


def products_of(registry: Registry) -> Iterator[Product]:
    """The classes in all registries of a registry's family."""
    found: dict[int, tuple[type, list[str]]] = {}
    for each in family(registry.root):
        for key, value in each.module_dict.items():
            if is_a(value, type):
                found.setdefault(id(value), (value, []))[1].append(key)
    for kind, keys in found.values():
        yield Product(kind, tuple(_parameters(kind)), tuple(sorted({*keys})))


def method_of(kind: type, name: str) -> Any:
    """The stored value of a class's member, from the first class of its MRO that defines it; else None."""
    return next((class_namespace(each)[name] for each in mro_of(kind) if name in class_namespace(each)), None)


def _parameters(kind: type) -> Iterator[str]:
    """The parameters of all constructors in the MRO of a class: each may pass ``**kwargs`` on to the next."""
    found: dict[str, None] = {}
    for each in mro_of(kind):
        function = class_namespace(each).get('__init__')
        if is_a(function, types.FunctionType):
            names, _, _, _, others, _, _ = inspect.getfullargspec(function)
            found.update(dict.fromkeys((*names[1:], *others)))
    yield from found


def names_taken(node: ast.AST) -> frozenset[int]:
    """The ids of expressions below a node where only the ``__name__`` of the value, or of its elements, is used."""
    found = set()
    for each in ast.walk(node):
        if isinstance(each, ast.Attribute) and each.attr == '__name__':
            inner = each.value.value if isinstance(each.value, ast.Subscript) else each.value
            found.add(id(inner))
        elif isinstance(each, (ast.ListComp, ast.SetComp, ast.GeneratorExp)):
            found.update(id(one.iter) for one in each.generators if _only_named(one.target, each))
        elif isinstance(each, ast.For) and _only_named(each.target, each):
            found.add(id(each.iter))
    return frozenset(found)


def _only_named(target: ast.expr, scope: ast.AST) -> bool:
    """Whether only the ``__name__`` of a loop variable is used."""
    if not isinstance(target, ast.Name):
        return False
    uses = {id(each) for each in ast.walk(scope) if isinstance(each, ast.Name) and each.id == target.id}
    named = {id(each.value) for each in ast.walk(scope) if isinstance(each, ast.Attribute) and each.attr == '__name__'}
    return uses - {id(target)} <= named
