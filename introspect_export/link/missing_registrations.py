"""Registry entries that no live statement makes, because a statement of another module makes several at once.

``for cls in (Head, Loss): MODELS.register_module(module=cls)`` in a package's ``__init__`` would make all of these
classes live. Instead, the entries that are looked up are made in a generated module, which the package imports.
"""

from __future__ import annotations

from collections.abc import Sequence

from introspect_export.link.import_statements import Importer
from introspect_export.link.namespace import Bound
from introspect_export.link.registry_plan import RegistryPlan
from introspect_export.model import EntryFacts, InternalError, Observation, Part
from introspect_export.model.liveset import Defined, FromRegistry, Library, LiveSet, Target

HOME = 'registrations'
_ABOUT = 'Classes and functions of this package that are registered by none of its other modules.'


def missing(observation: Observation, live: LiveSet, plan: RegistryPlan) -> list[EntryFacts]:
    """Return the entries that are looked up and whose target is in the package without the registering statement.

    Args:
        observation: The observation.
        live: The live set.
        plan: The registries of the package.
    """
    entries = dict.fromkeys((*observation.entries, *live.type_strings.values()))
    return sorted(
        (one for one in entries if plan.knows(one.registry) and _is_here(one, live) and not _is_made(one, live)),
        key=lambda one: (one.target, one.registry, one.key),
    )


def _is_here(entry: EntryFacts, live: LiveSet) -> bool:
    """Whether a live statement defines the target as a global of its module."""
    defined = live.modules.get(entry.target.module)
    indices = defined.definitions.get(entry.target.qualname, ()) if defined is not None else ()
    return entry.origin and not set(indices).isdisjoint(live.parts.get(entry.target.module, ()))


def _is_made(entry: EntryFacts, live: LiveSet) -> bool:
    """Whether live text makes an entry: the statement that was recorded, or else one of the target's module."""
    if entry.registered is None:
        # The module was imported before recording began, so its text decides.
        return any(_registers(part, entry, live) for part in _parts(entry.target.module, live))
    module, line = entry.registered
    if module not in live.modules:
        return False
    starts = live.modules[module].line_starts
    at = starts[min(line, len(starts)) - 1]
    return any(_begins(part, live) <= at < part.statement.end for part in _parts(module, live))


def _parts(module: str, live: LiveSet) -> list[Part]:
    return [live.modules[module].parts[index] for index in live.parts.get(module, ())]


def _begins(part: Part, live: LiveSet) -> int:
    """The offset of the start of the line in which a statement begins."""
    return live.modules[part.module].text.rfind('\n', 0, part.statement.start) + 1


def _registers(part: Part, entry: EntryFacts, live: LiveSet) -> bool:
    """Whether a statement is the decorated target, or names the target and contains ``register``."""
    text, name = live.modules[part.module].cut(part.statement), entry.target.qualname
    if name in part.defines:
        return text.startswith('@')
    return 'register' in text and any(use.name == name for use in part.uses)


def registrations_text(entries: Sequence[EntryFacts], observation: Observation, importer: Importer) -> str:
    """Return the text of the module that makes the entries.

    Args:
        entries: The entries.
        observation: The observation.
        importer: Generates imports.

    Raises:
        InternalError: A library's registry is bound to no global.
    """
    names: dict[Target, str] = {}
    lines = []
    for entry in entries:
        target = _registry(entry, observation)
        registry = _named(target, importer.source(HOME, target)[1] or '', names)
        thing = _named(Defined(entry.target), entry.target.qualname, names)
        lines.append(f'{registry}.register_module(name={entry.key!r}, module={thing})')
    imports = importer.lines(HOME, [Bound(name, target, eager=True) for target, name in names.items()])
    return '\n'.join([f'"""{_ABOUT}"""', '', *imports, '', *lines]) + '\n'


def _registry(entry: EntryFacts, observation: Observation) -> Target:
    facts = observation.registries[entry.registry]
    if facts.origin:
        return FromRegistry(facts.id)
    if not facts.symbols:
        raise InternalError(f'{entry.key} is in the registry {facts.id}, and no module holds it')
    return Library(facts.symbols[0].module, facts.symbols[0].qualname)


def _named(target: Target, wanted: str, names: dict[Target, str]) -> str:
    """The name of a target: the wanted one, with underscores appended if another target has it."""
    if target not in names:
        while wanted in names.values():
            wanted += '_'
        names[target] = wanted
    return names[target]
