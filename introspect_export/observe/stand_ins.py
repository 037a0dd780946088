"""What takes the place of things that are not here: data, a length, a loop, a runner that never runs."""

from __future__ import annotations

import contextlib
import copy
import functools
import inspect
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FunctionType
from typing import Any

import torch
from mmengine.dataset import BaseDataset
from mmengine.logging import MessageHub, MMLogger
from mmengine.optim import OptimWrapper
from mmengine.runner import BaseLoop, Runner
from torch.utils.data import DataLoader, Dataset

from introspect_export.observe.raw import class_namespace, is_a, mro_of, stored

LENGTH = 1000
"""The number of samples a data set without data claims to have."""

NAME = 'introspect_export'


class NoData:
    """Keeps data sets from reading their data while they are built.

    mmengine's data sets read in ``full_init``, which does nothing meanwhile, and tell a stand-in length. Other classes
    with a ``lazy_init`` parameter are given it.
    """

    def __init__(self) -> None:
        self._replaced: list[tuple[type, str, Any]] = []

    def adapt(self, target: Any) -> Any:
        """What is to be called in place of a class that a registry resolved."""
        if not is_a(target, type):
            return target
        if issubclass(target, BaseDataset):
            for owner in mro_of(target):
                if 'full_init' in class_namespace(owner):
                    self._replace(owner, 'full_init', _nothing)
            return target
        lazy = (stored(target, 'full_init') is not None or issubclass(target, Dataset)) and _accepts(
            target, 'lazy_init'
        )
        return functools.partial(target, lazy_init=True) if lazy else target

    @contextmanager
    def active(self) -> Iterator[None]:
        """Replace what has to be replaced, and put it back on exit."""
        self._replace(BaseDataset, '__len__', _length)
        self._replace(BaseDataset, 'get_data_info', _refuse)
        try:
            yield
        finally:
            while self._replaced:
                owner, name, value = self._replaced.pop()
                setattr(owner, name, value)

    def _replace(self, owner: type, name: str, value: Callable[..., Any]) -> None:
        if class_namespace(owner)[name] is not value:
            self._replaced.append((owner, name, class_namespace(owner)[name]))
            setattr(owner, name, value)


def describe(target: Any, config: Any) -> None:
    """Have the class of a data set that was not built read what it says of itself.

    Its constructor would have come to that, had it not missed its data first, or one that is built before it: it may be
    in a file of the origin.
    """
    if is_a(target, type) and issubclass(target, BaseDataset):
        with contextlib.suppress(Exception):  # Its code fails in its own ways; nobody asked for this answer.
            target._load_metainfo(copy.deepcopy(config.get('metainfo')))


def _nothing(self: Any) -> None:
    """Read no data."""


def _refuse(self: Any, idx: int) -> Any:
    raise RuntimeError(f'needs the data of {type(self).__name__}, which is not read here')


def _length(self: Any) -> int:
    return LENGTH


def _accepts(target: type, parameter: str) -> bool:
    """Whether a class's constructor takes a parameter, by itself or by handing keywords on to a parent's."""
    for owner in mro_of(target):
        function = class_namespace(owner).get('__init__')
        if type(function) is not FunctionType:
            continue
        parameters = inspect.signature(function).parameters
        if parameter in parameters:
            return True
        if not any(one.kind is one.VAR_KEYWORD for one in parameters.values()):
            return False
    return False


class Sized:
    """A data set whose length cannot be told without data, with the stand-in length."""

    def __init__(self, dataset: Any) -> None:
        self._dataset = dataset

    @property  # type: ignore[misc]  # It answers for another class.
    def __class__(self) -> Any:
        """The class of the data set, for ``isinstance``."""
        return type(self._dataset)

    def __len__(self) -> int:
        return LENGTH

    def __getattr__(self, name: str) -> Any:
        return getattr(self._dataset, name)


def sized(dataset: Any) -> Any:
    """The data set, or a stand-in of its kind where its length needs data."""
    try:
        len(dataset)
    except Exception:  # Its code looks for data in its own ways, and fails in its own ways.
        return Sized(dataset)
    return dataset


class _Loop(BaseLoop):  # type: ignore[misc]  # mmengine has no types.
    """A training loop of some length that is never run."""

    def __init__(self, runner: Any, dataloader: Any, config: Any) -> None:
        super().__init__(runner, dataloader)
        self.max_epochs = config.get('max_epochs') or 1
        self.max_iters = config.get('max_iters') or self.max_epochs * len(dataloader)

    def run(self) -> None:
        """Do nothing."""


def stand_in_loop(runner: Any, config: Any) -> BaseLoop:
    """What schedulers ask a training loop for: its length."""
    return _Loop(runner, stand_in_loader(), config if is_a(config, dict) else {})


def stand_in_loader() -> DataLoader[Any]:
    """A data loader of some length."""
    return DataLoader(range(LENGTH))  # type: ignore[arg-type]  # A range will do.


def stand_in_optimizer() -> OptimWrapper:
    """An optimizer wrapper for schedulers, where the config's own cannot be built."""
    return OptimWrapper(torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=0.1))


def stand_in_runner(kind: type, config: Any, work_dir: str) -> Any:
    """A runner as its builders find it, made without its constructor.

    The constructor would start logging, set seeds and distribute; the methods that build one section each are what
    is wanted.
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
    for part in ('train', 'val', 'test'):
        state.update({f'_{part}_loop': None, f'_{part}_dataloader': None, f'_{part}_evaluator': None})
    vars(runner).update(state)
    return runner
