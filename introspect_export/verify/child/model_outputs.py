"""The step *forward*: the model's outputs in the modes ``tensor`` and ``predict``."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from ...sandbox.faults import sentence
from .dataset_samples import batches
from .determinism import seed_everything
from .module_outputs import Calls
from .plain_trees import encode, storable
from .role_objects import Side

ORDER = ('test', 'val', 'train')
NOTHING = ''
"""The part for a batch without data, for a model that generates its own input from noise."""


def forward(
    side: Side, checkpoint: str, overrides: Sequence[Any], parts: Sequence[str], dump: Sequence[Any] = ()
) -> dict[str, Any]:
    """Run both modes with a batch of the first part for which the mode works, or else without data.

    Args:
        side: The role.
        checkpoint: The file with the weights.
        overrides: The overrides of the config.
        parts: The parts that have data.
        dump: A mode, a part, and the number of a module's call whose output is written in full.

    Returns:
        ``file``: the file with the outputs by mode; ``tries``: for each mode and part that was tried, the ``calls`` of
        modules and the ``error``.
    """
    import torch

    config = side.config(overrides)
    model = side.running(config, checkpoint)
    model.eval()  # Some models override it without returning themselves.
    tries: list[dict[str, Any]] = []
    results: dict[str, Any] = {}
    for mode in ('tensor', 'predict'):
        for part, alone in _inputs(parts):
            wanted = dump[2] if dump and list(dump[:2]) == [mode, part] else -1
            fact, result = _run(side, model, config, mode, part, alone, wanted)
            tries.append(fact)
            if result is not None:
                results[mode] = result
                break
    file = side.folder / f'{side.role}.{"dump" if dump else "forward"}.pt'
    torch.save(results, file)
    return {'file': str(file), 'tries': tries}


def _inputs(parts: Sequence[str]) -> Iterator[tuple[str, bool]]:
    """The parts to take a batch from, the most suitable first, and whether to take a single sample.

    In evaluation mode, models expect batches of the test data loader, often of one image.
    """
    yield from ((part, False) for part in ORDER if part in parts)
    if 'train' in parts:
        yield 'train', True
    yield NOTHING, False


def _batch(loader: Any, alone: bool) -> Any:
    """A new batch, since models modify their inputs."""
    if not alone:
        return batches(loader, 1)[0]
    seed_everything()
    return loader.collate_fn([loader.dataset[0]])


def _run(
    side: Side, model: Any, config: Any, mode: str, part: str, alone: bool, wanted: int
) -> tuple[dict[str, Any], Any]:
    import torch

    fact: dict[str, Any] = {'mode': mode, 'part': part, 'calls': [], 'error': ''}
    calls = Calls(wanted)
    try:
        batch = _batch(side.loaders(config, part)[0][1], alone) if part else {'inputs': {}}
        seed_everything()
        with torch.no_grad(), calls.watching(model):
            output = _tensor(model, batch) if mode == 'tensor' else _predict(model, batch, part)
        fact['calls'] = calls.seen
        return fact, calls.kept if wanted >= 0 else storable(encode(output))
    except (Exception, SystemExit) as error:  # Foreign code may raise anything.
        fact.update(error=sentence(error), calls=calls.seen)
        return fact, None


def _tensor(model: Any, batch: Any) -> Any:
    """Run the mode as ``BaseModel._run_forward`` does."""
    prepared = model.data_preprocessor(batch, False)
    return model(**prepared, mode='tensor') if isinstance(prepared, dict) else model(*prepared, mode='tensor')


def _predict(model: Any, batch: Any, part: str) -> Any:
    return model.val_step(batch) if part == 'val' else model.test_step(batch)
