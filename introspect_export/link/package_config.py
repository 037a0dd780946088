"""The config of the package: the merged config with types as in the package's registries."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from introspect_export.link.config_source import config_text
from introspect_export.link.registry_plan import SCOPE, RegistryPlan
from introspect_export.model import ExportError, Observation, Symbol
from introspect_export.model.config_values import Expression, Named, Template
from introspect_export.model.output_package import Layout
from introspect_export.verify.child.config_values_by_path import below, flat, record


class ConfigLinker:
    """Rewrites a config for the package.

    Args:
        observation: The observation.
        registries: The registries of the package.
        layout: The output module of each origin module.
        data_roots: Replacements for prefixes of data paths.
        files: For each string that names a copied file, the path below the package.
        depth: The number of folders between the package and the config's file.
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
        self._problems: list[str] = []
        # A class that a registry was called with can be replaced by its dotted name, which ``Registry.get`` imports.
        self._called_with = {event.type_text for event in observation.events}
        self._called_with |= {f'{each.module}.{each.qualname}' for each in _targets(observation)}

    def link(self) -> dict[str, Any]:
        """Return the rewritten config as plain data.

        Raises:
            ExportError: A value cannot be written into a file.
        """
        config = self.observation.config
        self._reasons = {'default_scope': 'scope', 'custom_imports': 'import'}
        result = {key: self._value(value, key) for key, value in config.items() if key != 'custom_imports'}
        result['default_scope'] = SCOPE
        return self._with_imports(result, config.get('custom_imports'))

    def link_other(self, config: Mapping[str, Any]) -> dict[str, Any]:
        """Rewrite another config, one that code reads.

        Args:
            config: The config, merged.

        Raises:
            ExportError: A value cannot be written into a file.
        """
        result = {key: self._item(key, value, '') for key, value in config.items() if key != 'custom_imports'}
        return self._with_imports(result, config.get('custom_imports'))

    def _with_imports(self, result: dict[str, Any], imports: Any) -> dict[str, Any]:
        if imports:
            kept = self._library_imports(imports)
            if kept:
                result['custom_imports'] = kept
        if self._problems:
            raise ExportError(*dict.fromkeys(self._problems))
        return result

    def record(self, linked: Mapping[str, Any]) -> dict[str, Any]:
        """Return the manifest's record of the config: its values, and those that were changed, with the reason.

        Args:
            linked: The rewritten config.
        """
        values = record(flat(self.observation.config), flat(linked), self._reasons)
        return {'text': digest_of(config_text(linked)), 'values': values}

    def _library_imports(self, imports: Any) -> dict[str, Any] | None:
        """The ``custom_imports`` of libraries' modules; those of origins are part of the package."""
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
        if isinstance(value, (set, frozenset)):
            return type(value)(self._value(each, path) for each in value)
        if isinstance(value, Expression):
            return self._object(value, path)
        if isinstance(value, Named):
            self._check_named(value, path)
        return self._text(value, path)

    def _object(self, value: Expression, path: str) -> Expression:
        """Record a problem if an object has no source, or its source imports an origin."""
        origins = [each for each in value.modules if self.observation.world.is_origin(each)]
        if origins or not value.text:
            why = f'needs {origins[0]}, which is not there' if origins else 'could not be made again from a text'
            self._problems.append(
                f'{path}: {value.shown[:80]}: a {value.kind} {why}, so a config file cannot hold it; '
                'give a number, a string or a list in its place'
            )
        return value

    def _check_named(self, value: Named, path: str) -> None:
        """Record a problem if a class or function cannot be replaced by its name at a path."""
        if path.isidentifier():
            return  # A global that a pure Python config imports; it is not an argument of anything.
        if value.exact and (path.endswith('.type') or value in self._called_with):
            return
        why = 'no registry was seen to be asked for it' if value.exact else 'that name does not lead to it'
        self._problems.append(
            f'{path}: a class or function ({value}) is a value of the config, and a config file can only name it: '
            f'{why}; register it and give its name, or a dict with it as type'
        )

    def _key(self, key: Any, path: str) -> Any:
        """Rewrite a key, which may name a type as well."""
        if isinstance(key, Named):
            self._check_named(key, below(path, key))
        if not isinstance(key, str):
            return self._value(key, below(path, key))
        return self._changed(key, self._type(key), 'type', below(path, key), below(path, self._type(key)))

    def _item(self, key: Any, value: Any, path: str) -> Any:
        path = below(path, self._type(key))
        if key in ('_scope_', 'default_scope') and isinstance(value, str):
            return self._changed(value, self.registries.scopes.get(value, value), 'scope', path)
        return self._value(value, path)

    def _text(self, value: Any, path: str) -> Any:
        """Rewrite a string that names a copied file, a data path or a type."""
        if not isinstance(value, str):
            return value
        if value in self.files:
            return self._changed(value, Template(f'{self.above}/{self.files[value]}'), 'file', path)
        value = str(value)
        there = self._changed(value, moved(value, self.data_roots), 'data root', path)
        return self._changed(there, self._type(there), 'type', path)

    def _changed(self, old: Any, new: Any, why: str, *paths: str) -> Any:
        """Return the new value; if it differs from the old one, record the reason for the paths."""
        if old != new:
            self._reasons.update(dict.fromkeys(paths, why))
        return new

    def _type(self, value: Any) -> Any:
        """Rewrite a string of the form ``scope.Type`` or ``package.module.Class``."""
        if not isinstance(value, str) or '.' not in value:
            return value
        entry = self.observation.world.resolve(value, '')
        if entry is not None and self.registries.knows(entry.registry):
            return self.registries.type_text(entry.registry, entry.key)
        # Scopes and keys can be any text, but the names of modules and classes are identifiers.
        return self._dotted(value) if re.fullmatch(r'\w+(\.\w+)+', value) else value

    def _dotted(self, value: str) -> str:
        """Rewrite ``package.module.Class`` if the class is in the package."""
        module, _, name = value.rpartition('.')
        if not self.observation.world.is_origin(module):
            return value
        binding = self.observation.world.binding(module, name)
        symbol = binding.symbol if binding is not None and binding.symbol is not None else Symbol(module, name)
        home = self.layout.modules.get(symbol.module)
        return '.'.join(each for each in (SCOPE, home, symbol.qualname) if each) if home is not None else value


def _targets(observation: Observation) -> set[Symbol]:
    return {event.target for event in observation.events if event.target is not None}


def moved(path: str, data_roots: Mapping[str, str]) -> str:
    """Replace the data root of a path.

    Args:
        path: The path; it is returned unchanged if it is below none of the roots.
        data_roots: The new root by the old one.
    """
    for old, new in data_roots.items():
        root = old.rstrip('/')
        if path.rstrip('/') == root or path.startswith(f'{root}/'):
            return new.rstrip('/') + path[len(root) :]
    return path


def digest_of(text: str) -> str:
    """Return a digest of a config's text, by which verification detects changes of the file."""
    return hashlib.blake2b(text.encode(), digest_size=12).hexdigest()
