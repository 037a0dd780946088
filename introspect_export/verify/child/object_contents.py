"""The contents of objects as text by path, which are equal for objects built by the same code from the same config.

Each object is described once: its attributes, and its class if that is not a library's (constants, and parameters of
methods with their defaults). Further occurrences name the first path.
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
"""The prefixes of the texts for classes and functions, which a name follows."""

_PLAIN = (type(None), bool, int, float, complex, bytes, range, slice, re.Pattern)
_FUNCTIONS = (FunctionType, BuiltinFunctionType)
_WRAPPED = ('__module__', '__name__', '__qualname__', '__doc__')
"""Attributes that wrappers copy from a function; in the package, they may name another class."""
_CONFIGS = ('.py', '.yaml', '.yml')
_ADDRESS = re.compile(r' at 0x[0-9a-fA-F]+\b')
"""The address in ``object.__repr__``, and in names made from that, which differs in each process."""
_DEEPEST = 30
_LIBRARIES = 3
"""The depth up to which nested objects of libraries are described, not counting ``torch.nn.Module``."""
_MOST = 60_000
_LARGEST = 1 << 16
"""The largest number of elements of a tensor whose values are compared; the level *state* compares a model's."""


class Portrait:
    """A description of objects.

    Args:
        own: The packages whose classes are described: the exported package, or its origins.
        places: Folders that differ between the processes, with a common name for each.
    """

    def __init__(self, own: frozenset[str], places: Mapping[str, str]) -> None:
        self.values: dict[str, str] = {}
        self._own = own
        self._places = places
        self._seen: dict[int, str] = {}
        self._kept: list[Any] = []  # Keeps the objects alive, so that no ``id`` is reused.
        self._classes: set[type] = set()

    def add(self, path: str, value: Any) -> None:
        """Describe a value and everything that it contains.

        Args:
            path: The value's path.
            value: The value.
        """
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
        """Describe a string; if it names a file, by the file's content, since the package has a copy elsewhere.

        A config file is described by its name alone, since the package's copy is merged with its bases.
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
                named, place = True, f'{path}[{shown_key(key)}]'  # The order may depend on the imports.
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
        """Describe the members of a class and its own ancestors."""
        for name in sorted(dir(kind)):
            owner = next((each for each in kind.__mro__ if name in vars(each)), None)
            if owner is None or not self._is_own(owner) or name not in _bound_names(owner):
                continue
            value = vars(owner)[name]
            place = f'{path} of class {kind.__name__}: {name}'
            function = _function(value)
            if function is not None:
                self._parameters(function, place)
            elif not (name.startswith('__') and name.endswith('__')) and not name.startswith('_abc_'):
                described = len(self._kept)
                self._describe(value, place, 0, _LIBRARIES)
                # An inherited value is shared by the original's classes, while each flattened class has its own: it is
                # described for every class.
                for item in self._kept[described:]:
                    self._seen.pop(id(item), None)

    def _parameters(self, function: Any, place: str) -> None:
        """Describe the parameters of a function with their defaults."""
        try:
            parameters = inspect.signature(function).parameters.values()
        except (TypeError, ValueError):
            return
        self.values[place] = f'({", ".join(f"{one.name} {one.kind.name}".lower() for one in parameters)})'
        for one in parameters:
            if one.default is not one.empty:
                self._describe(one.default, f'{place}({one.name}=)', 0, _LIBRARIES)


def shown_key(key: Any) -> str:
    """Return a text for a key that is the same in both roles, without the module of a class or function."""
    return f'{CLASS}{key.__qualname__}' if isinstance(key, (type, FunctionType)) else repr(key)


@functools.cache
def _bound_names(owner: type) -> frozenset[str]:
    """The names that the text of a class binds; all names in its namespace if it has no text.

    Other code has set the others: subclasses for example, which the package may lack.
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
    """Describe a tensor or array: type, shape, whether it requires a gradient, and the values of a small one."""
    facts = f'{value.dtype} {tuple(value.shape)}{" learned" if getattr(value, "requires_grad", False) else ""}'
    count = value.numel() if hasattr(value, 'numel') else value.size
    return f'{facts} {digest(value)}' if count <= _LARGEST and not getattr(value, 'is_meta', False) else facts


def _attributes(value: Any) -> Iterator[tuple[str, Any]]:
    """The attributes of an object by name, without calling methods of its class."""
    import torch

    if isinstance(value, functools.partial):
        yield from (('func', value.func), ('args', value.args), ('keywords', value.keywords))
        return
    if isinstance(value, MethodType):
        yield from (('__func__', value.__func__), ('__self__', value.__self__))
        return
    stored = {name: item for name, item in _stored(value) if name not in _WRAPPED}
    if isinstance(value, torch.nn.Module):
        yield from _of_module(stored)
    yield from sorted(stored.items())


def _of_module(stored: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """The submodules, parameters and buffers of a module; they and empty dicts of hooks are removed from ``stored``."""
    for group in ('_modules', '_parameters', '_buffers'):
        for name, item in dict.items(stored.pop(group, {})):
            yield name, item
            if group == '_buffers':
                yield f'{name} (persistent)', name not in stored.get('_non_persistent_buffers_set', ())
    for name in [name for name, item in stored.items() if name.startswith('_') and isinstance(item, dict) and not item]:
        del stored[name]


def _stored(value: Any) -> Iterator[tuple[str, Any]]:
    """The attributes in an object's ``__dict__`` and slots."""
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
    """The function of a method or property; None for other members."""
    if isinstance(value, (staticmethod, classmethod)):
        value = value.__func__
    if isinstance(value, property):
        value = value.fget
    return value if isinstance(value, FunctionType) else None


def own_packages(role: str, origins: frozenset[str]) -> frozenset[str]:
    """Return the packages whose classes a role describes.

    Args:
        role: ``original`` or ``pack``.
        origins: The origins of the package.
    """
    return frozenset({'pack'}) if role == 'pack' else origins & {name.partition('.')[0] for name in sys.modules.copy()}
