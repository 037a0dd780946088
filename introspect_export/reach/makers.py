"""The statement that made a class or function which no ``class`` or ``def`` statement of its name made.

``for name in dir(library): MODELS.register_module(name=name, module=type(name, (Wrapper,), {}))`` registers such
classes. Executing the same statement in the package makes equal ones.
"""

from __future__ import annotations

from collections.abc import Iterator

from introspect_export.model import EntryFacts, Part, PartKind, SourceModule, Symbol, World
from introspect_export.model.liveset import Defined, FromRegistry
from introspect_export.reach.names import Names
from introspect_export.read.tree import SourceTree

_EXECUTED = (PartKind.EFFECT, PartKind.COMPOUND, PartKind.ASSIGN)


def maker(symbol: Symbol, world: World, modules: SourceTree, names: Names) -> tuple[SourceModule, Part] | None:
    """Return the top-level statement whose execution makes and registers something, or None where none is known.

    Args:
        symbol: What it is.
        world: Knows which registry holds it.
        modules: The read modules.
        names: Resolves names in them.
    """
    for entry in world.registrations(symbol):
        module, part = _seen(entry, modules) or _by_text(entry, symbol.module, modules, names) or (None, None)
        if module is not None and part is not None:
            return module, part
    return None


def _seen(entry: EntryFacts, modules: SourceTree) -> tuple[SourceModule, Part] | None:
    """The statement that was being executed when the entry was made, where somebody watched."""
    module = modules(entry.registered[0]) if entry.registered else None
    if module is None or entry.registered is None:
        return None
    lines = [(part, module.text.count('\n', 0, part.statement.end) + 1) for part in module.parts]
    found = [part for part, last in lines if part.line <= entry.registered[1] <= last and part.kind in _EXECUTED]
    return (module, found[0]) if found else None


def _by_text(entry: EntryFacts, name: str, modules: SourceTree, names: Names) -> tuple[SourceModule, Part] | None:
    """The statement that registers something in the entry's registry, by itself or by functions of the same module."""
    module = modules(name)
    for part in module.parts if module is not None else ():
        if module is not None and part.kind in _EXECUTED and _registers(module, part, entry.registry, names):
            return module, part
    return None


def _registers(module: SourceModule, part: Part, registry: str, names: Names) -> bool:
    reached = list(_called(module, part, names))
    asked = any(
        isinstance(target, FromRegistry) and target.id == registry
        for each in reached
        for target in _targets(each, names)
    )
    return asked and any('register' in module.cut(each.statement) for each in reached)


def _called(module: SourceModule, part: Part, names: Names) -> Iterator[Part]:
    """A statement, and the functions of its module that it names, directly or not."""
    pending, seen = [part], {part.index}
    while pending:
        each = pending.pop()
        yield each
        for target in _targets(each, names):
            if isinstance(target, Defined) and target.symbol.module == module.name:
                indices = [index for index in module.definitions.get(target.symbol.qualname, ()) if index not in seen]
                seen.update(indices)
                pending.extend(
                    module.parts[index] for index in indices if module.parts[index].kind is PartKind.FUNCTION
                )


def _targets(part: Part, names: Names) -> Iterator[object]:
    yield from (names.use(part.module, use).target for use in part.uses)
    yield from (names.imported(each).target for each in part.imports if each.name != '*')
