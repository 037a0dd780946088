"""Flatten every class of real libraries; compile, import and compare with the original by introspection.

Usage: python scripts/corpus_classes.py [PACKAGE ...] [-v] [--inline]
"""

from __future__ import annotations

import argparse
import contextlib
import importlib
import inspect
import io
import pkgutil
import re
import sys
import time
import traceback
import types
import warnings
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from introspect_export.linearize.mro import IMPLICIT  # noqa: E402
from introspect_export.live_class.flatten_class import StandaloneClass, flatten_class  # noqa: E402
from introspect_export.model import ExportError  # noqa: E402

OPENMMLAB = ('mmdet', 'mmseg', 'mmpose', 'mmagic', 'mmpretrain')
STRANGERS = ('mmengine', 'torchvision.models')
STDLIB = (
    'socketserver', 'http', 'email', 'logging', 'unittest', 'xml', 'asyncio', 'concurrent.futures', 'collections',
    'configparser', 'argparse', 'json', 'html', 'urllib', 'string', 'queue', 'threading', 'multiprocessing',
    'importlib', 'tempfile', 'zipfile', 'tarfile', 'codecs', 'io', 'ast', 'shelve', 'mailbox', 'smtplib',
    'ftplib', 'imaplib', 'ssl', 'optparse', 'cmd', 'code', 'pdb', 'bdb', 'doctest', 'pprint', 'random', 'decimal',
    'fractions', 'numbers', 'typing', 'contextlib', 'dataclasses', 'enum', 'types', 'weakref', 'abc', 'copyreg',
    'pickle', 'csv', 'gettext', 'locale', 'calendar', 'datetime', 'sched', 'selectors', 'statistics', 'wsgiref',
    'xmlrpc', 'tkinter', 'turtle', 'trace', 'lib2to3', 'idlelib', 'distutils', 'pydoc', 'difflib', 'ipaddress',
    'pathlib', 'plistlib', 'netrc', 'sqlite3',
)  # fmt: skip
# Not whether a function is nested, nor the __future__ features of its module, which only annotations show.
_FLAGS = 0xFFF & ~0x10
_VALUES = (str, int, float, tuple, list, dict, bool, bytes, frozenset, set)


def modules_of(package: str) -> Iterator[types.ModuleType]:
    """The modules of a package that can be imported here."""
    try:
        root = importlib.import_module(package)
    except Exception:
        return
    yield root
    for info in pkgutil.walk_packages(getattr(root, '__path__', []), f'{package}.', onerror=lambda _: None):
        if '__main__' in info.name or '.test' in info.name:
            continue
        try:
            with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
                yield importlib.import_module(info.name)
        except BaseException:
            continue


def classes_of(package: str) -> list[type]:
    """The classes that a package's modules define, at any depth of classes, each once."""
    found: dict[type, None] = {}
    for module in modules_of(package):
        stack = [value for value in list(vars(module).values()) if isinstance(value, type)]
        while stack:
            cls = stack.pop()
            if cls.__module__ == module.__name__ and cls not in found:
                found[cls] = None
                stack += [value for value in vars(cls).values() if isinstance(value, type)]
    return sorted(found, key=lambda cls: (cls.__module__, cls.__qualname__))


def differences(cls: type, flat: type, result: StandaloneClass) -> list[str]:
    """What introspection sees otherwise: members, kinds, signatures, defaults, docstrings, abstract methods, bases."""
    found = []
    merged = {each.qualname for each in result.merged}
    if cls.__doc__ != flat.__doc__:
        found.append('docstring')
    if getattr(cls, '__abstractmethods__', frozenset()) != getattr(flat, '__abstractmethods__', frozenset()):
        found.append('abstract methods')
    if type(cls) is not type(flat):
        found.append(f'metaclass {type(cls)} {type(flat)}')
    if cls.__name__ != flat.__name__:
        found.append('name')
    kept = [
        each
        for each in cls.__mro__[1:]
        if (each.__module__, each.__qualname__) not in {(m.module, m.qualname) for m in result.merged}
    ]
    if kept != list(flat.__mro__[1:]):
        found.append(f'order of the classes that stay: {kept} {flat.__mro__[1:]} {merged}')
    new = {each.name: each.original for each in result.members if each.name != each.original}
    for name in sorted(
        {name for each in cls.__mro__ for name in vars(each)} | {name for each in flat.__mro__ for name in vars(each)}
    ):
        if name in IMPLICIT or name in new:
            continue
        before, after = inspect.getattr_static(cls, name, None), inspect.getattr_static(flat, name, None)
        wrong = list(member_differences(before, after, new))
        if wrong and isinstance(before, _VALUES):
            # A value that the program has changed since: what counts is what the class statement makes of it.
            wrong = list(member_differences(inspect.getattr_static(made_again(cls), name, None), after, new))
        found += [f'{name}: {each}' for each in wrong]
    return found


def made_again(cls: type) -> type:
    """A class made once more from its own text, with all of its ancestors."""
    text = flatten_class(cls, keep=cls.__mro__[1:]).text
    found = getattr(execute(re.sub(r'(?m)^@.*\n', '', text), cls.__qualname__), cls.__name__)
    assert isinstance(found, type)
    return found


def member_differences(before: Any, after: Any, new: dict[str, str]) -> Iterator[str]:
    """What differs between two members."""
    if before is after:
        return
    if type(before) is not type(after):
        yield f'kind {type(before).__name__} {type(after).__name__}'
    elif isinstance(before, (classmethod, staticmethod)):
        yield from member_differences(before.__func__, after.__func__, new)
    elif isinstance(before, property):
        for part in ('fget', 'fset', 'fdel'):
            yield from member_differences(getattr(before, part), getattr(after, part), new)
        if before.__doc__ != after.__doc__:
            yield 'property docstring'
    elif isinstance(before, types.FunctionType):
        yield from function_differences(before, after, new)
    elif isinstance(before, _VALUES) and before != after and ' at 0x' not in repr(before):
        yield f'value {before!r} {after!r}'


def function_differences(before: types.FunctionType, after: types.FunctionType, new: dict[str, str]) -> Iterator[str]:
    """What differs between two functions, but for what flattening changes in their code."""
    if before.__doc__ != after.__doc__:
        yield 'docstring'
    mangled = re.fullmatch(f'_[A-Za-z0-9]+{before.__name__}', after.__name__)
    if before.__name__ != new.get(after.__name__, after.__name__) and not mangled:
        yield f'name {before.__name__} {after.__name__}'
    code, other = before.__code__, after.__code__
    for part in ('co_argcount', 'co_kwonlyargcount', 'co_posonlyargcount'):
        if getattr(code, part) != getattr(other, part):
            yield part
    count = code.co_argcount + code.co_kwonlyargcount
    if code.co_varnames[:count] != other.co_varnames[:count] or code.co_flags & _FLAGS != other.co_flags & _FLAGS:
        yield 'parameters or flags'
    for part in ('__defaults__', '__kwdefaults__', '__annotations__'):
        left, right = repr(getattr(before, part)), repr(getattr(after, part))
        if left != right and ' at 0x' not in left and part != '__annotations__':
            yield f'{part} {left} {right}'
    if set(vars(before)) != set(vars(after)):
        yield 'function attributes'


def execute(text: str, name: str) -> types.ModuleType:
    """Execute a flattened module."""
    module = types.ModuleType('flattened')
    sys.modules['flattened'] = module
    exec(compile(text, f'<{name}>', 'exec', dont_inherit=True), module.__dict__)
    return module


def check(cls: type, inline: bool) -> tuple[str, list[str]]:
    """Flatten one class; return its status and what is wrong."""
    top = cls.__module__.partition('.')[0]
    result = flatten_class(cls, inline=inline)
    if not any(each.__module__.partition('.')[0] == top for each in cls.__mro__[1:]):
        return 'alone', []
    if not result.merged:
        codes = [each.code for each in result.diagnostics if each.code != 'IE-LIN-DECORATOR']
        return (f'refused {codes[0]}' if codes else 'alone behind a library class'), []
    try:
        module = execute(result.text, cls.__qualname__)
    except (AssertionError, KeyError, ValueError):
        # A decorator that takes each class only once, or that takes subclasses of a certain one only.
        module = execute(re.sub(r'(?m)^@.*\n', '', result.text), cls.__qualname__)
    wrong = differences(cls, getattr(module, cls.__name__), result)
    return ('wrong' if wrong else 'flattened'), wrong


def stand_in_for_extensions() -> None:
    """A placeholder for mmcv's compiled operators where they are not built."""
    try:
        importlib.import_module('mmcv._ext')
    except ImportError:

        class Placeholder(types.ModuleType):
            def __getattr__(self, name: str) -> Any:
                if name.startswith('__'):
                    raise AttributeError(name)
                return lambda *args, **kwargs: None

        sys.modules['mmcv._ext'] = Placeholder('mmcv._ext')


def main() -> int:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('packages', nargs='*', default=[*OPENMMLAB, *STRANGERS, *STDLIB])
    parser.add_argument('-v', '--verbose', action='store_true')
    parser.add_argument('--inline', action='store_true', help='write methods out where they are called')
    options = parser.parse_args()
    warnings.simplefilter('ignore')
    stand_in_for_extensions()
    total: Counter[str] = Counter()
    for package in options.packages:
        start = time.time()
        counts: Counter[str] = Counter()
        for cls in classes_of(package):
            try:
                status, wrong = check(cls, options.inline)
            except ExportError:
                status, wrong = 'no source', []
            except Exception as error:
                status, wrong = f'failed {type(error).__name__}', [traceback.format_exc(limit=-3)]
            counts[status] += 1
            if wrong or (options.verbose and status.startswith('refused')):
                print(f'{status}: {cls.__module__}:{cls.__qualname__}: {"; ".join(wrong)}'[:2000])
        print(package, dict(sorted(counts.items())), f'{time.time() - start:.1f} s', flush=True)
        total += counts
    for status, count in sorted(total.items()):
        print(f'{status:32} {count}')
    return 1 if any(status == 'wrong' or status.startswith('failed') for status in total) else 0


if __name__ == '__main__':
    sys.exit(main())
