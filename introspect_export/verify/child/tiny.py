"""Data made up for a config, by the code whose folder the verifying process names."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from types import ModuleType
from typing import Any

from .settle import SEED, sow
from .shrink import shrunk
from .side import PARTS, Side

_NAME = 'tiny_data'


def tiny(side: Side, shape: Sequence[int], images: int) -> dict[str, Any]:
    """Make a few images with annotations, as the config's data sets read them.

    Args:
        side: The role that makes them; the other one reads them too.
        shape: The height and width of the images.
        images: How many.

    Returns:
        ``overrides``: what to replace in the config, ``smaller``: what else for smaller pictures, ``parts``: for each
        part why it has no data, or nothing, and ``notes``.
    """
    module = maker(side.tiny)
    config = side.config()
    parts = [part for part in PARTS if config.get(f'{part}_dataloader')]
    sow()
    made = module.make_tiny_data(
        config,
        side.folder / f'data_{shape[0]}x{shape[1]}',
        parts=tuple(parts),
        images=images,
        shape=tuple(shape),
        seed=SEED,
    )
    facts = asdict(made)
    smaller = shrunk(side.config(facts['overrides']))
    return {**{key: facts[key] for key in ('overrides', 'parts', 'notes')}, 'smaller': smaller}


def maker(folder: Path) -> ModuleType:
    """Import the code by itself: the program it is part of is blocked here."""
    if _NAME not in sys.modules:
        spec = importlib.util.spec_from_file_location(
            _NAME, folder / '__init__.py', submodule_search_locations=[str(folder)]
        )
        if spec is None or spec.loader is None:
            raise ImportError(f'{folder} is no package')
        sys.modules[_NAME] = module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
    return sys.modules[_NAME]
