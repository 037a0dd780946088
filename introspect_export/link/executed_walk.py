"""One pass through a piece of code as it is executed, which notes what it does and what it calls."""

from __future__ import annotations

import ast

from introspect_export.distributions import stdlib_names
from introspect_export.link.effects import Call, Direct
from introspect_export.link.executed_names import KnownNames
from introspect_export.link.names import InLibrary, InPackage, Meaning, nested
from introspect_export.link.own import DEFINED, Function, Scope, has_no_register, returned_only, root

# The members of a registry that fill it before they answer; see ``mmengine.registry.Registry``.
ASKS = frozenset(('build', 'get', 'switch_scope_and_registry'))
# What these get they do not call.
_CHECKS = frozenset(('isinstance', 'issubclass'))
_DYNAMIC = frozenset(('__import__', 'delattr', 'eval', 'exec', 'globals', 'setattr', 'vars'))
# A function is called, and so is whatever it returns.
ALL_LEVELS = 99


class Walk:
    """Goes through code as it is executed, and notes what it does."""

    def __init__(self, known: KnownNames, scope: Scope, direct: Direct) -> None:
        self.known = known
        self.scope = scope
        self.direct = direct
        self.result = direct.does

    def _alters(self, node: ast.AST) -> None:
        self.result.alters = self.result.alters or ast.unparse(node).partition('\n')[0]

    def _calls(self, meaning: Meaning, levels: int, decorates: bool = False) -> None:
        self.direct.calls[Call(meaning, levels, decorates)] = None

    def _meanings(self, node: ast.expr) -> list[Meaning]:
        return self.known.meanings(self.scope, node)

    def body(self, body: list[ast.stmt]) -> None:
        """Go through statements, and into a function that stands in a function if it is executed as well."""
        for node in body:
            self._statement(node)
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and self.scope.levels is not None:
                self._inner_function(node, self.scope.levels, body)

    def _inner_function(self, node: Function, levels: int, body: list[ast.stmt]) -> None:
        if levels > 1 or not returned_only(node.name, body):
            inner = self.scope.of_function(node, max(levels - 1, 1), decorates=self.scope.decorates and levels > 1)
            Walk(self.known, inner, self.direct).body(node.body)

    def _statement(self, node: ast.stmt) -> None:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            self._function(node)
        elif isinstance(node, ast.ClassDef):
            self._class(node)
        elif isinstance(node, ast.Expr):
            self._expression_statement(node)
        elif isinstance(node, (ast.If, ast.While, ast.For, ast.Try)) or type(node).__name__ == 'TryStar':
            self._compound(node)
        elif isinstance(node, (ast.Assign, ast.AnnAssign, ast.AugAssign, ast.Delete)):
            self._stored(node)
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            if any(alias.name == '*' for alias in node.names):
                self._alters(node)
        elif isinstance(node, (ast.Return, ast.Assert, ast.Raise, ast.Pass, ast.Break, ast.Continue, ast.Nonlocal)):
            self._inside(node)
        else:
            self._alters(node)

    def _inside(self, node: ast.AST) -> None:
        """The expressions of a statement or expression; what a lambda does counts as done."""
        for each in ast.iter_child_nodes(node):
            if isinstance(each, ast.expr):
                self._expression(each)
            elif not isinstance(each, ast.stmt):
                self._inside(each)

    def _compound(self, node: ast.stmt) -> None:
        if isinstance(node, ast.For):
            self._target(node, node.target)
        self._inside(node)
        self.body(list(nested(node)))

    def _function(self, node: Function, top: bool = True) -> None:
        for each in node.decorator_list:
            self._decorator(each, top)
        for default in (*node.args.defaults, *node.args.kw_defaults):
            if default is not None:
                self._expression(default)
        self._annotation(node.returns)
        for argument in ast.walk(node.args):
            if isinstance(argument, ast.arg):
                self._annotation(argument.annotation)

    def _annotation(self, node: ast.expr | None) -> None:
        if node is not None and not self.scope.text.annotates_lazily:
            self._expression(node)

    def _class(self, node: ast.ClassDef, top: bool = True) -> None:
        for each in node.decorator_list:
            self._decorator(each, top)
        for base in node.bases:
            self._expression(base)
            if any(self._acts_when_subclassed(one) for one in self._meanings(base)):
                self._alters(base)
        for keyword in node.keywords:
            self._expression(keyword.value)
            self._called(keyword.value, ALL_LEVELS)
        inner = Walk(self.known, self.scope.of_class(node), self.direct)
        for member in node.body:
            if isinstance(member, (ast.FunctionDef, ast.AsyncFunctionDef)):
                inner._function(member, top=False)
            elif isinstance(member, ast.ClassDef):
                inner._class(member, top=False)
            else:
                inner._statement(member)

    def _acts_when_subclassed(self, base: Meaning) -> bool:
        """Whether subclassing a class of the package may run code of the package."""
        for node in self.known.definitions(base):
            if not isinstance(node, ast.ClassDef) or not isinstance(base, InPackage):
                return True
            scope = Scope(self.known.text(base))
            above = [one for each in node.bases for one in self.known.meanings(scope, each)]
            own = any(isinstance(each, DEFINED) and each.name == '__init_subclass__' for each in node.body)
            metaclass = [one for each in node.keywords for one in self.known.meanings(scope, each.value)]
            if own or any(isinstance(one, InPackage) for one in metaclass):
                return True
            if any(self._acts_when_subclassed(one) for one in above):
                return True
        return False

    def _decorator(self, node: ast.expr, top: bool) -> None:
        if self._registers(node):
            return
        function = node.func if isinstance(node, ast.Call) else node
        meanings = self._meanings(function)
        for one in meanings:
            if isinstance(one, InLibrary) and 'register' in one.name:
                self._alters(node)
            elif top or isinstance(one, InPackage):
                self._calls(one, 2 if isinstance(node, ast.Call) else 1, decorates=True)
        if not meanings and not self._is_mark(function):
            self._alters(node)
        if isinstance(node, ast.Call):
            self._arguments(node)

    def _is_mark(self, function: ast.expr) -> bool:
        """``@name.setter`` of a property, and ``@Ancestor.register``, by which a class answers ``isinstance``."""
        if not isinstance(function, ast.Attribute):
            return False
        if isinstance(function.value, ast.Name) and function.value.id in self.scope.own:
            return self.scope.levels is None
        found = [each for one in self._meanings(function.value) for each in self.known.definitions(one)]
        return function.attr == 'register' and bool(found) and all(has_no_register(each) for each in found)

    def unless_standard(self, node: ast.expr) -> None:
        """Note that what is called may be anything, unless its decorator is the standard library's or registers it."""
        function = node.func if isinstance(node, ast.Call) else node
        meanings = self._meanings(function)
        standard = [isinstance(one, InLibrary) and one.module.partition('.')[0] in stdlib_names() for one in meanings]
        if not (meanings and all(standard)) and not self._registers(node):
            self._alters(node)

    def _registers(self, node: ast.expr) -> bool:
        """Whether something is the registration of a thing in a registry of the package, which is noted."""
        if not isinstance(node, ast.Call):
            return False
        if isinstance(node.func, ast.Call):
            return self._registers(node.func) and self._arguments(node, called=False)
        if not isinstance(node.func, ast.Attribute) or node.func.attr != 'register_module':
            return False
        owners = self._meanings(node.func.value)
        if not owners or not all(map(self.known.is_registry, owners)):
            return False
        names = {one.name for one in owners}
        self.result.registers |= names
        given = {keyword.arg for keyword in node.keywords}
        if 'force' in given or None in given or len(node.args) > 1:
            self.result.forces |= names
        return self._arguments(node, called=False)

    def _expression_statement(self, node: ast.Expr) -> None:
        value = node.value
        if isinstance(value, ast.Constant) or self._registers(value):
            return
        if isinstance(value, ast.Call):
            meanings = self._meanings(value.func)
            followed = bool(meanings) and all(self.known.is_code(one) for one in meanings)
            own = isinstance(value.func, ast.Attribute) and self.scope.made(value.func.value)
            if not followed and not own:
                self._alters(node)
        self._expression(value)

    def _stored(self, node: ast.Assign | ast.AnnAssign | ast.AugAssign | ast.Delete) -> None:
        targets = node.targets if isinstance(node, (ast.Assign, ast.Delete)) else [node.target]
        for target in targets:
            self._target(node, target)
        if isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name) and not self.scope.made(node.target):
            self._alters(node)
        # Those of a function's own names are not executed.
        if isinstance(node, ast.AnnAssign) and self.scope.levels is None:
            self._annotation(node.annotation)
        if not isinstance(node, ast.Delete) and node.value is not None:
            self._expression(node.value)

    def _target(self, node: ast.stmt, target: ast.expr) -> None:
        if isinstance(target, (ast.Tuple, ast.List)):
            for each in target.elts:
                self._target(node, each)
        elif isinstance(target, ast.Starred):
            self._target(node, target.value)
        elif isinstance(target, (ast.Attribute, ast.Subscript)):
            if not self.scope.made(target.value):
                self._alters(node)
            self._inside(target)

    def _expression(self, node: ast.expr) -> None:
        if isinstance(node, ast.Call):
            if not self._registers(node):
                self._called(node.func, 1)
                self._expression(node.func)
                checks = [one.name in _CHECKS for one in self._meanings(node.func) if one.module == 'builtins']
                self._arguments(node, called=not any(checks))
            return
        if any(map(self.known.is_any_registry, self._meanings(node))):
            self.result.asks = True
        self._inside(node)

    def _arguments(self, node: ast.Call, called: bool = True) -> bool:
        """Go through what is handed over; a function of the package may be called by who gets it."""
        for argument in (*node.args, *(keyword.value for keyword in node.keywords)):
            self._expression(argument)
            for one in self._meanings(argument) if called else ():
                if self.known.is_code(one):
                    self._calls(one, ALL_LEVELS)
        return True

    def _called(self, function: ast.expr, levels: int) -> None:
        """Note what a call of something may do."""
        meanings = self._meanings(function)
        for one in meanings:
            if isinstance(one, InPackage):
                self._calls(one, levels)
            elif 'register' in one.name or (one.module == 'builtins' and one.name in _DYNAMIC):
                self._alters(function)
        if meanings:
            return
        if isinstance(function, ast.Attribute):
            self._method(function)
        elif not isinstance(function, ast.Name) or (
            self.scope.levels is not None and function.id not in self.scope.inner
        ):
            # What a function was given, or what a call gave back.
            self._alters(function)

    def _method(self, function: ast.Attribute) -> None:
        """A method: of a class of the package it is followed, of an object of the package it may change the object."""
        owners = self._meanings(root(function))
        if any(map(self.known.is_any_registry, owners)):
            if function.attr not in ASKS:
                self._alters(function)
            return
        for one in owners:
            if self.known.is_code(one):
                self._calls(one, ALL_LEVELS)
            elif isinstance(one, InPackage) and not self.scope.made(function.value):
                self._alters(function)
