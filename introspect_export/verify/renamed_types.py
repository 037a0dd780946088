"""What the pack calls what the original calls something else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class RenamedTypes:
    """Knows where each module of the origins went.

    Args:
        manifest: The pack's manifest.
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
        """The names of the classes that were merged into a class."""
        self.inlined = bool(manifest.get('inlined'))
        told = [(entry['code'], entry['subject']) for entry in manifest.get('diagnostics', ())]
        self.broken = frozenset(subject for code, subject in told if code == 'IE-BROKEN-IMPORT')
        self.origins = frozenset(manifest.get('origins', ()))
        self._scopes = frozenset(manifest.get('scopes', ()))
        self.values: Mapping[str, Any] = (manifest.get('compared') or {}).get('values', {})
        """The record of the config's values, and of those that the pack has others for."""

    def agrees(self, original: str, pack: str) -> bool:
        """Whether a class or function of the pack is what one of the original must have become.

        Args:
            original: ``module:qualname``.
            pack: ``module:qualname``.
        """
        module, _, name = original.partition(':')
        if module in self._modules:
            return pack == f'{self._modules[module]}:{name}'
        if module.partition('.')[0] in self.origins:
            # No statement of this module went into the pack: a call made it, in another one.
            other, _, same = pack.partition(':')
            return other.partition('.')[0] == 'pack' and same == name
        return original == pack

    def same_function(self, original: str, pack: str) -> bool:
        """Whether a function of the pack is one of the original; a method may be a class's below, by a longer name."""
        if self.agrees(original, pack):
            return True
        (module, _, name), (_, _, other) = original.partition(':'), pack.partition(':')
        if module.partition('.')[0] not in self.origins or '.' not in name or '.' not in other:
            return False
        last, its = name.rpartition('.')[2], other.rpartition('.')[2]
        return last == its or its.endswith(f'_{last}')

    def renamed(self, original: str, pack: str) -> bool:
        """Whether a text of the pack is what one of the original becomes that names a type or a scope."""
        known = self._renamed()
        if known.get(original) == pack:
            return True
        scope, dot, name = original.strip("'").partition('.')
        if scope not in self._scopes:
            return False
        own = pack.strip("'")
        return own.rpartition('.')[2] == name if dot else own.partition('_')[0] == 'pack'

    def is_module(self, original: str, pack: str) -> bool:
        """Whether a text of the pack names the module that became of the one which a text of the original names."""
        module = original.strip("'")
        return module in self._modules and self._modules[module] == pack.strip("'")

    def _renamed(self) -> dict[str, str]:
        """The texts of the config that linking has changed."""
        changed = [each for each in self.values.values() if isinstance(each, Mapping)]
        return {each['original']: each['package'] for each in changed if each['original'] and each['package']}

    def expected(self, original: str) -> str:
        """What the pack should call something."""
        module, _, name = original.partition(':')
        return f'{self._modules.get(module, module)}:{name}'


def _module(file: str) -> str:
    """The module in a file of the pack."""
    path = file[: -len('.py')].replace('/', '.')
    return path[: -len('.__init__')] if path.endswith('.__init__') else path
