"""The notes of a package that holds an object."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from introspect_export._version import __version__
from introspect_export.documents.contents import folders
from introspect_export.documents.installed import installed
from introspect_export.documents.render import origins_of, templates_here
from introspect_export.documents.requirements import requirements

_NOTES = {'README.md': 'carried.md.j2', 'requirements.txt': 'requirements.txt.j2', 'NOTICE': 'NOTICE.j2'}


@dataclass(frozen=True)
class CarriedFacts:
    """A package that holds an object, as far as its notes tell of it.

    Attributes:
        name: The object's class.
        code: The text of the package's Python files, by path.
        origins: The import names of the packages that the code was taken from.
        versions: The version of each distribution that was seen.
        imported: The modules that loading the object imports.
        by_value: The classes and functions whose bytecode the object's file holds.
        python: The version of Python that this bytecode is of.
    """

    name: str
    code: Mapping[str, str]
    origins: Sequence[str]
    versions: Mapping[str, str]
    imported: Sequence[str]
    by_value: Sequence[str]
    python: str


def carried_documents(facts: CarriedFacts) -> dict[str, str]:
    """Write the notes; the text of each file by path relative to the output folder."""
    here = installed()
    # What the object's file names is imported as by a statement for each.
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
    templates = templates_here()
    return {path: templates.get_template(name).render(values) for path, name in _NOTES.items()}
