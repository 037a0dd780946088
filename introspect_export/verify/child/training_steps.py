"""The step *train*: two training steps."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

from .dataset_samples import batches
from .determinism import seed_everything
from .module_outputs import Calls
from .plain_trees import digest, encode, storable
from .role_objects import Side

_STEPS = 2


def train(side: Side, checkpoint: str, overrides: Sequence[Any], dump: Sequence[Any] = ()) -> dict[str, Any]:
    """Train for two steps as mmengine's loops do, with the config's optimizer wrapper and schedulers.

    Args:
        side: The role.
        checkpoint: The file with the initial weights.
        overrides: The overrides of the config.
        dump: The value to write in full: ``['gradient', number of the update, name]``, ``['state', key]`` or
            ``['call', number]``.

    Returns:
        ``file``: the file with the logged values of each step; ``updates``: for each step of an optimizer the checksums
        of the gradients; ``state``: the checksums of the final state; ``calls``: the modules' calls in the first step;
        ``odd``: the logged values that are not finite; ``notes``.
    """
    import torch

    from ...sandbox.runner_stubs import training_stub

    config = side.config(overrides)
    loader = side.loaders(config, 'train')[0][1]
    # All batches are read before the model is built: samplers of some models draw from the data of later batches.
    data = batches(loader, _STEPS)
    model = side.running(config, checkpoint)
    model.train()  # Some models override it without returning themselves.
    notes: list[str] = []
    runner = training_stub(config, os.getcwd())
    runner.model = model
    wrapper = runner.optim_wrapper = runner.build_optim_wrapper(in_float32(config['optim_wrapper'], notes))
    schedulers = _schedulers(runner, config.get('param_scheduler'))
    updates = Updates(model, wrapper, dump)
    calls = Calls(dump[1] if dump and dump[0] == 'call' else -1)
    _publish_loop(config)
    wrapper.initialize_count_status(model, 0, _STEPS)
    logged = []
    seed_everything()
    for number, batch in enumerate(data):
        _publish_step(number)
        updates.step = number
        if number:
            logged.append(model.train_step(batch, optim_wrapper=wrapper))
        else:
            with calls.watching(model):
                logged.append(model.train_step(batch, optim_wrapper=wrapper))
        updates.left_over()
        for scheduler in schedulers:
            scheduler.step()
    entries = model.state_dict()
    file = side.folder / f'{side.role}.{"dump" if dump else "train"}.pt'
    kept = {'call': calls.kept, 'gradient': updates.kept, 'state': None}[dump[0]] if dump else None
    if dump and dump[0] == 'state':
        kept = encode(entries[dump[1]])
    torch.save(storable(kept or encode(logged)), file)
    return {
        'file': str(file),
        'updates': updates.seen,
        'state': [[key, digest(value)] for key, value in entries.items()],
        'calls': calls.seen,
        'odd': [f'step {number + 1}: {odd}' for number, one in enumerate(logged) for odd in _not_finite(one)],
        'notes': notes,
    }


class Updates:
    """A record of the gradients at every step of an optimizer.

    Args:
        model: The model.
        wrapper: Its optimizer wrapper, or a mapping of several.
        dump: See ``train``.
    """

    def __init__(self, model: Any, wrapper: Any, dump: Sequence[Any]) -> None:
        self.seen: list[dict[str, Any]] = []
        self.kept: Any = None
        self.step = 0
        self._wanted = list(dump[1:]) if dump and dump[0] == 'gradient' else None
        self._parameters = dict(model.named_parameters())
        named = {id(value): name for name, value in self._parameters.items()}
        for name, optimizer in optimizers(wrapper):
            own = [named[id(each)] for group in optimizer.param_groups for each in group['params'] if id(each) in named]
            optimizer.register_step_pre_hook(self._hook(name, own))

    def _hook(self, optimizer: str, names: Sequence[str]) -> Any:
        def record(*_: Any) -> None:
            self._take(optimizer, names)

        return record

    def left_over(self) -> None:
        """Record the gradients that no optimizer step has used, for an accumulation over several steps."""
        names = [name for name, each in self._parameters.items() if each.grad is not None]
        if names:
            self._take('', names)

    def _take(self, optimizer: str, names: Sequence[str]) -> None:
        gradients = {name: self._parameters[name].grad for name in names}
        number = len(self.seen)
        if self._wanted is not None and self._wanted[0] == number:
            self.kept = storable(encode(gradients[self._wanted[1]]))
        found = [[name, '' if value is None else digest(value)] for name, value in gradients.items()]
        some = any(value is not None and bool(value.count_nonzero()) for value in gradients.values())
        self.seen.append({'step': self.step, 'optimizer': optimizer, 'gradients': found, 'some': some})


def optimizers(wrapper: Any) -> list[tuple[str, Any]]:
    """Return the optimizers of a wrapper, or of a mapping of wrappers, by name."""
    several = getattr(wrapper, 'optim_wrappers', None)
    if several is None:
        return [('optimizer', wrapper.optimizer)]
    return [(name, one.optimizer) for name, one in several.items()]


def in_float32(options: Any, notes: list[str]) -> Any:
    """Replace mixed precision, which needs a GPU, in an optimizer wrapper's section.

    Args:
        options: The section, which is modified.
        notes: Receives a note if mixed precision was replaced.

    Returns:
        The section.
    """
    import mmengine.optim
    from mmengine.registry import OPTIM_WRAPPERS

    mixed = getattr(mmengine.optim, 'AmpOptimWrapper', None)
    for one in (options, *(each for each in options.values() if isinstance(each, dict))):
        kind = one.get('type')
        found = OPTIM_WRAPPERS.get(kind) if isinstance(kind, str) else kind
        if isinstance(found, type) and mixed is not None and issubclass(found, mixed):
            notes.append(f'{found.__name__} needs a GPU: shown in float32 with OptimWrapper')
            one['type'] = 'OptimWrapper'
            for key in ('loss_scale', 'dtype', 'use_fsdp'):
                one.pop(key, None)
    return options


def _schedulers(runner: Any, options: Any) -> list[Any]:
    """The schedulers that step with every iteration; building all of them sets the initial learning rates."""
    made = runner.build_param_scheduler(options) if options is not None else []
    lists = made.values() if isinstance(made, dict) else [made]
    return [scheduler for several in lists for scheduler in several if not scheduler.by_epoch]


def _publish_loop(config: Any) -> None:
    """Set the information in mmengine's message hub that its hooks set before training."""
    from mmengine.logging import MessageHub

    hub = MessageHub.get_current_instance()
    train = config.get('train_cfg') or {}
    hub.update_info('max_epochs', train.get('max_epochs') or 1)
    hub.update_info('max_iters', train.get('max_iters') or _STEPS)
    hub.update_info('epoch', 0)


def _publish_step(number: int) -> None:
    from mmengine.logging import MessageHub

    MessageHub.get_current_instance().update_info('iter', number)


def _not_finite(logged: Any) -> list[str]:
    """Descriptions of the logged values that are not finite."""
    import torch

    values = logged.items() if isinstance(logged, dict) else ()
    return [
        f'{name} is {value.detach().flatten().tolist()[0]}' if value.numel() == 1 else name
        for name, value in values
        if isinstance(value, torch.Tensor) and not bool(value.isfinite().all())
    ]
