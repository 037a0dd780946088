"""What a function's own names are, and whether its first argument stays what it was."""

from __future__ import annotations

import ast
from dataclasses import dataclass

from introspect_export.read.bindings import COMPREHENSIONS, FUNCTIONS, FunctionNode, local_names, rebinds


@dataclass(frozen=True)
class FunctionScope:
    """A function's names.

    Attributes:
        first: Its first positional parameter, or empty.
        bound: All names that are local to it.
        rebound: Whether the first parameter is bound again, or deleted, here or in a function inside.
        node: The function, for what is asked about functions inside of it.
        given: Whether the first parameter is known to be the method's own first argument.
    """

    first: str
    bound: frozenset[str]
    rebound: bool
    node: FunctionNode | None = None
    given: bool = False

    @property
    def holds_first(self) -> bool:
        """Whether the first parameter is, all the time, the first argument of the method."""
        return self.given and bool(self.first) and not self.rebound


def function_scope(node: FunctionNode, given: bool) -> FunctionScope:
    """Return the names of a function.

    https://docs.python.org/3/reference/executionmodel.html#binding-of-names

    Args:
        node: The function.
        given: Whether its first parameter is the first argument of the method it stands in.
    """
    arguments = [*node.args.posonlyargs, *node.args.args]
    first = arguments[0].arg if arguments else ''
    return FunctionScope(first, local_names(node), bool(first) and rebinds(node, first), node, given)


def only_given(node: FunctionNode, outer: FunctionScope) -> bool:
    """Whether a function inside of another is only ever called there, and always with the other's first argument."""
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
    """Whether the first argument of a call is a certain name."""
    return bool(call.args) and is_name(call.args[0], first)


def is_name(node: ast.AST, name: str) -> bool:
    """Whether a node is just a name."""
    return isinstance(node, ast.Name) and node.id == name
