"""The attributes that a library class's methods look up through ``super``, with the flags that guard the look-ups."""

from __future__ import annotations

import ast
import dis
import inspect
import textwrap
import types
from collections.abc import Iterator
from typing import Any

from introspect_export.model import SuperLookup
from introspect_export.observe.raw import class_namespace, is_a, name_of
from introspect_export.read.bindings import FUNCTIONS, rebinds

_FLAGS: Any = vars(type)['__flags__']


def super_lookups(cls: type, mro: tuple[type, ...]) -> frozenset[SuperLookup] | None:
    """Return what the methods of a library class look up through ``super``; None where that is not known.

    Args:
        cls: The library class; types made in C look up nothing through ``super``.
        mro: The classes of the chain: a look-up under ``if self.switch:`` never runs where ``switch`` is always False.
    """
    if not made_by_statement(cls):
        return frozenset()
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(cls)))
    except (OSError, TypeError, SyntaxError):
        # No text, as for a frozen module: it is known if the bytecode contains no super.
        codes = [code for value in class_namespace(cls).values() for code in codes_of(value)]
        unknown = any('super' in each.co_names or '__class__' in each.co_freevars for each in codes)
        return None if unknown else frozenset()
    found = list(_lookups(tree, '', ''))
    mentions = [node for node in ast.walk(tree) if isinstance(node, ast.Name) and node.id == 'super']
    starts = [each.args[0] for each in ast.walk(tree) if isinstance(each, ast.Call) and _is_super(each) and each.args]
    # Every mention of super must be understood, and start the search at this very class.
    if len(found) != len(mentions) or any(
        getattr(each, 'id', '') not in (name_of(cls), '__class__') for each in starts
    ):
        return None
    off = {each.switch for each in found if each.switch and _is_off(each.switch, mro)}
    return frozenset(each if each.switch in off else SuperLookup(each.name, each.plain_call) for each in found)


def made_by_statement(cls: type) -> bool:
    """Whether a class is a heap type: https://docs.python.org/3/c-api/typeobj.html#c.Py_TPFLAGS_HEAPTYPE."""
    return bool(_FLAGS.__get__(cls) & (1 << 9))


def codes_of(value: Any) -> Iterator[types.CodeType]:
    """The code objects of a class member, with those of nested functions and of functions that it wraps."""
    if is_a(value, property):
        for part in (value.fget, value.fset, value.fdel):
            yield from codes_of(part)
    elif is_a(value, (classmethod, staticmethod)):
        yield from codes_of(value.__func__)
    elif is_a(value, types.FunctionType):
        yield from codes_of(value.__code__)
        yield from codes_of(vars(value).get('__wrapped__'))
    elif is_a(value, types.CodeType):
        yield value
        for constant in value.co_consts:
            yield from codes_of(constant)


def _lookups(node: ast.AST, first: str, switch: str) -> Iterator[SuperLookup]:
    """The look-ups below a node.

    Args:
        node: The node.
        first: The name of the enclosing method's first argument, or empty where that may be rebound.
        switch: The attribute of the first argument that an enclosing ``if`` tests, or empty.
    """
    if isinstance(node, FUNCTIONS):
        arguments = [*node.args.posonlyargs, *node.args.args]
        first = arguments[0].arg if arguments and not rebinds(node, arguments[0].arg) else ''
        switch = ''
    elif isinstance(node, ast.If) and not switch:
        found = _attribute_of(node.test, first)
        for each in (node.test, *node.orelse):
            yield from _lookups(each, first, '')
        for each in node.body:
            yield from _lookups(each, first, found)
        return
    elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
        call = node.value
        name = _name_of(call.func)
        if name and not call.args and not call.keywords:
            yield SuperLookup(name, True, switch if _binds_first(call.func, first) else '')
            return
    name = _name_of(node)
    if name:
        yield SuperLookup(name, False, switch if _binds_first(node, first) else '')
    for child in ast.iter_child_nodes(node):
        yield from _lookups(child, first, switch)


def _name_of(node: ast.AST) -> str:
    """The attribute that ``super(...).x`` looks up."""
    inner = node.value if isinstance(node, ast.Attribute) else None
    return node.attr if isinstance(node, ast.Attribute) and isinstance(inner, ast.Call) and _is_super(inner) else ''


def _is_super(call: ast.Call) -> bool:
    return isinstance(call.func, ast.Name) and call.func.id == 'super'


def _binds_first(node: ast.AST, first: str) -> bool:
    """Whether ``super(...).x`` is bound to the method's own first argument."""
    call = node.value if isinstance(node, ast.Attribute) else None
    arguments = call.args if isinstance(call, ast.Call) else []
    return not arguments or (len(arguments) == 2 and isinstance(arguments[1], ast.Name) and arguments[1].id == first)


def _attribute_of(node: ast.expr, first: str) -> str:
    """The attribute in ``first.attribute``; empty for any other expression."""
    own = isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == first
    return node.attr if isinstance(node, ast.Attribute) and own else ''


def _is_off(switch: str, mro: tuple[type, ...]) -> bool:
    """Whether an attribute is False for every instance: in the first class that has it, and assigned by no method."""
    value = next((class_namespace(each)[switch] for each in mro if switch in class_namespace(each)), None)
    if value is not False:
        return False
    hooked = any('__getattribute__' in class_namespace(each) for each in mro if each is not object)
    codes = (code for each in mro for member in class_namespace(each).values() for code in codes_of(member))
    return not hooked and not any(_assigns(code, switch) for code in codes)


def _assigns(code: types.CodeType, name: str) -> bool:
    """Whether code assigns or deletes an attribute, or has its name as a string, for ``setattr``."""
    if name in code.co_consts:
        return True
    if name not in code.co_names:
        return False
    return any(
        each.opname in ('STORE_ATTR', 'DELETE_ATTR') and each.argval == name for each in dis.get_instructions(code)
    )
