"""The names that syntax tree nodes bind, and the scope they are bound in, by the compiler's rules.

The rules are those of https://docs.python.org/3/reference/executionmodel.html#binding-of-names. Names are returned as
they are written: private names are not mangled (see ``mangle`` in ``global_uses.py``). The names that a star import
binds cannot be determined from a syntax tree, so it yields none here.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator

from introspect_export.read.node_children import children

FunctionStatement = ast.FunctionDef | ast.AsyncFunctionDef
FunctionNode = FunctionStatement | ast.Lambda
Comprehension = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp

FUNCTION_STATEMENTS = (ast.FunctionDef, ast.AsyncFunctionDef)
FUNCTIONS = (*FUNCTION_STATEMENTS, ast.Lambda)
DEFINITIONS = (*FUNCTION_STATEMENTS, ast.ClassDef)
COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)

COMPOUND = (
    ast.If,
    ast.For,
    ast.AsyncFor,
    ast.While,
    ast.With,
    ast.AsyncWith,
    ast.Try,
    ast.Match,
    *([getattr(ast, name) for name in ('TryStar',) if hasattr(ast, name)]),
)
"""The statements that contain statements of their own scope."""

_FIELDS: dict[type[ast.AST], str] = {
    **dict.fromkeys((*DEFINITIONS, ast.ExceptHandler, ast.MatchAs, ast.MatchStar), 'name'),
    ast.MatchMapping: 'rest',
    ast.arg: 'arg',
    # Type parameters came with Python 3.12.
    **{getattr(ast, kind): 'name' for kind in ('TypeVar', 'ParamSpec', 'TypeVarTuple') if hasattr(ast, kind)},
}
"""The node types that bind a name stored as a string, with the field that stores it."""


def bound_by(node: ast.AST) -> Iterator[str]:
    """The names that a single node binds or deletes: a target, definition, import, parameter or pattern capture.

    Child nodes are not visited.
    """
    if isinstance(node, ast.Name):
        if not isinstance(node.ctx, ast.Load):
            yield node.id
    elif isinstance(node, (ast.Import, ast.ImportFrom)):
        for alias in node.names:
            if alias.name != '*':
                yield bound_by_alias(node, alias)
    elif type(node) in _FIELDS:
        name = getattr(node, _FIELDS[type(node)])
        if name is not None:
            yield name


def bound_by_alias(node: ast.Import | ast.ImportFrom, alias: ast.alias) -> str:
    """The name that one alias of an import statement binds; ``*`` for a star import."""
    top = alias.name.partition('.')[0] if isinstance(node, ast.Import) else alias.name
    return alias.asname or top


def bound_inside(nodes: Iterable[ast.AST]) -> Iterator[str]:
    """The names that nodes and their descendants bind, in any scope; repeated once for each binding."""
    for node in nodes:
        for each in ast.walk(node):
            yield from bound_by(each)


def in_scope(nodes: Iterable[ast.AST], skipped: Callable[[ast.AST], list[ast.stmt]] | None = None) -> Iterator[ast.AST]:
    """The given nodes and those of their descendants that belong to the same scope, in source order.

    Of a definition these are its name, decorators, defaults, annotations and bases, but not its body; of a
    comprehension the first iterable and the targets of ``:=``
    (https://peps.python.org/pep-0572/#scope-of-the-target).

    Args:
        nodes: Statements or expressions of one scope.
        skipped: A function that returns, for a node, the statements directly inside of it to leave out.
    """
    stack = [(node, False) for node in reversed(list(nodes))]
    while stack:
        node, in_comprehension = stack.pop()
        if not in_comprehension:
            yield node
        elif isinstance(node, ast.NamedExpr):
            yield node.target
        below = _in_same_scope(node, in_comprehension)
        left_out = {id(each) for each in skipped(node)} if skipped is not None else ()
        stack.extend(below[::-1] if not left_out else [each for each in below[::-1] if id(each[0]) not in left_out])


def _in_same_scope(node: ast.AST, in_comprehension: bool) -> list[tuple[ast.AST, bool]]:
    """The children of a node to visit for its scope, each with whether it is inside of a comprehension.

    Nodes inside of a comprehension are visited only because a ``:=`` among them binds in the enclosing scope.
    """
    if isinstance(node, COMPREHENSIONS):
        first = node.generators[0]
        inner = [first.target, *first.ifs, *(each for each in children(node) if each is not first)]
        return [(first.iter, in_comprehension), *((each, True) for each in inner)]
    if isinstance(node, ast.ClassDef):
        found: list[ast.AST] = [*node.decorator_list, *node.bases, *node.keywords]
    elif isinstance(node, FUNCTIONS):
        found = _around_function(node)
    elif type(node).__name__ == 'TypeAlias':
        found = [getattr(node, 'name')]  # noqa: B009 (these nodes came with Python 3.12)
    else:
        found = children(node)
    return [(each, in_comprehension) for each in found]


def _around_function(node: FunctionNode) -> list[ast.AST]:
    """The expressions of a function that are evaluated in the enclosing scope."""
    defaults = [each for each in (*node.args.defaults, *node.args.kw_defaults) if each is not None]
    if isinstance(node, ast.Lambda):
        return [*defaults]
    annotations = [each.annotation for each in parameters(node) if each.annotation is not None]
    returns = [node.returns] if node.returns is not None else []
    return [*node.decorator_list, *defaults, *annotations, *returns]


def parameters(node: FunctionNode) -> list[ast.arg]:
    """The parameters of a function, in source order."""
    arguments = node.args
    starred = [each for each in (arguments.vararg, arguments.kwarg) if each is not None]
    positional = [*arguments.posonlyargs, *arguments.args]
    return [*positional, *starred[: bool(arguments.vararg)], *arguments.kwonlyargs, *starred[bool(arguments.vararg) :]]


def names_bound(nodes: Iterable[ast.AST], skipped: Callable[[ast.AST], list[ast.stmt]] | None = None) -> Iterator[str]:
    """The names that executing nodes binds in their own scope; repeated once for each binding."""
    for each in in_scope(nodes, skipped):
        yield from bound_by(each)


def local_names(node: FunctionNode) -> frozenset[str]:
    """The local variables of a function: parameters and names bound in its body, unless ``global`` or ``nonlocal``."""
    body = node.body if isinstance(node.body, list) else [node.body]
    own = list(in_scope(body))
    declared = {name for each in own if isinstance(each, (ast.Global, ast.Nonlocal)) for name in each.names}
    bound = {each.arg for each in parameters(node)}.union(*(bound_by(each) for each in own))
    return frozenset(bound - declared)


def rebinds(node: FunctionNode, name: str) -> bool:
    """Whether a function, or a function nested in it, rebinds or deletes a parameter."""
    body: list[ast.AST] = list(node.body) if isinstance(node.body, list) else [node.body]
    inner = (each for part in body for each in ast.walk(part) if isinstance(each, ast.Nonlocal))
    return name in names_bound(body) or any(name in each.names for each in inner)
