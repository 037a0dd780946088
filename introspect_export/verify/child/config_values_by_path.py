"""The values of a config as text by path, for comparing configs with each other or with a record.

The module imports nothing of the program: linking writes the record with it, and verifying interpreters read it.
"""

from __future__ import annotations

import functools
import os
from collections.abc import Iterator, Mapping
from types import BuiltinFunctionType, FunctionType, MethodType, ModuleType
from typing import Any

Record = Mapping[str, Any]
"""The text of each path; if the package has another value there, a mapping with ``original`` and ``package`` (None if
there is none) and ``why``."""

_NAMED = (type, FunctionType, BuiltinFunctionType, MethodType, functools.partial)
_MOST = 20


def flat(config: Any) -> dict[str, str]:
    """Return all values of a config as text by their paths (``model.backbone.depth``), in the config's order.

    A list without mappings is a single value; another one has its length as value, and values for its items.

    Args:
        config: The config.
    """
    return dict(_flat(config, ''))


def placed(values: Mapping[str, str], file: str) -> dict[str, str]:
    """Undo mmengine's substitution of the config's folder in a package's values.

    Args:
        values: The values, as text by path.
        file: The config's file.
    """
    folder = os.path.dirname(os.path.abspath(file)).replace('\\', '/')
    return {path: each.replace(f'{folder}/../', '{{ fileDirname }}/../') for path, each in values.items()}


def below(path: str, key: Any) -> str:
    """Return the path of an item of a mapping.

    Args:
        path: The mapping's path.
        key: The item's key.
    """
    if isinstance(key, str) and key.isidentifier():
        return f'{path}.{key}' if path else key
    return f'{path}[{key!r}]'


def _flat(value: Any, path: str) -> Iterator[tuple[str, str]]:
    value = _real(value)
    if isinstance(value, Mapping) and value:
        for key, item in value.items():
            yield from _flat(item, below(path, _named(_real(key))))
    elif isinstance(value, (list, tuple)) and _holds_mapping(value):
        yield path, f'{_kind(value)} of {len(value)}'
        for index, item in enumerate(value):
            yield from _flat(item, f'{path}[{index}]')
    else:
        yield path, text(value)


def text(value: Any) -> str:
    """Return a text for a value that differs if the value or its type does; a class or function is its dotted name."""
    value = _named(_real(value))
    if isinstance(value, Mapping):
        return '{' + ', '.join(f'{text(key)}: {text(item)}' for key, item in value.items()) + '}'
    if isinstance(value, (set, frozenset)):
        return f'{_kind(value)} ({", ".join(sorted(text(each) for each in value))})'
    if isinstance(value, (list, tuple)):
        items = ', '.join(text(each) for each in value)
        return f'[{items}]' if isinstance(value, list) else f'({items}{"," if len(value) == 1 else ""})'
    return repr(value)


def _named(value: Any) -> Any:
    """A class or function as the dotted name that mmengine's registries accept as type; a module as its name."""
    if isinstance(value, ModuleType):
        return value.__name__
    if not isinstance(value, _NAMED):
        return value
    inner = value.func if isinstance(value, functools.partial) else value
    return f'{getattr(inner, "__module__", "")}.{getattr(inner, "__qualname__", inner)}'


def _real(value: Any) -> Any:
    """The object that a lazy import of a pure Python config stands for."""
    from mmengine.config.lazy import LazyAttr, LazyObject

    return value.build() if isinstance(value, (LazyObject, LazyAttr)) else value


def _holds_mapping(value: Any) -> bool:
    return isinstance(value, Mapping) or (isinstance(value, (list, tuple)) and any(map(_holds_mapping, value)))


def _kind(value: Any) -> str:
    kinds = [each for each in (list, tuple, frozenset, set) if isinstance(value, each)]
    return kinds[0].__name__


def record(original: Mapping[str, str], package: Mapping[str, str], reasons: Mapping[str, str]) -> dict[str, Any]:
    """Return the record of the original's config and the package's, in the package's order.

    Args:
        original: The original's values.
        package: The package's values.
        reasons: The reasons for differences at or below a path. A difference without one is not recorded, so that
            verification reports it.
    """
    found: dict[str, Any] = {}
    for path in dict.fromkeys([*package, *original]):
        ours, theirs = original.get(path), package.get(path)
        why = reasons[_reason(path, reasons)] if ours != theirs and _reason(path, reasons) is not None else None
        if why is not None:
            found[path] = {'original': ours, 'package': theirs, 'why': why}
        elif ours is not None:
            found[path] = ours
    return found


def _reason(path: str, reasons: Mapping[str, str]) -> Any:
    """The path among the reasons that equals the given one or contains it, or None."""
    return next((each for each in reasons if path == each or path.startswith((f'{each}.', f'{each}['))), None)


def expected(known: Record, original: Mapping[str, str]) -> dict[str, str]:
    """Return the values that the package must have.

    Args:
        known: The record.
        original: The current values of the original.
    """
    found: dict[str, str] = {}
    for path in dict.fromkeys([*known, *original]):
        entry = known.get(path)
        if isinstance(entry, Mapping) and original.get(path) == entry['original']:
            if entry['package'] is not None:
                found[path] = entry['package']
        elif path in original:
            found[path] = original[path]
    return found


def recorded(known: Record) -> dict[str, str]:
    """Return the values of the original at the time of the export.

    Args:
        known: The record.
    """
    texts = {path: entry['original'] if isinstance(entry, Mapping) else entry for path, entry in known.items()}
    return {path: entry for path, entry in texts.items() if entry is not None}


def differences(known: Record, original: Mapping[str, str], package: Mapping[str, str]) -> list[str]:
    """Return a sentence for each value that the package lacks, has in addition, or has changed without a reason.

    Args:
        known: The record.
        original: The values of the original.
        package: The package's values.
    """
    wanted = expected(known, original)
    found = []
    for path in dict.fromkeys([*wanted, *package]):
        mine, other = wanted.get(path), package.get(path)
        if mine != other:
            found.append(f'{path}: original {_described(mine, original.get(path))}, package {other or "has none"}')
    if not found:
        found += _order(wanted, package)
    return [*found[:_MOST], f'… and {len(found) - _MOST} more'] if len(found) > _MOST else found


def _described(wanted: str | None, original: str | None) -> str:
    if wanted is None:
        return 'has none' if original is None else f'{original}, which is none in a package'
    return wanted if original == wanted or original is None else f'{original}, in a package {wanted}'


def _order(wanted: Mapping[str, str], package: Mapping[str, str]) -> list[str]:
    """Differences in the order of keys within a top-level key; the order of top-level keys does not matter."""
    found = []
    for top in dict.fromkeys(_top(path) for path in wanted):
        ours, theirs = ([path for path in each if _top(path) == top] for each in (wanted, package))
        odd = next((pair for pair in zip(ours, theirs, strict=False) if pair[0] != pair[1]), None)
        if odd is not None:
            found.append(f'{top}: original has {odd[0]} in the place where the package has {odd[1]}')
    return found


def _top(path: str) -> str:
    return path.partition('.')[0].partition('[')[0]
