"""Build models without the memory of their large tensors: those are on torch's ``meta`` device, which holds no values.

What is made of such a tensor is such a tensor; filling one with values does nothing. Small tensors are real, so code
has what it computes on the way (the rates of stochastic depth, indices of windows). Where code asks for values that are
not there, it is noted which module's constructor did: building again with that class's tensors real gives it these.

Seeing to that costs, since every operation of torch is seen. Most models need none of it, so where the choice is ours
their parameters and buffers are counted, no more; what takes too much memory is begun again without values.
"""

from __future__ import annotations

import functools
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager, nullcontext
from pathlib import Path
from types import FrameType
from typing import Any, TypeVar

import torch
from torch.nn.modules.module import (
    register_module_buffer_registration_hook,
    register_module_parameter_registration_hook,
)
from torch.nn.parameter import is_lazy
from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_flatten, tree_map

T = TypeVar('T')

DEVICES = ('auto', 'cpu', 'meta')
_SMALL = 1 << 14
"""The elements up to which a tensor is real."""
ALLOWANCE = 512 << 20
"""The bytes of parameters and buffers that are real where the choice is ours."""
_SET_DATA = torch.Tensor.data.__set__  # type: ignore[attr-defined]


class NoRoom(BaseException):
    """There is too little memory for real tensors; not an error of the code that is running, which may catch those."""


class TensorWatch:
    """What came up while a model was built.

    Args:
        real: The classes (``module:qualname``) in whose constructors all tensors are real; with an empty string among
            them, everywhere.
    """

    def __init__(self, real: frozenset[str]) -> None:
        self.real = real
        self.needed: str | None = None
        """The class whose constructor asked first for values that are not there; empty outside of any."""

    def need(self) -> None:
        """Note that code asks for values that are not there."""
        if self.needed is None:
            names = (_name(kind) for kind in _constructed())
            self.needed = next((name for name in names if name not in self.real), '')

    def is_real(self) -> bool:
        """Whether the code that is running gets real tensors."""
        return '' in self.real or (bool(self.real) and any(_name(kind) in self.real for kind in _constructed()))


class _Allocations(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Makes large tensors without values, and computes on such ones."""

    def __init__(self, watch: TensorWatch) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._watch = watch

    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        """Torch would import its compiler, for more than a second, to keep it from looking at this class."""
        return False

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        if any(one.is_meta for one in (*_tensors(args), *_tensors(kwargs.values()))):
            return self._without_values(func, args, kwargs)
        if not _allocates(func) or _elsewhere(kwargs):
            return func(*args, **kwargs)
        if 'device' in kwargs:
            kwargs = {**kwargs, 'device': 'cpu'}  # The device of a tensor without values may have been asked for.
        if self._watch.is_real():
            return func(*args, **kwargs)
        try:
            made = func(*_to_meta(args), **_on_meta(_to_meta(kwargs)))
        except (NotImplementedError, RuntimeError):
            return func(*args, **kwargs)  # It cannot be made without its values.
        return made if made.numel() > _SMALL else func(*args, **kwargs)

    def _without_values(self, func: Any, args: Any, kwargs: Any) -> Any:
        """Compute on tensors of which one has no values."""
        if any(not one.is_meta for one in _written(func, args, kwargs)):
            self._watch.need()
            raise RuntimeError(
                f'{func}: the values of a tensor without values are to be written into one that has some'
            )
        try:
            result = func(*_to_meta(args), **_on_meta(_to_meta(kwargs)))
        except Exception:
            self._watch.need()
            raise
        if not isinstance(result, torch.Tensor) and any(
            isinstance(one, (bool, int, float)) for one in tree_flatten(result)[0]
        ):
            self._watch.need()
        return result


class _Calls(TorchFunctionMode):
    """Sees the calls that fail because a tensor has no values; some of them never get to where tensors are computed."""

    def __init__(self, watch: TensorWatch) -> None:
        super().__init__()
        self._watch = watch

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        if func == _SET_DATA and args[0].is_meta:
            args = _to_meta(args)  # ``parameter.data = values``: there is nothing to be filled.
        try:
            return func(*args, **(kwargs or {}))
        except Exception:
            given = tree_flatten((args, kwargs))[0]
            if any(isinstance(one, torch.Tensor) and one.is_meta for one in given):
                self._watch.need()
            raise


@contextmanager
def unallocated(real: frozenset[str] = frozenset()) -> Iterator[TensorWatch]:
    """Build models without the memory of large tensors while the context lasts.

    Args:
        real: The classes in whose constructors all tensors are real; see ``TensorWatch``.
    """
    watch = TensorWatch(real)
    with _Calls(watch), _Allocations(watch):
        yield watch


@contextmanager
def counted(allowance: int) -> Iterator[None]:
    """Raise NoRoom in the midst of building when parameters and buffers take more than their share.

    Args:
        allowance: Their bytes; less where less memory is free.
    """
    left = min(allowance, _available() // 4)

    def count(module: torch.nn.Module, name: str, tensor: torch.Tensor | None) -> None:
        nonlocal left
        if isinstance(tensor, torch.Tensor) and not is_lazy(tensor) and not tensor.is_meta:
            left -= tensor.numel() * tensor.element_size()
            if left < 0:
                raise NoRoom

    with ExitStack() as stack:
        for register in (register_module_parameter_registration_hook, register_module_buffer_registration_hook):
            stack.callback(register(count).remove)
        yield


def built(device: str, build: Callable[[TensorWatch], T], allowance: int = ALLOWANCE) -> tuple[T, str, tuple[str, ...]]:
    """Build something until nobody asks for values that are not there.

    Args:
        device: ``cpu``; ``meta``; or ``auto``: ``cpu`` where there is room for it, else ``meta``.
        build: Builds it, from the beginning each time.
        allowance: For ``auto``, the bytes of parameters and buffers that there is room for.

    Returns:
        What was built last, the device it was built for, and the classes whose tensors had to be real all the same; an
        empty string stands for all.
    """
    if device != 'meta':
        try:
            with counted(allowance) if device == 'auto' else nullcontext():
                return build(TensorWatch(frozenset())), 'cpu', ()
        except NoRoom:
            pass  # It is begun again below, without values.
    real: tuple[str, ...] = ()
    while True:
        with unallocated(frozenset(real)) as watch:
            result = build(watch)
        if watch.needed is None or watch.needed in real:
            return result, 'meta', real
        real = (*real, watch.needed)


def _constructed() -> Iterator[type]:
    """The classes of the modules that are being constructed, the innermost first."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        if frame.f_code.co_name == '__init__':
            owner = frame.f_locals.get('self')
            if isinstance(owner, torch.nn.Module):
                yield type(owner)
        frame = frame.f_back


def _name(kind: type) -> str:
    return f'{kind.__module__}:{kind.__qualname__}'


@functools.cache
def _allocates(func: Any) -> bool:
    return any(argument.name == 'device' for argument in func._schema.arguments)


def _elsewhere(kwargs: dict[str, Any]) -> bool:
    """Whether a tensor is asked for on a device of its own."""
    device = kwargs.get('device')
    return device is not None and torch.device(device).type not in ('cpu', 'meta')


def _on_meta(kwargs: dict[str, Any]) -> dict[str, Any]:
    """The keywords for the device without values; a generator makes values, of which there are none."""
    result = {key: value for key, value in kwargs.items() if key != 'generator'}
    return {**result, 'device': 'meta'} if 'device' in result else result


def _tensors(values: Iterable[Any]) -> list[torch.Tensor]:
    """The tensors in an operation's arguments, which may be lists of them."""
    found = []
    for value in values:
        if isinstance(value, torch.Tensor):
            found.append(value)
        elif isinstance(value, (list, tuple)):
            found += _tensors(value)
    return found


def _to_meta(value: Any) -> Any:
    given = value.values() if isinstance(value, dict) else value
    if all(one.is_meta for one in _tensors(given)):
        return value
    return tree_map(lambda one: one.to('meta') if isinstance(one, torch.Tensor) and not one.is_meta else one, value)


def _written(func: Any, args: Any, kwargs: Any) -> Iterator[torch.Tensor]:
    """The tensors that a function writes to."""
    for index, argument in enumerate(func._schema.arguments):
        if argument.alias_info is not None and argument.alias_info.is_write:
            yield from _tensors([args[index] if index < len(args) else kwargs.get(argument.name)])


def _available() -> int:
    """The bytes of memory that are free for this process."""
    free = os.sysconf('SC_AVPHYS_PAGES') * os.sysconf('SC_PAGE_SIZE') if hasattr(os, 'sysconf') else sys.maxsize
    meminfo = Path('/proc/meminfo')  # It counts what can be freed, too.
    if meminfo.exists():
        fields = dict(line.split(':', 1) for line in meminfo.read_text().splitlines())
        free = int(fields['MemAvailable'].split()[0]) << 10
    limit, used = Path('/sys/fs/cgroup/memory.max'), Path('/sys/fs/cgroup/memory.current')
    if limit.exists() and used.exists() and limit.read_text().strip().isdigit():
        free = min(free, int(limit.read_text()) - int(used.read_text()))
    return max(free, 0)
