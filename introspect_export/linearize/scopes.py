"""What a function's own names are, and whether its first argument stays what it was."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


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
    every = [*arguments, *node.args.kwonlyargs, *(arg for arg in (node.args.vararg, node.args.kwarg) if arg)]
    body = node.body if isinstance(node.body, list) else [node.body]
    stored: set[str] = set()
    declared: set[str] = set()
    inner: set[str] = set()
    for name, how in _bindings(body):
        {'store': stored, 'declare': declared, 'inner': inner}[how].add(name)
    first = arguments[0].arg if arguments else ''
    bound = ({arg.arg for arg in every} | stored) - declared
    return FunctionScope(first, frozenset(bound), first in stored or first in inner, node, given)


def statements_of(body: Sequence[ast.stmt]) -> Iterator[ast.stmt]:
    """The statements of a scope at any depth, without what stands in the functions and classes among them."""
    stack: list[ast.AST] = list(body)
    while stack:
        node = stack.pop()
        if isinstance(node, ast.stmt):
            yield node
        if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            stack.extend(ast.iter_child_nodes(node))


def only_given(node: FunctionNode, outer: FunctionScope) -> bool:
    """Whether a function inside of another is only ever called there, and always with the other's first argument."""
    if outer.node is None or isinstance(node, ast.Lambda) or not outer.holds_first:
        return False
    mentions = sum(isinstance(each, ast.Name) and each.id == node.name for each in ast.walk(outer.node))
    calls = 0
    stack: list[ast.AST] = list(ast.iter_child_nodes(outer.node))
    while stack:
        each = stack.pop()
        calls += isinstance(each, ast.Call) and _is_name(each.func, node.name) and gives(each, outer.first)
        if not isinstance(each, (*FUNCTIONS, ast.ClassDef, *COMPREHENSIONS)):
            stack.extend(ast.iter_child_nodes(each))
    return calls == mentions


def gives(call: ast.Call, first: str) -> bool:
    """Whether the first argument of a call is a certain name."""
    return bool(call.args) and _is_name(call.args[0], first)


def _is_name(node: ast.AST, name: str) -> bool:
    return isinstance(node, ast.Name) and node.id == name


def _bindings(body: list[ast.stmt] | list[ast.expr]) -> Iterator[tuple[str, str]]:
    """The names bound in a function body, those declared global or nonlocal, and those that inner functions rebind."""
    stack: list[tuple[ast.AST, bool]] = [(node, True) for node in body]
    while stack:
        node, own = stack.pop()
        if isinstance(node, (ast.Global, ast.Nonlocal)):
            how = 'declare' if own else 'inner'
            yield from ((name, how) for name in node.names)
        if own:
            yield from ((name, 'store') for name in bound_by(node))
        opens = isinstance(node, (*FUNCTIONS, ast.ClassDef))
        for child in ast.iter_child_nodes(node):
            stack.append((child, own and not opens and not _is_target(node, child)))


def _is_target(node: ast.AST, child: ast.AST) -> bool:
    """Whether a child is what a comprehension binds, in a scope of its own."""
    return isinstance(node, ast.comprehension) and child is node.target


def bound_by(node: ast.AST) -> Iterator[str]:
    """The names that a node by itself binds."""
    if isinstance(node, ast.Name) and isinstance(node.ctx, (ast.Store, ast.Del)):
        yield node.id
    elif isinstance(node, ast.ExceptHandler):
        yield from [node.name] if node.name else []
    elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        yield node.name
    elif isinstance(node, (ast.Import, ast.ImportFrom)):
        yield from (alias.asname or alias.name.partition('.')[0] for alias in node.names)
    else:
        # Patterns, new in Python 3.10: https://docs.python.org/3/reference/compound_stmts.html#the-match-statement
        kind = type(node).__name__
        name = getattr(node, {'MatchAs': 'name', 'MatchStar': 'name', 'MatchMapping': 'rest'}.get(kind, ''), None)
        if isinstance(name, str):
            yield name
