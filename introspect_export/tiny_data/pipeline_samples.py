"""Find out by search which samples a pipeline accepts, from the keys that it accesses."""

from __future__ import annotations

import copy
import random
import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import torch

from .overrides import Key, Override, apply
from .probe import Probe
from .sample_values import DECLARED, all_kinds, certain_kinds, for_one_object, likely_kinds
from .scene import Facts
from .synthetic_dataset import synthetic_dataset
from .tracing_mapping import ITEM, LISTED, MISSING, OPTIONAL, READ, WRITTEN, KeyPath, Trace
from .watchdog import EndlessError

_ATTEMPTS = 160
_SECONDS = 100.0
"""CPU time for one loader: some pipelines take seconds for a sample."""
_LOOK_BACK = 12
_SAMPLES = 2
_CANDIDATES = 4
_FINAL = (ImportError, EndlessError)
_INNER = ('dataset', 'datasets')


class SampleSearch:
    """Searches for a plan of the samples of a loader's data sets; used by ``Probe.run``.

    A missing key is added with the likeliest kind of value. Where the pipeline fails without a missing key, other kinds
    are tried for the values that it accessed last, until it fails later than before.

    Args:
        loader: The config of the loader.
        path: Its path in the whole config.
        facts: The number of samples, and the size of their images.
        root: The folder of the image files.
    """

    def __init__(self, loader: Any, path: tuple[Key, ...], facts: Facts, root: str) -> None:
        self._path = path
        self._datasets = list(leaf_datasets(loader['dataset'], ('dataset',)))
        self._plans: list[dict[tuple[str, ...], str]] = [{} for _ in self._datasets]
        self._facts = facts
        self._root = root
        self._trace = Trace()
        self._own_class = True
        self._samples = _SAMPLES

    def overrides(self) -> list[Override]:
        """The overrides that give these samples to the data sets of a whole config."""
        name = f'{synthetic_dataset.__module__}.{synthetic_dataset.__name__}'
        return [
            Override((*self._path, *dataset), {'type': name, **self._arguments(plan)}, inside='config')
            for dataset, plan in zip(self._datasets, self._plans, strict=True)
        ]

    def __call__(self, loader: Any, probe: Probe) -> None:
        """Extend and change the plan until the loader gives samples.

        Raises:
            Exception: The pipeline's, where no change helps.
        """
        self._facts = probe.facts
        self._samples = _SAMPLES
        self._left = _ATTEMPTS
        self._until = time.process_time() + _SECONDS
        probe.got(1)
        error = self._attempt(loader)
        if error is not None and not self._trace.events and self._own_class:
            self._own_class = False
            error = self._attempt(loader)
        self._repair(loader, error)
        self._add_optional(loader)
        # With random transforms, some samples may need more than the first ones; and the files of all are needed.
        self._samples = self._facts.images
        self._repair(loader, self._attempt(loader))

    def _repair(self, loader: Any, error: Exception | None) -> None:
        """Add missing values and change others until there is no error.

        Raises:
            Exception: The pipeline's, where no change helps.
        """
        while error is not None:
            path = self._missing(error)
            if path is not None:
                self._set(path, self._kinds(path)[0])
                error = self._attempt(loader)
            else:
                error = self._change(loader, error)

    def _attempt(self, loader: Any) -> Exception | None:
        """The exception that the loader raises with the current plan, or None."""
        self._left -= 1
        config = copy.deepcopy(loader)
        apply(config, self._traced_overrides())
        self._trace.events.clear()
        random.seed(0)
        np.random.seed(0)
        # Not ``torch.manual_seed``: for devices that are not initialized, that keeps a formatted stack of every call.
        torch.default_generator.manual_seed(0)
        try:
            _use(config, self._samples)
        except Exception as error:  # The config's own code can raise anything.
            return error
        return None

    def _traced_overrides(self) -> Iterator[Override]:
        for number, (dataset, plan) in enumerate(zip(self._datasets, self._plans, strict=True)):
            arguments = {**self._arguments(plan), 'trace': self._trace, 'number': number}
            yield Override(dataset, {'type': synthetic_dataset, **arguments}, inside='config')

    def _arguments(self, plan: dict[tuple[str, ...], str]) -> dict[str, Any]:
        facts = {'images': self._facts.images, 'shape': list(self._facts.shape), 'seed': self._facts.seed}
        planned = [[list(path), kind] for path, kind in plan.items()]
        return {'plan': planned, 'facts': facts, 'root': self._root, 'own_class': self._own_class}

    def _kinds(self, path: KeyPath, of: Callable[[str], tuple[str, ...]] = all_kinds) -> tuple[str, ...]:
        """The candidate kinds of a value; first the value that the data set itself declares under that key."""
        number, keys = path
        declared = (DECLARED,) if keys[-1] in self._trace.metainfo.get(number, ()) else ()
        in_list = for_one_object(likely_kinds(keys[-1])) if ITEM in keys else ()
        return tuple(dict.fromkeys((*declared, *in_list, *of(keys[-1]))))

    def _missing(self, error: Exception) -> KeyPath | None:
        """The path of the key that a ``KeyError`` names; None if the plan has it already."""
        if self._is_over() or not isinstance(error, KeyError) or not error.args:
            return None
        found = [path for path in self._trace.latest(MISSING) if path[1][-1] == error.args[0]]
        if not found and isinstance(error.args[0], str):  # The pipeline has copied the sample into a plain dictionary.
            number = next((path[0] for path in self._trace.latest(READ, OPTIONAL)), 0)
            found = [(number, (error.args[0],))]
        return next((path for path in found if path[1] not in self._plans[path[0]]), None)

    def _change(self, loader: Any, error: Exception) -> Exception | None:
        """Change the value that was accessed last, or one before it, until the pipeline fails later.

        Returns:
            The exception that is raised then, or None.

        Raises:
            Exception: ``error``, where no change helps.
        """
        reached = len(self._trace.events)
        for path, others in self._alternatives() if not isinstance(error, _FINAL) else ():
            before = self._plans[path[0]].get(path[1])
            for kind in others:
                if self._is_over():
                    raise error
                self._set(path, kind)
                other = self._attempt(loader)
                if other is None or len(self._trace.events) > reached:
                    return other
            self._set(path, before)
        raise error

    def _alternatives(self) -> Iterator[tuple[KeyPath, list[str]]]:
        """The latest paths that are in the plan or optional, with the other kinds that their values may have."""
        optional = set(self._trace.latest(OPTIONAL))
        paths = [
            (path, planned)
            for path in self._trace.latest(READ, OPTIONAL)
            if (planned := self._plans[path[0]].get(path[1])) or path in optional
        ]
        for path, planned in paths[:_LOOK_BACK]:
            yield path, [kind for kind in self._kinds(path, all_kinds if planned else likely_kinds) if kind != planned]

    def _add_optional(self, loader: Any) -> None:
        """Add each value that the pipeline uses where it is present, unless the pipeline fails with it."""
        written = set(self._trace.latest(WRITTEN))
        for path in (*reversed(list(self._trace.latest(OPTIONAL))), *self._constants()):
            if path in written or path[1] in self._plans[path[0]]:
                continue
            for kind in self._kinds(path, certain_kinds)[:_CANDIDATES]:
                self._set(path, kind)
                if not self._is_over() and self._completed(lambda: self._attempt(loader)):
                    break
                self._set(path, None)

    def _constants(self) -> Iterator[KeyPath]:
        """The keys in the code of data sets whose samples are listed as a whole: no access shows which are used."""
        for number in sorted({number for number, keys in self._trace.latest(LISTED) if not keys}):
            yield from ((number, (name,)) for name in dict.fromkeys(self._trace.constants.get(number, ())))

    def _completed(self, attempt: Callable[[], Exception | None]) -> bool:
        """Whether the pipeline gives samples, if need be with further missing values added; else undo those."""
        before = copy.deepcopy(self._plans)
        error = attempt()
        while error is not None:
            path = self._missing(error)
            if path is None:
                self._plans = before
                return False
            self._set(path, self._kinds(path)[0])
            error = attempt()
        return True

    def _is_over(self) -> bool:
        """Whether the attempts or the time are used up."""
        return self._left <= 0 or time.process_time() > self._until

    def _set(self, path: KeyPath, kind: str | None) -> None:
        """Set the kind of a value in the plan (None removes it), and remove the values inside of the old one."""
        number, keys = path
        plan = {key: one for key, one in self._plans[number].items() if key[: len(keys)] != keys}
        self._plans[number] = plan if kind is None else {**plan, keys: kind}


def leaf_datasets(dataset: Any, path: tuple[Key, ...]) -> Iterator[tuple[Key, ...]]:
    """The paths of the data sets that wrap no other one.

    Args:
        dataset: The config of a data set.
        path: Its path.
    """
    inner = [key for key in _INNER if isinstance(dataset.get(key), (dict, list, tuple))]
    if not inner:
        yield path
    for key in inner:
        value = dataset[key]
        if isinstance(value, dict):
            yield from leaf_datasets(value, (*path, key))
        else:
            for index, item in enumerate(value):
                yield from leaf_datasets(item, (*path, key, index))


def _use(config: Any, samples: int) -> None:
    """Build a data loader, and take its first samples and a batch."""
    from mmengine.runner import Runner

    loader = Runner.build_dataloader(config, seed=0)
    for index in range(min(samples, len(loader.dataset))):
        if loader.dataset[index] is None:
            raise ValueError('the pipeline gives nothing')
    if not any(True for _ in loader):
        raise ValueError('the data loader gives no batch')
