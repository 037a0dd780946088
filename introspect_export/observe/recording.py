"""Recording of ``Registry.build`` and ``Registry.get`` calls, as a tree of events."""

from __future__ import annotations

import functools
import re
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import FrameType
from typing import Any

from mmengine.registry import Registry

from introspect_export.model.symbols import Symbol
from introspect_export.observe.config_paths import ConfigPaths, type_text
from introspect_export.observe.plain import copied
from introspect_export.observe.raw import class_namespace, is_a, mro_of, stored
from introspect_export.observe.untraced_calls import rested
from introspect_export.sandbox.no_data import adapted

_REGISTRY_CODE = 'mmengine.registry.'
_BUILD_FUNCTIONS = 'mmengine.registry.build_functions'


@dataclass
class LiveEvent:
    """A ``BuildEvent`` with live objects; fields that are not documented here are described there."""

    index: int
    parent: LiveEvent | None
    kind: str
    path: str
    under: str
    asked: Registry
    type_text: str
    caller: Symbol | None
    holder: Registry | None = None
    key: str = ''
    target: Any = None
    error: str = ''
    result: Any = None
    by_us: bool = False
    """Whether this program made the look-up, for a type that building did not reach."""
    line: int = 0
    """The line of the caller."""
    searched: Registry | None = None
    """The registry of the scope in force, where the search began."""
    given: Mapping[str, Any] | None = None
    """The items that the object is built from: the default arguments, overridden by the config's items."""
    handed: Mapping[str, str] = field(default_factory=dict)
    """The config paths of those items that are dicts of the config."""

    @property
    def context(self) -> str:
        """The event's config path, or that of the nearest enclosing event with one."""
        return self.path or self.under


class Recorder:
    """Collects the events of one thread, in order.

    Args:
        paths: Finds config paths.
        adapt: Called with every class or function that a registry resolved; its result is used instead.
        failed: Called with a class or function that could not be built, or that building did not reach, and its config.
        events: Earlier events.
    """

    def __init__(
        self,
        paths: ConfigPaths,
        adapt: Callable[[Any], Any],
        failed: Callable[[Any, Any], object] = lambda *_: None,
        events: Iterable[LiveEvent] = (),
    ) -> None:
        self.paths = paths
        self.adapt = adapt
        self.failed = failed
        self.events = list(events)
        self.section = ''
        self._stack: list[LiveEvent] = []
        self._suspended = 0
        self._thread = threading.get_ident()

    @property
    def active(self) -> bool:
        """Whether the current thread is the recorded one."""
        return threading.get_ident() == self._thread

    def add(self, path: str, registry: Registry, text: str, target: Any, key: str = '') -> LiveEvent:
        """Add a look-up that this program makes."""
        event = LiveEvent(len(self.events), None, 'get', path, path, registry, text, None, target=target, by_us=True)
        if key:
            event.holder, event.key = registry, key
        self.events.append(event)
        return event

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Suspend recording of look-ups while the context lasts."""
        self._suspended += 1
        try:
            yield
        finally:
            self._suspended -= 1

    def begin(self, kind: str, asked: Registry, value: Any, text: str, frame: FrameType) -> LiveEvent:
        """Add the event of a call that begins.

        Args:
            kind: ``build`` or ``get``.
            asked: The registry whose method is called.
            value: The dict to build; None for a look-up.
            text: The type as written.
            frame: The frame of the caller.
        """
        parent = self._stack[-1] if self._stack else None
        under = parent.context if parent else self.section
        caller = _outside(frame)
        path = self.paths.of(value, text, under) if value is not None else self._path_in(caller, text)
        event = LiveEvent(len(self.events), parent, kind, path, under, asked, text, frame_symbol(caller))
        event.line = caller.f_lineno if caller is not None else 0
        self.events.append(event)
        return event

    def build(self, original: Callable[..., Any], registry: Registry, config: Any, args: Any, kwargs: Any) -> Any:
        """Run ``Registry.build`` and record it as an event."""
        written = config.get('type') if is_a(config, dict) else None
        # Frame 1 is that of the patched ``Registry.build``, frame 2 its caller's.
        event = rested(self.begin, 'build', registry, config, type_text(written), sys._getframe(2))
        if written is not None and not is_a(written, str):
            event.target = written
            config = adapted(config, self.adapt)
        event.given, event.handed = rested(self._items, config, args, kwargs)
        self._stack.append(event)
        try:
            event.result = original(registry, config, *args, **kwargs)
        except BaseException as error:
            event.error = f'{type(error).__name__}: {error}'
            self.failed(event.target, config)
            raise
        finally:
            self._stack.pop()
        return event.result

    def _items(self, config: Any, args: Any, kwargs: Any) -> tuple[Mapping[str, Any] | None, Mapping[str, str]]:
        """The items that an object is built from, copied before building removes some; the config paths of dicts."""
        if not is_a(config, dict):
            return None, {}
        defaults = kwargs.get('default_args', args[0] if args else None)
        items = {**(defaults if is_a(defaults, dict) else {}), **config}
        found = ((key, self.paths.identified(item)) for key, item in items.items() if is_a(item, dict))
        return copied(items), {key: path for key, path in found if path is not None}

    def get(self, original: Callable[..., Any], registry: Registry, key: Any) -> Any:
        """Run ``Registry.get`` and record it: in the build event whose type it looks up, or as an event by itself."""
        if self._suspended or not is_a(key, str):
            return original(registry, key)  # A registry delegates to its parent or child.
        frame = sys._getframe(2)
        event = self._enclosing_build(frame) or rested(self._direct_event, registry, key, frame)
        event.type_text, event.searched = event.type_text or key, registry
        self._suspended += 1
        try:
            target = rested(original, registry, key)
        except BaseException as error:
            event.error = f'{type(error).__name__}: {error}'
            raise
        finally:
            self._suspended -= 1
        if target is None:
            event.error = f'{key} is in no registry that was asked'
            return None
        event.target = target
        found = holder(registry, key)
        if found is not None and found[0].module_dict[found[1]] is target:
            event.holder, event.key = found
        return self.adapt(target)

    def _enclosing_build(self, frame: FrameType) -> LiveEvent | None:
        """The build event whose type a look-up by one of mmengine's build functions resolves, or None."""
        event = self._stack[-1] if self._stack else None
        if event is None or event.target is not None or event.error:
            return None
        return event if frame.f_globals.get('__name__') == _BUILD_FUNCTIONS else None

    def _direct_event(self, registry: Registry, key: str, frame: FrameType) -> LiveEvent:
        """A new event for a look-up outside of ``Registry.build``; code may also call a build function directly."""
        if frame.f_globals.get('__name__') == _BUILD_FUNCTIONS:
            return self.begin('build', registry, frame.f_locals.get('cfg'), key, frame)
        return self.begin('get', registry, None, key, frame)

    def _path_in(self, frame: FrameType | None, text: str) -> str:
        """The path of the config dict among the caller's variables that has the type of a look-up; or empty."""
        for value in frame.f_locals.values() if frame else ():
            path = self.paths.identified(value) if is_a(value, dict) else None
            if path is not None and self.paths.typed.get(path) == text:
                return path
        return ''


@contextmanager
def recording(recorder: Recorder) -> Iterator[None]:
    """Route ``Registry.build`` and ``Registry.get`` of the recorder's thread through it while the context lasts."""
    original_build, original_get = Registry.build, Registry.get

    @functools.wraps(original_build)
    def build(self: Registry, cfg: Any, *args: Any, **kwargs: Any) -> Any:
        if not recorder.active:
            return original_build(self, cfg, *args, **kwargs)
        return recorder.build(original_build, self, cfg, args, kwargs)

    @functools.wraps(original_get)
    def get(self: Registry, key: Any) -> Any:
        return recorder.get(original_get, self, key) if recorder.active else original_get(self, key)

    Registry.build, Registry.get = build, get
    try:
        yield
    finally:
        Registry.build, Registry.get = original_build, original_get


def holder(registry: Registry, text: str) -> tuple[Registry, str] | None:
    """The registry that holds an entry, and its key there, or None, by the same search as ``Registry.get``."""
    scope, key = Registry.split_scope_key(text)
    if scope is None or scope == registry.scope:
        current: Registry | None = registry
        while current is not None:
            if key in current.module_dict:
                return current, key
            current = current.parent if scope is None else None
        return None
    if scope in registry.children:
        return holder(registry.children[scope], key)
    root = registry.root
    if root is not registry and (scope == root.scope or scope in root.children):
        return holder(root, text)
    return None


def _outside(frame: FrameType | None) -> FrameType | None:
    """The first frame that is not mmengine's registry code."""
    while frame is not None and _module(frame).startswith(_REGISTRY_CODE):
        frame = frame.f_back
    return frame


def _module(frame: FrameType) -> str:
    return str(frame.f_globals.get('__name__', ''))


def frame_symbol(frame: FrameType | None) -> Symbol | None:
    """The symbol of a frame's function; None for this program's own code, which acts as a runner."""
    if frame is None or _module(frame).partition('.')[0] == __name__.partition('.')[0]:
        return None
    return Symbol(_module(frame), _without_comprehensions(_qualname(frame)))


@functools.lru_cache(maxsize=4096)
def _without_comprehensions(name: str) -> str:
    """A qualified name without comprehensions, which have frames of their own before Python 3.12."""
    return re.sub(r'\.<locals>\.<(list|dict|set)comp>|\.<locals>\.<genexpr>', '', name)


def _qualname(frame: FrameType) -> str:
    """The qualified name of a frame's function."""
    code = frame.f_code
    known = getattr(code, 'co_qualname', None)  # Python 3.11
    if isinstance(known, str):
        return '' if known == '<module>' else known
    # Before 3.11, the class is found that defines a method with this code.
    owner: Any = frame.f_locals.get('self', frame.f_locals.get('cls'))
    for one in mro_of(owner if is_a(owner, type) else type(owner)):
        function = class_namespace(one).get(code.co_name)
        inner = function.__func__ if is_a(function, (classmethod, staticmethod)) else function
        if stored(inner, '__code__') is code:
            return f'{one.__qualname__}.{code.co_name}'
    return '' if code.co_name == '<module>' else code.co_name
