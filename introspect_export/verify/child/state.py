"""What the model's state is, and that a checkpoint fits into it."""

from __future__ import annotations

from typing import Any

from .settle import sow
from .side import PARTS, Side
from .trees import digest, encode, storable, symbol


def state(side: Side, dump: str = '') -> dict[str, Any]:
    """Describe the state of the model, and write a checkpoint.

    Args:
        side: The role.
        dump: The one tensor to write instead, in whole.

    Returns:
        ``checkpoint``: the file; ``state``: key, shape, type and checksum of every entry, in order; ``classes``: the
        class at every module path; ``buffers``: the names of those that no checkpoint holds; ``parts``: those that the
        config has a data loader for.
    """
    import torch

    config = side.config()
    model = side.model(config)
    entries = model.state_dict()
    if dump:
        file = side.folder / f'{side.role}.dump.pt'
        torch.save(storable(encode(entries[dump])), file)
        return {'file': str(file)}
    described = [[key, *_shape(value), digest(value)] for key, value in entries.items()]
    checkpoint = side.folder / f'{side.role}.checkpoint.pt'
    torch.save(_usable(model, entries), checkpoint)
    kept = set(entries)
    return {
        'checkpoint': str(checkpoint),
        'state': described,
        'classes': [[path, symbol(type(module))] for path, module in model.named_modules()],
        'parts': [part for part in PARTS if config.get(f'{part}_dataloader')],
        'buffers': [[name, *_shape(value)] for name, value in model.named_buffers() if name not in kept],
    }


def _shape(value: Any) -> tuple[list[int], str]:
    return list(getattr(value, 'shape', ())), str(getattr(value, 'dtype', type(value).__name__))


def _usable(model: Any, entries: Any) -> Any:
    """The state with numbers in the parameters that building leaves without: ``init_weights`` would fill them."""
    import torch

    sow(1)
    for name, parameter in model.named_parameters(remove_duplicate=False):
        if name in entries and parameter.is_floating_point() and bool(parameter.isnan().any()):
            drawn = torch.randn(parameter.shape) * 0.02
            entries[name] = torch.where(parameter.isnan(), drawn.to(parameter.dtype), parameter.detach())
    return entries


def load(side: Side, checkpoint: str) -> dict[str, Any]:
    """Load the other role's checkpoint strictly."""
    side.model(side.config(), checkpoint)
    return {}
