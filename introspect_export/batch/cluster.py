"""The workers of a dask.distributed cluster as an executor."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from typing import Any

from introspect_export.model.diagnostics import ExportError


@contextmanager
def cluster(address: str | None) -> Iterator[Executor | None]:
    """An executor of the cluster at an address, while the context lasts; None where no address is given.

    Raises:
        ExportError: dask.distributed is not installed, or nobody answers there.
    """
    if address is None:
        yield None
        return
    try:
        distributed: Any = importlib.import_module('distributed')
    except ImportError as error:
        raise ExportError('--dask needs dask.distributed: pip install introspect-export[dask]') from error
    try:
        client = distributed.Client(address)
    except (OSError, ValueError) as error:
        raise ExportError(f'no dask scheduler answers at {address}: {error}') from error
    with client:
        # A config is exported once, whatever it looks like to dask; who is lost with a worker is begun anew.
        yield client.get_executor(pure=False, retries=2)
