"""A pickler for object graphs whose classes and functions have other names where they are loaded.

It uses the standard pickle where possible, so that loading needs nothing else. Functions and classes that no module's
source defines, and their content, are pickled by dill.
"""

from __future__ import annotations

import copyreg
import io
import operator
import pickle
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FunctionType, MethodType, ModuleType, SimpleNamespace
from typing import Any, Protocol

import dill

from introspect_export.carry import loader
from introspect_export.carry.closure_functions import made_inside
from introspect_export.carry.parametrized import made_from, state_of
from introspect_export.model import ExportError
from introspect_export.observe.raw import class_namespace, is_a, mro_of, namespace, stored
from introspect_export.observe.symbol_lookup import is_function

_STOCK = pickle._Pickler
_new: Any = getattr(copyreg, '__newobj__')  # noqa: B009 (the stubs lack it)
_FILE = io.IOBase.__mro__[1]
"""The C base class of all streams; ``isinstance`` with the abstract ``io.IOBase`` would run code of the object."""
_whichmodule: Callable[[Any, str], str] = pickle.whichmodule  # type: ignore[attr-defined]  # The stubs lack it.


class Namer(Protocol):
    """Decides how the pickle refers to classes, functions and modules."""

    def name(self, value: Any) -> tuple[str, str] | None:
        """The module and qualified name of a class or function for loading; None if it is a library's or goes by value.

        Raises:
            ExportError: It can be pickled neither by name nor by value.
        """

    def is_library(self, value: Any) -> bool:
        """Whether a class or function belongs to a library, which can be imported at loading."""

    def module(self, value: ModuleType) -> None:
        """Check a module that the object graph refers to.

        Raises:
            ExportError: It cannot be imported at loading.
        """

    def holds(self, value: Any) -> None:
        """Record any other object."""


class Carrier(dill.Pickler):  # type: ignore[misc]  # dill has no types.
    """A pickler with a namer; ``carrier`` creates a subclass bound to one."""

    namer: Namer
    dispatch = _STOCK.dispatch
    """The table of the standard pickler; that of dill is only used for types that this one cannot pickle."""

    def __init__(self, stream: Any, **options: Any) -> None:
        super().__init__(stream, recurse=True, **options)
        # By identity: hashing a class may run code of its metaclass.
        self._dill_only = {id(kind) for kind in dill.Pickler.dispatch if kind not in self.dispatch}
        self.trail: list[Any] = []
        """The objects being pickled, the outermost first; after an error, those that led to it."""

    def save(self, obj: Any, save_persistent_id: bool = True) -> None:
        """Pickle one object."""
        self.trail.append(obj)
        if id(obj) in self.memo or not self._save_specially(obj):
            super().save(obj, save_persistent_id)
        self.trail.pop()  # Not in a ``finally``: after an exception, the trail must remain.

    def save_global(self, obj: Any, name: str | None = None) -> None:
        """Pickle a reference to a global, which an object's ``__reduce__`` has returned as a string."""
        if not self._save_by_name(obj):
            super().save_global(obj, name)

    def _save_specially(self, obj: Any) -> bool:
        """Pickle an object that needs special treatment; return False to leave it to the standard pickler."""
        if is_a(obj, type) and self._save_parametrized_class(obj):
            return True
        if is_a(obj, type) or is_function(obj):
            if not self._save_by_name(obj) and not _is_importable(obj):
                self._save_nameless(obj)
                return True
            return id(obj) in self.memo  # Written by ``_save_by_name``.
        if type(obj) is MethodType:
            self._save_method(obj)
            return True
        if is_a(obj, ModuleType):
            self.namer.module(obj)
            self._save_by_value(obj)
            return True
        if is_a(obj, _FILE):
            raise ExportError(f'an open file ({getattr(obj, "name", obj)}) cannot be carried over')
        made = made_from(type(obj))
        if made is not None:
            self.save_reduce(_new, (type(obj),), state_of(obj, made[0]), obj=obj)
            return True
        self.namer.holds(obj)
        if id(type(obj)) in self._dill_only and not _has_reduction(obj):
            self._save_by_value(obj)
            return True
        return False

    def _save_by_name(self, obj: Any) -> bool:
        """Write a class or function by the namer's name; return whether it has one."""
        own = type(obj) is FunctionType and obj.__module__ == loader.__name__
        found = ('.carried', obj.__name__) if own else self.namer.name(obj)
        if found is None:
            return False
        module, qualname = found
        # https://docs.python.org/3/library/pickletools.html: this opcode exists in every protocol.
        self.write(pickle.GLOBAL + f'{module}\n{qualname}\n'.encode())
        self.memoize(obj)
        return True

    def _save_parametrized_class(self, kind: type) -> bool:
        """Write the class of a parametrized module as a call that creates it again; return whether it is one."""
        made = made_from(kind)
        if made is not None:
            base, names = made
            self.save_reduce(loader.parametrized, (base, *names), obj=kind)
        return made is not None

    def _save_nameless(self, obj: Any) -> None:
        """Write a class or function without an importable name: as a library's closure if possible, else by value."""
        made = made_inside(obj) if self.namer.is_library(obj) else None
        if made is not None:
            self.save_reduce(loader.enclosed, made, obj=obj)
        else:
            self._save_by_value(obj)

    def _save_by_value(self, obj: Any) -> None:
        dill.Pickler.dispatch[type(obj)](self, obj)

    def _save_method(self, method: MethodType) -> None:
        """Write a bound method: as an attribute of its object if it resolves to it, else as a function to be bound."""
        owner: Any = method.__self__
        function = method.__func__
        is_class = is_a(owner, type)
        kind = owner if is_class else type(owner)
        name = stored(function, '__name__') or ''
        owners = (class_namespace(each) for each in mro_of(kind))
        found: Any = next((content[name] for content in owners if name in content), None)
        inner = found.__func__ if is_a(found, (classmethod, staticmethod)) else found
        by_name = inner is function and name not in (class_namespace(owner) if is_class else namespace(owner))
        if by_name:
            self.save_reduce(getattr, (owner, name), obj=method)
        else:
            self.save_reduce(operator.methodcaller('__get__', owner), (function,), obj=method)


def _is_importable(obj: Any) -> bool:
    """Whether the standard pickler can write a library's class or function by name."""
    if not is_a(obj, (type, FunctionType)):
        return True
    name = getattr(obj, '__qualname__', obj.__name__)
    module = _whichmodule(obj, name)
    if module == '__main__':
        return False
    try:
        value: Any = __import__(module, fromlist=['*'])
        for each in name.split('.'):
            value = getattr(value, each)
    except (ImportError, AttributeError):
        return False
    return value is obj


def _has_reduction(obj: Any) -> bool:
    """Whether the standard pickler can reduce an object."""
    try:
        obj.__reduce_ex__(pickle.DEFAULT_PROTOCOL)
    except (TypeError, pickle.PicklingError):
        return False
    return True


def carrier(namer: Namer, made: list[Carrier]) -> Any:
    """A ``pickle_module`` for ``torch.save``.

    Args:
        namer: Decides how the pickle refers to classes, functions and modules.
        made: A list to which each created pickler is added.
    """

    class Bound(Carrier):
        def __init__(self, stream: Any, **options: Any) -> None:
            self.namer = namer
            super().__init__(stream, **options)
            made.append(self)

    return SimpleNamespace(Pickler=Bound, __name__=__name__)


@contextmanager
def strict() -> Iterator[None]:
    """Turn dill's pickling warnings into exceptions."""
    with warnings.catch_warnings():
        warnings.simplefilter('error', dill.PicklingWarning)
        yield
