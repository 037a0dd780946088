"""Resolves dotted global names of a module: to classes by identity, and to the statements that define them."""

from __future__ import annotations

import ast
from collections.abc import Callable, Container, Iterator, Mapping
from enum import Enum

from introspect_export.model import Part, PartKind, SourceModule, Symbol, World
from introspect_export.read.super_calls import returns_super

Modules = Callable[[str], SourceModule | None]


class Namesake(Enum):
    """What a global is bound to if that is not the class which the chain has under the same symbol."""

    OF_A_CLASS = 'of a class'


Binding = Callable[[str, str], Symbol | Namesake | None]
"""Returns what a module's global is bound to in the running program: a class, or a module as a symbol without a
qualified name; None for any other value.
"""


def world_binding(world: World) -> Binding:
    """Return a function that looks up globals bound to classes and modules in the observed process."""

    def bound(module: str, name: str) -> Symbol | None:
        binding = world.binding(module, name)
        return binding.symbol if binding is not None and binding.kind in ('class', 'module') else None

    return bound


def super_of_builtins(module: SourceModule, name: str) -> bool:
    """Whether a module's global is the builtin ``super``: imported from ``builtins``, or ``super`` and not bound."""
    parts = [module.parts[index] for index in module.definitions.get(name, ())]
    found = [each for part in parts for each in part.imports if each.name == name]
    if not parts:
        return name == 'super'
    return len(found) == len(parts) and all((each.module, each.attribute) == ('builtins', 'super') for each in found)


def is_named_super(module: SourceModule, name: str) -> bool:
    """Whether a module's global is an alias of ``super``: ``_sup = super``, or a function that only calls it."""
    found = module.definitions.get(name, ())
    rebound = any(name in part.rebinds for part in module.parts)
    if len(found) != 1 or rebound or not super_of_builtins(module, 'super'):
        return False
    node = module.tree.body[found[0]]
    if isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
        return getattr(node.value, 'id', '') == 'super' or returns_super(node.value)
    return returns_super(node)


def parts_of(
    module: SourceModule, path: tuple[str, ...], modules: Modules, tops: Container[str] | None = None
) -> Iterator[tuple[SourceModule, Part]]:
    """The statements that define what a dotted name refers to, found by following imports.

    Args:
        module: The module that uses the name.
        path: The name and its attributes.
        modules: The source of a module by name.
        tops: The top-level packages whose modules are read; None for all.
    """
    pending: list[tuple[SourceModule | None, tuple[str, ...]]] = [(module, path)]
    seen: set[tuple[str, tuple[str, ...]]] = set()
    while pending:
        home, path = pending.pop()
        if home is None or not path or (home.name, path) in seen:
            continue
        seen.add((home.name, path))
        for index in home.definitions.get(path[0], ()):
            part = home.parts[index]
            imports = [each for each in part.imports if each.name == path[0]]
            if part.kind is not PartKind.IMPORT:
                yield home, part
            for each in imports:
                if tops is not None and each.module.partition('.')[0] not in tops:
                    continue
                rest = path[1:]
                if each.attribute is not None:
                    pending.append((modules(each.module), (each.attribute, *rest)))
                    pending.append((modules(f'{each.module}.{each.attribute}'), rest))
                    continue
                dotted = [each.module.partition('.')[0], *rest] if each.binds_top else [*each.module.split('.'), *rest]
                for cut in range(1, len(dotted)):
                    pending.append((modules('.'.join(dotted[:cut])), tuple(dotted[cut:])))


class Resolver:
    """Resolves dotted names to the classes of one chain.

    Args:
        modules: The source of a module by name.
        wanted: The symbols to find.
        binding: What a module's global is bound to.
        hints: The known classes of dotted names, by module and names.
    """

    def __init__(
        self,
        modules: Modules,
        wanted: Container[Symbol],
        binding: Binding,
        hints: Mapping[tuple[str, tuple[str, ...]], Symbol],
    ) -> None:
        self._hints = hints
        self._modules = modules
        self._wanted = wanted
        self._binding = binding

    def find(self, module: str, path: tuple[str, ...]) -> tuple[Symbol, int] | None:
        """Return the wanted class that the longest possible start of a dotted name refers to, and its length."""
        for used in range(len(path), 0, -1):
            hinted = self._hints.get((module, path[:used]))
            if hinted is not None and hinted in self._wanted:
                return hinted, used
        found = None
        for used, value in enumerate(self._values(module, path), 1):
            if isinstance(value, Symbol) and value in self._wanted:
                found = (value, used)
        return found

    def is_known(self, module: str, path: tuple[str, ...]) -> bool:
        """Whether a dotted name starts with a class, or with modules up to a class or a module."""
        *_, last = self._values(module, path)
        return last is not None

    def _values(self, module: str, path: tuple[str, ...]) -> Iterator[Symbol | Namesake | None]:
        """What each longer start of a dotted name refers to; up to the first that is unknown."""
        value = self._binding(module, path[0])
        yield value
        for name in path[1:]:
            if not isinstance(value, Symbol):
                return
            value = self._attribute(value, name)
            yield value

    def _attribute(self, symbol: Symbol, name: str) -> Symbol | Namesake | None:
        if symbol.qualname:
            return Symbol(symbol.module, f'{symbol.qualname}.{name}')
        inside = self._binding(symbol.module, name)
        if inside is None and self._modules(f'{symbol.module}.{name}') is not None:
            return Symbol(f'{symbol.module}.{name}', '')
        return inside
