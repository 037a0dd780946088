"""Resolution of calls that pass a tracked class or its instances: which functions run, and what parameters hold."""

from __future__ import annotations

import ast
import types
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from introspect_export.observe.function_text import node_of
from introspect_export.observe.raw import class_namespace, is_a, mro_of
from introspect_export.read.super_calls import returns_super

OBJECT = 'object'
"""An instance of the tracked class."""
CLASS = 'class'
"""The tracked class itself."""
Kinds = frozenset[str]
NOTHING: Kinds = frozenset()


@dataclass(frozen=True)
class Given:
    """The arguments of a call, as kinds of tracked values; it is true if any argument is tracked.

    Attributes:
        positional: The kinds of each positional argument that is not starred.
        keywords: The kinds of each keyword argument.
        others: The kinds of starred arguments (``*``, ``**``), and of positional ones after a ``*``.
    """

    positional: tuple[Kinds, ...] = ()
    keywords: tuple[tuple[str, Kinds], ...] = ()
    others: Kinds = NOTHING

    def __bool__(self) -> bool:
        return any(self.positional) or any(kinds for _, kinds in self.keywords) or bool(self.others)

    def behind(self, first: Kinds) -> Given:
        """The same arguments after a further first one."""
        return Given((first, *self.positional), self.keywords, self.others)


def given_in(kinds: Callable[[ast.expr], Kinds], call: ast.Call) -> Given:
    """The arguments of a call expression.

    Args:
        kinds: Returns the kinds of tracked values of an expression.
        call: The call.
    """
    positional: list[Kinds] = []
    others: Kinds = NOTHING
    known = True  # Whether the position of the next argument is known: behind a starred one it is not.
    for each in call.args:
        known = known and not isinstance(each, ast.Starred)
        if known:
            positional.append(kinds(each))
        else:
            others |= kinds(each)
    keywords = tuple((each.arg, kinds(each.value)) for each in call.keywords if each.arg)
    for keyword in call.keywords:
        others |= kinds(keyword.value) if keyword.arg is None else NOTHING
    return Given(tuple(positional), keywords, others)


def starts_super(called: Any) -> bool:
    """Whether a callable is ``super``, or a function that does nothing but pass its arguments to ``super``."""
    if not is_a(called, types.FunctionType) or 'super' in called.__globals__:
        return called is super
    node = node_of(called.__code__) if called.__code__.co_names == ('super',) else None
    return node is not None and returns_super(node)


def functions_called(called: Any, arguments: Given) -> Iterator[tuple[types.FunctionType, Given]]:
    """The functions that run when a value is called, with the arguments of each."""
    if is_a(called, (staticmethod, classmethod)):
        called = called.__func__
    if is_a(called, types.MethodType):
        arguments = arguments.behind(NOTHING)
        called = called.__func__
    if is_a(called, types.FunctionType):
        yield called, arguments
    elif is_a(called, type):
        for name in ('__new__', '__init__'):
            for each in mro_of(called)[:-1]:
                inner = class_namespace(each).get(name)
                if inner is not None:
                    yield from functions_called(inner, arguments.behind(NOTHING))
                    break


def parameters_given(signature: ast.arguments, arguments: Given) -> dict[str, Kinds]:
    """The kinds of tracked values that the parameters of a function hold when it is called; others are left out."""
    positional = [each.arg for each in (*signature.posonlyargs, *signature.args)]
    found: dict[str, Kinds] = {}
    starred = arguments.others  # Of unknown position: any parameter without an argument of its own may hold it.
    for index, kinds in enumerate(arguments.positional):
        if index < len(positional):
            found[positional[index]] = kinds
        elif signature.vararg is not None:
            found[signature.vararg.arg] = found.get(signature.vararg.arg, NOTHING) | kinds
    named = {*positional, *(each.arg for each in signature.kwonlyargs)}
    for name, kinds in arguments.keywords:
        target = name if name in named else signature.kwarg.arg if signature.kwarg else ''
        found[target] = found.get(target, NOTHING) | kinds
    if starred:
        stars = [each.arg for each in (signature.vararg, signature.kwarg) if each is not None]
        for name in [*positional[len(arguments.positional) :], *(each.arg for each in signature.kwonlyargs), *stars]:
            found[name] = found.get(name, NOTHING) | starred
    return {name: kinds for name, kinds in found.items() if kinds and name}


def returned_by(function: types.FunctionType, arguments: Given) -> Kinds:
    """The kinds of tracked values that a function returns: of parameters returned as they are, and of their class."""
    node = node_of(function.__code__)
    if node is None:
        return NOTHING
    parameters = parameters_given(node.args, arguments)
    body: list[ast.AST] = [node.body] if isinstance(node, ast.Lambda) else []
    body += [each.value for each in ast.walk(node) if isinstance(each, ast.Return) and each.value is not None]
    names = {each.id for value in body for each in ast.walk(value) if isinstance(each, ast.Name)}
    plain = {name for name in names if any(isinstance(value, ast.Name) and value.id == name for value in body)}
    returned = frozenset(kind for name in plain for kind in parameters.get(name, NOTHING))
    classes = any(_is_class_of(each, parameters) for value in body for each in ast.walk(value))
    return returned | (frozenset({CLASS}) if classes else NOTHING)


def _is_class_of(node: ast.AST, parameters: Mapping[str, Kinds]) -> bool:
    """``type(x)`` or ``x.__class__`` of a parameter that holds the object."""
    inner: ast.AST | None = None
    if isinstance(node, ast.Attribute) and node.attr == '__class__':
        inner = node.value
    elif isinstance(node, ast.Call) and getattr(node.func, 'id', '') == 'type' and len(node.args) == 1:
        inner = node.args[0]
    return isinstance(inner, ast.Name) and OBJECT in parameters.get(inner.id, NOTHING)
