"""What a function does beside computing, as far as its text tells."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterable, Iterator

from introspect_export.model import NameUse, Part, SourceModule
from introspect_export.model.liveset import Builtin, Defined, FromRegistry, Library, Resolution, Target

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
# https://docs.python.org/3/library/functions.html: what neither changes nor executes what it is given.
_BUILTINS = frozenset(
    (
        *('abs', 'all', 'any', 'bool', 'callable', 'dict', 'dir', 'enumerate', 'filter', 'float', 'format'),
        *('frozenset', 'getattr', 'hasattr', 'hash', 'id', 'int', 'isinstance', 'issubclass', 'iter', 'len', 'list'),
        *('map', 'max', 'min', 'next', 'object', 'ord', 'print', 'range', 'repr', 'reversed', 'round', 'set', 'slice'),
        *('sorted', 'str', 'sum', 'super', 'tuple', 'vars', 'zip'),
        *('Exception', 'AttributeError', 'ImportError', 'KeyError', 'LookupError', 'OSError', 'RuntimeError'),
        *('TypeError', 'ValueError', 'NotImplementedError'),
    )
)
_LIBRARIES = ('re', 'inspect', 'textwrap', 'string', 'typing', 'itertools', 'operator', 'collections', 'os.path')
_CHANGING = frozenset(
    (
        *('add', 'append', 'clear', 'difference_update', 'discard', 'extend', 'insert', 'intersection_update', 'pop'),
        *('popitem', 'remove', 'reverse', 'setdefault', 'sort', 'symmetric_difference_update', 'update'),
    )
)
_READING = frozenset(
    name
    for kind in (str, bytes, list, dict, set, tuple, frozenset, re.Pattern, re.Match)
    for name in vars(kind)
    if not name.startswith('_') and name not in _CHANGING
)
_TEXT = (ast.Constant, ast.JoinedStr)
_DISPLAYS = (ast.List, ast.Dict, ast.Set, ast.ListComp, ast.DictComp, ast.SetComp, *_TEXT)
_MAKERS = frozenset(('list', 'dict', 'set', 'str', 'sorted', 'repr', 'format'))


def effects_of(module: SourceModule, part: Part, meaning: Callable[[NameUse], Resolution]) -> list[Target] | None:
    """Return what a function or class names; None where it may do more than compute.

    Args:
        module: The module.
        part: The function or class.
        meaning: What a use of a name means.
    """
    uses = {use.span.start: use for use in part.uses if not use.annotation}
    targets = _named(uses.values(), meaning)
    local = _Local(module, uses, meaning)
    inside = _inside(module.tree.body[part.index])
    return targets if targets is not None and all(local.allows(each, ()) for each in inside) else None


def computes(
    module: SourceModule, part: Part, nodes: Iterable[ast.expr], meaning: Callable[[NameUse], Resolution]
) -> bool:
    """Whether expressions in a part only compute, by themselves: they call no function of an origin."""
    spans = {id(each): module.positions.span(each) for each in nodes}
    inside = [use for use in part.uses if any(each.holds(use.span) for each in spans.values())]
    local = _Local(module, {use.span.start: use for use in inside}, meaning)
    calls = any(
        use.role == 'call' and isinstance(meaning(use).target, Defined) and not use.attributes for use in inside
    )
    return not calls and _named(inside, meaning) is not None and all(local.allows(each, ()) for each in nodes)


def _named(uses: Iterable[NameUse], meaning: Callable[[NameUse], Resolution]) -> list[Target] | None:
    """What names mean; None where one of them is not only read, or is called and may have an effect."""
    targets: list[Target] = []
    for use in uses:
        target = meaning(use).target
        if use.context != 'load' or isinstance(target, FromRegistry):
            return None
        if use.role == 'call' and not use.attributes and not _only_computes(target):
            return None
        if use.role == 'call' and isinstance(target, Library) and use.attributes and not _only_computes(target):
            return None
        targets.append(target)
    return targets


def _only_computes(target: Target) -> bool:
    if isinstance(target, Builtin):
        return target.name in _BUILTINS
    return not isinstance(target, Library) or target.module in _LIBRARIES


def _inside(tree: ast.AST) -> Iterator[ast.AST]:
    yield from [tree] if isinstance(tree, _FUNCTIONS) else ast.iter_child_nodes(tree)


class _Local:
    """Whether statements change nothing but what their function has made."""

    def __init__(
        self, module: SourceModule, uses: dict[int, NameUse], meaning: Callable[[NameUse], Resolution]
    ) -> None:
        self._module = module
        self._uses = uses
        self._meaning = meaning

    def allows(self, node: ast.AST, around: tuple[ast.AST, ...]) -> bool:
        """Whether a node, in functions from the outermost on, has no effect."""
        why = self._refusal(node, around)
        if why:
            return False
        inner = (*around, node) if isinstance(node, _FUNCTIONS) else around
        return all(self.allows(each, inner) for each in ast.iter_child_nodes(node))

    def _refusal(self, node: ast.AST, around: tuple[ast.AST, ...]) -> bool:
        if isinstance(node, (ast.Global, ast.Yield, ast.YieldFrom, ast.Await, ast.With, ast.AsyncWith)):
            return True
        if isinstance(node, ast.ClassDef):
            return bool(around)
        if isinstance(node, ast.Attribute) and not isinstance(node.ctx, ast.Load):
            return node.attr != '__doc__'
        if isinstance(node, ast.Subscript) and not isinstance(node.ctx, ast.Load):
            return not self._is_fresh(node.value, around)
        if isinstance(node, ast.AugAssign):
            return not (
                isinstance(node.target, ast.Name) and (_is_text(node.value) or self._is_fresh(node.target, around))
            )
        return isinstance(node, ast.Call) and not self._calls(node, around)

    def _calls(self, node: ast.Call, around: tuple[ast.AST, ...]) -> bool:
        if isinstance(node.func, ast.Name):
            # A name of the module was looked at by what it means.
            return self._is_global(node.func) or any(node.func.id in _functions_in(each) for each in around)
        if not isinstance(node.func, ast.Attribute):
            return False
        base = node.func.value
        while isinstance(base, ast.Attribute):
            base = base.value
        if isinstance(base, ast.Name) and self._is_global(base) and self._is_library(base):
            return True  # Which one was looked at by what it means.
        if node.func.attr in _CHANGING:
            return self._is_fresh(node.func.value, around)
        return node.func.attr in _READING

    def _is_global(self, node: ast.Name) -> bool:
        return self._module.positions.span(node).start in self._uses

    def _is_library(self, node: ast.Name) -> bool:
        return isinstance(self._meaning(self._uses[self._module.positions.span(node).start]).target, Library)

    def _is_fresh(self, node: ast.expr, around: tuple[ast.AST, ...]) -> bool:
        """Whether a variable holds only what its function has made."""
        if not isinstance(node, ast.Name) or not around or self._is_global(node):
            return False
        values = list(_assigned(around[-1], node.id))
        return bool(values) and all(_makes(each) for each in values)


def _functions_in(function: ast.AST) -> set[str]:
    return {each.name for each in ast.walk(function) if isinstance(each, ast.FunctionDef)}


def _assigned(function: ast.AST, name: str) -> Iterator[ast.expr | None]:
    """The values that a variable gets in a function; None for one that is not known."""
    arguments = getattr(function, 'args', None)
    if isinstance(arguments, ast.arguments) and any(
        each.arg == name for each in ast.walk(arguments) if isinstance(each, ast.arg)
    ):
        yield None
    plain: set[int] = set()
    for each in ast.walk(function):
        if isinstance(each, (ast.Assign, ast.AnnAssign)) and each.value is not None:
            targets = each.targets if isinstance(each, ast.Assign) else [each.target]
            for target in targets:
                if isinstance(target, ast.Name) and target.id == name:
                    plain.add(id(target))
                    yield each.value
        elif isinstance(each, ast.AugAssign) and isinstance(each.target, ast.Name):
            plain.add(id(each.target))
    for each in ast.walk(function):
        if (
            isinstance(each, ast.Name)
            and each.id == name
            and not isinstance(each.ctx, ast.Load)
            and id(each) not in plain
        ):
            yield None


def _makes(node: ast.expr | None) -> bool:
    """Whether an expression makes an object that nobody else has."""
    if isinstance(node, (*_DISPLAYS, ast.BinOp)):
        return True
    if isinstance(node, ast.IfExp):
        return _makes(node.body) and _makes(node.orelse)
    if isinstance(node, ast.Call):
        if isinstance(node.func, ast.Name):
            return node.func.id in _MAKERS
        return isinstance(node.func, ast.Attribute) and node.func.attr in ('split', 'splitlines', 'copy', 'rsplit')
    return _is_text(node)


def _is_text(node: ast.expr | None) -> bool:
    """Whether an expression can only be a string, which nothing changes."""
    if isinstance(node, ast.BinOp):
        return _is_text(node.left) or _is_text(node.right)
    if isinstance(node, ast.IfExp):
        return _is_text(node.body) or _is_text(node.orelse)
    if isinstance(node, ast.Call):
        return isinstance(node.func, ast.Attribute) and node.func.attr in (
            'join',
            'format',
            'strip',
            'replace',
            'rstrip',
        )
    return isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str))


def returns_given(
    function: ast.FunctionDef, called: bool, find: Callable[[str], ast.FunctionDef | None], depth: int = 0
) -> bool:
    """Whether a decorator gives back what it is given.

    Args:
        function: The decorator; of ``@decorator(…)`` what makes it.
        called: Whether it is ``@decorator(…)``.
        find: Finds other functions of its module.
        depth: How far it was followed.
    """
    inner = {each.name: each for each in function.body if isinstance(each, ast.FunctionDef)}
    arguments = [*function.args.posonlyargs, *function.args.args]
    values = [each.value for each in _returns(_run(function, arguments[0].arg if arguments else '', not called))]
    if called:
        named = [inner.get(each.id) if isinstance(each, ast.Name) else None for each in values]
        return bool(named) and all(each is not None and returns_given(each, False, find, depth) for each in named)
    if not arguments or not values or depth > 3:
        return False
    first = arguments[0].arg
    stored = any(
        isinstance(each, ast.Name) and each.id == first and not isinstance(each.ctx, ast.Load)
        for each in ast.walk(function)
    )
    return not stored and all(_gives(each, first, {**inner}, find, depth) for each in values)


def _gives(
    node: ast.expr | None,
    first: str,
    inner: dict[str, ast.FunctionDef],
    find: Callable[[str], ast.FunctionDef | None],
    depth: int,
) -> bool:
    if isinstance(node, ast.Name):
        return node.id == first
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name) or not node.args:
        return False
    given = node.args[0]
    called = inner.get(node.func.id) or find(node.func.id)
    same = isinstance(given, ast.Name) and given.id == first
    return same and called is not None and returns_given(called, False, find, depth + 1)


def _run(function: ast.FunctionDef, first: str, given: bool) -> Iterator[ast.stmt]:
    """The statements that may run where the first argument is what is decorated, or is left out."""
    for each in function.body:
        tested = isinstance(each, ast.If) and ast.unparse(each.test) in (first, f'{first} is not None')
        if not (tested and not given):
            yield each
        if tested and given and isinstance(each, ast.If) and isinstance(each.body[-1], ast.Return):
            return


def _returns(statements: Iterable[ast.stmt]) -> Iterator[ast.Return]:
    pending: list[ast.AST] = list(statements)
    while pending:
        each = pending.pop()
        if isinstance(each, ast.Return):
            yield each
        if not isinstance(each, (*_FUNCTIONS, ast.ClassDef)):
            pending.extend(ast.iter_child_nodes(each))
