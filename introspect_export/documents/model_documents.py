"""The documents of a package that holds a live model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from introspect_export._version import __version__
from introspect_export.documents.installed_distributions import installed
from introspect_export.documents.package_contents import folders
from introspect_export.documents.rendering import environment, origins_of
from introspect_export.documents.requirements import requirements

_NOTES = {'README.md': 'model.md.j2', 'requirements.txt': 'requirements.txt.j2', 'NOTICE': 'NOTICE.j2'}


@dataclass(frozen=True)
class ModelDocumentFacts:
    """The properties of a package that its documents describe.

    Attributes:
        name: The model's class.
        code: The text of the package's Python files, by path.
        origins: The import names of the packages that the code was taken from.
        versions: The version of each distribution seen, by name.
        imported: The modules that loading the model imports.
        by_value: The classes and functions that the model's file holds as bytecode.
        python: The Python version of this bytecode.
    """

    name: str
    code: Mapping[str, str]
    origins: Sequence[str]
    versions: Mapping[str, str]
    imported: Sequence[str]
    by_value: Sequence[str]
    python: str


def model_documents(facts: ModelDocumentFacts) -> dict[str, str]:
    """Render the documents; the text of each by path relative to the output folder."""
    here = installed()
    # The imports of the model's file as statements, for ``requirements``.
    loading = {'pack/carried.pt': '\n'.join(f'import {each}' for each in facts.imported)}
    values = {
        'name': facts.name,
        'program': f'introspect_export {__version__}',
        'files': len(facts.code),
        'lines': sum(text.count('\n') for text in facts.code.values()),
        'folders': folders(facts.code),
        'requirements': requirements({**facts.code, **loading}, 'pack', facts.versions, here),
        'placeholders': (),
        'origins': origins_of(facts.origins, facts.versions, here),
        'by_value': facts.by_value,
        'python': facts.python,
    }
    templates = environment()
    return {path: templates.get_template(name).render(values) for path, name in _NOTES.items()}
