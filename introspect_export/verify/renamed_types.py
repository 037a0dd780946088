"""The correspondence of names in the original and in the package."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class RenamedTypes:
    """Maps the original's names to the package's, as recorded in the manifest.

    Args:
        manifest: The package's manifest.
    """

    def __init__(self, manifest: Mapping[str, Any]) -> None:
        self._modules = {
            entry['symbol'].partition(':')[0]: _module(entry['in']) for entry in manifest.get('symbols', ())
        }
        self.symbols = [entry['symbol'] for entry in manifest.get('symbols', ()) if ' ' not in entry['symbol']]
        self.merged: Mapping[str, list[str]] = {
            entry['symbol']: [each.partition(':')[2] for each in entry['merged']]
            for entry in manifest.get('symbols', ())
            if 'merged' in entry
        }
        """For each flattened class, the qualified names of the classes that were merged into it."""
        self.inlined = bool(manifest.get('inlined'))
        diagnostics = [(entry['code'], entry['subject']) for entry in manifest.get('diagnostics', ())]
        self.broken = frozenset(subject for code, subject in diagnostics if code == 'IE-BROKEN-IMPORT')
        self.origins = frozenset(manifest.get('origins', ()))
        self._scopes = frozenset(manifest.get('scopes', ()))
        self.values: Mapping[str, Any] = (manifest.get('compared') or {}).get('values', {})
        """The record of the config's values, with those that differ in the package."""

    def agrees(self, original: str, pack: str) -> bool:
        """Whether a class or function of the package corresponds to one of the original.

        Args:
            original: The original's name, ``module:qualname``.
            pack: The package's name, ``module:qualname``.
        """
        module, _, name = original.partition(':')
        if module in self._modules:
            return pack == f'{self._modules[module]}:{name}'
        if module.partition('.')[0] in self.origins:
            # The package has no module for this one: a call in another module created the class.
            other, _, same = pack.partition(':')
            return other.partition('.')[0] == 'pack' and same == name
        return original == pack

    def same_function(self, original: str, pack: str) -> bool:
        """Whether a function of the package corresponds to one of the original.

        A method may be a member of a flattened subclass, under a longer name.

        Args:
            original: The original's name, ``module:qualname``.
            pack: The package's name, ``module:qualname``.
        """
        if self.agrees(original, pack):
            return True
        (module, _, name), (_, _, other) = original.partition(':'), pack.partition(':')
        if module.partition('.')[0] not in self.origins or '.' not in name or '.' not in other:
            return False
        last, its = name.rpartition('.')[2], other.rpartition('.')[2]
        return last == its or its.endswith(f'_{last}')

    def renamed(self, original: str, pack: str) -> bool:
        """Whether a string of the package corresponds to one of the original that names a type or a scope.

        Args:
            original: The ``repr`` of the original's string.
            pack: The ``repr`` of the package's string.
        """
        known = self._renamed()
        if known.get(original) == pack:
            return True
        scope, dot, name = original.strip("'").partition('.')
        if scope not in self._scopes:
            return False
        own = pack.strip("'")
        return own.rpartition('.')[2] == name if dot else own.partition('_')[0] == 'pack'

    def is_module(self, original: str, pack: str) -> bool:
        """Whether a string of the package names the output module of the module that the original's string names.

        Args:
            original: The ``repr`` of the original's string.
            pack: The ``repr`` of the package's string.
        """
        module = original.strip("'")
        return module in self._modules and self._modules[module] == pack.strip("'")

    def _renamed(self) -> dict[str, str]:
        """The package's text of each config value that linking changed, by the original's text."""
        changed = [each for each in self.values.values() if isinstance(each, Mapping)]
        return {each['original']: each['package'] for each in changed if each['original'] and each['package']}

    def expected(self, original: str) -> str:
        """The name in the package of a class or function.

        Args:
            original: The original's name, ``module:qualname``.
        """
        module, _, name = original.partition(':')
        return f'{self._modules.get(module, module)}:{name}'


def _module(file: str) -> str:
    """The dotted name of the module in a file of the package."""
    path = file[: -len('.py')].replace('/', '.')
    return path[: -len('.__init__')] if path.endswith('.__init__') else path
