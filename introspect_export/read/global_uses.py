"""The uses of global names in a module: the compiler's symbol tables (``symtable``), matched to the syntax tree.

The scoping rules are those of https://docs.python.org/3/reference/executionmodel.html#naming-and-binding; mangling of
private names is that of https://docs.python.org/3/reference/expressions.html#private-name-mangling.
"""

from __future__ import annotations

import ast
import symtable
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from introspect_export.model import NameUse
from introspect_export.read.bindings import COMPOUND, Comprehension, FunctionStatement, names_bound
from introspect_export.read.identifiers import next_identifier
from introspect_export.read.node_children import children
from introspect_export.read.positions import Positions

_COMPREHENSIONS = {
    ast.ListComp: 'listcomp',
    ast.SetComp: 'setcomp',
    ast.DictComp: 'dictcomp',
    ast.GeneratorExp: 'genexpr',
}


def mangle(name: str, owner: str) -> str:
    """Return ``name`` mangled as in the body of the class ``owner`` (an empty string outside of classes)."""
    stripped = owner.lstrip('_')
    if not stripped or not name.startswith('__') or name.endswith('__') or '.' in name:
        return name
    return f'_{stripped}{name}'


@dataclass(frozen=True)
class _Frame:
    """The scope that is being visited.

    Attributes:
        table: The symbol table of the scope.
        children: The symbol tables of nested scopes that were not visited yet, by name and line, in source order.
        owner: The class whose name private names are mangled with; empty outside of classes.
        deferred: Whether code in the scope runs only when a function is called.
        is_class: Whether the scope is a class body.
        is_module: Whether the scope is the module's.
        stores: For a class body, the end of the first simple statement that binds each name.
        maybe: For a class body, the names that a compound statement before that may bind.
    """

    table: symtable.SymbolTable
    children: dict[tuple[str, int], list[symtable.SymbolTable]]
    owner: str
    deferred: bool
    is_class: bool
    is_module: bool
    stores: dict[str, int]
    maybe: set[str]


def annotates_lazily(tree: ast.Module) -> bool:
    """Whether a module postpones the evaluation of its annotations (PEP 563)."""
    return any(
        isinstance(node, ast.ImportFrom)
        and node.module == '__future__'
        and any(alias.name == 'annotations' for alias in node.names)
        for node in tree.body
    )


def global_uses(text: str, tree: ast.Module, file: str, positions: Positions) -> list[NameUse]:
    """Return every use of a global or builtin name in a module, in source order.

    Args:
        text: The module's source.
        tree: Its syntax tree.
        file: Its file name, for error messages.
        positions: The positions of the tree's nodes.
    """
    visitor = _Visitor(positions, annotates_lazily(tree))
    frame = _frame(symtable.symtable(text, file, 'exec'), '', deferred=False)
    for statement in tree.body:
        visitor.visit(statement, frame)
    return sorted(visitor.uses, key=lambda use: use.span)


def _frame(table: symtable.SymbolTable, owner: str, deferred: bool) -> _Frame:
    children: dict[tuple[str, int], list[symtable.SymbolTable]] = defaultdict(list)
    for child in table.get_children():
        children[child.get_name(), child.get_lineno()].append(child)
    kind = str(table.get_type())
    return _Frame(table, children, owner, deferred, kind == 'class', kind == 'module', {}, set())


class _Visitor:
    """Collects the uses of global names.

    Scopes are visited in the order in which the compiler makes their symbol tables, since several scopes may have the
    same name and line (two lambdas on one line) and are told apart only by that order.
    """

    def __init__(self, positions: Positions, lazy_annotations: bool) -> None:
        self.positions = positions
        self.lazy_annotations = lazy_annotations
        self.uses: list[NameUse] = []

    def visit(self, node: ast.AST, frame: _Frame, role: str = 'value', annotation: bool = False) -> None:
        handler = _HANDLERS.get(type(node))
        if handler is not None:
            handler(self, node, frame, role, annotation)
            return
        for child in children(node):
            self.visit(child, frame, 'value', annotation)

    def _items(self, node: ast.AST, frame: _Frame, role: str, annotation: bool) -> None:
        """Visit a display; its items have the role of the display."""
        for child in children(node):
            self.visit(child, frame, role, annotation)

    def _call(self, node: ast.Call, frame: _Frame, _role: str, annotation: bool) -> None:
        self.visit(node.func, frame, 'call', annotation)
        checks = isinstance(node.func, ast.Name) and node.func.id in ('isinstance', 'issubclass')
        role = 'value' if checks else 'argument'
        for child in (*node.args, *(keyword.value for keyword in node.keywords)):
            self.visit(child, frame, role, annotation)

    def _name(self, node: ast.expr, frame: _Frame, role: str, annotation: bool) -> None:
        """Visit a name with the attributes that follow it, or an attribute of any other expression."""
        chain: list[ast.Attribute] = []
        base = node
        while isinstance(base, ast.Attribute):
            chain.insert(0, base)
            base = base.value
        if not isinstance(base, ast.Name):
            self.visit(base, frame, annotation=annotation)
            return
        name = mangle(base.id, frame.owner)
        reads = isinstance(base.ctx, ast.Load) or role == 'augmented'
        if not self._is_global(name, base, frame, annotation, reads):
            return
        self.uses.append(
            NameUse(
                name=name,
                span=self.positions.span(base),
                deferred=frame.deferred,
                in_class_scope=frame.is_class,
                context=type(base.ctx).__name__.lower(),
                attributes=tuple(each.attr for each in chain),
                ends=tuple(self.positions.span(each).end for each in chain),
                annotation=annotation,
                role=role,
                rebound=frame.is_class and name in frame.maybe,
            )
        )

    def _is_global(self, name: str, node: ast.Name, frame: _Frame, annotation: bool, reads: bool) -> bool:
        if frame.is_module:
            return True
        try:
            symbol = frame.table.lookup(name)
        except KeyError:
            # The compiler makes no symbol table entries for annotations that are never evaluated.
            return annotation
        if symbol.is_global():
            return True
        # Until a class body has bound a name, reading it finds the global. symtable reports such a name as local.
        return frame.is_class and reads and not symbol.is_free() and self._unbound(name, node, frame)

    def _unbound(self, name: str, node: ast.Name, frame: _Frame) -> bool:
        first = frame.stores.get(name)
        return name in frame.maybe if first is None else self.positions.span(node).start < first

    def _function(self, node: FunctionStatement, frame: _Frame, _role: str, _annotation: bool) -> None:
        self._defaults(node.args, frame)
        self._annotations(node.args, node.returns, frame)
        for decorator in node.decorator_list:
            self.visit(decorator, frame, 'decorator')
        inner = self._enter(frame, node.name, node.lineno, frame.owner, deferred=True)
        for statement in node.body:
            self.visit(statement, inner)

    def _lambda(self, node: ast.Lambda, frame: _Frame, _role: str, annotation: bool) -> None:
        self._defaults(node.args, frame)
        # The compiler makes no symbol table for a scope inside of an annotation that is never evaluated.
        if annotation and self.lazy_annotations:
            return
        self.visit(node.body, self._enter(frame, 'lambda', node.lineno, frame.owner, deferred=True))

    def _class(self, node: ast.ClassDef, frame: _Frame, _role: str, _annotation: bool) -> None:
        for base in node.bases:
            self.visit(base, frame, 'base')
        for keyword in node.keywords:
            self.visit(keyword.value, frame, 'base')
        for decorator in node.decorator_list:
            self.visit(decorator, frame, 'decorator')
        inner = self._enter(frame, node.name, node.lineno, node.name, deferred=frame.deferred)
        for statement in node.body:
            for name in {mangle(each, node.name) for each in names_bound([statement])} - inner.stores.keys():
                if isinstance(statement, COMPOUND):
                    inner.maybe.add(name)
                else:
                    inner.stores[name] = self.positions.span(statement).end
        for statement in node.body:
            self.visit(statement, inner)

    def _comprehension(self, node: Comprehension, frame: _Frame, _role: str, annotation: bool) -> None:
        first = node.generators[0]
        self.visit(first.iter, frame, annotation=annotation)
        if annotation and self.lazy_annotations:
            return
        inner = self._enter(frame, _COMPREHENSIONS[type(node)], node.lineno, frame.owner, frame.deferred)
        self.visit(first.target, inner)
        for condition in first.ifs:
            self.visit(condition, inner)
        for generator in node.generators[1:]:
            for child in (generator.target, generator.iter, *generator.ifs):
                self.visit(child, inner)
        values = [node.value, node.key] if isinstance(node, ast.DictComp) else [node.elt]
        for value in values:
            self.visit(value, inner)

    def _annotated(self, node: ast.AnnAssign, frame: _Frame, _role: str, _annotation: bool) -> None:
        self.visit(node.target, frame)
        # https://docs.python.org/3/reference/simple_stmts.html#annotated-assignment-statements: not evaluated in a
        # function.
        skipped = self.lazy_annotations or (frame.deferred and not frame.is_class and isinstance(node.target, ast.Name))
        self.visit(node.annotation, frame, 'annotation', annotation=skipped)
        if node.value is not None:
            self.visit(node.value, frame)

    def _augmented(self, node: ast.AugAssign, frame: _Frame, _role: str, _annotation: bool) -> None:
        """Visit ``X += 1``, which reads a name before it binds it."""
        self.visit(node.target, frame, 'augmented' if isinstance(node.target, ast.Name) else 'value')
        self.visit(node.value, frame)

    def _declared(self, node: ast.Global, frame: _Frame, _role: str, _annotation: bool) -> None:
        at = self.positions.span(node).start + len('global')
        for name in node.names:
            span = next_identifier(self.positions.text, at)
            at = span.end
            self.uses.append(NameUse(mangle(name, frame.owner), span, frame.deferred, frame.is_class, 'declare'))

    def _defaults(self, args: ast.arguments, frame: _Frame) -> None:
        for default in (*args.defaults, *args.kw_defaults):
            if default is not None:
                self.visit(default, frame)

    def _annotations(self, args: ast.arguments, returns: ast.expr | None, frame: _Frame) -> None:
        every = [*args.posonlyargs, *args.args, *args.kwonlyargs]
        every.extend(arg for arg in (args.vararg, args.kwarg) if arg is not None)
        for annotation in (*(arg.annotation for arg in every), returns):
            if annotation is not None:
                self.visit(annotation, frame, 'annotation', annotation=self.lazy_annotations)

    def _enter(self, frame: _Frame, name: str, line: int, owner: str, deferred: bool) -> _Frame:
        """Take the next symbol table of a nested scope with this name and line."""
        return _frame(frame.children[name, line].pop(0), owner, deferred)


_Handler = Callable[[_Visitor, Any, _Frame, str, bool], None]
_HANDLERS: dict[type[ast.AST], _Handler] = {
    ast.FunctionDef: _Visitor._function,
    ast.AsyncFunctionDef: _Visitor._function,
    ast.Lambda: _Visitor._lambda,
    ast.ClassDef: _Visitor._class,
    **dict.fromkeys(_COMPREHENSIONS, _Visitor._comprehension),
    ast.AnnAssign: _Visitor._annotated,
    ast.AugAssign: _Visitor._augmented,
    ast.Global: _Visitor._declared,
    ast.Call: _Visitor._call,
    **dict.fromkeys((ast.Tuple, ast.List, ast.Starred), _Visitor._items),
    **dict.fromkeys((ast.Name, ast.Attribute), _Visitor._name),
}
"""The handler of each node type; for all other types, only the child nodes are visited."""
