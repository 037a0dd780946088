"""Pickles an object graph whose classes and functions have other names where it will be loaded.

What the standard pickle can do is done by it, so that nothing but the standard pickle is needed to load it. What it
cannot do (functions and classes that no module's text leads to, and what they consist of) is left to dill.
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
"""What all streams derive from; to ask an abstract base class would ask the object."""
_whichmodule: Callable[[Any, str], str] = pickle.whichmodule  # type: ignore[attr-defined]  # The stubs lack it.


class Namer(Protocol):
    """Decides how classes, functions and modules are referred to."""

    def name(self, value: Any) -> tuple[str, str] | None:
        """The module and qualified name under which a class or function will be found; None for one carried by value.

        Raises:
            ExportError: It can be neither found nor carried.
        """

    def is_library(self, value: Any) -> bool:
        """Whether a class or function is a library's, which will be there."""

    def module(self, value: ModuleType) -> None:
        """Take note of a module that is referred to.

        Raises:
            ExportError: It will not be there.
        """

    def holds(self, value: Any) -> None:
        """Take note of any other object."""


class Carrier(dill.Pickler):  # type: ignore[misc]  # dill has no types.
    """A pickler with a namer; ``carrier`` makes the class of one."""

    namer: Namer
    dispatch = _STOCK.dispatch
    """The standard pickle's own table: dill's is only asked where that one does not know a way."""

    def __init__(self, stream: Any, **options: Any) -> None:
        super().__init__(stream, recurse=True, **options)
        # By identity: to hash a class may be code of its metaclass.
        self._only_dill = {id(kind) for kind in dill.Pickler.dispatch if kind not in self.dispatch}
        self.trail: list[Any] = []
        """The objects being pickled, the outermost first; after an error, those that led to it."""

    def save(self, obj: Any, save_persistent_id: bool = True) -> None:
        """Pickle one object."""
        self.trail.append(obj)
        if id(obj) in self.memo or not self._special(obj):
            super().save(obj, save_persistent_id)
        self.trail.pop()

    def save_global(self, obj: Any, name: str | None = None) -> None:
        """Refer to something by its name, where its own ``__reduce__`` said so."""
        if not self._named(obj):
            super().save_global(obj, name)

    def _special(self, obj: Any) -> bool:
        """Pickle what is not left to the standard pickle; whether it was such."""
        if is_a(obj, type) and self._parametrized_class(obj):
            return True
        if is_a(obj, type) or is_function(obj):
            if not self._named(obj) and not _is_importable(obj):
                self._nameless(obj)
                return True
            return id(obj) in self.memo
        if type(obj) is MethodType:
            self._method(obj)
            return True
        if is_a(obj, ModuleType):
            self.namer.module(obj)
            self._by_value(obj)
            return True
        if is_a(obj, _FILE):
            raise ExportError(f'an open file ({getattr(obj, "name", obj)}) cannot be carried over')
        made = made_from(type(obj))
        if made is not None:
            self.save_reduce(_new, (type(obj),), state_of(obj, made[0]), obj=obj)
            return True
        self.namer.holds(obj)
        if id(type(obj)) in self._only_dill and not _has_reduction(obj):
            self._by_value(obj)
            return True
        return False

    def _named(self, obj: Any) -> bool:
        """Refer to a class or function by the name that the namer gives it, if it does."""
        own = type(obj) is FunctionType and obj.__module__ == loader.__name__
        found = ('.carried', obj.__name__) if own else self.namer.name(obj)
        if found is None:
            return False
        module, qualname = found
        # https://docs.python.org/3/library/pickletools.html: an opcode that every protocol has.
        self.write(pickle.GLOBAL + f'{module}\n{qualname}\n'.encode())
        self.memoize(obj)
        return True

    def _parametrized_class(self, kind: type) -> bool:
        """Have the class of a parametrized module made anew."""
        made = made_from(kind)
        if made is not None:
            base, names = made
            self.save_reduce(loader.parametrized, (base, *names), obj=kind)
        return made is not None

    def _nameless(self, obj: Any) -> None:
        """A class or function that no name leads to: from what a library made it, or by value."""
        made = made_inside(obj) if self.namer.is_library(obj) else None
        if made is not None:
            self.save_reduce(loader.enclosed, made, obj=obj)
        else:
            self._by_value(obj)

    def _by_value(self, obj: Any) -> None:
        dill.Pickler.dispatch[type(obj)](self, obj)

    def _method(self, method: MethodType) -> None:
        """A bound method: what its object's class has under its name, or else the very function bound again."""
        owner: Any = method.__self__
        function = method.__func__
        is_class = is_a(owner, type)
        kind = owner if is_class else type(owner)
        name = stored(function, '__name__') or ''
        owners = (class_namespace(each) for each in mro_of(kind))
        found: Any = next((content[name] for content in owners if name in content), None)
        inner = found.__func__ if is_a(found, (classmethod, staticmethod)) else found
        by_name = inner is function and name not in (class_namespace(owner) if is_class else namespace(owner))
        if by_name or is_class:
            self.save_reduce(getattr, (owner, name), obj=method)
        else:
            self.save_reduce(operator.methodcaller('__get__', owner), (function,), obj=method)


def _is_importable(obj: Any) -> bool:
    """Whether the standard pickle finds a library's class or function by its name."""
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
    """Whether the standard pickle knows a way for an object."""
    try:
        obj.__reduce_ex__(pickle.DEFAULT_PROTOCOL)
    except (TypeError, pickle.PicklingError):
        return False
    return True


def carrier(namer: Namer, made: list[Carrier]) -> Any:
    """What ``torch.save`` takes as its ``pickle_module``.

    Args:
        namer: Decides how things are referred to.
        made: The picklers made are added to it.
    """

    class Bound(Carrier):
        def __init__(self, stream: Any, **options: Any) -> None:
            self.namer = namer
            super().__init__(stream, **options)
            made.append(self)

    return SimpleNamespace(Pickler=Bound, __name__=__name__)


@contextmanager
def strict() -> Iterator[None]:
    """Have what dill only warns of be an error."""
    with warnings.catch_warnings():
        warnings.simplefilter('error', dill.PicklingWarning)
        yield
