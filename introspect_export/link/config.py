"""The config of the package: the merged config with its types named as the package's registries know them."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Callable

from introspect_export.link.registries import SCOPE, RegistryPlan
from introspect_export.model import Observation, Symbol
from introspect_export.model.package import Layout
from introspect_export.verify.child.values import below, flat, record

_WIDTH = 100


class ConfigLinker:
    """Rewrites a config for the package.

    Args:
        observation: What was observed.
        registries: What becomes of the registries.
        layout: Where each origin module goes.
        data_roots: Beginnings of data paths, and what to put in their place.
        files: For each string that names a file which comes along, its place below the package.
        depth: How many folders below the package the config stands.
    """

    def __init__(
        self,
        observation: Observation,
        registries: RegistryPlan,
        layout: Layout,
        data_roots: Mapping[str, str] = MappingProxyType({}),
        files: Mapping[str, str] = MappingProxyType({}),
        depth: int = 2,
    ) -> None:
        self.files = files
        self.above = '{{ fileDirname }}' + '/..' * depth
        self.data_roots = data_roots
        self.observation = observation
        self.registries = registries
        self.layout = layout
        self._reasons: dict[str, str] = {}

    def link(self) -> dict[str, Any]:
        """Return the rewritten config as plain data."""
        config = self.observation.config
        self._reasons = {'default_scope': 'scope', 'custom_imports': 'import'}
        result = {key: self._value(value, key) for key, value in config.items() if key != 'custom_imports'}
        result['default_scope'] = SCOPE
        return self._with_imports(result, config.get('custom_imports'))

    def link_other(self, config: Mapping[str, Any]) -> dict[str, Any]:
        """Return another config, one that code reads, rewritten."""
        result = {key: self._item(key, value, '') for key, value in config.items() if key != 'custom_imports'}
        return self._with_imports(result, config.get('custom_imports'))

    def _with_imports(self, result: dict[str, Any], imports: Any) -> dict[str, Any]:
        if imports:
            kept = self._library_imports(imports)
            if kept:
                result['custom_imports'] = kept
        return result

    def record(self, linked: Mapping[str, Any]) -> dict[str, Any]:
        """What a package's manifest says of the config: its values, and which of them are others here, and why.

        Args:
            linked: What linking has returned.
        """
        values = record(flat(self.observation.config), flat(linked), self._reasons)
        return {'text': digest_of(config_text(linked)), 'values': values}

    def _library_imports(self, imports: Any) -> dict[str, Any] | None:
        """The custom imports of libraries; an origin's modules are part of the package."""
        names = imports['imports'] if isinstance(imports, Mapping) else imports
        names = [names] if isinstance(names, str) else list(names)
        kept = [name for name in names if not self.observation.world.is_origin(name)]
        if not kept:
            return None
        rest = dict(imports) if isinstance(imports, Mapping) else {}
        return {**rest, 'imports': kept}

    def _value(self, value: Any, path: str) -> Any:
        if isinstance(value, Mapping):
            return {self._key(key, path): self._item(key, each, path) for key, each in value.items()}
        if isinstance(value, (list, tuple)):
            return type(value)(self._value(each, f'{path}[{index}]') for index, each in enumerate(value))
        return self._text(value, path)

    def _key(self, key: Any, path: str) -> Any:
        """A key, which may name a type as well."""
        return self._changed(key, self._type(key), 'type', below(path, key), below(path, self._type(key)))

    def _item(self, key: Any, value: Any, path: str) -> Any:
        path = below(path, self._type(key))
        if key in ('_scope_', 'default_scope') and isinstance(value, str):
            return self._changed(value, self.registries.scopes.get(value, value), 'scope', path)
        return self._value(value, path)

    def _text(self, value: Any, path: str) -> Any:
        """A string, with its data moved, or named as the package names a type."""
        if not isinstance(value, str):
            return value
        if value in self.files:
            return self._changed(value, f'{self.above}/{self.files[value]}', 'file', path)
        there = self._changed(value, moved(value, self.data_roots), 'data root', path)
        return self._changed(there, self._type(there), 'type', path)

    def _changed(self, old: Any, new: Any, why: str, *paths: str) -> Any:
        """The new value, with the reason noted where it is another one than the old."""
        if old != new:
            self._reasons.update(dict.fromkeys(paths, why))
        return new

    def _type(self, value: Any) -> Any:
        """A string of the form ``scope.Type`` or ``package.module.Class``, as the package names what it names."""
        if not isinstance(value, str) or not re.fullmatch(r'\w+(\.\w+)+', value):
            return value
        entry = self.observation.world.resolve(value, '')
        if entry is not None and self.registries.knows(entry.registry):
            return self.registries.type_text(entry.registry, entry.key)
        return self._dotted(value)

    def _dotted(self, value: str) -> str:
        """``package.module.Class`` in the package, if the class is there."""
        module, _, name = value.rpartition('.')
        if not self.observation.world.is_origin(module):
            return value
        binding = self.observation.world.binding(module, name)
        symbol = binding.symbol if binding is not None and binding.symbol is not None else Symbol(module, name)
        home = self.layout.modules.get(symbol.module)
        return '.'.join(each for each in (SCOPE, home, symbol.qualname) if each) if home is not None else value


def moved(path: str, data_roots: Mapping[str, str]) -> str:
    """Return a path below one of the old data roots as it is below the new one; any other as it is."""
    for old, new in data_roots.items():
        root = old.rstrip('/')
        if path.rstrip('/') == root or path.startswith(f'{root}/'):
            return new.rstrip('/') + path[len(root) :]
    return path


def digest_of(text: str) -> str:
    """What tells whether a config's file is as it was written."""
    return hashlib.blake2b(text.encode(), digest_size=12).hexdigest()


def config_text(config: Mapping[str, Any], rank: Callable[[str], int] | None = None) -> str:
    """Return a config as Python source, ``dict(key=value)`` where the keys allow it.

    Args:
        config: Plain data.
        rank: Where a top-level key comes; by default the config's own order is kept.
    """
    keys = sorted(config, key=rank) if rank is not None else list(config)
    return '\n'.join(f'{key} = {_value(config[key], 0, len(key) + 3)}' for key in keys) + '\n'


def _value(value: Any, indent: int, used: int) -> str:
    """A value as source; ``used`` is how much of its line is taken already."""
    flat = _flat(value)
    if len(flat) + indent + used <= _WIDTH and not _is_deep(value):
        return flat
    inner = indent + 4
    pad = ' ' * inner
    if isinstance(value, Mapping) and value:
        plain = _plain_keys(value)
        rows = [f'{k}={_value(v, inner, len(k) + 2)}' if plain else _entry(k, v, inner) for k, v in value.items()]
        start, end = ('dict(', ')') if plain else ('{', '}')
    elif isinstance(value, (list, tuple)) and value:
        rows = [_value(each, inner, 1) for each in value]
        start, end = ('[', ']') if isinstance(value, list) else ('(', ')')
    else:
        return flat
    return start + '\n' + ''.join(f'{pad}{row},\n' for row in rows) + ' ' * indent + end


def _entry(key: Any, value: Any, indent: int) -> str:
    return f'{key!r}: {_value(value, indent, len(repr(key)) + 3)}'


def _flat(value: Any) -> str:
    if isinstance(value, Mapping):
        if _plain_keys(value):
            return f'dict({", ".join(f"{k}={_flat(v)}" for k, v in value.items())})'
        return f'{{{", ".join(f"{k!r}: {_flat(v)}" for k, v in value.items())}}}'
    if isinstance(value, list):
        return f'[{", ".join(_flat(each) for each in value)}]'
    if isinstance(value, tuple):
        return f'({", ".join(_flat(each) for each in value)}{"," if len(value) == 1 else ""})'
    if isinstance(value, float) and (value != value or value in (float('inf'), float('-inf'))):
        return f"float('{value}')"
    if isinstance(value, (set, frozenset)):
        return f'{type(value).__name__}({_flat(sorted(value, key=repr))})'
    return repr(value)


def _plain_keys(value: Mapping[Any, Any]) -> bool:
    import keyword

    return all(isinstance(key, str) and key.isidentifier() and not keyword.iskeyword(key) for key in value)


def _is_deep(value: Any) -> bool:
    """Whether a value reads better on several lines though it would fit: a dict or list that holds dicts."""
    if isinstance(value, Mapping):
        return len(value) > 1 and any(
            isinstance(each, (Mapping, list)) and each and _has_dict(each) for each in value.values()
        )
    return isinstance(value, (list, tuple)) and len(value) > 1 and _has_dict(value)


def _has_dict(value: Any) -> bool:
    if isinstance(value, Mapping):
        return True
    return isinstance(value, (list, tuple)) and any(isinstance(each, Mapping) for each in value)
