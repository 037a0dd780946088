"""The steps *state* and *load*: a description of the model's state, and loading of a checkpoint."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...sandbox.faults import sentence
from ...sandbox.weights import no_weights
from .determinism import seed_everything
from .input_sizes import named_sizes
from .plain_trees import digest, encode, storable, symbol
from .role_objects import PARTS, Side, fill


def state(side: Side, dump: str = '', when: str = 'built') -> dict[str, Any]:
    """Describe the state of the model, and write a checkpoint.

    Args:
        side: The role.
        dump: The key of a tensor that is written in full instead.
        when: The state from which that tensor is taken: ``built`` or ``initialized``.

    Returns:
        ``checkpoint``: the file with the state in which training begins; ``state``: the key, shape and type of every
        entry, in order; ``built``, and after ``init_weights`` ``initialized``: the key and checksum of every entry;
        ``uninitialized``: the error of ``init_weights``, or empty; ``classes``: the class at every module path;
        ``buffers``: the non-persistent buffers, as in ``state``; ``parts``: the parts with a data loader; ``sizes``:
        the heights and widths of images that the model's options name.
    """
    import torch

    config = side.config()
    model = side.model(config)
    if dump:
        if when == 'initialized':
            _initialize(model)
        file = side.folder / f'{side.role}.dump.pt'
        torch.save(storable(encode(model.state_dict()[dump])), file)
        return {'file': str(file)}
    entries = model.state_dict()
    described, built = [[key, *_shape(value)] for key, value in entries.items()], _digests(entries)
    classes = [[path, symbol(type(module))] for path, module in model.named_modules()]
    buffers = [[name, *_shape(value)] for name, value in model.named_buffers() if name not in entries]
    why_not = _initialize(model)
    if why_not:
        model = side.model(config)  # The failed call may have changed some values.
    begun = model.state_dict()
    checkpoint = side.folder / f'{side.role}.checkpoint.pt'
    torch.save(_usable(model, begun), checkpoint)
    return {
        'checkpoint': str(checkpoint),
        'state': described,
        'built': built,
        'initialized': _digests(begun),
        'uninitialized': why_not,
        'classes': classes,
        'parts': [part for part in PARTS if config.get(f'{part}_dataloader')],
        'buffers': buffers,
        'sizes': named_sizes(config['model']),
    }


def _shape(value: Any) -> tuple[list[int], str]:
    return list(getattr(value, 'shape', ())), str(getattr(value, 'dtype', type(value).__name__))


def _digests(entries: Mapping[str, Any]) -> list[list[str]]:
    return [[key, digest(value)] for key, value in entries.items()]


def _initialize(model: Any) -> str:
    """Initialize the model as mmengine's runner does before training; returns the error, or empty."""
    if not hasattr(model, 'init_weights'):
        return ''
    for module in model.modules():
        if isinstance(getattr(module, 'init_cfg', None), (Mapping, list, tuple)):
            module.init_cfg = _untrained(module.init_cfg)
    seed_everything(1)
    try:
        with no_weights():
            model.init_weights()
    except Exception as error:  # Foreign code may raise anything.
        return sentence(error)
    return ''


def _untrained(options: Any) -> Any:
    """The options of an ``init_cfg`` without pretrained weights, which are not available."""
    from mmengine.model import PretrainedInit

    several = [options] if isinstance(options, Mapping) else list(options)
    kept = [one for one in several if one.get('type') not in ('Pretrained', PretrainedInit)]
    return options if len(kept) == len(several) else kept or None


def _usable(model: Any, entries: Any) -> Any:
    """The state with random numbers in place of NaN in parameters, which some models leave uninitialized."""
    import torch

    seed_everything(2)
    for name, parameter in model.named_parameters(remove_duplicate=False):
        if name in entries and parameter.is_floating_point() and bool(parameter.isnan().any()):
            drawn = torch.randn(parameter.shape) * 0.02
            entries[name] = torch.where(parameter.isnan(), drawn.to(parameter.dtype), parameter.detach())
    return entries


def load(side: Side, checkpoint: str) -> dict[str, Any]:
    """Load the other role's checkpoint.

    Args:
        side: The role.
        checkpoint: The file.

    Returns:
        The ``missing`` and the ``unexpected`` keys.
    """
    return fill(side.model(side.config()), checkpoint)
