"""Which configs a sweep works on."""

from __future__ import annotations

import random
import tempfile
from collections.abc import Container, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

from sweep_server import building, run

from introspect_export.batch.config_patterns import expand

_CANDIDATES = 8
_TIMEOUT = 60.0


def configs_of(library: str) -> list[str]:
    """Every config of an installed library, without the pieces in ``_base_`` folders."""
    return sorted(one.config for one in expand([f'{library}::**']))


def chosen(
    configs: Sequence[str], per_folder: int | None, fraction: float | None, seed: int, count: int | None = None
) -> list[str]:
    """A sample: so many of every folder, a fraction of all, and so many of all; all where none of them is asked for."""
    if per_folder is None and fraction is None and count is None:
        return list(configs)
    picked: set[str] = set()
    if per_folder:
        source = random.Random(seed)
        for members in _folders(configs):
            picked.update(source.sample(members, min(per_folder, len(members))))
    if fraction:
        picked.update(random.Random(seed).sample(list(configs), round(fraction * len(configs))))
    if count:
        picked.update(random.Random(seed).sample(list(configs), min(count, len(configs))))
    return sorted(picked)


def lightest(library: str, configs: Sequence[str], known: Container[str], seed: int, jobs: int) -> list[str]:
    """Of every folder the configs that were worked on before, or else that of some whose model has fewest parameters.

    Configs that train their model come before those that only test one.

    Args:
        library: The library.
        configs: Its configs.
        known: Those worked on before.
        seed: What the configs that are looked at are drawn with.
        jobs: How many to look at at a time.
    """
    source, picked, asked = random.Random(seed), [], []
    for members in _folders(configs):
        before = [one for one in members if one in known]
        picked += before
        if not before:
            asked.append(source.sample(members, min(_CANDIDATES, len(members))))
    if not asked:
        return sorted(picked)
    with tempfile.TemporaryDirectory() as folder, closing(building(library)) as server:
        log = Path(folder, 'log.txt')

        def size(config: str) -> tuple[bool, bool, int]:
            answer = run(server, 'size', _TIMEOUT, log, config=config, library=library)
            return (False, not answer['trains'], answer['parameters']) if answer['ok'] else (True, True, 0)

        with ThreadPoolExecutor(jobs) as pool:
            candidates = [one for some in asked for one in some]
            sizes = dict(zip(candidates, pool.map(size, candidates), strict=True))
    return sorted([*picked, *(min(some, key=sizes.__getitem__) for some in asked)])


def _folders(configs: Sequence[str]) -> list[list[str]]:
    folders: dict[str, list[str]] = {}
    for config in configs:
        folders.setdefault(config.rpartition('/')[0], []).append(config)
    return [members for _, members in sorted(folders.items())]
