"""Render the templates of a package's documents."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Mapping
from typing import Any

import jinja2

from introspect_export._version import __version__
from introspect_export.documents.data_files import data_entries, root_option
from introspect_export.documents.document_facts import DocumentFacts
from introspect_export.documents.installed_distributions import Distribution, Installed, installed
from introspect_export.documents.package_contents import built, folders
from introspect_export.documents.requirements import Requirement, requirements

# The template of each script, and the section that the config must have.
SCRIPTS = {
    'tools/train.py': ('train.py.j2', 'train'),
    'tools/test.py': ('test.py.j2', 'test'),
    'pack/demo/image_demo.py': ('image_demo.py.j2', 'data'),
}
LAUNCHERS = {
    'tools/dist_train.sh': ('dist.sh.j2', 'train'),
    'tools/dist_test.sh': ('dist.sh.j2', 'test'),
    'tools/slurm_train.sh': ('slurm.sh.j2', 'train'),
    'tools/slurm_test.sh': ('slurm.sh.j2', 'test'),
}
NOTES = {
    'README.md': 'README.md.j2',
    'pack/data/README.md': 'data.md.j2',
    'requirements.txt': 'requirements.txt.j2',
    'NOTICE': 'NOTICE.j2',
}
EXECUTABLE = frozenset(LAUNCHERS)
"""The documents that are written as executable files."""


def documents(facts: DocumentFacts, here: Installed | None = None) -> dict[str, str]:
    """Render a package's documents.

    Args:
        facts: The package.
        here: The installed distributions; by default they are looked up.

    Returns:
        The text of each file, by path relative to the output folder; scripts only where the config has their section.
    """
    here = installed() if here is None else here
    templates = environment()
    values = _script_values(facts)
    able = values['sections']
    scripts = {
        path: templates.get_template(name).render(values) for path, (name, needs) in SCRIPTS.items() if able[needs]
    }
    launchers = {
        path: templates.get_template(name).render(values, script=script)
        for path, (name, script) in LAUNCHERS.items()
        if able[script]
    }
    needed = requirements({**facts.code, **scripts}, 'pack', facts.versions, here)
    values.update(_note_values(facts, here, needed))
    notes = {path: templates.get_template(name).render(values) for path, name in NOTES.items()}
    return {**scripts, **launchers, **notes}


def environment() -> jinja2.Environment:
    """The environment of the templates."""
    templates = jinja2.Environment(
        loader=jinja2.PackageLoader('introspect_export.documents'),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        # The output is Python, shell and Markdown, not HTML.
        autoescape=False,
    )
    templates.filters['cell'] = lambda text: str(text).replace('|', '\\|')
    templates.filters['thousands'] = lambda number: f'{number:,}'
    return templates


def _script_values(facts: DocumentFacts) -> dict[str, Any]:
    return {
        'name': facts.config_name,
        'config': facts.config_path,
        'sections': _sections(facts.config),
        'work_dir': posixpath.join('work_dirs', posixpath.splitext(posixpath.basename(facts.config_path))[0]),
    }


def _note_values(facts: DocumentFacts, here: Installed, needed: list[Requirement]) -> dict[str, Any]:
    code = {path: text for path, text in facts.code.items() if not path.startswith('pack/configs/')}
    entries = data_entries(facts.config, facts.missing)
    return {
        'program': f'introspect_export {__version__}',
        'files': len(facts.code),
        'lines': sum(text.count('\n') for text in facts.code.values()),
        'folders': folders(code),
        'built': built(facts.config, facts.types, code),
        'data': [entry for entry in entries if entry.kind != 'weights'],
        'root_option': root_option(facts.config),
        'weights': [entry for entry in entries if entry.kind == 'weights'],
        'requirements': needed,
        'placeholders': facts.placeholders,
        'resources': facts.resources,
        'origins': origins_of(facts.origins, facts.versions, here),
    }


def origins_of(
    origins: Iterable[str], versions: Mapping[str, str], here: Installed
) -> list[tuple[str, Distribution | None, str]]:
    """Import name, distribution and version of each origin."""
    found = []
    for package in sorted(origins):
        distribution = here.of(package)
        version = distribution.version if distribution is not None else ''
        names = (distribution.name, package) if distribution is not None else (package,)
        seen = [versions[name] for name in names if name in versions]
        found.append((package, distribution, (seen or [version])[0]))
    return found


def _sections(config: Mapping[str, Any]) -> dict[str, bool]:
    """Which features the config has sections for."""
    loaders = [config.get(f'{part}_dataloader') for part in ('train', 'val', 'test')]
    return {
        'data': any(loader is not None for loader in loaders),
        'train': config.get('train_dataloader') is not None and config.get('optim_wrapper') is not None,
        'test': config.get('test_dataloader') is not None,
        'tta': config.get('tta_model') is not None,
        'auto_scale_lr': config.get('auto_scale_lr') is not None,
    }
