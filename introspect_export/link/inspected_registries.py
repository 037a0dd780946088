"""Registries whose content the package's code may read other than by a look-up."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from introspect_export.link.excerpts import nested_imports
from introspect_export.model import Excerpt
from introspect_export.model.liveset import FromRegistry, LiveSet

# The members of ``mmengine.registry.Registry`` that do not expose its content, or import its locations first.
_ABOUT = frozenset(
    ('build', 'build_func', 'get', 'name', 'parent', 'register_module', 'root', 'scope', 'switch_scope_and_registry')
)
_CONTENT = 'module_dict'


def inspected(excerpt: Excerpt, live: LiveSet, variables: Mapping[str, str]) -> Iterator[str]:
    """Return the variables of the registries whose content an excerpt may read; all of them if it is unknown which.

    Args:
        excerpt: The excerpt.
        live: The live set, with the resolutions of names.
        variables: For each origin registry the variable of its registry in the package.
    """
    module = live.modules[excerpt.module]
    # Occurrences of ``module_dict`` that are not attributes of a known registry.
    unknown = module.cut(excerpt.span).count(_CONTENT)
    for use in excerpt.uses:
        found = live.resolutions.get((excerpt.module, use.span.start))
        if found is not None and isinstance(found.target, FromRegistry):
            member = use.attributes[found.consumed] if len(use.attributes) > found.consumed else ''
            unknown -= _CONTENT in member
            # As an argument (``len(MODELS)``), its content may be read as well.
            if member not in _ABOUT and (member or use.role == 'argument'):
                yield variables[found.target.id]
    for statement, names in nested_imports(module, excerpt).items():
        for name in names:
            found = live.imports.get((excerpt.module, statement.start, name.name))
            if found is not None and isinstance(found.target, FromRegistry):
                yield variables[found.target.id]
    if unknown > 0:
        yield from variables.values()
