"""The linking stage: assigns live parts to output modules, and generates imports, registries and the config."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

from introspect_export.link.config_source import config_text
from introspect_export.link.cycles import import_order
from introspect_export.link.files import Files, plan_files
from introspect_export.link.files_module import FOLDER, files_text
from introspect_export.link.hub_module import HOME as HUB
from introspect_export.link.hub_module import hub_text
from introspect_export.link.layout import lay_out
from introspect_export.link.manifest import config_facts, manifest
from introspect_export.link.missing_registrations import HOME, missing, registrations_text
from introspect_export.link.modules import ModuleLinker
from introspect_export.link.on_demand import on_demand_texts
from introspect_export.link.package_config import ConfigLinker
from introspect_export.link.registry_file import init_text, registry_text
from introspect_export.link.registry_plan import RegistryPlan, plan_registries
from introspect_export.link.resources import plan_resources
from introspect_export.link.startup import Startup, only_in_functions, plan_startup
from introspect_export.model import Observation
from introspect_export.model.linked_package import Linked
from introspect_export.model.liveset import LiveSet
from introspect_export.model.output_package import Layout

__all__ = ['link', 'totals']

_BEYOND = re.compile(r'_base_|read_base|\{\{')
"""Text in a config file whose value depends on other files."""


def link(
    observation: Observation,
    live: LiveSet,
    command: str = '',
    data_roots: Mapping[str, str] = MappingProxyType({}),
    inline: bool = False,
    configs: Mapping[str, Observation] = MappingProxyType({}),
) -> Linked:
    """Return the code and config of the package.

    Args:
        observation: The observation; of several configs, their joint one.
        live: The live set reached from it.
        command: The command line, for the manifest.
        data_roots: Replacements for prefixes of data paths in the config.
        inline: Whether parents' methods were inlined at their only call, for the manifest.
        configs: For a package of several configs, the observation of each by its path below ``pack/configs``.

    Raises:
        ExportError: The parts cannot be linked without changing what the code does.
    """
    registries = plan_registries(observation, live)
    modules = live.present
    layout = lay_out(modules, _by_weight(observation, live))
    inside = plan_resources(observation, live, layout)
    files = plan_files(observation, live, layout, inside)
    live = replace(live, diagnostics=tuple(sorted({*live.diagnostics, *files.diagnostics})))
    linker = ModuleLinker(live, layout, registries, observation.world, files.wrapped, bool(observation.hub_configs))
    linked = linker.link()
    # The path and value of each rewritten config, with the facts for the manifest.
    rewritten = _configs(observation, registries, layout, data_roots, files, configs)
    config_path = next(iter(rewritten), '')
    config, _ = rewritten[config_path] if config_path else ({}, {})
    paths = layout.modules
    fillers = {
        paths[table]: [paths[each] for each in filling if each in paths] for table, filling in live.fillers.items()
    }
    order = [module for module in import_order(linked.edges, fillers) if module]
    code = {layout.file(path): text for path, text in linked.texts.items()}
    if config:
        startup = plan_startup(observation, live, layout, registries, linked, order)
        order = list(startup.first)
    else:
        # A live model is loaded without a look-up in a registry, so no import can be deferred to one.
        late = only_in_functions(layout, observation.world) - linked.looked_up
        order = [module for module in order if module not in late]
        startup = Startup(tuple(order), {})
    if config or registries.outputs or registries.entries:
        order.insert(0, 'registry')
        code['pack/registry.py'] = registry_text(observation, registries, linker.importer, startup, linked)
    unregistered = missing(observation, live, registries)
    if unregistered:
        order.append(HOME)
        code[layout.file(HOME)] = registrations_text(unregistered, observation, linker.importer)
    code['pack/__init__.py'] = init_text(layout, order, 'configs/' if configs else config_path.partition('/')[2])
    code.update(on_demand_texts(live.on_demand, layout))
    for package in layout.packages:
        code.setdefault(layout.file(package), '')
    code.update({path: config_text(one) for path, (one, _) in rewritten.items()})
    copied = {**inside, **files.copied}
    if observation.hub_configs:
        code[f'pack/{HUB}.py'] = hub_text(observation.hub_configs, copied, registries.scope_text)
    for path in list(copied):
        text = _read_config(copied[path], path, observation, registries, layout, files)
        if text is not None:
            code[path] = text
            del copied[path]
    if files.wrapped:
        code[f'pack/{FOLDER}/__init__.py'] = files_text(files.named, files.reckoned)
    return Linked(
        code=dict(sorted(code.items())),
        config=config,
        config_path=config_path,
        layout=layout,
        manifest=manifest(
            observation,
            live,
            layout,
            registries,
            command,
            [facts for _, facts in rewritten.values()] or [config_facts(observation, None)],
            resources=tuple(inside),
            files={**files.named, **files.config},
            inlined=inline,
        ),
        types={
            registries.type_text(entry.registry, entry.key): layout.file(layout.modules[entry.target.module])
            for entry in observation.entries
            if entry.registry in registries.mapping and entry.target.module in layout.modules
        },
        resources=copied,
        diagnostics=tuple(files.diagnostics),
        files=files.config,
    )


def _read_config(
    file: str, path: str, observation: Observation, registries: RegistryPlan, layout: Layout, files: Files
) -> str | None:
    """The text of a config file that code reads, merged and with its types renamed; None if a copy of it will do."""
    config = observation.read_configs.get(file)
    if config is None:
        return None
    linker = ConfigLinker(observation, registries, layout, {}, files.config, path.count('/') - 1)
    linked = linker.link_other(config)
    text = Path(file).read_text(encoding='utf-8')
    if linked == config and not _BEYOND.search(text):
        return None
    return config_text(linked) if file.endswith('.py') else json.dumps(linked, indent=1) + '\n'


def _configs(
    observation: Observation,
    registries: RegistryPlan,
    layout: Layout,
    data_roots: Mapping[str, str],
    files: Files,
    several: Mapping[str, Observation],
) -> dict[str, tuple[dict[str, Any], dict[str, Any]]]:
    """By the path of each config, its rewritten value, and its facts for the manifest; empty for a live model."""
    own = {f'{_folder(observation)}/{observation.name}.py': observation} if observation.config else {}
    result = {}
    for place, one in (several or own).items():
        whole = replace(observation, config=one.config)
        linker = ConfigLinker(whole, registries, layout, data_roots, files.config, place.count('/') + 1)
        path, config = f'pack/configs/{place}', linker.link()
        result[path] = config, config_facts(one, linker.record(config), path if several else '')
    return result


def _by_weight(observation: Observation, live: LiveSet) -> list[str]:
    """The origins, those with the config's scope first, then by their number of live parts."""
    weight: dict[str, int] = {}
    for name, parts in live.parts.items():
        top = name.partition('.')[0]
        weight[top] = weight.get(top, 0) + len(parts)
    scoped = {
        symbol.module.partition('.')[0]
        for facts in observation.registries.values()
        if facts.origin and facts.scope == observation.scope
        for symbol in facts.symbols[:1]
    }
    return sorted(weight, key=lambda top: (top not in scoped, -weight[top], top))


def _folder(observation: Observation) -> str:
    """The name of the folder of the config's file."""
    parts = observation.config_file.replace('\\', '/').split('/')
    return parts[-2] if len(parts) > 1 and parts[-2] else 'config'


def totals(code: Mapping[str, str]) -> tuple[int, int]:
    """Return the number of Python files and of lines in a package's code.

    Args:
        code: The text of each file by its path.
    """
    texts = [text for path, text in code.items() if path.endswith('.py')]
    return len(texts), sum(text.count('\n') for text in texts)
