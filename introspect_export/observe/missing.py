"""What was not here while a config was observed, and what there is to say of that: compiled extensions, weights."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from introspect_export.model.diagnostics import Diagnostic
from introspect_export.observe.origin_policy import is_installed
from introspect_export.sandbox.extensions import missing_extensions

NO_COMPILED_OPS = 'IE-NO-COMPILED-OPS'
NO_WEIGHTS = 'IE-NO-WEIGHTS'

_supplied: dict[str, None] = {}
"""Every extension supplied in this process: modules that bound it keep it, a later observation says so again."""


@contextmanager
def placeholders() -> Iterator[None]:
    """Supply the compiled extensions that installed libraries cannot be imported without."""
    with missing_extensions(lambda top, _: is_installed(top), _supplied):
        yield


def placeholder_diagnostics() -> tuple[Diagnostic, ...]:
    """One diagnostic for each extension that was supplied."""
    message = 'this compiled extension is not installed; a placeholder stood in for it, its functions raise when called'
    return tuple(Diagnostic(NO_COMPILED_OPS, name, message) for name in sorted(_supplied))


def weights_diagnostics(missing: list[str]) -> tuple[Diagnostic, ...]:
    """One diagnostic for all weights that were asked for and are not here."""
    if not missing:
        return ()
    names = ', '.join(dict.fromkeys(missing))
    message = f'done without these weights, which are not here; the package asks for them as the original does: {names}'
    return (Diagnostic(NO_WEIGHTS, 'model', message),)
