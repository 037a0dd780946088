"""Run one job in an interpreter where the origins of a package cannot be imported: make data, or run a tool.

This file is run as a script. The program that it belongs to is blocked too; its sandbox is imported under another name
(``sandbox/on_path``), and ``tiny_data`` from its file.
"""

from __future__ import annotations

import importlib.util
import json
import pprint
import runpy
import sys
import traceback
from pathlib import Path
from types import ModuleType
from typing import Any

_MEASURING = {'val': 'not validated', 'test': 'not for testing'}


def import_file(name: str, file: str) -> ModuleType:
    """Import a module or package from its file, under a given name."""
    spec = importlib.util.spec_from_file_location(name, file)
    assert spec is not None and spec.loader is not None, file
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def isolated(name: str) -> ModuleType:
    """A module of the program, where its folder is on the path."""
    return importlib.import_module(f'introspect_export_isolated.{name}')


def make_data(task: dict[str, Any]) -> dict[str, Any]:
    """Make tiny data for the package's config, and write a config that uses it.

    Returns:
        ``parts`` and ``notes`` of the data, the data as JSON (``made``), and the image ``sizes`` in the model's config.
    """
    from mmengine.config import Config
    from mmengine.registry import init_default_scope

    tiny_data = import_file('tiny_data', task['tiny_data'])
    config = Config.fromfile(task['config'])
    importlib.import_module('pack')
    init_default_scope(config.get('default_scope') or 'pack')
    made = tiny_data.make_tiny_data(config, task['data'], parts=task['parts'], shape=tuple(task['shape']))
    changed = tiny_data.apply(config, made.overrides).to_dict()
    sections = {override.path[0]: changed[override.path[0]] for override in made.overrides}
    notes = []
    for part, consequence in _MEASURING.items():
        reasons = [f'{part}_dataloader: {made.parts[part]}'] if made.parts.get(part) else []
        reasons += [note for note in made.notes if note.startswith(f'{part}_')]
        notes += [f'{consequence}: {reason}' for reason in reasons]
        if reasons:
            sections.update(dict.fromkeys(f'{part}_{name}' for name in ('dataloader', 'cfg', 'evaluator')))
    Path(task['written']).write_text(config_text(task['config'], sections), encoding='utf-8')
    sizes = isolated('verify.child.input_sizes').named_sizes(config.get('model') or {})
    return {'parts': made.parts, 'notes': notes, 'made': made.to_json(), 'sizes': sizes}


def config_text(base: str, sections: dict[str, Any]) -> str:
    """The text of a config that replaces some sections of a base config."""
    lines = ["# The data of a fast test; everything else is the package's own config.", f'_base_ = {base!r}']
    for name, value in sections.items():
        whole = {'_delete_': True, **value} if isinstance(value, dict) else value
        lines.append(f'{name} = {pprint.pformat(whole, width=110, sort_dicts=False)}')
    return '\n'.join(lines) + '\n'


def run_tool(task: dict[str, Any]) -> dict[str, Any]:
    """Run a script of the package as a user does; the weights that were requested and are not available."""
    sys.argv = [task['script'], *task['arguments']]
    with isolated('sandbox.weights').no_weights() as missing:
        runpy.run_path(task['script'], run_name='__main__')
    return {'missing': sorted(set(missing))}


def main(job: str, answer: str) -> None:
    """Run the job in a JSON file, and write its answer as JSON."""
    task = json.loads(Path(job).read_text(encoding='utf-8'))
    sys.path.insert(0, task['program'])
    sandbox, faults = isolated('sandbox.blocking'), isolated('sandbox.faults')
    sys.path.remove(task['program'])
    sandbox.isolate(task, quiet=False)
    try:
        result = {'make_data': make_data, 'run_tool': run_tool}[task['job']](task)
    except (Exception, SystemExit) as error:  # The package's code can raise anything.
        traceback.print_exc()
        result = {'error': faults.sentence(error)}
    Path(answer).write_text(json.dumps(result), encoding='utf-8')


if __name__ == '__main__':
    main(*sys.argv[1:])
