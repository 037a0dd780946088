"""What the model's state is, and that a checkpoint fits into it."""

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
        dump: The one tensor to write instead, in whole.
        when: Which state that is to be of: ``built``, or ``initialized``.

    Returns:
        ``checkpoint``: the file, with what a model has when its training begins; ``state``: key, shape and type of
        every entry, in order; ``built``, and after ``init_weights`` ``initialized``: key and checksum of every entry;
        ``uninitialized``: why that cannot be done; ``classes``: the class at every module path; ``buffers``: the names
        of those that no checkpoint holds; ``parts``: those that the config has a data loader for; ``sizes``: height and
        width of pictures that the model's section names.
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
        model = side.model(config)  # Half of it may be done.
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
    """Give the model the values that training begins with, as mmengine's runner does; return why it cannot be done."""
    if not hasattr(model, 'init_weights'):
        return ''
    for module in model.modules():
        if isinstance(getattr(module, 'init_cfg', None), (Mapping, list, tuple)):
            module.init_cfg = _untrained(module.init_cfg)
    seed_everything(1)
    try:
        with no_weights():
            model.init_weights()
    except Exception as error:  # Libraries' code fails in its own ways.
        return sentence(error)
    return ''


def _untrained(options: Any) -> Any:
    """What ``BaseModule`` initializes by, without the weights of a model that was trained: they are not here."""
    from mmengine.model import PretrainedInit

    several = [options] if isinstance(options, Mapping) else list(options)
    kept = [one for one in several if one.get('type') not in ('Pretrained', PretrainedInit)]
    return options if len(kept) == len(several) else kept or None


def _usable(model: Any, entries: Any) -> Any:
    """The state with numbers in the parameters that are still without."""
    import torch

    seed_everything(2)
    for name, parameter in model.named_parameters(remove_duplicate=False):
        if name in entries and parameter.is_floating_point() and bool(parameter.isnan().any()):
            drawn = torch.randn(parameter.shape) * 0.02
            entries[name] = torch.where(parameter.isnan(), drawn.to(parameter.dtype), parameter.detach())
    return entries


def load(side: Side, checkpoint: str) -> dict[str, Any]:
    """Load the other role's checkpoint; which keys are ``missing`` from it, and ``unexpected`` in it."""
    return fill(side.model(side.config()), checkpoint)
