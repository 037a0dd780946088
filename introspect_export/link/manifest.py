"""``manifest.json``: what is in the package, where it is from, why it is there, and what there is to say about it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import asdict
from types import MappingProxyType
from typing import Any

from introspect_export._version import __version__
from introspect_export.link.registry_plan import RegistryPlan
from introspect_export.load.config_location import portable
from introspect_export.model import Observation, Symbol
from introspect_export.model.liveset import LiveSet
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
    """Return what the manifest holds, in order.

    Args:
        observation: What was observed.
        live: What is live.
        layout: Where each module goes.
        registries: What became of the registries.
        command: The command line.
        configs: What there is to say of each config, the first one first; see ``config_facts``.
        resources: The origins' files that go where their modules go.
        files: For each name under which the original finds a file that came along, its place below the package.
        inlined: Whether text of parents' methods was written out where they are called.
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
        'symbols': [_symbol(symbol, live, layout) for symbol in sorted(live.reasons)],
        'resources': sorted(path.partition('/')[2] for path in resources),
        'read_files': dict(sorted(files.items())),
        'diagnostics': [asdict(each) for each in sorted({*observation.diagnostics, *live.diagnostics})],
        'compared': first['compared'],
        'inlined': inlined,
        **({'configs': list(configs)} if 'in' in first else {}),
    }


def config_facts(observation: Observation, compared: Mapping[str, Any] | None, place: str = '') -> dict[str, Any]:
    """What the manifest says of one config.

    Args:
        observation: What was observed of it.
        compared: The record that the package's config is compared with.
        place: Where it is in the package, where this holds several.
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
    """The ``type`` strings of the config that no registry of the original knows either."""
    known = {event.type_text for event in observation.events if event.target is not None}
    return sorted({text for text in _types(observation.config) if text not in known})


def unknown_types(observation: Observation, live: LiveSet) -> list[str]:
    """The strings that name a type by an origin's scope, and that no registry of the original knows either.

    What is registered only when a function imports it may be such a type later: what the package defines, and no
    registry holds yet, is left out.
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


def _symbol(symbol: Symbol, live: LiveSet, layout: Layout) -> dict[str, Any]:
    module = live.modules[symbol.module]
    indices = module.definitions.get(symbol.qualname, ())
    line = module.parts[indices[0]].line if indices else int(symbol.qualname.rpartition(' ')[2] or 1)
    result: dict[str, Any] = {
        'symbol': str(symbol),
        'file': symbol.module.replace('.', '/') + ('/__init__.py' if module.is_package else '.py'),
        'line': line,
        'in': layout.file(layout.modules[symbol.module]),
        'why': why(symbol, live),
    }
    flat = live.flat.get(symbol)
    if flat is not None and flat.merged:
        result['merged'] = [str(each) for each in flat.merged]
        result['bases'] = [str(each) for each in flat.bases]
    return result


def why(symbol: Symbol, live: LiveSet) -> list[str]:
    """Return the chain that pulled a symbol in, from what was observed to the symbol."""
    chain: list[str] = []
    at: Symbol | None = symbol
    while at is not None and at.qualname:
        reason = live.reasons[at]
        chain.append(f'{at} {reason.how}' if reason.pulled_by is None else f'{at} {reason.how} {reason.pulled_by}')
        at = reason.pulled_by
    return chain[::-1]
