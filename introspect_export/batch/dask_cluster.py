"""Use a dask.distributed cluster as an executor."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from typing import Any

from introspect_export.model.diagnostics import ExportError


@contextmanager
def cluster(address: str | None) -> Iterator[Executor | None]:
    """An executor for the cluster at an address, or None without an address.

    Raises:
        ExportError: dask.distributed is not installed, or no scheduler answers at the address.
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
        # ``pure=False``: dask must not deduplicate jobs. Jobs of a lost worker are retried.
        yield client.get_executor(pure=False, retries=2)
