"""The state and results of a walk over a class body, and the classification of expressions in it."""

from __future__ import annotations

import ast
from dataclasses import dataclass

from introspect_export.linearize.class_body import Access, CallShape, Hazard, Occurrence, Receiver, When
from introspect_export.linearize.function_scopes import FunctionScope
from introspect_export.linearize.global_names import is_named_super, super_of_builtins
from introspect_export.linearize.locate import ModuleIndex
from introspect_export.model import SourceModule, Span
from introspect_export.read import mangle


@dataclass(frozen=True)
class BodyState:
    """The position of the walk.

    Attributes:
        scopes: The enclosing functions and comprehensions, outermost first.
        nested: The number of enclosing classes inside of the class.
        comprehension: Whether the innermost scope is a comprehension.
        skipped: Whether the position is in an annotation that is never evaluated.
        method: The member whose function encloses the position.
        class_first: Whether that function's first argument is a class.
    """

    scopes: tuple[FunctionScope, ...] = ()
    nested: int = 0
    comprehension: bool = False
    skipped: bool = False
    method: str = ''
    class_first: bool = False

    @property
    def at_class_level(self) -> bool:
        """Whether the position is directly in the class body."""
        return not self.scopes and not self.nested


class Collector:
    """Collects the results of a walk over a class body, and classifies expressions for it.

    Args:
        module: The module of the class.
        index: The module's index.
        owner: The class's name, with which private names are mangled.
    """

    def __init__(self, module: SourceModule, index: ModuleIndex, owner: str) -> None:
        self.module = module
        self.index = index
        self.owner = owner
        self.occurrences: list[Occurrence] = []
        self.accesses: list[Access] = []
        self.privates: list[tuple[Span, str]] = []
        self.hazards: list[Hazard] = []
        self.identifiers: set[str] = set()
        self.assigned: set[str] = set()
        self.changed: set[str] = set()

    def _shape(self, node: ast.Call, state: BodyState) -> CallShape:
        """The first argument of a call, with the span to delete in order to remove it."""
        if not node.args or isinstance(node.args[0], ast.Starred):
            return CallShape(None, None)
        first = self._span(node.args[0])
        others = [self._span(each).start for each in (*node.args[1:], *node.keywords)]
        end = min(others) if others else self._span(node).end - 1
        between = self.module.text[first.end : end]
        # Parentheses, stars, keyword names and comments between the arguments are kept.
        end = end if not between.strip(' \t\n,') else first.end
        return CallShape(self._receiver(node.args[0], state), Span(first.start, end))

    def _is_class(self, receiver: Receiver, state: BodyState) -> bool:
        return receiver.kind in ('type', 'class') or (receiver.kind == 'first' and state.class_first)

    def _global_path(self, base: ast.Name, chain: list[ast.Attribute], state: BodyState) -> tuple[str, ...] | None:
        """The dotted name, if it starts with a global or with the ``__class__`` variable of a method."""
        cell = base.id == '__class__' and state.scopes and not state.nested
        if not cell and self._span(base).start not in self.index.uses:
            return None
        return (base.id, *(each.attr for each in chain))

    def _is_super(self, node: ast.expr) -> bool:
        if not isinstance(node, ast.Name) or node.id != 'super':
            return False
        return self._span(node).start in self.index.uses and super_of_builtins(self.module, 'super')

    def _calls_super(self, call: ast.Call) -> bool:
        """Whether a call is one of ``super``, by that name or, with two arguments, by an alias in the module."""
        if self._is_super(call.func):
            return True
        two = len(call.args) == 2 and not call.keywords and not any(isinstance(each, ast.Starred) for each in call.args)
        known = two and isinstance(call.func, ast.Name) and self._span(call.func).start in self.index.uses
        return known and is_named_super(self.module, getattr(call.func, 'id', ''))

    def _is_builtin(self, node: ast.Name) -> bool:
        return self._span(node).start in self.index.uses and node.id not in self.module.definitions

    def _path(self, node: ast.expr, state: BodyState) -> tuple[str, ...] | None:
        """The dotted name of an expression, if it starts with a global or with a method's ``__class__`` variable."""
        chain: list[ast.Attribute] = []
        while isinstance(node, ast.Attribute):
            chain.insert(0, node)
            node = node.value
        return self._global_path(node, chain, state) if isinstance(node, ast.Name) else None

    def _receiver(self, node: ast.expr, state: BodyState) -> Receiver:
        """Classify an expression that an attribute may be bound to."""
        span = self._span(node)
        if isinstance(node, ast.Name) and self._is_first(node.id, state):
            return Receiver('first', mangle(node.id, self.owner), span)
        if isinstance(node, ast.Attribute) and node.attr == '__class__' and self._is_first_name(node.value, state):
            return Receiver('type', self._first_text(node.value), span)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == 'type':
            argument = node.args[0] if len(node.args) == 1 else None
            if argument is not None and self._is_builtin(node.func) and self._is_first_name(argument, state):
                return Receiver('type', self._first_text(argument), span)
        path = self._path(node, state) if isinstance(node, (ast.Name, ast.Attribute)) else None
        return Receiver('class', span=span, path=path) if path else Receiver('other', span=span)

    def _is_first_name(self, node: ast.expr, state: BodyState) -> bool:
        return isinstance(node, ast.Name) and self._is_first(node.id, state)

    def _first_text(self, node: ast.expr) -> str:
        return mangle(node.id, self.owner) if isinstance(node, ast.Name) else ''

    def _is_first(self, name: str, state: BodyState) -> bool:
        """Whether a name refers to the method's first argument, by the innermost scope that binds it."""
        for scope in reversed(state.scopes):
            if name in scope.bound:
                return scope.first == name and scope.holds_first
        return False

    def _access(
        self, form: str, span: Span, path: tuple[str, ...], ends: tuple[int, ...], attribute: str, receiver: Receiver,
        context: ast.expr_context, call: CallShape | None, state: BodyState, asked: str = '',
    ) -> None:  # fmt: skip
        if state.skipped:
            return
        level = 'nested' if state.nested else 'function' if state.scopes else 'class'
        if level == 'function' and state.comprehension and len(state.scopes) == 1:
            # A comprehension directly in the class body sees neither the class's names nor ``__class__``.
            level = 'comprehension'
        direct = len(state.scopes) == 1 and not state.nested and not state.comprehension
        self.accesses.append(
            Access(
                form,
                span,
                path,
                ends,
                attribute,
                receiver,
                type(context).__name__.lower(),
                call,
                direct,
                level,
                state.method,
                asked,
            )
        )

    def _class_level_name(self, node: ast.Name, state: BodyState) -> None:
        if state.at_class_level and not state.skipped:
            binds = not isinstance(node.ctx, ast.Load)
            span = self._span(node)
            free = not binds and span.start in self.index.uses
            self.occurrences.append(Occurrence(mangle(node.id, self.owner), span, binds, free))

    def _private(self, name: str, span: Span, state: BodyState) -> None:
        mangled = mangle(name, self.owner)
        if mangled != name and not state.nested:
            self.privates.append((span, mangled))
            if span.start in self.index.uses:
                offset = span.start
                self.hazards.append(Hazard('IE-LIN-PRIVATE', f'{name} is a global of its module', offset, When.MOVED))
        elif not state.nested and not self.owner.strip('_') and mangle(name, 'C') != name:
            message = f'{name} is no private name in a class whose name is underscores alone'
            self.hazards.append(Hazard('IE-LIN-PRIVATE', message, span.start, When.MANGLED))

    def _hazard(self, code: str, message: str, node: ast.AST, when: When, name: str = '') -> None:
        self.hazards.append(Hazard(code, message, self._span(node).start, when, name))

    def _span(self, node: ast.AST) -> Span:
        return self.module.positions.span(node)  # type: ignore[arg-type]  # Callers pass nodes that have a position.
