"""The local names of a function, and whether its first parameter always holds the method's first argument."""

from __future__ import annotations

import ast
from dataclasses import dataclass

from introspect_export.read.bindings import COMPREHENSIONS, FUNCTIONS, FunctionNode, local_names, rebinds


@dataclass(frozen=True)
class FunctionScope:
    """The scope of a function or comprehension.

    Attributes:
        first: The first positional parameter, or empty.
        bound: All local names.
        rebound: Whether the first parameter is rebound or deleted, here or in a nested function.
        node: The function; None for comprehensions.
        given: Whether the first parameter is known to receive the method's own first argument.
    """

    first: str
    bound: frozenset[str]
    rebound: bool
    node: FunctionNode | None = None
    given: bool = False

    @property
    def holds_first(self) -> bool:
        """Whether the first parameter always holds the first argument of the method."""
        return self.given and bool(self.first) and not self.rebound


def function_scope(node: FunctionNode, given: bool) -> FunctionScope:
    """Return the scope of a function.

    https://docs.python.org/3/reference/executionmodel.html#binding-of-names

    Args:
        node: The function.
        given: Whether its first parameter receives the first argument of the enclosing method.
    """
    arguments = [*node.args.posonlyargs, *node.args.args]
    first = arguments[0].arg if arguments else ''
    return FunctionScope(first, local_names(node), bool(first) and rebinds(node, first), node, given)


def only_given(node: FunctionNode, outer: FunctionScope) -> bool:
    """Whether a nested function is used only in calls directly in the outer one, with the outer's first parameter."""
    if outer.node is None or isinstance(node, ast.Lambda) or not outer.holds_first:
        return False
    mentions = sum(isinstance(each, ast.Name) and each.id == node.name for each in ast.walk(outer.node))
    calls = 0
    stack: list[ast.AST] = list(ast.iter_child_nodes(outer.node))
    while stack:
        each = stack.pop()
        calls += isinstance(each, ast.Call) and is_name(each.func, node.name) and gives(each, outer.first)
        if not isinstance(each, (*FUNCTIONS, ast.ClassDef, *COMPREHENSIONS)):
            stack.extend(ast.iter_child_nodes(each))
    return calls == mentions


def gives(call: ast.Call, first: str) -> bool:
    """Whether the first argument of a call is a given name."""
    return bool(call.args) and is_name(call.args[0], first)


def is_name(node: ast.AST, name: str) -> bool:
    """Whether a node is a given name."""
    return isinstance(node, ast.Name) and node.id == name
