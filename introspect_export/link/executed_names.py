"""What the names in text that is executed mean: what of the package they define, and which are registries."""

from __future__ import annotations

import ast

from introspect_export.link.names import InPackage, Meaning, PackageNames, Text
from introspect_export.link.own import DEFINED, Scope
from introspect_export.model import World


class KnownNames:
    """Says what names in the text of a package mean.

    Args:
        names: The names of the package.
        registries: The variables of its registries.
        world: Knows which of a library's names are registries.
    """

    def __init__(self, names: PackageNames, registries: frozenset[str], world: World) -> None:
        self.names = names
        self.registries = registries
        self._world = world

    def meanings(self, scope: Scope, node: ast.expr) -> list[Meaning]:
        """What a dotted name means; nothing where it is a name of the function it stands in, or none."""
        if isinstance(node, ast.Name):
            return [] if node.id in scope.own else self.names.lead(scope.text, node.id, scope.local)
        if isinstance(node, ast.Attribute):
            found = [self.names.attribute(one, node.attr) for one in self.meanings(scope, node.value)]
            return [one for one in found if one is not None]
        return []

    def is_registry(self, meaning: Meaning) -> bool:
        """Whether something is a registry of the package."""
        return isinstance(meaning, InPackage) and meaning.module == 'registry' and meaning.name in self.registries

    def is_any_registry(self, meaning: Meaning) -> bool:
        """Whether something is a registry, of the package or of a library."""
        if isinstance(meaning, InPackage):
            return self.is_registry(meaning)
        binding = self._world.binding(meaning.module, meaning.name) if meaning.name else None
        return binding is not None and binding.kind == 'registry'

    def definitions(self, meaning: Meaning) -> list[ast.stmt]:
        """The statements that define something of the package."""
        return self.names.definitions(meaning) if isinstance(meaning, InPackage) and meaning.name else []

    def text(self, meaning: InPackage) -> Text:
        """The module of a definition."""
        return self.names.texts[meaning.module]

    def is_code(self, meaning: Meaning) -> bool:
        """Whether something is a class or function of the package, and nothing else."""
        found = self.definitions(meaning)
        return bool(found) and all(isinstance(each, DEFINED) for each in found)
