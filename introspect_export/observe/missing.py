"""Diagnostics for compiled extensions and weights that are not available while a config is observed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from introspect_export.model.diagnostics import Diagnostic
from introspect_export.observe.origin_policy import is_installed
from introspect_export.sandbox.extensions import missing_extensions

NO_COMPILED_OPS = 'IE-NO-COMPILED-OPS'
NO_WEIGHTS = 'IE-NO-WEIGHTS'

_supplied: dict[str, None] = {}
"""The placeholders supplied in this process. Imported modules keep them, so later observations report them as well."""


@contextmanager
def placeholders() -> Iterator[None]:
    """Supply placeholders for compiled extensions without which installed libraries cannot be imported."""
    with missing_extensions(lambda top, _: is_installed(top), _supplied):
        yield


def placeholder_diagnostics() -> tuple[Diagnostic, ...]:
    """One diagnostic for each extension that a placeholder replaces."""
    message = 'this compiled extension is not installed; a placeholder stood in for it, its functions raise when called'
    return tuple(Diagnostic(NO_COMPILED_OPS, name, message) for name in sorted(_supplied))


def weights_diagnostics(missing: list[str]) -> tuple[Diagnostic, ...]:
    """One diagnostic for all weights that were requested and are not available."""
    if not missing:
        return ()
    names = ', '.join(dict.fromkeys(missing))
    message = f'done without these weights, which are not here; the package asks for them as the original does: {names}'
    return (Diagnostic(NO_WEIGHTS, 'model', message),)
