"""Who makes the modules that no registry builds, and with which arguments.

``torch.nn.Module.__init__`` runs for every module; the frames above it are the constructors of the module's own
classes, and above them is the code that made it.
"""

from __future__ import annotations

import functools
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType
from typing import Any

import torch

from introspect_export.model.symbols import Symbol
from introspect_export.observe.recording import frame_symbol
from introspect_export.observe.values import value_text

_NEAREST = 12
"""Frames that are looked at for a method."""


@dataclass
class Call:
    """One constructor in the making of a module.

    Attributes:
        function: The constructor.
        caller: The code that called it.
        file: The file of the call.
        line: The line of the call.
        arguments: Its parameters as texts, as they were when it called the next constructor.
    """

    function: Symbol | None
    caller: Symbol | None
    file: str
    line: int
    arguments: Mapping[str, str]


@dataclass
class Making:
    """How one module was made.

    Attributes:
        module: The module; held, so that its id stays its own.
        maker: The function that called its class.
        file: The file of that call.
        line: The line of that call.
        within: The method of a module that was under way, where a function made it.
        calls: The constructors called, that of its own class first.
    """

    module: Any
    maker: Symbol | None
    file: str
    line: int
    within: Symbol | None
    calls: tuple[Call, ...]


@contextmanager
def makings() -> Iterator[dict[int, Making]]:
    """Note who makes each module while the context lasts, by the module's id."""
    found: dict[int, Making] = {}
    original = torch.nn.Module.__init__

    @functools.wraps(original)
    def init(self: Any, *args: Any, **kwargs: Any) -> None:
        if id(self) not in found:
            found[id(self)] = _making(self, sys._getframe(1))
        original(self, *args, **kwargs)

    torch.nn.Module.__init__ = init  # type: ignore[method-assign]
    try:
        yield found
    finally:
        torch.nn.Module.__init__ = original  # type: ignore[method-assign]


def _making(module: Any, frame: FrameType | None) -> Making:
    frames: list[FrameType] = []
    while frame is not None and _constructs(frame, module):
        if frame.f_code.co_name == '__init__' and frame.f_code.co_argcount:
            frames.insert(0, frame)
        frame = frame.f_back
    callers = [frame, *frames]
    calls = tuple(_call(each, caller) for each, caller in zip(frames, callers))
    if frame is None:
        return Making(module, None, '', 0, None, calls)
    maker, within = frame_symbol(frame), _method(frame)
    inner = frame_symbol(within) if within is not None and within is not frame else None
    inner = inner if inner != maker else None
    return Making(module, maker, frame.f_code.co_filename, frame.f_lineno, inner, calls)


def _call(frame: FrameType, caller: FrameType | None) -> Call:
    file, line = (caller.f_code.co_filename, caller.f_lineno) if caller is not None else ('', 0)
    return Call(frame_symbol(frame), frame_symbol(caller), file, line, _arguments(frame))


def _method(frame: FrameType | None) -> FrameType | None:
    """The innermost frame that runs a module's method."""
    for _ in range(_NEAREST):
        if frame is None:
            return None
        code = frame.f_code
        if code.co_argcount and isinstance(frame.f_locals.get(code.co_varnames[0]), torch.nn.Module):
            return frame
        frame = frame.f_back
    return None


def _constructs(frame: FrameType, module: Any) -> bool:
    """Whether a frame runs a constructor of this module, or a wrapper around one."""
    code = frame.f_code
    if code.co_argcount:
        return frame.f_locals.get(code.co_varnames[0]) is module
    local = frame.f_locals
    given = local.get(code.co_varnames[0]) if code.co_flags & 0x04 and code.co_varnames else None  # ``*args``
    return isinstance(given, tuple) and len(given) > 0 and given[0] is module


def _arguments(frame: FrameType) -> dict[str, str]:
    code, local = frame.f_code, frame.f_locals
    names = code.co_varnames[1 : code.co_argcount + code.co_kwonlyargcount]
    return {name: value_text(local[name]) for name in names if name in local}
