"""Who makes the objects that no registry builds, and with which arguments.

A profile function is told of every call. In the frame of a constructor stand the arguments as they were given, and
above it is the code that made the object; what ``copy.deepcopy`` returns was made by no constructor, but is like what
it was copied from. So nobody's class or function is changed. It rests while modules are imported: that is where most
calls are, and few of the objects.
"""

from __future__ import annotations

import copy
import sys
import weakref
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.machinery import SourceFileLoader
from types import CodeType, FrameType, ModuleType
from typing import Any

import torch

from introspect_export.model.symbols import Symbol
from introspect_export.observe.origin_policy import is_framework, may_be_origin
from introspect_export.observe.raw import module_of
from introspect_export.observe.recording import frame_symbol
from introspect_export.observe.untraced_calls import ours, rested
from introspect_export.observe.value_texts import value_text

_NEAREST = 12
"""Frames that are looked at for a method."""
_VARARGS, _VARKEYWORDS = 0x04, 0x08
_DEEPCOPY, _COPY = copy.deepcopy.__code__, copy.copy.__code__
_CONTAINERS = (dict, list, tuple, set, torch.Tensor)


@dataclass
class Call:
    """One constructor in the making of an object.

    Attributes:
        code: The constructor's.
        function: The constructor.
        caller: The code that called it.
        file: The file of the call.
        line: The line of the call.
        arguments: Its parameters as texts, as they were when it was called.
        rest: What it was given by position beyond its parameters, or empty.
        rest_name: Its name for that.
        keywords: What ``**kwargs`` held.
    """

    code: CodeType
    function: Symbol | None
    caller: Symbol | None
    file: str
    line: int
    arguments: Mapping[str, str]
    rest: str
    rest_name: str
    keywords: Mapping[str, str]


@dataclass
class Construction:
    """How one object was made.

    Attributes:
        value: Gives the object, or None where it is gone.
        maker: The function that called its class, or copied it.
        file: The file of that call.
        line: The line of that call.
        within: The method of a module that was under way, where a function made it.
        calls: The constructors called, that of its own class first; for a copy, those of the original.
        copied: For a copy, gives the object that was constructed, or None where that is gone.
    """

    value: Callable[[], Any]
    maker: Symbol | None
    file: str
    line: int
    within: Symbol | None
    calls: list[Call] = field(default_factory=list)
    copied: Callable[[], Any] | None = None


class Makings:
    """How the objects of this process were made, as far as it was seen.

    It looks at modules, and at what is of classes, or made by code, of mmengine or of packages that may be origin. Of
    the rest, most are gone at once.

    Args:
        intern: Packages or modules that are origin, whatever the rule says.
    """

    def __init__(self, intern: Sequence[str] = ()) -> None:
        self._found: dict[int, Construction] = {}
        self._tops: dict[str, bool] = {}
        self._intern = intern
        self.watched = False
        """Whether this program could look; one profile function can be set for a thread, and another one was."""

    def of(self, value: Any) -> Construction | None:
        """How an object was made; None where that was not seen."""
        making = self._found.get(id(value))
        return making if making is not None and making.value() is value else None

    def construct(self, frame: FrameType) -> None:
        """Take down the call of a constructor, whose frame has just begun."""
        code = frame.f_code
        if not code.co_argcount:
            return
        value, caller = frame.f_locals[code.co_varnames[0]], frame.f_back
        making = self.of(value)
        if making is None and not self._matters(type(value), caller):
            return
        if making is None or not _constructs(caller, value):
            outer = caller
            while _constructs(outer, value):
                outer = outer.f_back if outer is not None else None
            making = self._found[id(value)] = _begun(value, outer)
        making.calls.append(_call(frame, caller))

    def _matters(self, kind: type, caller: FrameType | None) -> bool:
        """Whether an object may be told of, for its class or for who makes it."""
        if issubclass(kind, torch.nn.Module) or self._is_near(module_of(kind)):
            return True
        return caller is not None and self._is_near(str(caller.f_globals.get('__name__')))

    def _is_near(self, module: str) -> bool:
        top = module.partition('.')[0]
        if top not in self._tops:
            self._tops[top] = is_framework(top) or may_be_origin(top, self._intern)
        return self._tops[top]

    def copy(self, frame: FrameType, result: Any) -> None:
        """Take down a copy, as its maker returns it."""
        original = frame.f_locals[frame.f_code.co_varnames[0]]
        if result is original or result is None or issubclass(type(result), _CONTAINERS):
            return
        outer: FrameType | None = frame
        while outer is not None and outer.f_globals is copy.__dict__:
            outer = outer.f_back
        before, making = self.of(original), _begun(result, outer)
        making.calls = before.calls if before is not None else []
        making.copied = before.copied if before is not None and before.copied is not None else _kept(original)
        self._found[id(result)] = making


@contextmanager
def makings(before: Makings | None = None) -> Iterator[Makings]:
    """Note who makes each object while the context lasts, unless somebody measures this thread already.

    Args:
        before: What was seen before, which is added to.
    """
    found = before if before is not None else Makings()

    def profile(frame: FrameType, event: str, argument: Any) -> None:
        if event == 'call':
            if frame.f_code.co_name == '__init__':
                found.construct(frame)
        elif event == 'return' and (frame.f_code is _DEEPCOPY or frame.f_code is _COPY):
            found.copy(frame, argument)

    if sys.getprofile() is not None:
        yield found
        return
    found.watched = True
    with _resting_in_imports():
        sys.setprofile(ours(profile))
        try:
            yield found
        finally:
            if sys.getprofile() is profile:
                sys.setprofile(None)


@contextmanager
def _resting_in_imports() -> Iterator[None]:
    original, own = SourceFileLoader.exec_module, vars(SourceFileLoader).get('exec_module')

    def exec_module(self: SourceFileLoader, module: ModuleType) -> None:
        rested(original, self, module)

    SourceFileLoader.exec_module = exec_module  # type: ignore[method-assign, assignment]  # Until the end.
    try:
        yield
    finally:
        if own is None:
            del SourceFileLoader.exec_module
        else:
            SourceFileLoader.exec_module = own  # type: ignore[method-assign]  # As it was before.


def _begun(value: Any, frame: FrameType | None) -> Construction:
    """The making of an object, asked for by a frame."""
    if frame is None:
        return Construction(_kept(value), None, '', 0, None)
    maker, method = frame_symbol(frame), _method(frame)
    within = frame_symbol(method) if method is not None and method is not frame else None
    return Construction(
        _kept(value), maker, frame.f_code.co_filename, frame.f_lineno, within if within != maker else None
    )


def _kept(value: Any) -> Callable[[], Any]:
    """What gives an object as long as it lives; one that cannot be referred to weakly is kept, and so is its id."""
    try:
        return weakref.ref(value)
    except TypeError:
        return lambda: value


def _call(frame: FrameType, caller: FrameType | None) -> Call:
    code, local = frame.f_code, frame.f_locals
    names = code.co_varnames
    count = code.co_argcount + code.co_kwonlyargcount
    arguments = {name: value_text(local[name]) for name in names[1:count] if name in local}
    variadic = bool(code.co_flags & _VARARGS)
    rest = local[names[count]] if variadic else ()
    keywords = local[names[count + variadic]] if code.co_flags & _VARKEYWORDS else {}
    return Call(
        code=code,
        function=frame_symbol(frame),
        caller=frame_symbol(caller),
        file=caller.f_code.co_filename if caller is not None else '',
        line=caller.f_lineno if caller is not None else 0,
        arguments=arguments,
        rest=value_text(rest) if rest else '',
        rest_name=names[count] if variadic else '',
        keywords={name: value_text(item) for name, item in keywords.items()},
    )


def _method(frame: FrameType | None) -> FrameType | None:
    """The innermost frame that runs a module's method."""
    for _ in range(_NEAREST):
        if frame is None:
            return None
        code = frame.f_code
        if code.co_argcount and issubclass(type(frame.f_locals.get(code.co_varnames[0])), torch.nn.Module):
            return frame
        frame = frame.f_back
    return None


def _constructs(frame: FrameType | None, value: Any) -> bool:
    """Whether a frame runs a method of an object, or a wrapper around one."""
    if frame is None:
        return False
    code, local = frame.f_code, frame.f_locals
    if code.co_argcount:
        return local.get(code.co_varnames[0]) is value
    given = local.get(code.co_varnames[0]) if code.co_flags & _VARARGS and code.co_varnames else None
    return type(given) is tuple and len(given) > 0 and given[0] is value
