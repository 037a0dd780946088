"""Resolves dotted global names of a module by following definitions and imports in the source."""

from __future__ import annotations

import ast
from collections.abc import Callable, Container, Iterator, Mapping

from introspect_export.model import NameUse, Part, PartKind, SourceModule, Symbol, World
from introspect_export.read.super_calls import returns_super

Modules = Callable[[str], SourceModule | None]
Binding = Callable[[str, str], Symbol | None]

_DEEPEST = 40


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
    module: SourceModule, use: NameUse, modules: Modules, tops: Container[str]
) -> Iterator[tuple[SourceModule, Part]]:
    """The statements that define what a dotted name refers to, found by following imports.

    Args:
        module: The module that uses the name.
        use: The use of the name.
        modules: The source of a module by name.
        tops: The top-level packages whose modules are read.
    """
    pending: list[tuple[SourceModule | None, tuple[str, ...]]] = [(module, (use.name, *use.attributes))]
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
                if each.module.partition('.')[0] not in tops:
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
        binding: Returns what a module's global is bound to in the running program, if known; it precedes the source.
        hints: The known classes of dotted names, by module and names.
    """

    def __init__(
        self,
        modules: Modules,
        wanted: Container[Symbol],
        binding: Binding | None = None,
        hints: Mapping[tuple[str, tuple[str, ...]], Symbol] | None = None,
    ) -> None:
        self._hints = hints or {}
        self._modules = modules
        self._wanted = wanted
        self._binding = binding
        self._known: dict[tuple[str, str], Symbol | None] = {}

    def find(self, module: str, path: tuple[str, ...]) -> tuple[Symbol, int] | None:
        """Return the wanted class that the longest possible start of a dotted name refers to, and its length."""
        for used in range(len(path), 0, -1):
            hinted = self._hints.get((module, path[:used]))
            if hinted is not None and hinted in self._wanted:
                return hinted, used
        symbol = self.name(module, path[0])
        used = 1
        found = (symbol, used) if symbol in self._wanted and symbol is not None else None
        while symbol is not None and used < len(path):
            symbol = self._attribute(symbol, path[used])
            used += 1
            if symbol is not None and symbol in self._wanted:
                found = (symbol, used)
        return found

    def is_known(self, module: str, path: tuple[str, ...]) -> bool:
        """Whether the class or modules that a dotted name starts with are known."""
        symbol = self.name(module, path[0])
        for name in path[1:]:
            if symbol is None or symbol.qualname:
                break
            symbol = self._attribute(symbol, name)
        return symbol is not None

    def name(self, module: str, name: str, depth: int = 0) -> Symbol | None:
        """Return the class or module that a module's global is bound to, or None."""
        key = (module, name)
        if key not in self._known:
            self._known[key] = None  # Ends the recursion for circular imports.
            live = self._binding(module, name) if self._binding else None
            self._known[key] = live or (self._static(module, name, depth) if depth < _DEEPEST else None)
        return self._known[key]

    def function_text(self, module: SourceModule, name: str) -> str:
        """Return the source of the functions that a module's global may be bound to, following imports; or nothing."""
        found = []
        for index in module.definitions.get(name, ()):
            part = module.parts[index]
            if part.kind is PartKind.FUNCTION:
                found.append(module.cut(part.statement))
            for each in part.imports:
                home = self._modules(each.module) if each.name == name and each.attribute else None
                if home is not None and home is not module:
                    found.append(self.function_text(home, each.attribute or name))
        return '\n'.join(found)

    def _attribute(self, symbol: Symbol, name: str) -> Symbol | None:
        if symbol.qualname:
            return Symbol(symbol.module, f'{symbol.qualname}.{name}')
        inside = self.name(symbol.module, name)
        if inside is None and self._modules(f'{symbol.module}.{name}') is not None:
            return Symbol(f'{symbol.module}.{name}', '')
        return inside

    def _static(self, module: str, name: str, depth: int) -> Symbol | None:
        """Resolve a global by the source; None if its definitions lead to different objects."""
        source = self._modules(module)
        if source is None:
            # Without source, assume that the module defines the class that has its name.
            symbol = Symbol(module, name)
            return symbol if symbol in self._wanted else None
        found: set[Symbol | None] = set()
        for index in source.definitions.get(name, ()):
            found.update(self._by_part(source, index, name, depth))
        if not found:
            stars = [each.module for part in source.parts for each in part.imports if each.name == '*']
            found.update(self.name(star, name, depth + 1) for star in stars)
            found.discard(None)
        return found.pop() if len(found) == 1 else None

    def _by_part(self, source: SourceModule, index: int, name: str, depth: int) -> list[Symbol | None]:
        part = source.parts[index]
        imported = [each for each in part.imports if each.name == name and not each.deferred]
        if imported:
            return [self._imported(each.module, each.attribute, each.binds_top, depth) for each in imported]
        if part.kind is PartKind.CLASS:
            return [Symbol(source.name, name)]
        node = source.tree.body[index]
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Name):
            return [self.name(source.name, node.value.id, depth + 1)]
        symbol = Symbol(source.name, name)
        return [symbol if part.kind is PartKind.COMPOUND and symbol in self._wanted else None]

    def _imported(self, module: str, attribute: str | None, binds_top: bool, depth: int) -> Symbol | None:
        if attribute is None:
            return Symbol(module.partition('.')[0] if binds_top else module, '')
        inside = self.name(module, attribute, depth + 1)
        if inside is None and self._modules(f'{module}.{attribute}') is not None:
            return Symbol(f'{module}.{attribute}', '')
        return inside
