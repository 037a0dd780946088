"""Build models without the memory of their large tensors: those are on torch's ``meta`` device, which holds no values.

What is made of such a tensor is such a tensor; filling one with values does nothing. Small tensors are real, so code
has what it computes on the way (the rates of stochastic depth, indices of windows). Where code asks for values that are
not there, it is noted which module's constructor did: building again with that class's tensors real gives it these.

It stands by itself: the interpreter that verifies a pack uses it too.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Callable

import torch
from torch.nn.modules.module import (
    register_module_buffer_registration_hook,
    register_module_parameter_registration_hook,
)
from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_flatten, tree_map

DEVICES = ('auto', 'cpu', 'meta')
_SMALL = 1 << 14
"""The elements up to which a tensor is real."""
_ALLOWANCE = 512 << 20
"""The bytes of parameters and buffers that are real where the choice is ours."""
_SET_DATA = torch.Tensor.data.__set__  # type: ignore[attr-defined]


class Watch:
    """What came up while a model was built.

    Args:
        real: The classes (``module:qualname``) in whose constructors all tensors are real; with an empty string among
            them, everywhere.
        active: Whether large tensors are without values from the beginning.
    """

    def __init__(self, real: frozenset[str], active: bool) -> None:
        self.real = real
        self.active = active and '' not in real
        self.needed: str | None = None
        """The class whose constructor asked first for values that are not there; empty outside of any."""
        self._left = min(_ALLOWANCE, _available() // 4)
        self._seen: set[int] = set()

    def count(self, tensor: torch.Tensor | None) -> None:
        """Count a module's new tensor; without room for more, tensors are without values from now on."""
        if isinstance(tensor, torch.Tensor) and not self.active and '' not in self.real and not tensor.is_meta:
            self._left -= tensor.numel() * tensor.element_size()
            self.active = self._left < 0

    def need(self) -> None:
        """Note that code asks for values that are not there."""
        if self.needed is None:
            names = (_name(kind) for kind in _constructed())
            self.needed = next((name for name in names if name not in self.real), '')

    def is_real(self) -> bool:
        """Whether the code that is running gets real tensors."""
        return not self.active or (bool(self.real) and any(_name(kind) in self.real for kind in _constructed()))


class _Allocations(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Makes large tensors without values, and computes on such ones."""

    def __init__(self, watch: Watch) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._watch = watch

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        given = [one for one in tree_flatten((args, kwargs))[0] if isinstance(one, torch.Tensor)]
        if any(one.is_meta for one in given):
            return self._without_values(func, args, kwargs)
        if not self._watch.active or not _allocates(func) or _elsewhere(kwargs):
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
        if any(isinstance(one, (bool, int, float)) for one in tree_flatten(result)[0]):
            self._watch.need()
        return result


class _Calls(TorchFunctionMode):
    """Sees the calls that fail because a tensor has no values; some of them never get to where tensors are computed."""

    def __init__(self, watch: Watch) -> None:
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
def registering(tell: Callable[[torch.Tensor | None], None]) -> Iterator[None]:
    """Tell a function of each parameter and buffer that a module is given while the context lasts."""

    def told(module: torch.nn.Module, name: str, tensor: torch.Tensor | None) -> None:
        tell(tensor)

    with ExitStack() as stack:
        for register in (register_module_parameter_registration_hook, register_module_buffer_registration_hook):
            stack.callback(register(told).remove)
        yield


@contextmanager
def unallocated(device: str, real: frozenset[str] = frozenset()) -> Iterator[Watch]:
    """Build models without the memory of large tensors while the context lasts.

    Args:
        device: ``meta``; ``cpu``, which is to build as ever; or ``auto``: as ever until there is too little memory.
        real: The classes in whose constructors all tensors are real; see ``Watch``.
    """
    watch = Watch(real, device == 'meta')
    with ExitStack() as stack:
        if device != 'cpu':
            stack.enter_context(registering(watch.count))
            stack.enter_context(_Calls(watch))
            stack.enter_context(_Allocations(watch))
        yield watch


def built(device: str, build: Callable[[Watch], Any]) -> tuple[Any, tuple[str, ...]]:
    """Build something until nobody asks for values that are not there.

    Args:
        device: See ``unallocated``.
        build: Builds it, from the beginning each time.

    Returns:
        What was built last, and the classes whose tensors had to be real; an empty string stands for all.
    """
    real: tuple[str, ...] = ()
    while True:
        with unallocated(device, frozenset(real)) as watch:
            result = build(watch)
        if watch.needed is None or watch.needed in real:
            return result, real
        real = (*real, watch.needed)


def _constructed() -> Iterator[type]:
    """The classes of the modules that are being constructed, the innermost first."""
    frame = sys._getframe(1)
    while frame is not None:
        if frame.f_code.co_name == '__init__':
            owner = frame.f_locals.get('self')
            if isinstance(owner, torch.nn.Module):
                yield type(owner)
        frame = frame.f_back  # type: ignore[assignment]


def _name(kind: type) -> str:
    return f'{kind.__module__}:{kind.__qualname__}'


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


def _to_meta(value: Any) -> Any:
    return tree_map(lambda one: one.to('meta') if isinstance(one, torch.Tensor) and not one.is_meta else one, value)


def _written(func: Any, args: Any, kwargs: Any) -> Iterator[torch.Tensor]:
    """The tensors that a function writes to."""
    for index, argument in enumerate(func._schema.arguments):
        if argument.alias_info is not None and argument.alias_info.is_write:
            value = args[index] if index < len(args) else kwargs.get(argument.name)
            yield from (one for one in tree_flatten(value)[0] if isinstance(one, torch.Tensor))


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
