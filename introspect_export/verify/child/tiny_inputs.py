"""The step *tiny*: generates data for a config with ``tiny_data``."""

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
    """Generate a few images with annotations in the formats that the config's data sets read.

    Args:
        side: The role that generates them; both roles read them.
        shape: The height and width of the images.
        images: The number of images.
        overrides: The overrides of the config that already apply.
        parts: The parts to generate data for.
        without_files: Whether pipelines get synthetic samples if their data set's files cannot be generated.

    Returns:
        ``overrides``: the overrides of the config; ``smaller``: alternatives of further ones for smaller inputs;
        ``parts``: for each part the reason why it has no data, or empty; and ``notes``.
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
