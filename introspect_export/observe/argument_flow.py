"""Data flow of arguments inside one function: which class introspection it applies to them, where it passes them.

The analysis is flow-insensitive: a variable holds everything that is ever assigned to it, and a container is not
distinguished from its elements. Values that come from an attribute of another object, or from a call whose result is
not known, are not followed.
"""

from __future__ import annotations

import ast
import builtins
import inspect
import sys
import types
from collections.abc import Mapping
from typing import Any

from mmengine.registry import Registry

from introspect_export.model import Look
from introspect_export.observe.argument_uses import ArgumentUses
from introspect_export.observe.call_targets import (
    CLASS,
    NOTHING,
    OBJECT,
    Given,
    Kinds,
    functions_called,
    given_in,
    parameters_given,
    returned_by,
    starts_super,
)
from introspect_export.observe.function_names import UNKNOWN, cells_of, imports_of
from introspect_export.observe.mro_reader_facts import (
    BASE_ATTRIBUTES,
    BASES,
    CALLING,
    CLASS_LOOKS,
    HARMLESS,
    INSTANCE_LOOKS,
    METHOD_LOOKS,
    MRO,
    MRO_ATTRIBUTES,
    MRO_STRINGS,
    OWN_ATTRIBUTES,
    PASSING,
    SUPER,
    name_of,
)
from introspect_export.observe.raw import is_a
from introspect_export.observe.registry_products import ProductCall, names_taken, registry_asked
from introspect_export.read.bindings import FUNCTION_STATEMENTS, FUNCTIONS, FunctionNode, bound_inside


class FunctionReading:
    """Analyzes the data flow of one function.

    Args:
        function: The live function, whose globals and closure its names are resolved in.
        node: Its syntax tree.
        variables: The kinds of values that its parameters hold.
        stored: The kinds of values that attributes of the tracked object hold.
        subject: The tracked class, to recognize expressions that name it; None where no name resolves to it.
    """

    def __init__(
        self,
        function: types.FunctionType,
        node: FunctionNode,
        variables: Mapping[str, Kinds],
        stored: Mapping[str, Kinds],
        subject: type | None = None,
    ) -> None:
        self._subject = subject
        self._function = function
        self._node = node
        self._variables = dict(variables)
        self._stored = stored
        self._cells = cells_of(function)
        self._nested = {
            each.name: each for each in ast.walk(node) if isinstance(each, FUNCTION_STATEMENTS) and each is not node
        }
        self._imports = dict(imports_of(node, function.__globals__))
        self._bound = frozenset(bound_inside(ast.iter_child_nodes(node)))
        self._built: dict[str, Registry] = {}
        self._named = names_taken(node)
        self._attributes = {id(each.value): each.attr for each in ast.walk(node) if isinstance(each, ast.Attribute)}
        self.found = ArgumentUses()

    def read(self) -> ArgumentUses:
        """Return the uses of the function's tracked arguments."""
        nodes = list(ast.walk(self._node))
        # To a fixpoint: in a loop, a use may precede the assignment that makes the variable tracked.
        before: dict[str, Kinds] | None = None
        while before != self._variables:
            before = dict(self._variables)
            for node in nodes:
                self._bind(node)
        # A string like ``'__mro__'`` may be the argument of a getattr that is not recognized.
        tracked = any(self._variables.values())
        for node in nodes:
            if isinstance(node, ast.Attribute):
                self._record_attribute(node.value, node.attr, node)
            elif isinstance(node, ast.Call):
                self._visit_call(node)
            elif isinstance(node, ast.Return) and node.value is not None:
                self.found.returned |= self._kinds(node.value)
            elif (
                isinstance(node, ast.Constant) and tracked and isinstance(node.value, str) and node.value in MRO_STRINGS
            ):
                self._record_look(MRO, node.value, node, frozenset({OBJECT, CLASS}))
        if isinstance(self._node, ast.Lambda):
            self.found.returned |= self._kinds(self._node.body)
        return self.found

    def value(self, node: ast.expr) -> Any:
        """The live value that a dotted name resolves to, or None."""
        found = self._static(node)
        return None if found is UNKNOWN else found

    def _bind(self, node: ast.AST) -> None:
        if isinstance(node, ast.Assign):
            registry = registry_asked(node.value, self._static)
            for target in node.targets:
                self._store(target, self._kinds(node.value))
                if registry is not None and isinstance(target, ast.Name):
                    self._built[target.id] = registry
        elif isinstance(node, (ast.AnnAssign, ast.AugAssign, ast.NamedExpr)) and node.value is not None:
            self._store(node.target, self._kinds(node.value))
        elif isinstance(node, (ast.For, ast.AsyncFor, ast.comprehension)):
            self._store(node.target, self._kinds(node.iter))
        elif isinstance(node, ast.withitem) and node.optional_vars is not None:
            self._store(node.optional_vars, self._kinds(node.context_expr))
        elif isinstance(node, ast.Call):
            self._bind_call(node)

    def _store(self, target: ast.expr, kinds: Kinds) -> None:
        if not kinds:
            return
        if isinstance(target, ast.Name):
            self._variables[target.id] = self._variables.get(target.id, NOTHING) | kinds
        elif isinstance(target, (ast.Tuple, ast.List)):
            for each in target.elts:
                self._store(each, kinds)
        elif isinstance(target, (ast.Starred, ast.Subscript)):
            self._store(target.value, kinds)
        elif isinstance(target, ast.Attribute) and OBJECT in self._kinds(target.value):
            self.found.kept[target.attr] = self.found.kept.get(target.attr, NOTHING) | kinds

    def _bind_call(self, call: ast.Call) -> None:
        """Bind the arguments of a call: to the container whose method is called, to parameters of nested functions."""
        owner = call.func.value if isinstance(call.func, ast.Attribute) else None
        if isinstance(owner, ast.Name) and self._is_variable(owner.id) and not self._kinds(owner):
            # ``items.append(x)``, and any other method of a variable that holds nothing tracked yet.
            for each in (*call.args, *(keyword.value for keyword in call.keywords)):
                self._store(owner, self._kinds(each))
        nested = self._nested.get(call.func.id) if isinstance(call.func, ast.Name) else None
        if nested is not None:
            for name, kinds in parameters_given(nested.args, given_in(self._kinds, call)).items():
                self._store(ast.Name(name, ast.Store()), kinds)
        passed = self._passed_to_callbacks(call)
        for each in (*call.args, *(keyword.value for keyword in call.keywords)) if passed else ():
            inner = self._nested.get(each.id) if isinstance(each, ast.Name) else each
            if isinstance(inner, FUNCTIONS):
                required = len(inner.args.posonlyargs) + len(inner.args.args) - len(inner.args.defaults)
                for name, kinds in parameters_given(inner.args, Given((passed,) * required)).items():
                    self._store(ast.Name(name, ast.Store()), kinds)

    def _passed_to_callbacks(self, call: ast.Call) -> Kinds:
        """The tracked values that a call may pass to functions among its arguments: ``module.apply(init)``."""
        arguments = given_in(self._kinds, call)
        owner = self._kinds(call.func.value) if isinstance(call.func, ast.Attribute) else NOTHING
        return owner.union(*arguments.positional, arguments.others) & {OBJECT, CLASS}

    def _kinds(self, node: ast.AST) -> Kinds:
        """The kinds of tracked values that an expression may evaluate to."""
        if isinstance(node, ast.Name):
            if node.id in self._variables:
                return self._variables[node.id]
            return self._if_subject(node)
        if isinstance(node, ast.Attribute):
            return self._kinds_of_attribute(node.value, node.attr, node)
        if isinstance(node, ast.Call):
            return self._kinds_of_call(node)
        if isinstance(node, (ast.List, ast.Tuple, ast.Set)):
            return self._all(node.elts)
        if isinstance(node, ast.Dict):
            return self._all([*(each for each in node.keys if each is not None), *node.values])
        if isinstance(node, ast.BoolOp):
            return self._all(node.values)
        if isinstance(node, ast.IfExp):
            return self._all([node.body, node.orelse])
        if isinstance(node, (ast.ListComp, ast.SetComp, ast.GeneratorExp)):
            return self._kinds(node.elt)
        if isinstance(node, ast.BinOp):
            return self._all([node.left, node.right])
        if isinstance(node, (ast.Starred, ast.NamedExpr, ast.Await, ast.Subscript)):
            return self._kinds(node.value)
        return NOTHING

    def _all(self, nodes: list[ast.expr]) -> Kinds:
        return frozenset(kind for node in nodes for kind in self._kinds(node))

    def _kinds_of_attribute(self, value: ast.expr, name: str, node: ast.expr) -> Kinds:
        kinds = self._kinds(value)
        if name == '__class__':
            return frozenset({CLASS}) if OBJECT in kinds else NOTHING
        if OBJECT in kinds and name in self._stored:
            return self._stored[name]
        return self._if_subject(node)

    def _if_subject(self, node: ast.expr) -> Kinds:
        return frozenset({CLASS}) if self._subject is not None and self._static(node) is self._subject else NOTHING

    def _kinds_of_call(self, node: ast.Call) -> Kinds:
        called = self._static(node.func)
        arguments = given_in(self._kinds, node)
        if called is type and len(node.args) == 1:
            first = arguments.positional[0] if arguments.positional else arguments.others
            return frozenset({CLASS}) if OBJECT in first else NOTHING
        if called is getattr and len(node.args) > 1 and isinstance(node.args[1], ast.Constant):
            return self._kinds_of_attribute(node.args[0], str(node.args[1].value), node)
        if name_of(called) in PASSING:
            return frozenset(
                {*arguments.others}.union(*arguments.positional, *(kinds for _, kinds in arguments.keywords))
            )
        nested = self._nested.get(node.func.id) if isinstance(node.func, ast.Name) else None
        if nested is not None:
            values = [each.value for each in ast.walk(nested) if isinstance(each, ast.Return) and each.value]
            names = [each for each in values if isinstance(each, (ast.Name, ast.Attribute))]
            return self._all([*names])
        if is_a(called, types.FunctionType) and arguments and not called.__code__.co_freevars:
            return returned_by(called, arguments)
        return NOTHING

    def _record_attribute(self, value: ast.expr, name: str, node: ast.expr) -> None:
        kinds = self._kinds(value)
        if name in MRO_ATTRIBUTES:
            sees = BASES if name in BASE_ATTRIBUTES and id(node) in self._named else MRO
            self._record_look(sees, name, node, kinds - {OBJECT} if name == 'mro' else kinds)
        elif name in OWN_ATTRIBUTES:
            self._record_look(MRO, name, node, kinds if name == '__annotations__' else kinds - {OBJECT})

    def _record_look(self, sees: str, text: str, node: ast.expr, of: Kinds, keys: tuple[str, ...] = ()) -> None:
        if of:
            place = f'{self._function.__code__.co_filename}:{node.lineno}'
            self.found.looks.append(Look(sees, text, place, keys))

    def _record_super(self, node: ast.Call, arguments: Given) -> None:
        """Record a ``super`` call whose first argument is the tracked class.

        One that names the class (``super(Name, self)``) is not recorded: it is resolved as a name.
        """
        first = arguments.positional[0] if arguments.positional else arguments.others
        name = self._attributes.get(id(node), '')
        if not node.args or self._subject is None or self._static(node.args[0]) is not self._subject:
            keys = (name,) if name and not name.startswith('__') else ()
            self._record_look(SUPER, f'super().{name}' if name else 'super()', node, first & {CLASS}, keys)

    def _visit_call(self, node: ast.Call) -> None:
        called, arguments = self._static(node.func), given_in(self._kinds, node)
        if called is getattr and len(node.args) > 1 and isinstance(node.args[1], ast.Constant):
            self._record_attribute(node.args[0], str(node.args[1].value), node)
        if name_of(called) in CALLING and node.args:
            self._record_call(
                self._static(node.args[0]), Given(arguments.positional[1:], arguments.keywords, arguments.others), node
            )
        if isinstance(node.func, ast.Attribute) and called is UNKNOWN:
            owner = self._kinds(node.func.value)
            through = isinstance(node.func.value, ast.Call) and getattr(node.func.value.func, 'id', '') == 'super'
            if arguments and (owner & {OBJECT, CLASS} or through):
                self.found.methods.append((node.func.attr, arguments))
        self._record_indirect_calls(node, called, arguments)
        self._record_call(called, arguments, node)

    def _record_indirect_calls(self, node: ast.Call, called: Any, arguments: Given) -> None:
        """Record calls of unnamed targets: functions among the arguments, and objects built by registries."""
        passed = self._passed_to_callbacks(node)
        for each in (*node.args, *(keyword.value for keyword in node.keywords)) if passed else ():
            value = self._static(each)
            if is_a(value, types.FunctionType):
                required = value.__code__.co_argcount - len(value.__defaults__ or ())
                self.found.calls.append((value, Given((passed,) * required)))
            elif isinstance(each, ast.Attribute) and self._kinds(each.value) & {OBJECT, CLASS}:
                self.found.methods.append((each.attr, Given((passed,))))
        if arguments and called is UNKNOWN:
            method = node.func.attr if isinstance(node.func, ast.Attribute) else '__call__'
            owner = node.func.value if isinstance(node.func, ast.Attribute) else node.func
            registry = self._built.get(owner.id) if isinstance(owner, ast.Name) else None
            registry = registry or registry_asked(owner, self._static)
            if registry is not None:
                self.found.products.append(ProductCall(registry, method, arguments))

    def _record_call(self, called: Any, arguments: Given, node: ast.Call) -> None:
        name = name_of(called)
        if name in METHOD_LOOKS and node.args and isinstance(node.args[0], ast.Attribute):
            self._record_look(MRO, f'{name}()', node, self._kinds(node.args[0].value))
        if not arguments or name in HARMLESS:
            return
        if starts_super(called):
            self._record_super(node, arguments)
            return
        if name in CLASS_LOOKS or name in INSTANCE_LOOKS:
            first = arguments.positional[0] if arguments.positional else arguments.others
            first = frozenset({*first}.union(*(kinds for _, kinds in arguments.keywords)))
            self._record_look(
                CLASS_LOOKS.get(name, ''), f'{name}()', node, first - {OBJECT} if name in CLASS_LOOKS else NOTHING
            )
            self._record_look(
                INSTANCE_LOOKS.get(name, ''), f'{name}()', node, first & {OBJECT} if name in INSTANCE_LOOKS else NOTHING
            )
            return
        for function, passed in functions_called(called, arguments):
            self.found.calls.append((function, passed))

    def _static(self, node: ast.AST) -> Any:
        """The live value of a dotted name that begins at a global, resolved without running code; else ``UNKNOWN``."""
        if isinstance(node, ast.Name):
            return UNKNOWN if self._is_variable(node.id) else self._global(node.id)
        if isinstance(node, ast.Attribute):
            owner = self._static(node.value)
            if is_a(owner, types.ModuleType):
                return vars(owner).get(node.attr, sys.modules.get(f'{owner.__name__}.{node.attr}', UNKNOWN))
            if is_a(owner, type):
                found = inspect.getattr_static(owner, node.attr, UNKNOWN)
                return types.MethodType(found.__func__, owner) if is_a(found, classmethod) else found
        return UNKNOWN

    def _is_variable(self, name: str) -> bool:
        return name in self._bound and name not in self._imports

    def _global(self, name: str) -> Any:
        for names in (self._imports, self._cells, self._function.__globals__):
            if name in names:
                return names[name]
        return getattr(builtins, name, UNKNOWN)
