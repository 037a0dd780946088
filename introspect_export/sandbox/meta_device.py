"""Builds models with large tensors on torch's ``meta`` device, which allocates no memory for values.

The result of an operation on such a tensor is such a tensor; writing values to one does nothing. Small tensors are
real, since constructors compute with them (rates of stochastic depth, indices of windows). Where code reads missing
values, the class of the module under construction is recorded, and building is repeated with that class's tensors real.

The dispatch mode intercepts every operation of torch, which is slow, and most models fit into memory. So with the
device ``auto``, parameters and buffers are only counted at first, and a build that needs too much memory is repeated on
the meta device.
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
"""The largest number of elements of a tensor that is always real."""
ALLOWANCE = 512 << 20
"""The bytes of real parameters and buffers that a model may have, for the device ``auto``."""
_SET_DATA = torch.Tensor.data.__set__  # type: ignore[attr-defined]  # The stubs have a plain attribute.


class NoRoom(BaseException):
    """There is too little memory for real tensors; no ``Exception``, since the code that is running may catch those."""


class TensorWatch:
    """The record of reads of missing values during one build.

    Args:
        real: The classes (``module:qualname``) in whose constructors all tensors are real; if it contains an empty
            string, all tensors are.
    """

    def __init__(self, real: frozenset[str]) -> None:
        self.real = real
        self.needed: str | None = None
        """The class whose constructor first read missing values; empty if no module was under construction."""

    def need(self) -> None:
        """Record that code reads missing values."""
        if self.needed is None:
            names = (_name(kind) for kind in _constructed())
            self.needed = next((name for name in names if name not in self.real), '')

    def is_real(self) -> bool:
        """Whether tensors created now are real."""
        return '' in self.real or (bool(self.real) and any(_name(kind) in self.real for kind in _constructed()))


class _Allocations(TorchDispatchMode):  # type: ignore[no-untyped-call]  # torch leaves it untyped.
    """Creates large tensors on the meta device, and runs operations on those there."""

    def __init__(self, watch: TensorWatch) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # torch leaves it untyped.
        self._watch = watch

    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        """Whether torch disables its compiler for this mode; that would import it, which takes more than a second."""
        return False

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        if any(one.is_meta for one in (*_tensors(args), *_tensors(kwargs.values()))):
            return self._without_values(func, args, kwargs)
        if not _allocates(func) or _elsewhere(kwargs):
            return func(*args, **kwargs)
        if 'device' in kwargs:
            kwargs = {**kwargs, 'device': 'cpu'}  # It may be ``meta``, copied from another tensor's device.
        if self._watch.is_real():
            return func(*args, **kwargs)
        try:
            made = func(*_to_meta(args), **_on_meta(_to_meta(kwargs)))
        except (NotImplementedError, RuntimeError):
            return func(*args, **kwargs)  # The operation is not implemented on the meta device.
        return made if made.numel() > _SMALL else func(*args, **kwargs)

    def _without_values(self, func: Any, args: Any, kwargs: Any) -> Any:
        """Run an operation that has a meta tensor among its arguments."""
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
        # A number computed from a meta tensor is not that of the real tensor.
        if not isinstance(result, torch.Tensor) and any(
            isinstance(one, (bool, int, float)) for one in tree_flatten(result)[0]
        ):
            self._watch.need()
        return result


class _Calls(TorchFunctionMode):
    """Records calls that fail because of a meta tensor; some fail before they are dispatched to ``_Allocations``."""

    def __init__(self, watch: TensorWatch) -> None:
        super().__init__()
        self._watch = watch

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        if func == _SET_DATA and args[0].is_meta:
            args = _to_meta(args)  # ``parameter.data = values`` fails across devices.
        try:
            return func(*args, **(kwargs or {}))
        except Exception:
            arguments = tree_flatten((args, kwargs))[0]
            if any(isinstance(one, torch.Tensor) and one.is_meta for one in arguments):
                self._watch.need()
            raise


@contextmanager
def unallocated(real: frozenset[str] = frozenset()) -> Iterator[TensorWatch]:
    """Create large tensors on the meta device while the context lasts.

    Args:
        real: The classes in whose constructors all tensors are real; see ``TensorWatch``.

    Yields:
        The record of reads of missing values.
    """
    watch = TensorWatch(real)
    with _Calls(watch), _Allocations(watch):
        yield watch


@contextmanager
def counted(allowance: int) -> Iterator[None]:
    """Raise ``NoRoom`` from the registration of a parameter or buffer once together they are too large.

    Args:
        allowance: The bytes that they may have; less if less memory is free.
    """
    remaining = min(allowance, _available() // 4)

    def count(module: torch.nn.Module, name: str, tensor: torch.Tensor | None) -> None:
        nonlocal remaining
        if isinstance(tensor, torch.Tensor) and not is_lazy(tensor) and not tensor.is_meta:
            remaining -= tensor.numel() * tensor.element_size()
            if remaining < 0:
                raise NoRoom

    with ExitStack() as stack:
        for register in (register_module_parameter_registration_hook, register_module_buffer_registration_hook):
            stack.callback(register(count).remove)
        yield


def built(device: str, build: Callable[[TensorWatch], T], allowance: int = ALLOWANCE) -> tuple[T, str, tuple[str, ...]]:
    """Build something, repeatedly on the meta device until no code reads missing values.

    Args:
        device: ``cpu``; ``meta``; or ``auto``: ``cpu`` if there is enough memory, else ``meta``.
        build: Builds it, from the beginning each time.
        allowance: For ``auto``, the bytes of parameters and buffers up to which ``cpu`` is used.

    Returns:
        The result of the last build, the device it used, and the classes whose tensors had to be real on the meta
        device; an empty string stands for all tensors.
    """
    if device != 'meta':
        try:
            with counted(allowance) if device == 'auto' else nullcontext():
                return build(TensorWatch(frozenset())), 'cpu', ()
        except NoRoom:
            pass  # Repeated below on the meta device.
    real: tuple[str, ...] = ()
    while True:
        with unallocated(frozenset(real)) as watch:
            result = build(watch)
        if watch.needed is None or watch.needed in real:
            return result, 'meta', real
        real = (*real, watch.needed)


def _constructed() -> Iterator[type]:
    """The classes of the modules under construction, the innermost first."""
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
    """Whether an operation creates its tensor on a device other than ``cpu`` and ``meta``."""
    device = kwargs.get('device')
    return device is not None and torch.device(device).type not in ('cpu', 'meta')


def _on_meta(kwargs: dict[str, Any]) -> dict[str, Any]:
    """The keyword arguments for the meta device: without a random generator, since no values are drawn."""
    result = {key: value for key, value in kwargs.items() if key != 'generator'}
    return {**result, 'device': 'meta'} if 'device' in result else result


def _tensors(values: Iterable[Any]) -> list[torch.Tensor]:
    """The tensors in an operation's arguments, also in nested lists and tuples."""
    found = []
    for value in values:
        if isinstance(value, torch.Tensor):
            found.append(value)
        elif isinstance(value, (list, tuple)):
            found += _tensors(value)
    return found


def _to_meta(value: Any) -> Any:
    values = value.values() if isinstance(value, dict) else value
    if all(one.is_meta for one in _tensors(values)):
        return value
    return tree_map(lambda one: one.to('meta') if isinstance(one, torch.Tensor) and not one.is_meta else one, value)


def _written(func: Any, args: Any, kwargs: Any) -> Iterator[torch.Tensor]:
    """The tensors among the arguments that an operation writes to, by its schema."""
    for index, argument in enumerate(func._schema.arguments):
        if argument.alias_info is not None and argument.alias_info.is_write:
            yield from _tensors([args[index] if index < len(args) else kwargs.get(argument.name)])


def _available() -> int:
    """The bytes of memory that are available to this process."""
    known = 'SC_AVPHYS_PAGES' in getattr(os, 'sysconf_names', {})
    free = os.sysconf('SC_AVPHYS_PAGES') * os.sysconf('SC_PAGE_SIZE') if known else sys.maxsize
    meminfo = Path('/proc/meminfo')  # Its ``MemAvailable`` includes memory that the kernel can reclaim.
    if meminfo.exists():
        fields = dict(line.split(':', 1) for line in meminfo.read_text().splitlines())
        free = int(fields['MemAvailable'].split()[0]) << 10
    # The limit of a container (cgroup v2).
    limit, used = Path('/sys/fs/cgroup/memory.max'), Path('/sys/fs/cgroup/memory.current')
    if limit.exists() and used.exists() and limit.read_text().strip().isdigit():
        free = min(free, int(limit.read_text()) - int(used.read_text()))
    return max(free, 0)
