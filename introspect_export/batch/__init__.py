"""Export many configs in workers forked from a process that has imported the libraries; resumable."""

from introspect_export.batch.jobs import BatchResult, Record
from introspect_export.batch.scheduling import batch
from introspect_export.callable_module import make_callable

__all__ = ['BatchResult', 'Record', 'batch']

make_callable(__name__, batch)
