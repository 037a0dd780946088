"""Stand-ins for compiled extensions that are not here.

A library installed without its compiled operations fails on import, although nothing here calls them. While observing,
such an extension is supplied as a module whose every attribute is a function that raises when it is called.

Only what has to be: the last of all finders, for a private submodule (``library._ext``) of an installed library, and
only where the library is not prepared to go without it. An import inside of ``try: … except ImportError:`` is left
to fail, as the library means it to.
"""

from __future__ import annotations

import ast
import functools
import importlib.machinery
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.abc import Loader, MetaPathFinder
from types import CodeType, FrameType, ModuleType
from typing import Any, Callable

from introspect_export.model.diagnostics import Diagnostic
from introspect_export.observe.boundary import is_installed

CODE = 'IE-NO-COMPILED-OPS'
_HANDLERS = {'ImportError', 'ModuleNotFoundError', 'Exception', 'BaseException'}

_supplied: dict[str, None] = {}
"""Every extension supplied in this process: modules that bound it keep it, a later observation says so again."""


class MissingExtension(ModuleType):
    """A compiled extension that is not installed."""

    def __getattr__(self, name: str) -> Callable[..., Any]:
        """Make the function ``name``, which raises when it is called."""
        if name.startswith('__'):
            raise AttributeError(name)
        function = _raising(self.__name__, name)
        setattr(self, name, function)
        return function


def _raising(module: str, name: str) -> Callable[..., Any]:
    def missing(*args: Any, **kwargs: Any) -> Any:
        raise RuntimeError(
            f'{module}.{name} is a compiled operation, and {module} is not installed here: a placeholder took its '
            'place while a config was observed'
        )

    missing.__name__ = missing.__qualname__ = name
    missing.__module__ = module
    return missing


class _Finder(MetaPathFinder, Loader):
    """Finds what nobody else finds, if it is a compiled extension that a library cannot do without."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        parent, _, last = fullname.rpartition('.')
        if not parent or not last.startswith('_') or last.startswith('__') or parent not in sys.modules:
            return None
        top = fullname.partition('.')[0]
        # A project's own missing module is a mistake that must be seen.
        if not is_installed(top) or _prepared_for_absence(top):
            return None
        return importlib.machinery.ModuleSpec(fullname, self)

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType:
        return MissingExtension(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        _supplied[module.__name__] = None


@contextmanager
def placeholders() -> Iterator[None]:
    """Supply missing compiled extensions; on exit they can no longer be imported, and who bound one keeps it."""
    finder = _Finder()
    sys.meta_path.append(finder)
    try:
        yield
    finally:
        if finder in sys.meta_path:
            sys.meta_path.remove(finder)
        for name, module in sys.modules.copy().items():
            if isinstance(module, MissingExtension):
                del sys.modules[name]
                parent, _, last = name.rpartition('.')
                if vars(sys.modules.get(parent, module)).get(last) is module:
                    delattr(sys.modules[parent], last)


def placeholder_diagnostics() -> tuple[Diagnostic, ...]:
    """One diagnostic for each extension that was supplied."""
    message = 'this compiled extension is not installed; a placeholder stood in for it, its functions raise when called'
    return tuple(Diagnostic(CODE, name, message) for name in sorted(_supplied))


def _prepared_for_absence(top: str) -> bool:
    """Whether the package's own code, up the stack from the import, catches the failure of it."""
    frame: FrameType | None = sys._getframe(2)
    while frame is not None:
        name = frame.f_globals.get('__name__', '')
        if not frame.f_code.co_filename.startswith('<frozen importlib') and name != 'importlib':
            if not isinstance(name, str) or name.partition('.')[0] != top:
                return False
            if any(first <= frame.f_lineno <= last for first, last in _guarded(frame.f_code)):
                return True
        frame = frame.f_back
    return False


@functools.cache
def _guarded(code: CodeType) -> tuple[tuple[int, int], ...]:
    """The line ranges of a source file that stand inside of a ``try`` which catches import errors."""
    try:
        with open(code.co_filename, encoding='utf-8') as file:
            tree = ast.parse(file.read())
    except (OSError, SyntaxError, UnicodeDecodeError):
        return ()
    tries = [node for node in ast.walk(tree) if isinstance(node, ast.Try) and any(map(_catches, node.handlers))]
    return tuple((node.body[0].lineno, node.body[-1].end_lineno or node.body[-1].lineno) for node in tries)


def _catches(handler: ast.ExceptHandler) -> bool:
    if handler.type is None:
        return True
    names = {node.id for node in ast.walk(handler.type) if isinstance(node, ast.Name)}
    return bool(names & _HANDLERS)
