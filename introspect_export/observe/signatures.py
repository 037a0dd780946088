"""The constructor in an MRO that reads an argument, followed through ``**kwargs`` that are passed on."""

from __future__ import annotations

import ast
import difflib
import functools
import inspect
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from types import CodeType, FunctionType
from typing import Any

from introspect_export.model.symbols import Symbol
from introspect_export.observe.raw import bound, class_namespace, is_a, mro_of, unwrapped
from introspect_export.observe.texts import source_text
from introspect_export.observe.value_texts import value_text

_NEAR = 3


@dataclass(frozen=True)
class SignatureReading:
    """The use of an argument.

    Attributes:
        reader: The function that reads it; None where there is none, or where it is not known.
        unread: Whether certainly nothing reads it.
        near: If it is unread, the parameters with a similar name.
    """

    reader: Symbol | None
    unread: bool = False
    near: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Rest:
    """The use that a function makes of its ``**kwargs``.

    Attributes:
        handed_on: Whether it passes them to the next constructor.
        names: The keys that it reads from them.
        kept: Whether it uses them otherwise.
        passed: The keyword arguments that it passes to the next constructor besides.
        positional: Whether it also passes positional arguments.
    """

    handed_on: bool
    names: frozenset[str]
    kept: bool
    passed: frozenset[str]
    positional: bool


class Signatures:
    """Analyzes the constructors of live classes, with a cache."""

    def __init__(self) -> None:
        self._known: dict[int, tuple[Any, list[FunctionType]]] = {}
        self._by_code: dict[tuple[int, int], tuple[Any, CodeType, FunctionType | None]] = {}

    def defaults(self, target: Any) -> dict[str, tuple[Any, Symbol]]:
        """The defaults of parameters, each with its constructor.

        Those of a parent are included where ``**kwargs`` are passed on to it, except for arguments in that call.
        """
        found: dict[str, tuple[Any, Symbol]] = {}
        passed: set[str] = set()
        for function in self._constructors(target):
            for parameter in _parameters(function).values():
                if parameter.default is not parameter.empty and parameter.name not in passed:
                    found.setdefault(parameter.name, (parameter.default, _symbol(function)))
            rest = _rest(function)
            if rest is None or not rest.handed_on or rest.positional:
                break
            passed |= rest.passed
        return found

    def function(self, target: Any, code: CodeType) -> FunctionType | None:
        """The constructor of a class with a given code object, also if a decorator wraps it; else None."""
        key = (id(target), id(code))
        if key not in self._by_code:
            owners = mro_of(target) if is_a(target, type) else ()
            layers = (each for owner in owners for each in _layers(class_namespace(owner).get('__init__')))
            self._by_code[key] = (target, code, next((each for each in layers if each.__code__ is code), None))
        return self._by_code[key][2]

    def symbol(self, function: FunctionType) -> Symbol:
        """The symbol of a function, by its ``__module__`` and ``__qualname__``."""
        return _symbol(function)

    def is_default(self, function: FunctionType, name: str, text: str) -> bool:
        """Whether a text is the ``value_text`` of a parameter's default."""
        parameter = _parameters(function).get(name)
        return (
            parameter is not None and parameter.default is not parameter.empty and value_text(parameter.default) == text
        )

    def hands_rest_on(self, function: FunctionType) -> bool:
        """Whether a function passes its ``*args`` to its parent's constructor."""
        return _hands_rest_on(function)

    def reading(self, target: Any, name: str) -> SignatureReading:
        """The use of a keyword argument of a class or function."""
        constructors = self._constructors(target)
        for index, function in enumerate(constructors):
            parameters = _parameters(function)
            if name in parameters and parameters[name].kind is not inspect.Parameter.VAR_KEYWORD:
                return SignatureReading(_symbol(function))
            rest = _rest(function)
            if rest is None or name in rest.names or (rest.kept and not rest.handed_on):
                return SignatureReading(_symbol(function))
            if not rest.handed_on:
                return SignatureReading(None, True, self._near(constructors[: index + 1], name))
        return SignatureReading(None)

    def _near(self, constructors: list[FunctionType], name: str) -> tuple[str, ...]:
        names = {each for function in constructors for each in _parameters(function)} - {'self'}
        return tuple(difflib.get_close_matches(name, sorted(names), _NEAR))

    def _constructors(self, target: Any) -> list[FunctionType]:
        """The functions that may receive the arguments: the constructors in the MRO, or the function itself."""
        if id(target) not in self._known:
            self._known[id(target)] = (target, list(_functions(target)))
        return self._known[id(target)][1]


def _functions(target: Any) -> Iterator[FunctionType]:
    if is_a(target, functools.partial):
        target = bound(target)[0]
    owners = mro_of(target) if is_a(target, type) else ()
    for each in [class_namespace(owner).get('__init__') for owner in owners] or [target]:
        function = unwrapped(each)
        if is_a(function, FunctionType):
            yield function


def _layers(value: Any) -> Iterator[FunctionType]:
    """A function, the functions that it wraps, and those in its closure."""
    seen: set[int] = set()
    pending = [value]
    while pending:
        each = pending.pop(0)
        if is_a(each, FunctionType) and id(each) not in seen:
            seen.add(id(each))
            yield each
            pending += [vars(each).get('__wrapped__'), *_enclosed(each)]


def _enclosed(function: FunctionType) -> Iterator[Any]:
    for cell in function.__closure__ or ():
        try:
            yield cell.cell_contents
        except ValueError:  # The cell is empty.
            continue


@functools.cache
def _parameters(function: FunctionType) -> dict[str, inspect.Parameter]:
    return dict(inspect.signature(function).parameters)


def _symbol(function: FunctionType) -> Symbol:
    return Symbol(function.__module__, function.__qualname__)


@functools.cache
def _rest(function: FunctionType) -> _Rest | None:
    """The use of a function's ``**kwargs``; None where it has none, or its text is not known."""
    name = next((each.name for each in _parameters(function).values() if each.kind is each.VAR_KEYWORD), None)
    node = _node(function) if name is not None else None
    if name is None or node is None:
        return None
    handed_on, positional = False, False
    names: set[str] = set()
    passed: set[str] = set()
    understood: set[int] = set()
    for each in ast.walk(node):
        if isinstance(each, ast.Call):
            for keyword in each.keywords:
                if keyword.arg is None and _is_name(keyword.value, name) and _constructs_parent(each):
                    handed_on = True
                    passed |= {other.arg for other in each.keywords if other.arg is not None}
                    positional = positional or bool(each.args)
                    understood.add(id(keyword.value))
            read = _key_read(each, name)
            if read is not None:
                names.add(read[0])
                understood.add(id(read[1]))
    kept = any(_is_name(each, name) and id(each) not in understood for each in ast.walk(node))
    return _Rest(handed_on, frozenset(names), kept, frozenset(passed), positional)


@functools.cache
def _hands_rest_on(function: FunctionType) -> bool:
    name = next((each.name for each in _parameters(function).values() if each.kind is each.VAR_POSITIONAL), None)
    node = _node(function)
    if name is None or node is None:
        return False
    calls = (each for each in ast.walk(node) if isinstance(each, ast.Call))
    passed = (one for each in calls if _constructs_parent(each) for one in each.args if isinstance(one, ast.Starred))
    return any(_is_name(one.value, name) for one in passed)


def _is_name(node: ast.AST, name: str) -> bool:
    return isinstance(node, ast.Name) and node.id == name


def _constructs_parent(call: ast.Call) -> bool:
    """Whether a call is ``super().__init__(…)`` or ``Parent.__init__(…)``."""
    return isinstance(call.func, ast.Attribute) and call.func.attr == '__init__'


def _key_read(call: ast.Call, name: str) -> tuple[str, ast.AST] | None:
    """The key that ``kwargs.get('x')``, ``.pop('x')`` or ``.setdefault('x')`` reads, and the node of ``kwargs``."""
    function = call.func
    if not (isinstance(function, ast.Attribute) and _is_name(function.value, name) and call.args):
        return None
    first = call.args[0]
    if function.attr in ('get', 'pop', 'setdefault') and isinstance(first, ast.Constant):
        return str(first.value), function.value
    return None


@functools.cache
def _node(function: FunctionType) -> ast.AST | None:
    """The statement of a function, or None where its text is not known. Only its lines are parsed, not the module."""
    text = source_text(function.__module__)
    first = function.__code__.co_firstlineno
    lines = text.splitlines(keepends=True)[first - 1 :] if text else []
    try:
        return ast.parse(textwrap.dedent(''.join(inspect.getblock(lines)))).body[0] if lines else None
    except (SyntaxError, IndexError):  # The file was changed after the import.
        return None
