"""Builds data sets without reading their files, with a placeholder length."""

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
"""The length of a data set that has not read its data."""

# The descriptors of ``type`` itself, since a metaclass may override these attributes.
_members = vars(type)['__dict__'].__get__
_ancestors = vars(type)['__mro__'].__get__


class NoData:
    """Patches data set classes so that they are built without reading their data.

    mmengine's data sets read in ``full_init``, which is replaced by a function that does nothing, and get a placeholder
    length. Other classes with a ``lazy_init`` parameter are called with ``lazy_init=True``.
    """

    def __init__(self) -> None:
        self._replaced: list[tuple[type, str, Any]] = []

    def adapt(self, target: Any) -> Any:
        """The object to call in place of a class that a registry resolved.

        Args:
            target: The class, or another object, which is returned as it is.
        """
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
        """Patch ``BaseDataset``; on exit, undo all patches, also those of ``adapt``."""
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
    """The config to build in place of one whose ``type`` is a class, which no registry looks up.

    Args:
        config: The config, or another object, which is returned as it is.
        adapt: Returns the object to call in place of a class.
    """
    target = config.get('type') if issubclass(type(config), dict) else None
    made = adapt(target)
    if made is not target:
        config = config.copy()
        dict.__setitem__(config, 'type', made)
    return config


@contextmanager
def no_data() -> Iterator[None]:
    """Build the data sets of all registries without their data while the context lasts."""
    original_build, original_get, data, inside = Registry.build, Registry.get, NoData(), False

    @functools.wraps(original_build)
    def build(self: Registry, cfg: Any, *args: Any, **kwargs: Any) -> Any:
        return original_build(self, adapted(cfg, data.adapt), *args, **kwargs)

    @functools.wraps(original_get)
    def get(self: Registry, key: Any) -> Any:
        nonlocal inside
        if inside:
            return original_get(self, key)  # Called by a registry that delegates the look-up to its parent or child.
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
    """The replacement of ``full_init``."""


def _refuse(self: Any, idx: int) -> Any:
    raise RuntimeError(f'needs the data of {type(self).__name__}, which is not read here')


def _length(self: Any) -> int:
    return LENGTH


def _accepts(target: type, parameter: str) -> bool:
    """Whether a class's constructor has a parameter, or passes ``**kwargs`` to a parent's that has it."""
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
    """A proxy that adds the placeholder length to a data set whose own length needs its data."""

    def __init__(self, dataset: Any) -> None:
        self._dataset = dataset

    @property  # type: ignore[misc]  # A property in place of a class.
    def __class__(self) -> Any:
        """The class of the data set, for ``isinstance``."""
        return type(self._dataset)

    def __len__(self) -> int:
        return LENGTH

    def __getattr__(self, name: str) -> Any:
        return getattr(self._dataset, name)


def sized(dataset: Any) -> Any:
    """The data set itself, or a proxy with a length where its own ``__len__`` fails."""
    try:
        len(dataset)
    except Exception:  # Foreign code may raise anything.
        return Sized(dataset)
    return dataset
