"""Stubs of objects that only a real run would create: a runner that never runs, its loops, data loaders, optimizer."""

from __future__ import annotations

from typing import Any

import torch
from mmengine.logging import MessageHub, MMLogger
from mmengine.optim import OptimWrapper
from mmengine.runner import BaseLoop, Runner
from torch.utils.data import DataLoader

from .no_data import LENGTH

NAME = 'introspect_export'
PARTS = ('train', 'val', 'test')


class _Loop(BaseLoop):  # type: ignore[misc]  # mmengine has no types.
    """A training loop with a length, which is never run."""

    def __init__(self, runner: Any, dataloader: Any, config: Any) -> None:
        super().__init__(runner, dataloader)
        self.max_epochs = config.get('max_epochs') or 1
        self.max_iters = config.get('max_iters') or self.max_epochs * len(dataloader)

    def run(self) -> None:
        """Do nothing."""


def loop_stub(runner: Any, config: Any) -> BaseLoop:
    """A stub of a training loop, with the length that parameter schedulers read."""
    return _Loop(runner, loader_stub(), config if issubclass(type(config), dict) else {})


def loader_stub() -> DataLoader[Any]:
    """A data loader with a length."""
    return DataLoader(range(LENGTH))  # type: ignore[arg-type]  # A range has the methods of a data set.


def optimizer_stub() -> OptimWrapper:
    """An optimizer wrapper for parameter schedulers, where the config's own cannot be built."""
    return OptimWrapper(torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=0.1))


def runner_stub(config: Any, work_dir: str, kind: type = Runner) -> Any:
    """A runner with the attributes that its ``build_…`` methods read, created without calling its constructor.

    The constructor would set up logging, random seeds and distributed training.

    Args:
        config: The config.
        work_dir: The working folder.
        kind: The runner's class; for one that is no ``Runner``, mmengine's is used.
    """
    base: Any = kind if issubclass(kind, Runner) else Runner
    runner = base.__new__(base)
    state: dict[str, Any] = {
        'cfg': config,
        '_work_dir': work_dir,
        '_log_dir': work_dir,
        '_launcher': 'none',
        '_distributed': False,
        '_rank': 0,
        '_world_size': 1,
        '_timestamp': '0',
        '_deterministic': False,
        '_seed': 0,
        '_randomness_cfg': {'seed': None},
        '_experiment_name': NAME,
        '_hooks': [],
        '_load_from': None,
        '_resume': False,
        '_has_loaded': False,
        'auto_scale_lr': None,
        'optim_wrapper': None,
        'param_schedulers': None,
        'model': None,
        'visualizer': None,
        'default_scope': None,
        'log_processor': None,
        'logger': MMLogger.get_current_instance(),
        'message_hub': MessageHub.get_instance(NAME),
    }
    for part in PARTS:
        state.update({f'_{part}_loop': None, f'_{part}_dataloader': None, f'_{part}_evaluator': None})
    vars(runner).update(state)
    return runner


def training_stub(config: Any, work_dir: str) -> Any:
    """A runner stub whose training loop has a length, for building parameter schedulers."""
    runner = runner_stub(config, work_dir)
    runner._train_dataloader = loader_stub()
    runner._train_loop = loop_stub(runner, config.get('train_cfg'))
    return runner
