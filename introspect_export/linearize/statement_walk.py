"""Walks over a statement of a class body once, and collects its names, accesses, private identifiers and hazards."""

from __future__ import annotations

import ast
from dataclasses import replace

from introspect_export.linearize.class_body import CallShape, Occurrence, Receiver, When
from introspect_export.linearize.function_scopes import FunctionScope, function_scope, gives, only_given
from introspect_export.linearize.member_values import BodyState, Collector
from introspect_export.model import Span
from introspect_export.read import mangle
from introspect_export.read.bindings import COMPREHENSIONS, FunctionNode, bound_by, names_bound
from introspect_export.read.identifiers import identifier_at, identifier_before, next_identifier

_NO_NAMES = FunctionScope('', frozenset(), False)
_CLASS_FIRST = ('__new__', '__init_subclass__', '__class_getitem__')
_INTROSPECTION = ('__mro__', '__bases__', '__base__', '__subclasses__', '__annotations__')
# Attributes of the super object itself; all others are looked up in the MRO:
# https://docs.python.org/3/library/functions.html#super
_SUPER_OBJECT = ('__thisclass__', '__self__', '__self_class__', '__class__')
# The methods that change the standard containers: https://docs.python.org/3/library/stdtypes.html
_CHANGING_METHODS = frozenset(
    {'append', 'extend', 'insert', 'pop', 'remove', 'clear', 'update', 'setdefault', 'popitem', 'add', 'discard',
     'sort', 'reverse', 'appendleft', 'extendleft', 'popleft'}
)  # fmt: skip
# Attributes of a function that depend on where it was defined.
_OF_FUNCTIONS = ('__name__', '__qualname__', '__code__')
_SHOWING = ('str', 'repr', 'format')
_NAMESPACE_CALLS = ('globals', 'eval', 'exec')


class Walker(Collector):
    """Walks over statements of a class body."""

    def walk(self, statement: ast.stmt) -> None:
        """Collect from one statement of the body."""
        self._visit(statement, BodyState())

    def _visit(self, node: ast.AST, state: BodyState) -> None:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            self._function(node, state)
        elif isinstance(node, ast.Lambda):
            self._lambda(node, state, not state.scopes)
        elif isinstance(node, ast.ClassDef):
            self._class(node, state)
        elif isinstance(node, COMPREHENSIONS):
            self._comprehension(node, state)
        elif isinstance(node, ast.Call):
            self._call(node, state)
        elif isinstance(node, ast.Attribute):
            self._attribute(node, state, None)
        elif isinstance(node, ast.Name):
            self._name(node, state)
        elif isinstance(node, ast.AnnAssign):
            self._annotated(node, state)
        elif isinstance(node, ast.FormattedValue):
            self._show(node.value, state)
            self._other(node, state)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            self.identifiers.add(node.value)  # A string may be used as a name: ``hasattr(self, '_Base_f')``.
        else:
            self._change_in_place(node)
            self._other(node, state)

    def _change_in_place(self, node: ast.AST) -> None:
        """Note ``x.attribute[k] = v``, ``del x.attribute[k]`` and ``x.attribute += v``."""
        target: ast.expr | None = node.target if isinstance(node, ast.AugAssign) else None
        if isinstance(node, ast.Subscript) and not isinstance(node.ctx, ast.Load):
            target = node.value
        if isinstance(target, ast.Attribute):
            self.changed.add(mangle(target.attr, self.owner))

    def _other(self, node: ast.AST, state: BodyState) -> None:
        if isinstance(node, (ast.Global, ast.Nonlocal)):
            self._declared(node, state)
        else:
            for name in bound_by(node):
                self.identifiers.add(name)
                if not state.nested and mangle(name, 'C') != name:
                    message = f'the private name {name} is bound by an import, except or match'
                    self._hazard('IE-LIN-PRIVATE', message, node, When.MOVED if self.owner.strip('_') else When.MANGLED)
                if state.at_class_level:
                    self._hazard(
                        'IE-LIN-CLASS-SCOPE', f'{name} is bound by an import, except or match', node, When.NEVER, name
                    )
                    # The exact position of the identifier does not matter, since such a name is never renamed.
                    self.occurrences.append(Occurrence(mangle(name, self.owner), self._span(node), binds=True))
        for child in ast.iter_child_nodes(node):
            self._visit(child, state)

    def _function(self, node: ast.FunctionDef | ast.AsyncFunctionDef, state: BodyState) -> None:
        for decorator in node.decorator_list:
            self._visit(decorator, state)
        self._arguments(node.args, state)
        if node.returns is not None:
            self._visit(node.returns, replace(state, skipped=state.skipped or self.index.lazy))
        self._defined(node, state)
        if state.at_class_level:
            names = {each.id for each in node.decorator_list if isinstance(each, ast.Name)}
            state = replace(
                state,
                method=mangle(node.name, self.owner),
                class_first=node.name in _CLASS_FIRST or 'classmethod' in names,
            )
        inner = self._inside(node, state, not state.scopes or only_given(node, state.scopes[-1]))
        for statement in node.body:
            self._visit(statement, inner)

    def _lambda(self, node: ast.Lambda, state: BodyState, gets_first: bool) -> None:
        self._arguments(node.args, state)
        self._visit(node.body, self._inside(node, state, gets_first))

    def _inside(self, node: FunctionNode, state: BodyState, gets_first: bool) -> BodyState:
        """The state inside of a function; ``gets_first`` if its first parameter is the method's first argument."""
        return replace(state, scopes=(*state.scopes, function_scope(node, gets_first)), comprehension=False)

    def _arguments(self, arguments: ast.arguments, state: BodyState) -> None:
        every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
        every.extend(arg for arg in (arguments.vararg, arguments.kwarg) if arg is not None)
        for arg in every:
            self._private(arg.arg, identifier_at(self.module.text, self._span(arg).start), state)
            if arg.annotation is not None:
                self._visit(arg.annotation, replace(state, skipped=state.skipped or self.index.lazy))
        for default in (*arguments.defaults, *arguments.kw_defaults):
            if default is not None:
                self._visit(default, state)

    def _class(self, node: ast.ClassDef, state: BodyState) -> None:
        for outer in (*node.decorator_list, *node.bases, *(keyword.value for keyword in node.keywords)):
            self._visit(outer, state)
        self._defined(node, state)
        # The methods of a nested class do not see the names of this class body. An empty outermost scope makes sure
        # that they are not taken for methods of this class, whose first argument is an instance of it.
        inner = replace(state, nested=state.nested + 1, scopes=state.scopes or (_NO_NAMES,))
        for statement in node.body:
            self._visit(statement, inner)

    def _defined(self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef, state: BodyState) -> None:
        keyword = 'class' if isinstance(node, ast.ClassDef) else 'def'
        start = self._span(node).start
        span = next_identifier(self.module.text, self.module.text.index(keyword, start) + len(keyword))
        self.identifiers.add(node.name)
        self._private(node.name, span, state)
        if state.at_class_level:
            self.occurrences.append(Occurrence(mangle(node.name, self.owner), span, binds=True))

    def _comprehension(
        self, node: ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp, state: BodyState
    ) -> None:
        # https://docs.python.org/3/reference/expressions.html#displays-for-lists-sets-and-dictionaries
        self._visit(node.generators[0].iter, state)
        targets = frozenset(names_bound(each.target for each in node.generators))
        inner = replace(state, scopes=(*state.scopes, FunctionScope('', targets, False)), comprehension=True)
        for index, generator in enumerate(node.generators):
            self._visit(generator.target, inner)
            for child in ([generator.iter] if index else []) + generator.ifs:
                self._visit(child, inner)
        for value in [node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt]:
            self._visit(value, inner)

    def _call(self, node: ast.Call, state: BodyState) -> None:
        if self._getattr_of_super(node, state):
            return
        owner = node.func.value if isinstance(node.func, ast.Attribute) else None
        if isinstance(owner, ast.Attribute) and isinstance(node.func, ast.Attribute):
            self.changed.update({mangle(owner.attr, self.owner)} if node.func.attr in _CHANGING_METHODS else ())
        if isinstance(node.func, ast.Attribute):
            self._attribute(node.func, state, self._shape(node, state))
        elif isinstance(node.func, ast.Lambda) and state.scopes:
            outer = state.scopes[-1]
            self._lambda(node.func, state, outer.holds_first and gives(node, outer.first))
        else:
            self._visit(node.func, state)
        if isinstance(node.func, ast.Name):
            self._namespace_call(node, node.func.id, state)
        for child in (*node.args, *node.keywords):
            self._visit(child, state)

    def _getattr_of_super(self, node: ast.Call, state: BodyState) -> bool:
        """Collect an access by ``getattr`` (with or without a default) or ``hasattr`` of ``super()``.

        Returns:
            Whether the call is one.
        """
        by_name = isinstance(node.func, ast.Name) and node.func.id in ('getattr', 'hasattr') and not node.keywords
        if not by_name or not isinstance(node.func, ast.Name) or not self._is_builtin(node.func) or len(node.args) < 2:
            return False
        call, name, *rest = node.args
        named = isinstance(name, ast.Constant) and isinstance(name.value, str) and name.value.isidentifier()
        if not isinstance(call, ast.Call) or not self._calls_super(call) or not named:
            return False
        how = node.func.id if not rest else 'getattr-default'
        value = str(getattr(name, 'value', ''))
        self._super(call, value, node, ast.Load(), state, None, how, (self._span(call), self._span(name)))
        self.identifiers.update((node.func.id, value))
        for child in (*call.args, *rest):
            self._visit(child, state)
        return True

    def _show(self, node: ast.expr, state: BodyState) -> None:
        """Record a hazard for ``self.method`` if its qualified name, or a text that contains it, is read."""
        receiver = self._receiver(node.value, state).kind if isinstance(node, ast.Attribute) else ''
        if isinstance(node, ast.Attribute) and receiver in ('first', 'type'):
            name = mangle(node.attr, '' if state.nested else self.owner)
            self._hazard('IE-LIN-INTROSPECTION', f'it looks at where {name} was defined', node, When.SHOWN, name)

    def _namespace_call(self, node: ast.Call, name: str, state: BodyState) -> None:
        if name in _SHOWING and node.args:
            self._show(node.args[0], state)
        if name in _NAMESPACE_CALLS:
            self._hazard(
                'IE-LIN-GLOBALS', f'{name}() sees the globals of the module it stands in', node, When.ELSEWHERE
            )
        if name in ('vars', 'locals') and not node.args and state.at_class_level:
            self._hazard('IE-LIN-CLASS-SCOPE', f'{name}() in the class body', node, When.MOVED)
        if name == 'vars' and node.args and self._is_class(self._receiver(node.args[0], state), state):
            self._hazard('IE-LIN-INTROSPECTION', 'vars() of a class', node, When.MERGED)

    def _attribute(self, node: ast.Attribute, state: BodyState, call: CallShape | None) -> None:
        chain: list[ast.Attribute] = []
        base: ast.expr = node
        while isinstance(base, ast.Attribute):
            chain.insert(0, base)
            base = base.value
        for each in chain:
            self._attribute_name(each, state)
        if isinstance(base, ast.Call) and self._calls_super(base):
            name = mangle(chain[0].attr, '' if state.nested else self.owner)
            self._super(base, name, chain[0], chain[0].ctx, state, call if len(chain) == 1 else None)
            if len(chain) > 1 and chain[1].attr in _OF_FUNCTIONS and name not in _SUPER_OBJECT:
                message = f'it looks at {chain[1].attr} of a function that has another one'
                self._hazard('IE-LIN-INTROSPECTION', message, chain[1], When.MERGED)
            for argument in base.args:
                self._visit(argument, state)
        elif isinstance(base, ast.Name) and (use := self._global_path(base, chain, state)):
            form = 'cell' if base.id == '__class__' else 'dotted'
            ends = (self._span(base).end, *(self._span(each).end for each in chain))
            self._access(
                form, Span(self._span(base).start, ends[-1]), use, ends, '', Receiver('other'), node.ctx, call, state
            )
            self._private(base.id, self._span(base), state)
            self._class_level_name(base, state)
        else:
            self._visit(base, state)

    def _attribute_name(self, node: ast.Attribute, state: BodyState) -> None:
        if isinstance(node.ctx, ast.Store) and self._is_first_name(node.value, state):
            self.assigned.add(mangle(node.attr, self.owner))
        self.identifiers.add(node.attr)
        self._private(node.attr, identifier_before(self.module.text, self._span(node).end), state)
        if node.attr in _INTROSPECTION:
            self._hazard('IE-LIN-INTROSPECTION', f'it asks for {node.attr}', node, When.MERGED)
        elif node.attr == '__qualname__':
            self._show(node.value, state)
        elif node.attr == '__dict__' and self._is_class(self._receiver(node.value, state), state):
            self._hazard('IE-LIN-INTROSPECTION', 'it asks for the __dict__ of a class', node, When.MERGED)

    def _super(
        self, call: ast.Call, name: str, node: ast.expr, context: ast.expr_context, state: BodyState,
        shape: CallShape | None, asked: str = '', named: tuple[Span, ...] = (),
    ) -> None:  # fmt: skip
        if name in _SUPER_OBJECT:
            self._hazard('IE-LIN-SUPER', f'super().{name} asks the super object itself', node, When.MERGED)
            return
        span = self._span(node)
        ends = tuple(each for span in named for each in (span.start, span.end))
        if not call.args and not call.keywords:
            if state.nested:
                return
            if state.comprehension or not state.scopes:
                self._hazard('IE-LIN-SUPER', 'super() without arguments where it has no function', call, When.MERGED)
                return
            innermost = state.scopes[-1]
            kind = 'first' if innermost.holds_first else 'other'
            receiver = Receiver(kind, mangle(innermost.first, self.owner))
            self._access('zero', span, (), ends, name, receiver, context, shape, state, asked)
        elif len(call.args) == 2 and not call.keywords:
            path = self._path(call.args[0], state)
            start, receiver = self._receiver(call.args[0], state), self._receiver(call.args[1], state)
            own = (start.kind, receiver.kind) == ('type', 'first') and start.text == receiver.text and not asked
            if path is None and own and start.span is not None:
                ends = (start.span.start, start.span.end)
                self._access('type', span, (), ends, name, receiver, context, shape, state)
            elif path is None:
                self._hazard('IE-LIN-DYNAMIC-SUPER', 'the class that super starts at is not a name', call, When.MERGED)
            else:
                self._access('two', span, path, ends, name, receiver, context, shape, state, asked)
        else:
            self._hazard('IE-LIN-SUPER', 'super with one argument is not bound', call, When.MERGED)

    def _name(self, node: ast.Name, state: BodyState) -> None:
        self.identifiers.add(node.id)
        span = self._span(node)
        if node.id == '__class__' and state.scopes and not state.nested:
            self._hazard('IE-LIN-CLASS-CELL', '__class__ is used as a value', node, When.MOVED)
        elif self._is_super(node):
            self._hazard('IE-LIN-SUPER', 'super() is used as a value', node, When.MERGED)
        elif state.at_class_level and node.id == '__module__' and isinstance(node.ctx, ast.Load):
            self._hazard('IE-LIN-CLASS-SCOPE', f'the class body reads {node.id}', node, When.MOVED)
        elif state.at_class_level and node.id == '__qualname__' and isinstance(node.ctx, ast.Load):
            self._access('name', span, (node.id,), (span.end,), '', Receiver('other'), node.ctx, None, state)
        self._private(node.id, span, state)
        self._class_level_name(node, state)

    def _annotated(self, node: ast.AnnAssign, state: BodyState) -> None:
        if node.value is None and isinstance(node.target, ast.Name):
            # An annotation without a value binds nothing:
            # https://docs.python.org/3/reference/simple_stmts.html#annotated-assignment-statements
            self.identifiers.add(node.target.id)
            self._private(node.target.id, self._span(node.target), state)
        else:
            self._visit(node.target, state)
        self._visit(node.annotation, replace(state, skipped=state.skipped or self.index.lazy))
        if node.value is not None:
            self._visit(node.value, state)

    def _declared(self, node: ast.Global | ast.Nonlocal, state: BodyState) -> None:
        if isinstance(node, ast.Global) and state.scopes:
            names = ', '.join(node.names)
            self._hazard('IE-LIN-GLOBAL', f'it rebinds the global {names} of its module', node, When.ELSEWHERE)
        elif not state.scopes:
            self._hazard('IE-LIN-CLASS-SCOPE', 'the class body declares a name global or nonlocal', node, When.MOVED)
        if not state.nested and any(mangle(name, 'C') != name for name in node.names):
            when = When.MOVED if self.owner.strip('_') else When.MANGLED
            self._hazard('IE-LIN-PRIVATE', 'a private name is declared global or nonlocal', node, when)
