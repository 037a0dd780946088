"""Many configs at once: workers forked from a process that has imported the libraries, resumed where they stopped."""

from introspect_export.batch.facts import BatchResult, Record
from introspect_export.batch.run import batch
from introspect_export.callable_module import make_callable

__all__ = ['BatchResult', 'Record', 'batch']

make_callable(__name__, batch)
