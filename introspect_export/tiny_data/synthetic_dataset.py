"""A data set with synthetic samples in place of those read from files; its pipeline is the config's own."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping, Sequence
from types import CodeType
from typing import Any

from mmengine.dataset import BaseDataset
from mmengine.registry import DATASETS

from .dataset_hints import facts_declared_by
from .sample_values import DECLARED, LIST, MAPPING, Spot, value
from .scene import INSTANCES, Facts
from .tracing_mapping import ITEM, Trace, TracingMapping

_BASE_PACKAGES = frozenset(one.__module__.partition('.')[0] for one in BaseDataset.__mro__)

Plan = Mapping[tuple[str, ...], str]
"""The content of each sample: the path of keys to each value, and the kind of the value."""


class SampleFactory:
    """Makes samples.

    Args:
        plan: The content of each sample.
        facts: The number of samples, and the size of the images.
        root: The folder of the image files.
        trace: Records which keys of the samples are accessed; None for plain dictionaries.
        number: The number of the data set in the trace.
    """

    def __init__(self, plan: Plan, facts: Facts, root: str, trace: Trace | None = None, number: int = 0) -> None:
        self._plan = plan
        self._facts = facts
        self._root = root
        self._trace = trace
        self._number = number

    def samples(self, dataset: Any) -> list[dict[str, Any]]:
        """The samples, with the classes and keypoints declared by a data set."""
        if self._trace is not None:
            self._trace.metainfo[self._number] = dataset.metainfo
        facts = facts_declared_by(dataset, self._facts)
        return [self._mapping((), index, 0, facts, dataset.metainfo) for index in range(facts.images)]

    def traced(self, sample: Any) -> Any:
        """A sample whose accesses are recorded, also where the data set has copied it into a plain dictionary."""
        if self._trace is None or type(sample) is not dict:
            return sample
        return TracingMapping(sample, self._trace, (self._number, ()))

    def _mapping(self, path: tuple[str, ...], index: int, place: int, facts: Facts, meta: Any) -> dict[str, Any]:
        content = {}
        for below, kind in self._plan.items():
            if len(below) == len(path) + 1 and below[: len(path)] == path:
                content[below[-1]] = self._value(below, kind, index, place, facts, meta)
        return content if self._trace is None else TracingMapping(content, self._trace, (self._number, path))

    def _value(self, path: tuple[str, ...], kind: str, index: int, place: int, facts: Facts, meta: Any) -> Any:
        if kind == MAPPING:
            return self._mapping(path, index, place, facts, meta)
        if kind == LIST:
            return [self._mapping((*path, ITEM), index, number, facts, meta) for number in range(INSTANCES)]
        if kind == DECLARED:
            return copy.deepcopy(meta[path[-1]])
        return value(kind, Spot(path[-1], index, place, facts, self._root))


class _TracedPipeline:
    """A pipeline that receives samples whose accesses are recorded."""

    def __init__(self, pipeline: Any, factory: SampleFactory) -> None:
        self._pipeline = pipeline
        self._factory = factory

    def __call__(self, sample: Any) -> Any:
        return self._pipeline(self._factory.traced(sample))

    def __getattr__(self, name: str) -> Any:
        if name.startswith('__'):  # ``copy`` looks these up on an instance without attributes.
            raise AttributeError(name)
        return getattr(self._pipeline, name)


class _SyntheticSamples:
    """Mixed into the data set's class: replaces reading and filtering."""

    sample_factory: SampleFactory
    pipeline: Any

    def load_data_list(self) -> list[dict[str, Any]]:
        self.serialize_data = False
        self.pipeline = _TracedPipeline(self.pipeline, self.sample_factory)
        return self.sample_factory.samples(self)

    def filter_data(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.data_list  # type: ignore[attr-defined]
        return found


def _string_constants(kind: type) -> Iterator[str]:
    """The identifiers among the string constants in the code of a data set's class and its own ancestors."""
    for one in kind.__mro__:
        if one.__module__.partition('.')[0] not in _BASE_PACKAGES:
            yield from (name for member in vars(one).values() for name in _texts(getattr(member, '__code__', None)))


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str) and value.isidentifier():
        yield value
    inner = value.co_consts if isinstance(value, CodeType) else value if isinstance(value, tuple) else ()
    for one in inner:
        yield from _texts(one)


def synthetic_dataset(
    config: Mapping[str, Any],
    plan: Sequence[tuple[Sequence[str], str]],
    facts: Mapping[str, Any],
    root: str,
    own_class: bool = True,
    trace: Trace | None = None,
    number: int = 0,
) -> Any:
    """Build a data set with synthetic samples.

    Args:
        config: The config of the data set.
        plan: The content of its samples.
        facts: ``images``, ``shape`` and ``seed``.
        root: The folder of the image files.
        own_class: Whether to subclass the config's class, or else mmengine's ``BaseDataset``, with the same
            meta information.
        trace: Records which keys of the samples are accessed.
        number: The number of the data set in the trace.

    Returns:
        The data set.

    Raises:
        ImportError: The config's ``type`` is not a registered class.
    """
    options = dict(config)
    sizes = Facts(facts['images'], tuple(facts['shape']), facts['seed'])
    factory = SampleFactory({tuple(path): kind for path, kind in plan}, sizes, root, trace, number)
    with DATASETS.switch_scope_and_registry(options.pop('_scope_', None)) as registry:
        name = options.pop('type')
        kind = registry.get(name) if isinstance(name, str) else name
        if not isinstance(kind, type):
            raise ImportError(f'there is no data set {name!r}')
        if trace is not None:
            trace.constants[number] = tuple(_string_constants(kind))
        if not own_class:
            read = getattr(kind, '_load_metainfo', BaseDataset._load_metainfo)
            options = {key: options[key] for key in ('pipeline', 'test_mode', 'metainfo') if key in options}
            kind, options['metainfo'] = BaseDataset, read(options.get('metainfo'))
        return type(kind.__name__, (_SyntheticSamples, kind), {'sample_factory': factory})(**options)
