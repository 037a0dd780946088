"""Data sets without their data: while a config is built, none reads its files, and each tells a length."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FunctionType
from typing import Any

from mmengine.dataset import BaseDataset
from mmengine.registry import Registry
from torch.utils.data import Dataset

LENGTH = 1000
"""The number of samples a data set without data claims to have."""

# As the interpreter keeps them: a metaclass may answer otherwise.
_members = vars(type)['__dict__'].__get__
_ancestors = vars(type)['__mro__'].__get__


class NoData:
    """Keeps data sets from reading their data while they are built.

    mmengine's data sets read in ``full_init``, which does nothing meanwhile, and tell a stand-in length. Other classes
    with a ``lazy_init`` parameter are given it.
    """

    def __init__(self) -> None:
        self._replaced: list[tuple[type, str, Any]] = []

    def adapt(self, target: Any) -> Any:
        """What is to be called in place of a class that a registry resolved."""
        if not issubclass(type(target), type):
            return target
        if issubclass(target, BaseDataset):
            for owner in _ancestors(target):
                if 'full_init' in _members(owner):
                    self._replace(owner, 'full_init', _nothing)
            return target
        reads = issubclass(target, Dataset) or any('full_init' in _members(owner) for owner in _ancestors(target))
        return functools.partial(target, lazy_init=True) if reads and _accepts(target, 'lazy_init') else target

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
        if _members(owner)[name] is not value:
            self._replaced.append((owner, name, _members(owner)[name]))
            setattr(owner, name, value)


def adapted(config: Any, adapt: Callable[[Any], Any]) -> Any:
    """What is to be built in place of a config whose type is a class, and no name to be resolved."""
    target = config.get('type') if issubclass(type(config), dict) else None
    made = adapt(target)
    if made is not target:
        config = config.copy()
        dict.__setitem__(config, 'type', made)
    return config


@contextmanager
def no_data() -> Iterator[None]:
    """Have everything that registries resolve or build do without data while the context lasts."""
    original_build, original_get, data, inside = Registry.build, Registry.get, NoData(), False

    @functools.wraps(original_build)
    def build(self: Registry, cfg: Any, *args: Any, **kwargs: Any) -> Any:
        return original_build(self, adapted(cfg, data.adapt), *args, **kwargs)

    @functools.wraps(original_get)
    def get(self: Registry, key: Any) -> Any:
        nonlocal inside
        if inside:
            return original_get(self, key)  # A registry asking its parent or child for the same key.
        inside = True
        try:
            target = original_get(self, key)
        finally:
            inside = False
        return data.adapt(target)

    Registry.build, Registry.get = build, get
    try:
        with data.active():
            yield
    finally:
        Registry.build, Registry.get = original_build, original_get


def _nothing(self: Any) -> None:
    """Read no data."""


def _refuse(self: Any, idx: int) -> Any:
    raise RuntimeError(f'needs the data of {type(self).__name__}, which is not read here')


def _length(self: Any) -> int:
    return LENGTH


def _accepts(target: type, parameter: str) -> bool:
    """Whether a class's constructor takes a parameter, by itself or by handing keywords on to a parent's."""
    for owner in _ancestors(target):
        function = _members(owner).get('__init__')
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
