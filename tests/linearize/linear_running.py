"""Runs original and flattened classes and records what happens."""

from __future__ import annotations

import itertools
import operator
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

from linear_library import LIBRARY
from linear_sketches import Hierarchy

from introspect_export.live_class.flatten_class import StandaloneClass, flatten_class

_NUMBERS = itertools.count()


class World:
    """The modules of one hierarchy, loaded.

    Args:
        folder: Where to write them.
        prefix: What the hierarchy's modules are named by.
    """

    def __init__(self, folder: Path, prefix: str) -> None:
        self._folder = folder
        self._prefix = prefix

    def load(self, hierarchy: Hierarchy) -> list[type]:
        """Write and import the modules; return the classes."""
        self.forget()
        self.library = self._module(f'{self._prefix}lib', LIBRARY)
        modules = [self._module(f'{self._prefix}{number}', text) for number, text in enumerate(hierarchy.texts)]
        return [getattr(modules[number], name) for number, name in hierarchy.classes]

    def forget(self) -> None:
        """Take the modules out of the interpreter."""
        for name in [each for each in sys.modules if each.startswith(self._prefix)]:
            del sys.modules[name]

    def is_origin(self, module: str) -> bool:
        """Whether a module is one of the hierarchy's own."""
        return module.startswith(self._prefix) and module != f'{self._prefix}lib'

    def flatten(self, cls: type, *, inline: bool = False) -> tuple[StandaloneClass, type]:
        """Flatten a class and execute the result."""
        flat = flatten_class(cls, is_origin=self.is_origin, inline=inline)
        name = f'{self._prefix}flat'
        module = ModuleType(name)
        sys.modules[name] = module
        exec(compile(flat.text, f'<{name}>', 'exec', dont_inherit=True), module.__dict__)
        return flat, getattr(module, cls.__name__)

    def _module(self, name: str, text: str) -> ModuleType:
        file = self._folder / f'{name}.py'
        file.write_text(text)
        module = ModuleType(name)
        module.__file__ = str(file)
        sys.modules[name] = module
        exec(compile(text, str(file), 'exec', dont_inherit=True), module.__dict__)
        return module

    def record(self, cls: type) -> list[Any]:
        """Use a class in every way there is, and one derived from it, and return all events and results."""
        events = self.library.EVENTS
        out: list[Any] = []
        for made in (cls, self._derived(cls)):
            for _, action in actions(made):
                events.clear()
                try:
                    result = self.library.show(action())
                except self.library.OutOfFuel:
                    result = 'out of fuel'
                except RecursionError:
                    result = 'recursion'
                except Exception as error:
                    result = f'{type(error).__name__}'
                out.append([result, list(events)])
        return out

    def _derived(self, cls: type) -> type:
        trace = self.library.trace

        class Derived(cls):  # type: ignore[misc, valid-type]
            def f(self, x: Any = 0) -> Any:
                trace('Derived.f', x)
                return super().f(x)

            def h(self, x: Any = 0) -> Any:
                return trace('Derived.h', x)

            @property
            def q(self) -> Any:
                return trace('Derived.q')

            @classmethod
            def d(cls, x: Any = 0) -> Any:
                return trace('Derived.d', x)

            attr = 'Derived.attr'

        return Derived


def actions(cls: Any) -> list[tuple[str, Callable[[], Any]]]:
    """Everything that is done with a class, by name."""
    made: list[Any] = []

    def make() -> Any:
        made.append(cls(3, k=4))
        return sorted(vars(made[0]).items())

    found: list[tuple[str, Callable[[], Any]]] = [('make', make)]
    for name in ('f', 'g', 'h', '_i', 'run', '__call__', '__len__', 'u', 'y', 'a', 'n', 'k', 'l', 'look', 'seen'):
        found.append((name, lambda name=name: _finish(getattr(made[0], name)(*([] if name == '__len__' else [5])))))
    for name in ('c', 'd', 's', 't'):
        found.append((name, lambda name=name: getattr(made[0], name)(6)))
        found.append((name, lambda name=name: getattr(cls, name)(7)))
    for name in ('r', 'r'):
        found.append((name, lambda name=name: made[0].r()))
    for name in ('p', 'q'):
        found.append((name, lambda name=name: getattr(made[0], name)))
        found.append((f'{name}=', lambda name=name: setattr(made[0], name, 8)))
    for name in (
        'attr',
        'data',
        'other',
        'TAG',
        'dyn_z',
        'missing',
        'names',
        'table',
        'kinds',
        'switch',
        'made',
        'born',
    ):
        found.append((name, lambda name=name: getattr(made[0], name)))
        found.append((name, lambda name=name: getattr(cls, name)))
    found.append(('call', lambda: made[0](9)))
    found.append(('fi', lambda: made[0].fi(3)))
    found.append(('w', lambda: [made[0].w, made[0].w]))
    for name in ('lt', 'le', 'gt', 'ge'):
        found.append((name, lambda name=name: getattr(operator, name)(made[0], made[0])))
    found.append(('eq', lambda: made[0] == 1))
    found.append(('hash', lambda: hash(made[0]) != 0))
    found.append(('inner', lambda: [cls.Inner.tag, made[0].Inner().go(), cls.Inner.__name__]))
    found.append(('doc', lambda: cls.__doc__))
    found.append(('state', lambda: sorted(vars(made[0]).items())))
    return found


def _finish(value: Any) -> Any:
    """Run a coroutine or a generator to its end."""
    if hasattr(value, 'send'):
        results = []
        try:
            while True:
                results.append(value.send(None))
        except StopIteration as stop:
            return [*results, stop.value]
    return value
