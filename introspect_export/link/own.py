"""Which names and objects are a piece of code's own: bound by it, made by it."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from introspect_export.link.names import Meaning, Text, nested

Function = ast.FunctionDef | ast.AsyncFunctionDef

DEFINED = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
_FRESH = (ast.Dict, ast.List, ast.Set, ast.ListComp, ast.SetComp, ast.DictComp, ast.Constant, ast.JoinedStr, ast.Tuple)
_MAKERS = frozenset(('dict', 'list', 'set', 'tuple'))


@dataclass(frozen=True)
class Scope:
    """Where a piece of code stands.

    Attributes:
        text: Its module.
        local: What imports inside of a function bind.
        own: The names that the function, or the class body, binds.
        fresh: Those of them that only hold what was made there.
        levels: Of a function, how many levels of functions are executed: those inside that it only returns are not.
            None at the module's own level.
        decorates: Whether the innermost of those levels is given what is being made, to decorate it.
        inner: Names of functions inside of the function.
    """

    text: Text
    local: Mapping[str, Meaning] = field(default_factory=dict)
    own: frozenset[str] = frozenset()
    fresh: frozenset[str] = frozenset()
    levels: int | None = None
    decorates: bool = False
    inner: frozenset[str] = frozenset()

    def made(self, node: ast.expr) -> bool:
        """Whether an object was made by this very code: its module's container, class or function, its own value."""
        if not isinstance(node, ast.Name):
            return False
        if node.id in self.own:
            return node.id in self.fresh
        bindings = self.text.bindings.get(node.id, [])
        return bool(bindings) and self.levels is None and all(_makes(each) for each in bindings)

    def of_class(self, node: ast.ClassDef) -> Scope:
        """The scope of a class body: what it defines can be named in it."""
        own = frozenset(each.name for each in _here(node.body) if isinstance(each, DEFINED))
        return Scope(self.text, self.local, self.own | own, self.fresh | own, self.levels)

    def of_function(self, node: Function, levels: int, method: bool = False, decorates: bool = False) -> Scope:
        """The scope of a function's body.

        Args:
            node: The function.
            levels: How many levels of functions are executed.
            method: Whether its first argument is an object that is being made.
            decorates: Whether that of the innermost level is.
        """
        inside = list(_here(node.body))
        local = imported_names(self.text, inside)
        given = [each.arg for each in ast.walk(node.args) if isinstance(each, ast.arg)]
        stored = [name for each in inside for name in _stored(each)]
        made = [
            target.id
            for each in inside
            if isinstance(each, ast.Assign) and is_fresh(each.value)
            for target in each.targets
            if isinstance(target, ast.Name)
        ]
        fresh = {name for name in made if made.count(name) == stored.count(name) and name not in given}
        fresh |= set(given[:1]) if method or (decorates and levels == 1) else set()
        defined = {each.name for each in inside if isinstance(each, DEFINED)}
        fresh |= defined - {*given, *stored}
        own = {*given, *stored, *defined} - local.keys()
        kept = {name: meaning for name, meaning in self.local.items() if name not in own}
        inner = (self.inner - own) | (defined - {*given, *stored})
        return Scope(self.text, {**kept, **local}, self.own | own, (self.fresh - own) | fresh, levels, decorates, inner)


def _here(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """The statements of a body, without those of the functions and classes inside of it."""
    for each in body:
        yield each
        if not isinstance(each, DEFINED):
            yield from _here(list(nested(each)))


def _stored(node: ast.stmt) -> Iterator[str]:
    """The names that a statement itself binds; those of comprehensions are theirs."""
    pending = [each for each in ast.iter_child_nodes(node) if not isinstance(node, DEFINED)]
    while pending:
        each = pending.pop()
        if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Store):
            yield each.id
        elif isinstance(each, ast.ExceptHandler) and each.name:
            yield each.name
        elif not isinstance(each, (ast.stmt, ast.Lambda, ast.comprehension)):
            pending.extend(ast.iter_child_nodes(each))


def imported_names(text: Text, nodes: Iterable[ast.AST]) -> dict[str, Meaning]:
    """What the import statements among nodes of a module bind."""
    imports = [each for each in nodes if isinstance(each, (ast.Import, ast.ImportFrom))]
    meanings = dict(text.imported(imports))
    aliases = [alias for each in imports for alias in each.names]
    return {alias.asname or alias.name.partition('.')[0]: meanings[id(alias)] for alias in aliases}


def is_fresh(node: ast.expr) -> bool:
    """Whether an expression makes a new object of Python's own."""
    called = isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in _MAKERS
    return called or isinstance(node, _FRESH)


def _makes(node: ast.stmt | ast.alias) -> bool:
    """Whether a statement of a module makes what it binds: a class, a function, a container."""
    if isinstance(node, ast.Assign):
        return is_fresh(node.value) and all(isinstance(target, ast.Name) for target in node.targets)
    if isinstance(node, ast.AnnAssign):
        return node.value is not None and is_fresh(node.value)
    return isinstance(node, (*DEFINED, ast.AugAssign))


def returned_only(name: str, body: list[ast.stmt]) -> bool:
    """Whether a function that a body defines is only returned by it, and so not called there."""
    uses = [
        each for part in body for each in ast.walk(part)
        if isinstance(each, ast.Name) and each.id == name and isinstance(each.ctx, ast.Load)
    ]  # fmt: skip
    returned = [each.value for part in body for each in ast.walk(part) if isinstance(each, ast.Return)]
    return all(any(use is value for value in returned) for use in uses)


def root(node: ast.expr) -> ast.expr:
    """What a chain of attributes, items and calls begins with: a name, mostly."""
    while isinstance(node, (ast.Attribute, ast.Subscript, ast.Call)):
        node = node.func if isinstance(node, ast.Call) else node.value
    return node


def has_no_register(node: ast.stmt) -> bool:
    """Whether a definition is a class that does not say itself what registering with it means."""
    return isinstance(node, ast.ClassDef) and not any(
        isinstance(each, DEFINED) and each.name == 'register' for each in node.body
    )
