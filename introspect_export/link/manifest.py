"""``manifest.json``: the package's content with the origin of each definition and the reason for it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import asdict
from types import MappingProxyType
from typing import Any

from introspect_export._version import __version__
from introspect_export.link.registry_plan import RegistryPlan
from introspect_export.load.config_location import portable
from introspect_export.model import Observation, SourceModule, Statement, Symbol
from introspect_export.model.liveset import LiveSet, Owner
from introspect_export.model.output_package import Layout

FORMAT = 1


def manifest(
    observation: Observation,
    live: LiveSet,
    layout: Layout,
    registries: RegistryPlan,
    command: str,
    configs: Sequence[Mapping[str, Any]],
    resources: Collection[str] = (),
    files: Mapping[str, str] = MappingProxyType({}),
    inlined: bool = False,
) -> dict[str, Any]:
    """Return the content of the manifest.

    Args:
        observation: The observation.
        live: The live set.
        layout: The output module of each origin module.
        registries: The registries of the package.
        command: The command line.
        configs: The facts of each config, in order; see ``config_facts``.
        resources: The paths of files copied from origins' folders.
        files: For each name by which the original finds another copied file, the path below the package.
        inlined: Whether parents' methods were inlined at their only call.
    """
    first = configs[0]
    return {
        'format': FORMAT,
        'introspect_export': __version__,
        'command': command,
        'config': first['config'],
        'origins': sorted({module.partition('.')[0] for module in layout.modules} | set(observation.origins)),
        'scopes': sorted({facts.scope for facts in observation.registries.values() if facts.origin}),
        'plain_types': first['plain_types'],
        'unknown_types': unknown_types(observation, live),
        'versions': dict(sorted(observation.versions.items())),
        'sections': first['sections'],
        'registries': [
            {
                'variable': output.variable,
                'scope': output.scope,
                'stands_for': sorted(
                    id_ for id_, variable in registries.mapping.items() if variable == output.variable
                ),
            }
            for output in registries.outputs
        ],
        'symbols': [_owner(each, live, layout) for each in owners(live)],
        'resources': sorted(path.partition('/')[2] for path in resources),
        'read_files': dict(sorted(files.items())),
        'diagnostics': [asdict(each) for each in sorted({*observation.diagnostics, *live.diagnostics})],
        'compared': first['compared'],
        'inlined': inlined,
        **({'configs': list(configs)} if 'in' in first else {}),
    }


def config_facts(observation: Observation, compared: Mapping[str, Any] | None, place: str = '') -> dict[str, Any]:
    """Return the manifest's facts of one config.

    Args:
        observation: The observation of the config.
        compared: The record that verification compares the package's config with.
        place: The config's path in a package of several; else empty.
    """
    return {
        'config': {
            'name': observation.name,
            'scope': observation.scope,
            'file': portable(observation.config_file),
            'options': dict(observation.options),
        },
        **({'in': place} if place else {}),
        'sections': [asdict(section) for section in observation.sections],
        'plain_types': plain_types(observation),
        'compared': compared,
    }


def plain_types(observation: Observation) -> list[str]:
    """The ``type`` strings of the config that no registry of the original resolves."""
    known = {event.type_text for event in observation.events if event.target is not None}
    return sorted({text for text in _types(observation.config) if text not in known})


def unknown_types(observation: Observation, live: LiveSet) -> list[str]:
    """The strings with an origin's scope that no registry of the original resolves to a type.

    The names of definitions in the package that are not registered yet are left out: a function may import the module
    that registers them later.
    """
    world = observation.world
    scopes = {facts.scope for facts in observation.registries.values() if facts.origin}
    near = {
        string.value: module.name
        for module in live.modules.values()
        for part in module.parts
        for string in part.strings
    }
    texts = {**dict.fromkeys(plain_types(observation), observation.scope), **near}
    dotted = [text for text in texts if '.' in text and text.partition('.')[0] in scopes]
    defined = {symbol.name for symbol in live.reasons if not world.registrations(symbol)}
    return sorted(
        text for text in dotted if text.rpartition('.')[2] not in defined and world.resolve(text, texts[text]) is None
    )


def _types(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        if isinstance(value.get('type'), str):
            yield value['type']
        for each in value.values():
            yield from _types(each)
    elif isinstance(value, (list, tuple)):
        for each in value:
            yield from _types(each)


def owners(live: LiveSet) -> list[Owner]:
    """The live definitions and executed statements, sorted by name."""
    return sorted([*live.reasons, *live.executed], key=lambda each: str(each).split(':'))


def _owner(owner: Owner, live: LiveSet, layout: Layout) -> dict[str, Any]:
    module = live.modules[owner.module]
    result: dict[str, Any] = {
        'symbol': str(owner),
        'file': owner.module.replace('.', '/') + ('/__init__.py' if module.is_package else '.py'),
        'line': owner.line if isinstance(owner, Statement) else _line(module, owner),
        'in': layout.file(layout.modules[owner.module]),
        'why': why(owner, live),
    }
    flat = live.flat.get(owner) if isinstance(owner, Symbol) else None
    if flat is not None and flat.merged:
        result['merged'] = [str(each) for each in flat.merged]
        result['bases'] = [str(each) for each in flat.bases]
    return result


def _line(module: SourceModule, symbol: Symbol) -> int:
    """The line of the first statement that defines a name."""
    return module.parts[module.definitions[symbol.qualname][0]].line


def why(owner: Owner, live: LiveSet) -> list[str]:
    """Return the chain of reasons why a definition or a statement is live, from an observed symbol to this one."""
    chain: list[str] = []
    at: Owner | None = owner
    while isinstance(at, Statement) or (at is not None and at.qualname):
        reason = live.executed[at] if isinstance(at, Statement) else live.reasons[at]
        chain.append(f'{at} {reason.how}' if reason.pulled_by is None else f'{at} {reason.how} {reason.pulled_by}')
        at = reason.pulled_by
    return chain[::-1]
