"""What objects hold, by path, as text: two that were made by the same code from the same config hold the same.

Each object is described once, with the class that it is of: its attributes, and what its class says that is not a
library's (constants, and the parameters of its methods with their defaults). Where it comes up again, its first path is
named instead.
"""

from __future__ import annotations

import ast
import contextlib
import functools
import hashlib
import inspect
import os
import re
import sys
import textwrap
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import BuiltinFunctionType, FunctionType, MethodType
from typing import Any

from .config_values_by_path import below
from .plain_trees import digest, symbol

CLASS, FUNCTION = 'class ', 'function '
"""What the text of a class or function begins with; its name follows."""

_PLAIN = (type(None), bool, int, float, complex, bytes, range, slice, re.Pattern)
_FUNCTIONS = (FunctionType, BuiltinFunctionType)
_WRAPPED = ('__module__', '__name__', '__qualname__', '__doc__')
"""What a wrapper takes from a function; a method may be another class's in a pack."""
_CONFIGS = ('.py', '.yaml', '.yml')
_ADDRESS = re.compile(r' at 0x[0-9a-fA-F]+\b')
"""What ``object.__repr__`` ends with, and a name made of it has: another number in every process."""
_DEEPEST = 30
_LIBRARIES = 3
"""How many objects of libraries inside of each other are described, modules of a model aside."""
_MOST = 60_000
_LARGEST = 1 << 16
"""The elements of the largest tensor whose values are looked at; a model's state is compared elsewhere."""


class Portrait:
    """A description of objects.

    Args:
        own: The packages whose classes are looked at: of the pack, or of those it came from.
        places: Folders that are others in the other process, and what to call them.
    """

    def __init__(self, own: frozenset[str], places: Mapping[str, str]) -> None:
        self.values: dict[str, str] = {}
        self._own = own
        self._places = places
        self._seen: dict[int, str] = {}
        self._kept: list[Any] = []  # So that no number is given to another object.
        self._classes: set[type] = set()

    def add(self, path: str, value: Any) -> None:
        """Describe what is at a path, and all that it holds."""
        self._describe(value, path, 0, 0)

    def _describe(self, value: Any, path: str, depth: int, foreign: int) -> None:
        import numpy
        import torch
        from mmengine.registry import Registry

        if len(self.values) >= _MOST or depth > _DEEPEST:
            return
        if isinstance(value, _PLAIN):
            self.values[path] = repr(value)
        elif isinstance(value, str):
            self.values[path] = self._text(value)
        elif isinstance(value, (type, *_FUNCTIONS)):
            self.values[path] = (CLASS if isinstance(value, type) else FUNCTION) + symbol(value)
        elif isinstance(value, (torch.dtype, torch.device, torch.Size, Registry, Path)):
            self.values[path] = f'{type(value).__name__} {value.name if isinstance(value, Registry) else value}'
        elif isinstance(value, (torch.Tensor, numpy.ndarray, numpy.generic)):
            self.values[path] = _numbers(value)
        elif isinstance(value, (list, tuple, set, frozenset)):
            self._sequence(value, path, depth, foreign)
        elif isinstance(value, dict):
            self._mapping(value, path, depth, foreign)
        else:
            self._object(value, path, depth, foreign)

    def _text(self, value: str) -> str:
        """A text; a file is told by what is in it, since the pack has its own, and finds it in another place.

        A config's is told by its name alone: in the pack it is merged with its bases.
        """
        if '\0' not in value and os.path.isfile(value):
            if value.endswith(_CONFIGS):
                return f'file {os.path.basename(value)}'
            return f'file {os.path.basename(value)} {hashlib.blake2b(Path(value).read_bytes()).hexdigest()[:16]}'
        for place, name in self._places.items():
            value = value.replace(place, name)
        return repr(_ADDRESS.sub(' at 0x…', value))

    def _sequence(self, value: Any, path: str, depth: int, foreign: int) -> None:
        several = sorted(value, key=shown_key) if isinstance(value, (set, frozenset)) else list(value)
        if all(isinstance(item, _PLAIN) for item in several):
            self.values[path] = f'{type(value).__name__} {several}'
            return
        self.values[path] = f'{type(value).__name__} of {len(several)}'
        for index, item in enumerate(several):
            self._describe(item, f'{path}[{index}]', depth + 1, foreign)

    def _mapping(self, value: Any, path: str, depth: int, foreign: int) -> None:
        items = list(dict.items(value))
        self.values[path] = f'mapping of {len(items)}'
        numbered = all(isinstance(key, int) and callable(item) for key, item in items)
        for index, (key, item) in enumerate(items):
            named = isinstance(key, (str, int)) and not numbered
            place = below(path, key) if named else f'{path}[#{index}]'
            if isinstance(key, (type, FunctionType)) and f'{path}[{shown_key(key)}]' not in self.values:
                named, place = True, f'{path}[{shown_key(key)}]'  # Others may have filled it in another order.
            self._describe(item, place, depth + 1, foreign)
            if not named and not numbered:
                self._describe(key, f'{path}[#{index}] key', depth + 1, foreign)

    def _object(self, value: Any, path: str, depth: int, foreign: int) -> None:
        import torch

        if id(value) in self._seen:
            self.values[path] = f'the object at {self._seen[id(value)]}'
            return
        self._seen[id(value)] = path
        self._kept.append(value)
        kind = type(value)
        self.values[path] = CLASS + symbol(kind)
        own = self._is_own(kind)
        if not own and not isinstance(value, (torch.nn.Module, functools.partial, MethodType)):
            foreign += 1
            if foreign > _LIBRARIES:
                return
        for name, item in _attributes(value):
            self._describe(item, below(path, name), depth + 1, 0 if own else foreign)
        if own and kind not in self._classes:
            self._classes.add(kind)
            self._class(kind, path)

    def _is_own(self, kind: type) -> bool:
        return kind.__module__.partition('.')[0] in self._own

    def _class(self, kind: type, path: str) -> None:
        """What a class says, and those before it that are no library's."""
        for name in sorted(dir(kind)):
            owner = next((each for each in kind.__mro__ if name in vars(each)), None)
            if owner is None or not self._is_own(owner) or name not in _said(owner):
                continue
            value = vars(owner)[name]
            place = f'{path} of class {kind.__name__}: {name}'
            function = _function(value)
            if function is not None:
                self._parameters(function, place)
            elif not (name.startswith('__') and name.endswith('__')) and not name.startswith('_abc_'):
                described = len(self._kept)
                self._describe(value, place, 0, _LIBRARIES)
                # Classes share what they inherit, and flattened ones have one each: it is described for each of them.
                for item in self._kept[described:]:
                    self._seen.pop(id(item), None)

    def _parameters(self, function: Any, place: str) -> None:
        """The parameters of a function with their defaults."""
        try:
            parameters = inspect.signature(function).parameters.values()
        except (TypeError, ValueError):
            return
        self.values[place] = f'({", ".join(f"{one.name} {one.kind.name}".lower() for one in parameters)})'
        for one in parameters:
            if one.default is not one.empty:
                self._describe(one.default, f'{place}({one.name}=)', 0, _LIBRARIES)


def shown_key(key: Any) -> str:
    """A key or member in words that are the same in both roles: their modules have other names."""
    return f'{CLASS}{key.__qualname__}' if isinstance(key, (type, FunctionType)) else repr(key)


@functools.cache
def _said(owner: type) -> frozenset[str]:
    """The names that the text of a class binds, or all where it has none.

    What else a class holds was put there by other code: by its subclasses, for example, which need not be in a pack.
    """
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(owner)))
    except (OSError, TypeError, SyntaxError):
        return frozenset(vars(owner))
    found: set[str] = set()
    pending: list[ast.AST] = list(tree.body[0].body) if isinstance(tree.body[0], ast.ClassDef) else []
    while pending:
        node = pending.pop()
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            found.add(node.name)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            found.add(node.id)
        elif isinstance(node, ast.alias):
            found.add((node.asname or node.name).partition('.')[0])
        else:
            pending += ast.iter_child_nodes(node)
    return frozenset(found)


def _numbers(value: Any) -> str:
    """A tensor or array: its type and shape, whether it is learned, and its values where they are few."""
    told = f'{value.dtype} {tuple(value.shape)}{" learned" if getattr(value, "requires_grad", False) else ""}'
    count = value.numel() if hasattr(value, 'numel') else value.size
    return f'{told} {digest(value)}' if count <= _LARGEST and not getattr(value, 'is_meta', False) else told


def _attributes(value: Any) -> Iterator[tuple[str, Any]]:
    """What an object holds, by name, without asking its class for anything."""
    import torch

    if isinstance(value, functools.partial):
        yield from (('func', value.func), ('args', value.args), ('keywords', value.keywords))
        return
    if isinstance(value, MethodType):
        yield from (('__func__', value.__func__), ('__self__', value.__self__))
        return
    held = {name: item for name, item in _held(value) if name not in _WRAPPED}
    if isinstance(value, torch.nn.Module):
        yield from _of_module(held)
    yield from sorted(held.items())


def _of_module(held: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """The parts of a module by their own names; which buffers no checkpoint holds; no empty lists of hooks."""
    for group in ('_modules', '_parameters', '_buffers'):
        for name, item in dict.items(held.pop(group, {})):
            yield name, item
            if group == '_buffers':
                yield f'{name} (persistent)', name not in held.get('_non_persistent_buffers_set', ())
    for name in [name for name, item in held.items() if name.startswith('_') and isinstance(item, dict) and not item]:
        del held[name]


def _held(value: Any) -> Iterator[tuple[str, Any]]:
    with contextlib.suppress(AttributeError, TypeError):
        yield from dict.items(object.__getattribute__(value, '__dict__'))
    for kind in type(value).__mro__:
        slots = vars(kind).get('__slots__', ())
        for name in (slots,) if isinstance(slots, str) else tuple(slots):
            if name not in ('__dict__', '__weakref__'):
                try:
                    yield name, object.__getattribute__(value, name)
                except AttributeError:
                    continue


def _function(value: Any) -> Any:
    """The function in a member of a class, if there is one."""
    if isinstance(value, (staticmethod, classmethod)):
        value = value.__func__
    if isinstance(value, property):
        value = value.fget
    return value if isinstance(value, FunctionType) else None


def own_packages(role: str, origins: frozenset[str]) -> frozenset[str]:
    """The packages whose classes a role looks at."""
    return frozenset({'pack'}) if role == 'pack' else origins & {name.partition('.')[0] for name in sys.modules.copy()}
