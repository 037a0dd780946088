"""Export what an mmengine config builds, and nothing else, as a package without dependencies on its origins.

>>> from introspect_export import export
>>> result = export('mmdet::condinst/condinst_r50_fpn_ms-poly-90k_coco_instance.py', 'condinst')  # doctest: +SKIP
>>> print(result)  # doctest: +SKIP
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from introspect_export._version import __version__
from introspect_export.export_result import ExportResult
from introspect_export.model.diagnostics import Diagnostic, ExportError, InternalError

if TYPE_CHECKING:
    from introspect_export import batch, inspect, linearize, observe, verify
    from introspect_export.api import export

__all__ = [
    'Diagnostic',
    'ExportError',
    'ExportResult',
    'InternalError',
    '__version__',
    'batch',
    'export',
    'inspect',
    'linearize',
    'observe',
    'verify',
]

_LAZY = {
    'batch': 'introspect_export.batch',
    'export': 'introspect_export.api',
    'inspect': 'introspect_export.inspect',
    'linearize': 'introspect_export.linearize',
    'observe': 'introspect_export.inspect.inspect_objects',
    'verify': 'introspect_export.verify',
}


def __getattr__(name: str) -> Any:
    """Import the public names that need torch and mmengine on first access (PEP 562), so that ``--help`` is fast."""
    if name not in _LAZY:
        raise AttributeError(f'module {__name__!r} has no attribute {name!r}')
    from importlib import import_module

    from introspect_export.gc_tuning import seldom_collected

    with seldom_collected():
        module = import_module(_LAZY[name])
    # A package with the name of a public function is itself callable (``callable_module.py``).
    # Returning the function would bind another object than importing the package does.
    return module if module.__name__ == f'{__name__}.{name}' else getattr(module, name)
