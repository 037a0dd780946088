"""Classes and globals that were changed at run time: a package of their source would behave differently."""

from __future__ import annotations

import ast
import sys
from collections.abc import Container, Iterator
from types import CodeType, FunctionType
from typing import Any

import torch

from introspect_export.carry.closure_functions import cells_of, codes_inside
from introspect_export.linearize.flatten_context import decorator_path
from introspect_export.model import Diagnostic, ExportError, PartKind, SourceModule, Symbol, World
from introspect_export.model.liveset import LiveSet
from introspect_export.observe.raw import (
    class_namespace,
    distinct,
    is_a,
    module_namespace,
    modules_of,
    mro_of,
    name_of,
    stored,
)
from introspect_export.observe.symbol_lookup import symbol_of
from introspect_export.read.constant_text import constant_text, one_of

CHANGED = 'IE-CHANGED'
_NOTHING = object()
_PLAIN = (bool, int, float, str, bytes, type(None))


def refuse_changed(model: torch.nn.Module, live: LiveSet, world: World) -> tuple[Diagnostic, ...]:
    """Check that no class or global was changed after its definition, unless code in the package does the same.

    Args:
        model: The model.
        live: The parts reached from it.
        world: The observed process.

    Returns:
        Diagnostics for globals that their own module rebinds: in the package they have their initial values.

    Raises:
        ExportError: There are such classes or globals; it lists each member.
    """
    kinds = distinct(kind for each in modules_of(model) for kind in mro_of(type(each)))
    problems = []
    for symbol, kind in sorted(
        ((symbol, kind) for kind in kinds if (symbol := symbol_of(kind)) is not None), key=_by_symbol
    ):
        if world.is_origin(symbol.module) and not _changes(symbol, live):
            problems += [f'{CHANGED} {symbol}.{each}' for each in _changed(symbol, kind, live)]
    diagnostics = []
    for symbol, message, by_own_module in _changed_globals(live):
        if by_own_module:
            diagnostics.append(Diagnostic(CHANGED, str(symbol), message))
        else:
            problems.append(f'{CHANGED} {symbol}: {message}')
    if problems:
        raise ExportError(*problems)
    return tuple(diagnostics)


def _by_symbol(one: tuple[Symbol, type]) -> Symbol:
    return one[0]


def _changed_globals(live: LiveSet) -> Iterator[tuple[Symbol, str, bool]]:
    """The live globals with plain values that differ from their source, and whether their own module rebinds them."""
    for name, indices in live.parts.items():
        if name not in sys.modules:
            continue  # A module that is not imported cannot be changed.
        module = live.modules[name]
        rebound = {each for part in module.parts for each in part.rebinds}
        for index in indices:
            part = module.parts[index]
            statement = module.tree.body[index]
            if not isinstance(statement, ast.Assign) or [len(module.definitions[each]) for each in part.defines] != [1]:
                continue
            value = module_namespace(sys.modules[name]).get(part.defines[0], _NOTHING)
            if one_of(type(value), _PLAIN) and not _is_as_written(value, statement.value, module):
                message = f'it is {value!r}, and {module.file}:{part.line} says {ast.unparse(statement.value)}'
                yield Symbol(name, part.defines[0]), message, part.defines[0] in rebound


def _changes(symbol: Symbol, live: LiveSet) -> bool:
    """Whether a live statement changes a class when it is executed, which then happens in the package too."""
    return any(
        symbol.top in live.modules[name].parts[index].mutates
        and live.modules[name].parts[index].kind is not PartKind.CLASS
        for name, indices in live.parts.items()
        for index in indices
    )


def _changed(symbol: Symbol, kind: type, live: LiveSet) -> Iterator[str]:
    """Messages for the members of a class that differ from its class statement."""
    module = live.modules.get(symbol.module)
    statement = _statement(module, symbol.qualname) if module is not None else None
    if module is None or statement is None:
        return
    written: dict[str, ast.stmt | ast.expr] = {}
    for node in statement.body:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            written[node.name] = node
        elif isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
            written[node.targets[0].id] = node.value
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.value is not None:
            written[node.target.id] = node.value
    wrappers = set(_wrappers(kind, statement, module))
    for name, source in written.items():
        value = class_namespace(kind).get(_mangled(name, kind), _NOTHING)
        if not _is_as_written(_unwrapped(value, wrappers), source, module):
            yield f'{name}: it is not what {module.file}:{source.lineno} says: it was changed after the class was made'


def _wrappers(kind: type, statement: ast.ClassDef, module: SourceModule) -> Iterator[CodeType]:
    """The functions inside of what may replace members when a class is made, which happens in the package too.

    These are the ancestors' ``__init_subclass__`` and the decorators of the class statement.
    """
    hooks = (class_namespace(base).get('__init_subclass__') for base in mro_of(kind)[1:])
    for each in hooks:
        yield from codes_inside(each.__func__) if is_a(each, classmethod) else ()
    for decorator in statement.decorator_list:
        first, *attributes = decorator_path(decorator) or ('',)
        value = module_namespace(sys.modules[module.name]).get(first)
        for name in attributes:
            value = stored(value, name)
        yield from codes_inside(value)


def _unwrapped(value: Any, wrappers: Container[CodeType]) -> Any:
    """A member without the given wrappers around it."""
    while is_a(value, FunctionType) and value.__code__ in wrappers:
        wrapped = [each for each in cells_of(value) or () if is_a(each, FunctionType) and each is not value]
        if len(wrapped) != 1:
            break
        value = wrapped[0]
    return value


def _statement(module: SourceModule, qualname: str) -> ast.ClassDef | None:
    """The only class statement of a qualified name, or None."""
    body: list[ast.stmt] = module.tree.body
    found: ast.ClassDef | None = None
    for name in qualname.split('.'):
        inside = [node for node in body if isinstance(node, ast.ClassDef) and node.name == name]
        if len(inside) != 1:
            return None
        found = inside[0]
        body = found.body
    return found


def _mangled(name: str, kind: type) -> str:
    """The mangled name: https://docs.python.org/3/reference/expressions.html#private-name-mangling."""
    private = name.startswith('__') and not name.endswith('__')
    return f'_{name_of(kind).lstrip("_")}{name}' if private else name


def _is_as_written(value: Any, node: ast.stmt | ast.expr, module: SourceModule) -> bool:
    """Whether a value equals what its statement defines; True where that is not known.

    It is known for functions without decorators (by file and line) and for literals.
    """
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
        if node.decorator_list:
            return value is not _NOTHING
        function = value.__func__ if is_a(value, (classmethod, staticmethod)) else value
        code = function.__code__ if is_a(function, FunctionType) else None
        return code is not None and code.co_firstlineno == node.lineno and code.co_filename == module.file
    try:
        literal = ast.literal_eval(node)
    except ValueError:
        return True
    return constant_text(value) == constant_text(literal)
