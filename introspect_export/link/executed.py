"""What importing a module of the package does besides defining its names.

It registers in the package's registries; a registry can wait for that until it is asked. Everything else that is not
shown, from the text, to concern the module alone is taken for a change that others may see: a call for nothing but its
effect, a store into what another module made, an entry put into a library's registry. What is taken on trust: a
library's function that is called for its value, and a library's class that is subclassed, change nothing that the
package asks, and ask the package's registries only if they are handed something of the package.
"""

from __future__ import annotations

import ast

from introspect_export.distributions import stdlib_names
from introspect_export.link.effects import Call, Direct, Executed
from introspect_export.link.names import InLibrary, InPackage, Meaning, PackageNames, Text, nested
from introspect_export.link.own import DEFINED, Function, Scope, has_no_register, returned_only, root
from introspect_export.model import World

# The members of a registry that fill it before they answer; see ``mmengine.registry.Registry``.
ASKS = frozenset(('build', 'get', 'switch_scope_and_registry'))
# What these get they do not call.
_CHECKS = frozenset(('isinstance', 'issubclass'))
_DYNAMIC = frozenset(('__import__', 'delattr', 'eval', 'exec', 'globals', 'setattr', 'vars'))
_ALL_LEVELS = 99


class Execution:
    """Says what executing each module of a package does.

    Args:
        names: The names of the package.
        registries: The variables of its registries.
        world: Knows which of a library's names are registries.
    """

    def __init__(self, names: PackageNames, registries: frozenset[str], world: World) -> None:
        self.names = names
        self.registries = registries
        self._world = world
        self._known: dict[Call, Direct] = {}

    def module(self, path: str) -> Executed:
        """What importing a module does, without what the modules do that it imports."""
        text = self.names.texts[path]
        own = Direct()
        _Walk(self, Scope(text), own).body(text.tree.body)
        result, pending, seen = own.does, list(own.calls), set(own.calls)
        while pending:
            called = self._called(pending.pop())
            result.add(called.does)
            pending += [each for each in called.calls if each not in seen]
            seen.update(called.calls)
        return result

    def meanings(self, scope: Scope, node: ast.expr) -> list[Meaning]:
        """What a dotted name means; nothing where it is a name of the function it stands in, or none."""
        if isinstance(node, ast.Name):
            return [] if node.id in scope.own else self.names.lead(scope.text, node.id, scope.local)
        if isinstance(node, ast.Attribute):
            found = [self.names.attribute(one, node.attr) for one in self.meanings(scope, node.value)]
            return [one for one in found if one is not None]
        return []

    def is_registry(self, meaning: Meaning) -> bool:
        """Whether something is a registry of the package."""
        return isinstance(meaning, InPackage) and meaning.module == 'registry' and meaning.name in self.registries

    def is_any_registry(self, meaning: Meaning) -> bool:
        """Whether something is a registry, of the package or of a library."""
        if isinstance(meaning, InPackage):
            return self.is_registry(meaning)
        binding = self._world.binding(meaning.module, meaning.name) if meaning.name else None
        return binding is not None and binding.kind == 'registry'

    def definitions(self, meaning: Meaning) -> list[ast.stmt]:
        """The statements that define something of the package."""
        return self.names.definitions(meaning) if isinstance(meaning, InPackage) and meaning.name else []

    def text(self, meaning: InPackage) -> Text:
        """The module of a definition."""
        return self.names.texts[meaning.module]

    def is_code(self, meaning: Meaning) -> bool:
        """Whether something is a class or function of the package, and nothing else."""
        found = self.definitions(meaning)
        return bool(found) and all(isinstance(each, DEFINED) for each in found)

    def _called(self, call: Call) -> Direct:
        """What calling something does: of the package all that its text, and that of its bases, can.

        A library's function is trusted, unless it is called to decorate.
        """
        standard = call.meaning.module.partition('.')[0] in stdlib_names()
        if isinstance(call.meaning, InLibrary) and (not call.decorates or standard):
            return Direct()
        if call not in self._known:
            result = self._known[call] = Direct()
            found = self._code(call.meaning)
            for text, node in found:
                self._run(Scope(text), node, call, result)
            if not found:
                result.does.alters = f'what {call.meaning.name} does'
        return self._known[call]

    def _code(self, meaning: Meaning) -> list[tuple[Text, ast.stmt]]:
        """The class or function that something is, with its module; nothing where it is not known to be one."""
        if isinstance(meaning, InPackage):
            return [(self.text(meaning), node) for node in self.definitions(meaning)] if self.is_code(meaning) else []
        found = self.names.library(meaning)
        return [found] if found is not None and isinstance(found[1], ast.FunctionDef) else []

    def _run(self, scope: Scope, node: ast.stmt, call: Call, result: Direct, method: bool = False) -> None:
        if isinstance(node, ast.ClassDef):
            for base in node.bases:
                for one in self.meanings(scope, base):
                    result.calls[Call(one, _ALL_LEVELS)] = None
            for each in node.body:
                if isinstance(each, DEFINED):
                    self._run(scope, each, Call(call.meaning, _ALL_LEVELS), result, method=True)
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            walk = _Walk(self, scope.of_function(node, call.levels, method, call.decorates), result)
            walk.body(node.body)
            for decorator in node.decorator_list if not method else ():
                walk.unless_standard(decorator)


class _Walk:
    """Goes through code as it is executed, and notes what it does."""

    def __init__(self, execution: Execution, scope: Scope, direct: Direct) -> None:
        self.execution = execution
        self.scope = scope
        self.direct = direct
        self.result = direct.does

    def _alters(self, node: ast.AST) -> None:
        self.result.alters = self.result.alters or ast.unparse(node).partition('\n')[0]

    def _calls(self, meaning: Meaning, levels: int, decorates: bool = False) -> None:
        self.direct.calls[Call(meaning, levels, decorates)] = None

    def _meanings(self, node: ast.expr) -> list[Meaning]:
        return self.execution.meanings(self.scope, node)

    def body(self, body: list[ast.stmt]) -> None:
        """Go through statements, and into a function that stands in a function if it is executed as well."""
        for node in body:
            self._statement(node)
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and self.scope.levels is not None:
                self._inner_function(node, self.scope.levels, body)

    def _inner_function(self, node: Function, levels: int, body: list[ast.stmt]) -> None:
        if levels > 1 or not returned_only(node.name, body):
            inner = self.scope.of_function(node, max(levels - 1, 1), decorates=self.scope.decorates and levels > 1)
            _Walk(self.execution, inner, self.direct).body(node.body)

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
            self._called(keyword.value, _ALL_LEVELS)
        inner = _Walk(self.execution, self.scope.of_class(node), self.direct)
        for member in node.body:
            if isinstance(member, (ast.FunctionDef, ast.AsyncFunctionDef)):
                inner._function(member, top=False)
            elif isinstance(member, ast.ClassDef):
                inner._class(member, top=False)
            else:
                inner._statement(member)

    def _acts_when_subclassed(self, base: Meaning) -> bool:
        """Whether subclassing a class of the package may run code of the package."""
        for node in self.execution.definitions(base):
            if not isinstance(node, ast.ClassDef) or not isinstance(base, InPackage):
                return True
            scope = Scope(self.execution.text(base))
            above = [one for each in node.bases for one in self.execution.meanings(scope, each)]
            own = any(isinstance(each, DEFINED) and each.name == '__init_subclass__' for each in node.body)
            metaclass = [one for each in node.keywords for one in self.execution.meanings(scope, each.value)]
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
        found = [each for one in self._meanings(function.value) for each in self.execution.definitions(one)]
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
        if not owners or not all(map(self.execution.is_registry, owners)):
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
            followed = bool(meanings) and all(self.execution.is_code(one) for one in meanings)
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
        if any(map(self.execution.is_any_registry, self._meanings(node))):
            self.result.asks = True
        self._inside(node)

    def _arguments(self, node: ast.Call, called: bool = True) -> bool:
        """Go through what is handed over; a function of the package may be called by who gets it."""
        for argument in (*node.args, *(keyword.value for keyword in node.keywords)):
            self._expression(argument)
            for one in self._meanings(argument) if called else ():
                if self.execution.is_code(one):
                    self._calls(one, _ALL_LEVELS)
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
        if any(map(self.execution.is_any_registry, owners)):
            if function.attr not in ASKS:
                self._alters(function)
            return
        for one in owners:
            if self.execution.is_code(one):
                self._calls(one, _ALL_LEVELS)
            elif isinstance(one, InPackage) and not self.scope.made(function.value):
                self._alters(function)
