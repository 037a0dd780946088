"""What all tests of made data have in common."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest


@pytest.fixture(autouse=True)
def _frozen() -> Iterator[None]:
    """Exclude what exists from garbage collection, which mmengine asks for whenever it reads a data set."""
    gc.freeze()
    yield
    gc.unfreeze()
