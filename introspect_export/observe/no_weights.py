"""Models that fetch weights while they are built are observed without them; what there is to say of that."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from introspect_export.model.diagnostics import Diagnostic
from introspect_export.observe.offline import NetworkRefused
from introspect_export.verify.child import weights
from introspect_export.verify.child.faults import causes

CODE = 'IE-NO-WEIGHTS'


@contextmanager
def no_weights() -> Iterator[list[str]]:
    """Let models be built whose weights cannot be fetched, while the context lasts.

    Yields:
        The files and addresses of the weights that were asked for and are not here; it grows.
    """
    with weights.no_weights(refused) as missing:
        yield missing


def refused(error: BaseException | None) -> bool:
    """Whether an error comes from having no network."""
    return any(
        isinstance(each, NetworkRefused) or isinstance(getattr(each, 'reason', None), NetworkRefused)
        for each in causes(error)
    )


def weights_diagnostics(missing: list[str]) -> tuple[Diagnostic, ...]:
    """One diagnostic for all weights that were asked for and are not here."""
    if not missing:
        return ()
    names = ', '.join(dict.fromkeys(missing))
    message = f'done without these weights, which are not here; the package asks for them as the original does: {names}'
    return (Diagnostic(CODE, 'model', message),)
