"""A data set that reads nothing: its samples are made up, and its pipeline is the config's own."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping, Sequence
from types import CodeType
from typing import Any

from mmengine.dataset import BaseDataset
from mmengine.registry import DATASETS

from .asked import ITEM, Asked, Trace
from .owners import asked_by
from .scene import INSTANCES, Facts
from .values import LIST, MAPPING, SAID, Spot, value

_FOUNDATIONS = frozenset(one.__module__.partition('.')[0] for one in BaseDataset.__mro__)

Plan = Mapping[tuple[str, ...], str]
"""What is in each sample: the keys that lead to a value, and the kind of the value."""


class Feed:
    """Makes samples.

    Args:
        plan: What is in them.
        facts: How many, and how large the images are.
        root: The folder that files are below.
        trace: Who is told what a sample is asked for; None for nobody.
        number: The number of the data set, among those that tell the trace.
    """

    def __init__(self, plan: Plan, facts: Facts, root: str, trace: Trace | None = None, number: int = 0) -> None:
        self._plan = plan
        self._facts = facts
        self._root = root
        self._trace = trace
        self._number = number

    def samples(self, owner: Any) -> list[dict[str, Any]]:
        """The samples for a data set, which says what its classes and keypoints are."""
        if self._trace is not None:
            self._trace.described[self._number] = owner.metainfo
        facts = asked_by(owner, self._facts)
        return [self._mapping((), index, 0, facts, owner.metainfo) for index in range(facts.images)]

    def watched(self, sample: Any) -> Any:
        """A sample that tells the trace, also where a data set made a new one of it."""
        if self._trace is None or type(sample) is not dict:
            return sample
        return Asked(sample, self._trace, (self._number, ()))

    def _mapping(self, path: tuple[str, ...], index: int, place: int, facts: Facts, meta: Any) -> dict[str, Any]:
        content = {}
        for below, kind in self._plan.items():
            if len(below) == len(path) + 1 and below[: len(path)] == path:
                content[below[-1]] = self._value(below, kind, index, place, facts, meta)
        return content if self._trace is None else Asked(content, self._trace, (self._number, path))

    def _value(self, path: tuple[str, ...], kind: str, index: int, place: int, facts: Facts, meta: Any) -> Any:
        if kind == MAPPING:
            return self._mapping(path, index, place, facts, meta)
        if kind == LIST:
            return [self._mapping((*path, ITEM), index, number, facts, meta) for number in range(INSTANCES)]
        if kind == SAID:
            return copy.deepcopy(meta[path[-1]])
        return value(kind, Spot(path[-1], index, place, facts, self._root))


class _Entry:
    """A pipeline, whose samples are watched."""

    def __init__(self, pipeline: Any, feed: Feed) -> None:
        self._pipeline = pipeline
        self._feed = feed

    def __call__(self, sample: Any) -> Any:
        return self._pipeline(self._feed.watched(sample))

    def __getattr__(self, name: str) -> Any:
        if name.startswith('__'):  # One that is just being copied has no pipeline yet.
            raise AttributeError(name)
        return getattr(self._pipeline, name)


class _Fed:
    """What a data set of a config's class does otherwise."""

    feed: Feed
    pipeline: Any

    def load_data_list(self) -> list[dict[str, Any]]:
        self.serialize_data = False
        self.pipeline = _Entry(self.pipeline, self.feed)
        return self.feed.samples(self)

    def filter_data(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.data_list  # type: ignore[attr-defined]
        return found


def named_by(kind: type) -> Iterator[str]:
    """The names that the code of a data set's class, and of those that it derives from, holds as texts."""
    for one in kind.__mro__:
        if one.__module__.partition('.')[0] not in _FOUNDATIONS:
            yield from (name for member in vars(one).values() for name in _texts(getattr(member, '__code__', None)))


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str) and value.isidentifier():
        yield value
    inner = value.co_consts if isinstance(value, CodeType) else value if isinstance(value, tuple) else ()
    for one in inner:
        yield from _texts(one)


def fed(
    of: Mapping[str, Any],
    plan: Sequence[tuple[Sequence[str], str]],
    facts: Mapping[str, Any],
    root: str,
    own: bool = True,
    trace: Trace | None = None,
    number: int = 0,
) -> Any:
    """Build a data set of a config that reads nothing.

    Args:
        of: The data set as the config has it.
        plan: What is in its samples.
        facts: ``images``, ``shape`` and ``seed``.
        root: The folder that files are below.
        own: Whether to build one of the config's class; one of mmengine's otherwise, with the same meta information.
        trace: Who is told what a sample is asked for.
        number: The number of the data set, among those that tell the trace.

    Returns:
        The data set.
    """
    options = dict(of)
    told = Facts(facts['images'], tuple(facts['shape']), facts['seed'])
    feed = Feed({tuple(path): kind for path, kind in plan}, told, root, trace, number)
    with DATASETS.switch_scope_and_registry(options.pop('_scope_', None)) as registry:
        name = options.pop('type')
        kind = registry.get(name) if isinstance(name, str) else name
        if not isinstance(kind, type):
            raise ImportError(f'there is no data set {name!r}')
        if trace is not None:
            trace.named[number] = tuple(named_by(kind))
        if not own:
            read = getattr(kind, '_load_metainfo', BaseDataset._load_metainfo)
            options = {key: options[key] for key in ('pipeline', 'test_mode', 'metainfo') if key in options}
            kind, options['metainfo'] = BaseDataset, read(options.get('metainfo'))
        return type(kind.__name__, (_Fed, kind), {'feed': feed})(**options)
