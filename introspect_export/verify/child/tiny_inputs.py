"""Data made up for a config, by the code whose folder the verifying process names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from .determinism import SEED, seed_everything
from .role_objects import PARTS, Side
from .smaller_inputs import shrunk
from .tiny_data_import import maker


def tiny(
    side: Side,
    shape: Sequence[int],
    images: int,
    overrides: Sequence[Any] = (),
    parts: Sequence[str] = PARTS,
    without_files: bool = False,
) -> dict[str, Any]:
    """Make a few images with annotations, as the config's data sets read them.

    Args:
        side: The role that makes them; the other one reads them too.
        shape: The height and width of the images.
        images: How many.
        overrides: What is to be replaced in the config before.
        parts: For which parts.
        without_files: Whether to give synthetic samples to a pipeline whose data set's files cannot be made.

    Returns:
        ``overrides``: what to replace in the config, ``smaller``: what else for less of it, ``parts``: for each
        part why it has no data, or nothing, and ``notes``.
    """
    module = maker(side.tiny)
    config = side.config(overrides)
    parts = [part for part in parts if config.get(f'{part}_dataloader')]
    seed_everything()
    folder = side.folder / f'data_{shape[0]}x{shape[1]}{"_given" if without_files else ""}'
    while folder.exists():
        folder = folder.with_name(f'{folder.name}_more')
    made = module.make_tiny_data(
        config,
        folder,
        parts=tuple(parts),
        images=images,
        shape=tuple(shape),
        seed=SEED,
        without_files=without_files,
    )
    facts = asdict(made)
    facts['overrides'] = [*overrides, *facts['overrides']]
    smaller = shrunk(side.config(facts['overrides']))
    return {**{key: facts[key] for key in ('overrides', 'parts', 'notes')}, 'smaller': smaller}
