"""Call sites and arguments of the constructors of objects, also of those that no registry builds.

A profile function (``sys.setprofile``) receives every call, so no class or function has to be patched. When a
constructor is entered, its frame has the arguments as they were passed, and the frames below it on the stack are those
of its callers. The result of ``copy.deepcopy`` was made by no constructor, so the construction of the original is
recorded for it. Profiling is suspended while modules are imported, where most calls and few of the objects are made.
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

_MAX_FRAMES = 12
"""The number of frames that are searched for a method."""
# https://docs.python.org/3/library/inspect.html#code-objects-bit-flags
_VARARGS, _VARKEYWORDS = 0x04, 0x08
_DEEPCOPY, _COPY = copy.deepcopy.__code__, copy.copy.__code__
_CONTAINERS = (dict, list, tuple, set, torch.Tensor)


@dataclass
class Call:
    """One call of a constructor: that of an object's class, or of a parent.

    Attributes:
        code: The code object of the constructor.
        function: The constructor.
        caller: The function that called it.
        file: The file of the call.
        line: The line of the call.
        arguments: The values of its named parameters at the time of the call, as texts.
        rest: The value of ``*args`` as text, or empty.
        rest_name: The name of the ``*args`` parameter, or empty.
        keywords: The items of ``**kwargs``, as texts.
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
    """The construction of one object.

    Attributes:
        value: Returns the object, or None where it no longer exists.
        maker: The function that called its class, or copied it.
        file: The file of that call.
        line: The line of that call.
        within: The innermost method of a module on the stack, where that is another function than the maker.
        calls: The constructor calls, that of its own class first; for a copy, those of the original.
        copied: For a copy, returns the original that was constructed, or None where that no longer exists.
    """

    value: Callable[[], Any]
    maker: Symbol | None
    file: str
    line: int
    within: Symbol | None
    calls: list[Call] = field(default_factory=list)
    copied: Callable[[], Any] | None = None


class Makings:
    """The recorded constructions of objects in this process.

    Recorded are modules, and objects whose class or maker belongs to mmengine or to a package that may be origin. Most
    others are temporary.

    Args:
        intern: Packages or modules that are origin regardless of the policy.
    """

    def __init__(self, intern: Sequence[str] = ()) -> None:
        self._found: dict[int, Construction] = {}
        self._tops: dict[str, bool] = {}
        self._intern = intern
        self.watched = False
        """Whether constructions were recorded; False where the thread already had another profile function."""

    def of(self, value: Any) -> Construction | None:
        """The construction of an object, or None where it was not recorded."""
        making = self._found.get(id(value))  # Maybe of an earlier object with the same id.
        return making if making is not None and making.value() is value else None

    def construct(self, frame: FrameType) -> None:
        """Record the call of a constructor, whose frame has just been entered."""
        code = frame.f_code
        if not code.co_argcount:
            return
        value, caller = frame.f_locals[code.co_varnames[0]], frame.f_back
        making = self.of(value)
        if making is None and not self._is_recorded(type(value), caller):
            return
        # A caller that runs a method of the same object is a subclass's constructor, or a wrapper of this one.
        if making is None or not _constructs(caller, value):
            outer = caller
            while _constructs(outer, value):
                outer = outer.f_back if outer is not None else None
            making = self._found[id(value)] = _started(value, outer)
        making.calls.append(_call(frame, caller))

    def _is_recorded(self, kind: type, caller: FrameType | None) -> bool:
        """Whether an object is recorded, by its class or by the caller of the constructor."""
        if issubclass(kind, torch.nn.Module) or self._is_near(module_of(kind)):
            return True
        return caller is not None and self._is_near(str(caller.f_globals.get('__name__')))

    def _is_near(self, module: str) -> bool:
        top = module.partition('.')[0]
        if top not in self._tops:
            self._tops[top] = is_framework(top) or may_be_origin(top, self._intern)
        return self._tops[top]

    def copy(self, frame: FrameType, result: Any) -> None:
        """Record a copy, when the function that makes it returns."""
        original = frame.f_locals[frame.f_code.co_varnames[0]]
        if result is original or result is None or issubclass(type(result), _CONTAINERS):
            return
        outer: FrameType | None = frame
        while outer is not None and outer.f_globals is copy.__dict__:  # deepcopy is recursive.
            outer = outer.f_back
        before, making = self.of(original), _started(result, outer)
        making.calls = before.calls if before is not None else []
        making.copied = before.copied if before is not None and before.copied is not None else _kept(original)
        self._found[id(result)] = making


@contextmanager
def makings(before: Makings | None = None) -> Iterator[Makings]:
    """Record constructions while the context lasts, unless this thread has a profile function already.

    Args:
        before: Earlier records, which are added to.
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
    with _suspended_in_imports():
        sys.setprofile(ours(profile))
        try:
            yield found
        finally:
            if sys.getprofile() is profile:
                sys.setprofile(None)


@contextmanager
def _suspended_in_imports() -> Iterator[None]:
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


def _started(value: Any, frame: FrameType | None) -> Construction:
    """A new record of an object that is constructed by the code of a frame."""
    if frame is None:
        return Construction(_kept(value), None, '', 0, None)
    maker, method = frame_symbol(frame), _method(frame)
    within = frame_symbol(method) if method is not None and method is not frame else None
    return Construction(
        _kept(value), maker, frame.f_code.co_filename, frame.f_lineno, within if within != maker else None
    )


def _kept(value: Any) -> Callable[[], Any]:
    """A function that returns an object while it exists; one without weak references is kept alive, so its id stays."""
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
    """The innermost frame, among the nearest, that runs a method of a ``torch.nn.Module``."""
    for _ in range(_MAX_FRAMES):
        if frame is None:
            return None
        code = frame.f_code
        if code.co_argcount and issubclass(type(frame.f_locals.get(code.co_varnames[0])), torch.nn.Module):
            return frame
        frame = frame.f_back
    return None


def _constructs(frame: FrameType | None, value: Any) -> bool:
    """Whether a frame runs a method of an object, or a wrapper of one: the object is its first argument."""
    if frame is None:
        return False
    code, local = frame.f_code, frame.f_locals
    if code.co_argcount:
        return local.get(code.co_varnames[0]) is value
    positional = local.get(code.co_varnames[0]) if code.co_flags & _VARARGS and code.co_varnames else None
    return type(positional) is tuple and len(positional) > 0 and positional[0] is value
