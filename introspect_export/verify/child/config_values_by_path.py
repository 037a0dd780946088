"""A config's values by their paths, as text: what two configs, or a config and a record of one, are compared by.

It stands by itself: what links a package writes the record with it, and the interpreter that verifies reads it.
"""

from __future__ import annotations

import functools
import os
from collections.abc import Iterator, Mapping
from types import BuiltinFunctionType, FunctionType, MethodType, ModuleType
from typing import Any

Record = Mapping[str, Any]
"""For each path its text; or where the package has another one, a mapping of ``original`` and ``package`` (None where
it has none there) and of ``why``."""

_NAMED = (type, FunctionType, BuiltinFunctionType, MethodType, functools.partial)
_MOST = 20


def flat(config: Any) -> dict[str, str]:
    """Every value of a config by its path (``model.backbone.depth``), as text, in the config's order.

    A list without mappings in it is one value; of any other the length is, with what is in it.
    """
    return dict(_flat(config, ''))


def placed(values: Mapping[str, str], file: str) -> dict[str, str]:
    """A package's values, with what mmengine filled in for the config's own folder as the config has it."""
    folder = os.path.dirname(os.path.abspath(file)).replace('\\', '/')
    return {path: each.replace(f'{folder}/../', '{{ fileDirname }}/../') for path, each in values.items()}


def below(path: str, key: Any) -> str:
    """The path of what a mapping at a path has under a key."""
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
    """A value as text that differs where the value or its type does; a class or function is its dotted name."""
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
    """A class or function as the dotted name that mmengine's registries take for a type; a module as its name."""
    if isinstance(value, ModuleType):
        return value.__name__
    if not isinstance(value, _NAMED):
        return value
    inner = value.func if isinstance(value, functools.partial) else value
    return f'{getattr(inner, "__module__", "")}.{getattr(inner, "__qualname__", inner)}'


def _real(value: Any) -> Any:
    """What a lazily imported object of a pure Python config is."""
    from mmengine.config.lazy import LazyAttr, LazyObject

    return value.build() if isinstance(value, (LazyObject, LazyAttr)) else value


def _holds_mapping(value: Any) -> bool:
    return isinstance(value, Mapping) or (isinstance(value, (list, tuple)) and any(map(_holds_mapping, value)))


def _kind(value: Any) -> str:
    kinds = [each for each in (list, tuple, frozenset, set) if isinstance(value, each)]
    return kinds[0].__name__


def record(original: Mapping[str, str], package: Mapping[str, str], reasons: Mapping[str, str]) -> dict[str, Any]:
    """What is to be known of a config and of the package's, in the package's order.

    Args:
        original: The original's values.
        package: The package's values.
        reasons: Why the package has something else at a path, and below it. A difference that has no reason is no
            part of the record, so that it is found when it is compared.
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
    """The path among the reasons that a path is, or is below of."""
    return next((each for each in reasons if path == each or path.startswith((f'{each}.', f'{each}['))), None)


def expected(known: Record, original: Mapping[str, str]) -> dict[str, str]:
    """The values that a package must have, of an original that has these.

    Args:
        known: The record.
        original: The values of the original, as they are now.
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
    """The values of the original at the time of the export."""
    texts = {path: entry['original'] if isinstance(entry, Mapping) else entry for path, entry in known.items()}
    return {path: entry for path, entry in texts.items() if entry is not None}


def differences(known: Record, original: Mapping[str, str], package: Mapping[str, str]) -> list[str]:
    """One sentence for each value that a package should have and does not, or has and should not.

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
            found.append(f'{path}: original {_told(mine, original.get(path))}, package {other or "has none"}')
    if not found:
        found += _order(wanted, package)
    return [*found[:_MOST], f'… and {len(found) - _MOST} more'] if len(found) > _MOST else found


def _told(wanted: str | None, original: str | None) -> str:
    if wanted is None:
        return 'has none' if original is None else f'{original}, which is none in a package'
    return wanted if original == wanted or original is None else f'{original}, in a package {wanted}'


def _order(wanted: Mapping[str, str], package: Mapping[str, str]) -> list[str]:
    """Where the same keys come in another order; that of the sections themselves says nothing."""
    found = []
    for top in dict.fromkeys(_top(path) for path in wanted):
        ours, theirs = ([path for path in each if _top(path) == top] for each in (wanted, package))
        odd = next((pair for pair in zip(ours, theirs, strict=False) if pair[0] != pair[1]), None)
        if odd is not None:
            found.append(f'{top}: original has {odd[0]} in the place where the package has {odd[1]}')
    return found


def _top(path: str) -> str:
    return path.partition('.')[0].partition('[')[0]
