"""The statements that create classes and functions which have no ``class`` or ``def`` statement of their own.

``for name in dir(library): MODELS.register_module(name=name, module=type(name, (Wrapper,), {}))`` registers such
classes. Executing the same statement in the package creates equivalent ones.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from introspect_export.model import EntryFacts, Part, PartKind, SourceModule, Symbol, World
from introspect_export.model.liveset import Defined, FromRegistry
from introspect_export.reach.name_targets import Names
from introspect_export.read.origin_modules import SourceTree

_EXECUTED = (PartKind.EFFECT, PartKind.COMPOUND, PartKind.ASSIGN)
_REGISTERING = (*_EXECUTED, PartKind.CLASS, PartKind.FUNCTION)  # A decorator may register something else.


def maker(symbol: Symbol, world: World, modules: SourceTree, names: Names) -> tuple[SourceModule, Part] | None:
    """Return the top-level statement that creates and registers a class or function, or None if none is known.

    Args:
        symbol: The class or function.
        world: Provides the registrations of a symbol.
        modules: The read modules.
        names: Resolves names in them.
    """
    found = (registering(entry, modules, names, _EXECUTED) for entry in world.registrations(symbol))
    return next((each for each in found if each is not None), None)


def registering(
    entry: EntryFacts, modules: SourceTree, names: Names, kinds: Collection[PartKind] = _REGISTERING
) -> tuple[SourceModule, Part] | None:
    """Return the top-level statement that creates an entry of a registry, or None if none is known.

    Args:
        entry: The entry.
        modules: The read modules.
        names: Resolves names in them.
        kinds: The kinds of statements to consider.
    """
    found = _seen(entry, modules, kinds) or _by_text(entry, entry.target.module, modules, names)
    if found is None or not is_nameless(entry) or entry.registered:
        return found
    # The statement was found by its text only, and may register other entries: it must at least contain the key.
    return found if re.search(rf'\b{re.escape(entry.key)}\b', found[0].cut(found[1].statement)) else None


def is_nameless(entry: EntryFacts) -> bool:
    """Whether an entry's object cannot be imported by name (a closure, a ``partial``), only created by a statement."""
    return '<' in entry.target.qualname


def _seen(entry: EntryFacts, modules: SourceTree, kinds: Collection[PartKind]) -> tuple[SourceModule, Part] | None:
    """The statement that was being executed when the entry was registered, if the registration was observed."""
    module = modules(entry.registered[0]) if entry.registered else None
    if module is None or entry.registered is None:
        return None
    # While a decorator is called, the current line is the decorator's, which is within the statement's span.
    offset = module.line_starts[min(entry.registered[1], len(module.line_starts)) - 1]
    able = (each for each in module.parts if each.kind in kinds)
    found = next((each for each in able if _begins(module, each) <= offset < each.statement.end), None)
    return (module, found) if found is not None else None


def _begins(module: SourceModule, part: Part) -> int:
    """The offset of the start of the line on which a statement begins."""
    return module.text.rfind('\n', 0, part.statement.start) + 1


def _by_text(entry: EntryFacts, name: str, modules: SourceTree, names: Names) -> tuple[SourceModule, Part] | None:
    """The first statement that registers anything in the entry's registry, directly or by functions of its module."""
    module = modules(name)
    for part in module.parts if module is not None else ():
        if module is not None and part.kind in _EXECUTED and _registers(module, part, entry.registry, names):
            return module, part
    return None


def _registers(module: SourceModule, part: Part, registry: str, names: Names) -> bool:
    """Whether a statement, with the functions of its module that it uses, names a registry and a register method."""
    reached = list(_called(module, part, names))
    uses_registry = any(
        isinstance(target, FromRegistry) and target.id == registry
        for each in reached
        for target in _targets(each, names)
    )
    return uses_registry and any('register' in module.cut(each.statement) for each in reached)


def _called(module: SourceModule, part: Part, names: Names) -> Iterator[Part]:
    """A statement, and the functions of its module that it uses, directly or transitively."""
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
    """What the global names and nested imports of a statement resolve to."""
    yield from (names.use(part.module, use).target for use in part.uses)
    yield from (names.imported(each).target for each in part.imports if each.name != '*')
