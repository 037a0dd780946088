"""Finds code that inspects a class's method resolution order: in its methods, and in functions they pass it to."""

from __future__ import annotations

import ast
import dis
import functools
import sys
import types
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any
from weakref import WeakKeyDictionary

from introspect_export.model import Look
from introspect_export.observe.argument_flow import FunctionReading
from introspect_export.observe.argument_uses import ArgumentUses
from introspect_export.observe.call_targets import (
    CLASS,
    NOTHING,
    OBJECT,
    Given,
    Kinds,
    functions_called,
    parameters_given,
)
from introspect_export.observe.function_text import class_node, node_of
from introspect_export.observe.library_super_calls import codes_of
from introspect_export.observe.mro_reader_facts import BASES, MRO, MRO_ATTRIBUTES, OWN_ATTRIBUTES, is_harmless
from introspect_export.observe.raw import (
    Same,
    class_namespace,
    is_a,
    module_namespace,
    module_of,
    name_of,
    namespace,
    stored,
)
from introspect_export.observe.registry_products import Product, ProductCall, method_of, products_of
from introspect_export.read.frame_readers import reaches_far, variables_read

_CLASS_FIRST = ('__new__', '__init_subclass__', '__class_getitem__')
# ``__dir__`` runs for dir(), whose call site counts instead; ``__init_subclass__`` runs when a class is created.
_IMPLICIT = ('__dir__', '__init_subclass__')
_EXPOSING = MRO_ATTRIBUTES | OWN_ATTRIBUTES | {'__class__', 'type', 'vars', 'dir', 'getdoc'}
_LOADS = ('LOAD_FAST', 'LOAD_FAST_BORROW', 'LOAD_FAST_CHECK', 'LOAD_DEREF', 'LOAD_CLASSDEREF')
_ATTRIBUTE_ACCESS = ('LOAD_ATTR', 'LOAD_METHOD', 'STORE_ATTR', 'DELETE_ATTR', 'LOAD_SUPER_ATTR')

_Key = tuple[frozenset[tuple[str, Kinds]], frozenset[tuple[str, Kinds]], int]
_READ: WeakKeyDictionary[types.FunctionType, dict[_Key, ArgumentUses]] = WeakKeyDictionary()
_NAMES: WeakKeyDictionary[types.FunctionType, dict[str, None]] = WeakKeyDictionary()


DECORATOR = '@'
"""The key of the looks of a class's decorators."""


def looks_of(cls: type, mro: tuple[type, ...]) -> Mapping[str, tuple[Look, ...]]:
    """Return, for each member of one class of a chain, the looks at the chain's class that its use leads to.

    Args:
        cls: The class that defines the members.
        mro: The chain. Its first class is the tracked one; a method that a member calls may be that of any class.
    """
    follower = _follower(tuple(map(Same, mro)))
    members = [(name, value) for name, value in class_namespace(cls).items() if name not in _IMPLICIT]
    found = {
        name: (*follower.looks(_roots(name, value)), *follower.reads_variables(_roots(name, value)))
        for name, value in members
    }
    if cls is mro[0]:
        found[DECORATOR] = follower.looks(_decorators(cls))
    return {name: looks for name, looks in found.items() if looks}


class _AnyClass:
    """Stands for the tracked class where that may be any class."""


def looks_of_function(function: types.FunctionType, *, instances: bool = False) -> tuple[Look, ...]:
    """Return the looks of a function at its arguments' classes, or at arguments that are classes themselves.

    Args:
        function: The function.
        instances: Whether its arguments are known to be instances.
    """
    arguments = Given(others=frozenset({OBJECT} if instances else {OBJECT, CLASS}))
    return _follower((Same(_AnyClass), Same(object))).looks(iter([(function, arguments)]))


@functools.lru_cache(maxsize=4)
def _follower(mro: tuple[Same, ...]) -> _Follower:
    return _Follower(tuple(each.value for each in mro))


def _of_product(look: Look, product: Product | None) -> Look:
    """A look at the bases by a registry's product, with the parameters that a config may set on that object.

    What other code compares the names of the bases with is not known, so its look counts as one at the whole MRO.
    """
    if look.sees != BASES:
        return look
    if product is None:
        return replace(look, sees=MRO)
    return replace(look, keys=product.parameters, types=product.keys)


def _product_roots(call: ProductCall) -> Iterator[tuple[types.FunctionType, Given, Product]]:
    """The functions that may run when a method of an object that a registry built is called."""
    for product in products_of(call.registry):
        value = method_of(product.kind, call.method)
        for function, arguments in functions_called(value, call.given.behind(NOTHING)):
            yield function, arguments, product


class _Follower:
    """Tracks a class and its instances through functions.

    Args:
        mro: The chain.
    """

    def __init__(self, mro: tuple[type, ...]) -> None:
        self._subject = mro[0]
        self._name = name_of(mro[0])
        self._calls: dict[types.FunctionType, list[types.FunctionType]] = {}
        self._members: dict[str, list[Any]] = {}
        for each in mro[:-1]:
            for name, value in class_namespace(each).items():
                self._members.setdefault(name, []).append(value)
        # ``_kept`` analyzes the methods while no attribute is known to hold a tracked value.
        self._stored: dict[str, Kinds] = {}
        self._stored = self._kept()

    def looks(self, roots: Iterator[tuple[types.FunctionType, Given]]) -> tuple[Look, ...]:
        """The looks in functions and in what they call."""
        found: dict[Look, None] = {}
        pending: list[tuple[types.FunctionType, Given, Product | None]] = [(*each, None) for each in roots]
        seen = set()
        while pending:
            function, arguments, product = pending.pop()
            if is_harmless(function):
                continue
            variables = self._variables(function, arguments)
            if variables is None:
                found.update(dict.fromkeys(_looks_without_text(function)))
                continue
            key = (function, frozenset(variables.items()), product)
            if key in seen:
                continue
            seen.add(key)
            uses = self._read(function, variables)
            found.update((_of_product(look, product), None) for look in uses.looks)
            pending += [(*each, product) for each in uses.calls]
            for name, passed in uses.methods:
                pending += [
                    (*each, product) for value in self._members.get(name, ()) for each in _roots(name, value, passed)
                ]
            pending += [each for call in uses.products for each in _product_roots(call)]
        return tuple(found)

    def reads_variables(self, roots: Iterator[tuple[types.FunctionType, Given]]) -> Iterator[Look]:
        """Looks at the local variables of callers (``f_locals``), in functions one or two calls away.

        A function two calls away counts only if it may read frames beyond that of its direct caller.
        """
        called = [function for function, _ in roots]
        for distance in (1, 2):
            called = list(dict.fromkeys(each for function in called for each in self._called(function)))
            for function in called:
                if 'f_locals' in _names_in(function):
                    code = function.__code__
                    node = node_of(code)
                    near = node is not None and distance > 1 and not reaches_far(node)
                    if node is None or (not near and variables_read(node, of_callers=True) is not None):
                        sees = 'variables' if node is None or _reads_values(function, node) else 'variable names'
                        yield Look(sees, 'f_locals', f'{code.co_filename}:{code.co_firstlineno}')

    def _called(self, function: types.FunctionType) -> list[types.FunctionType]:
        """The functions that names in a function's code may refer to: globals, attributes of modules, chain members."""
        if function not in self._calls:
            self._calls[function] = list(self._named(function))
        return self._calls[function]

    def _named(self, function: types.FunctionType) -> Iterator[types.FunctionType]:
        names = _names_in(function)
        found = [function.__globals__[name] for name in names if name in function.__globals__]
        modules = [each for each in found if is_a(each, types.ModuleType)]
        content = [module_namespace(module) for module in modules]
        found += [each[name] for each in content for name in names if name in each]
        found += [value for name in names for value in self._members.get(name, ())]
        for each in found:
            inner = each.__func__ if is_a(each, (classmethod, staticmethod)) else each
            if is_a(inner, types.FunctionType):
                yield inner

    def _variables(self, function: types.FunctionType, arguments: Given) -> dict[str, Kinds] | None:
        """The kinds of values that a function's parameters hold; None without text, or where it does not use them."""
        named = self._names_subject(function)
        if not named and not self._stored and not _may_use(function, _tracked_names(function, arguments)):
            return None
        node = node_of(function.__code__)
        return parameters_given(node.args, arguments) if node is not None else None

    def _names_subject(self, function: types.FunctionType) -> bool:
        return self._name in _names_in(function)

    def _read(self, function: types.FunctionType, variables: Mapping[str, Kinds]) -> ArgumentUses:
        subject = self._subject if self._names_subject(function) else None
        key = (frozenset(variables.items()), frozenset(self._stored.items()), id(subject))
        known = _READ.setdefault(function, {})
        if key not in known:
            node = node_of(function.__code__)
            uses = ArgumentUses()
            if node is not None and (variables or subject):
                uses = FunctionReading(function, node, variables, self._stored, subject).read()
            known[key] = uses
        return known[key]

    def _kept(self) -> dict[str, Kinds]:
        """The attributes of the object in which methods store the object itself or its class."""
        found: dict[str, Kinds] = {}
        for name, values in self._members.items():
            for function, arguments in (each for value in values for each in _roots(name, value)):
                variables = self._variables(function, arguments)
                if variables is not None:
                    for attribute, kinds in self._read(function, variables).kept.items():
                        found[attribute] = found.get(attribute, NOTHING) | kinds
        return found


def _names_in(function: types.FunctionType) -> Mapping[str, None]:
    """The globals and attributes that a function's code names, in order, nested and wrapped functions included."""
    if function not in _NAMES:
        _NAMES[function] = dict.fromkeys(name for code in codes_of(function) for name in code.co_names)
    return _NAMES[function]


def _tracked_names(function: types.FunctionType, arguments: Given) -> frozenset[str]:
    """The parameters that may hold tracked values, from the code object alone: parsing the text takes longer."""
    code = function.__code__
    names = code.co_varnames[: code.co_argcount]
    if arguments.others or any(kinds for _, kinds in arguments.keywords) or any(arguments.positional[len(names) :]):
        # Keyword-only and variadic parameters (CO_VARARGS, CO_VARKEYWORDS) follow the positional ones.
        count = code.co_argcount + code.co_kwonlyargcount + bool(code.co_flags & 4) + bool(code.co_flags & 8)
        return frozenset(code.co_varnames[:count])
    return frozenset(name for name, kinds in zip(names, arguments.positional, strict=False) if kinds)


def _roots(name: str, value: Any, passed: Given | None = None) -> Iterator[tuple[types.FunctionType, Given]]:
    """The functions that run when a member is used, with their arguments."""
    arguments = passed or Given()
    if is_a(value, classmethod):
        yield from functions_called(value.__func__, arguments.behind(frozenset({CLASS})))
    elif is_a(value, staticmethod):
        yield from functions_called(value.__func__, arguments)
    elif is_a(value, property):
        for each in (value.fget, value.fset, value.fdel):
            yield from functions_called(each, arguments.behind(frozenset({OBJECT})))
    elif is_a(value, functools.cached_property):
        yield from functions_called(value.func, arguments.behind(frozenset({OBJECT})))
    elif is_a(value, types.FunctionType):
        first = frozenset({CLASS if name in _CLASS_FIRST else OBJECT})
        yield value, arguments.behind(first)
        # The wrapper of a decorator usually passes its arguments on unchanged.
        inner = vars(value).get('__wrapped__')
        if is_a(inner, types.FunctionType):
            yield inner, arguments.behind(first)


def _decorators(cls: type) -> Iterator[tuple[types.FunctionType, Given]]:
    """The functions that the decorators of a class statement call with the class."""
    module = sys.modules.get(module_of(cls))
    file = namespace(module).get('__file__')
    node = (
        class_node(file, str(stored(cls, '__qualname__'))) if isinstance(file, str) and file.endswith('.py') else None
    )
    if module is None or node is None:
        return
    # Resolves the decorators' names in the module's globals; it is never called.
    scope = types.FunctionType((lambda: None).__code__, module_namespace(module))
    for each in node.decorator_list:
        called = FunctionReading(scope, ast.Lambda(ast.arguments([], [], None, [], [], None, []), each), {}, {}).value(
            each
        )
        yield from functions_called(called, Given((frozenset({CLASS}),)))


def _reads_values(function: types.FunctionType, node: ast.AST) -> bool:
    """Whether a function reads the values of its callers' variables, and not only their names."""
    own = {name for code in codes_of(function) for name in (*code.co_varnames, *code.co_cellvars, *code.co_freevars)}

    def is_builtin(name: ast.Name) -> bool:
        return name.id not in function.__globals__ and name.id not in own

    return variables_read(node, of_callers=True, is_builtin=is_builtin) is not None


def _looks_without_text(function: types.FunctionType) -> Iterator[Look]:
    """The look of a function without text whose code reads an attribute of the MRO, on whatever object."""
    code = function.__code__
    read = sorted(_names_in(function).keys() & MRO_ATTRIBUTES)
    if read and node_of(code) is None:
        yield Look(MRO, read[0], f'{code.co_filename}:{code.co_firstlineno}')


def _may_use(function: types.FunctionType, names: frozenset[str]) -> bool:
    """Whether a function may inspect, pass on, or store what its variables hold; most only read attributes."""
    known = _MAY_USE.setdefault(function, {})
    if names not in known:
        functions = frozenset(
            name for name in function.__code__.co_names if is_a(function.__globals__.get(name), types.FunctionType)
        )
        known[names] = any(_passes_on(code, names, functions) for code in codes_of(function))
    return known[names]


_MAY_USE: WeakKeyDictionary[types.FunctionType, dict[frozenset[str], bool]] = WeakKeyDictionary()


def _passes_on(code: types.CodeType, names: frozenset[str], functions: frozenset[str]) -> bool:
    """Whether code uses one of the variables for more than access to an attribute, as its bytecode shows.

    Args:
        code: The code.
        names: The variables.
        functions: The names that are functions among the globals.
    """
    if _EXPOSING.intersection(code.co_names) or _EXPOSING.intersection(
        each for each in code.co_consts if isinstance(each, str)
    ):
        return True
    if not names.intersection((*code.co_varnames, *code.co_freevars)):
        return False
    loaded = accessed = False
    for each in dis.get_instructions(code):
        if loaded and each.opname not in _ATTRIBUTE_ACCESS:
            return True
        # ``module.apply(function)``: a method of the object may call the function with it.
        if accessed and each.opname == 'LOAD_GLOBAL' and each.argval in functions:
            return True
        accessed = loaded
        # Since Python 3.13, one instruction may load two variables (``LOAD_FAST_LOAD_FAST``).
        several = each.opname.count('LOAD_FAST') + each.opname.count('STORE_FAST') > 1
        loaded = each.argval in names if each.opname in _LOADS else False
        if several and names.intersection(each.argval):
            return True
    return False
