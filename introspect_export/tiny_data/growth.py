"""Samples for a pipeline, found out by asking: what it reads and is not there is put in, until it gives something."""

from __future__ import annotations

import copy
import random
import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import torch

from .asked import ITEM, LISTED, MISSING, OFFERED, READ, WRITTEN, Place, Trace
from .endless import EndlessError
from .facts import Key, Override, apply
from .fed import fed
from .probe import Probe
from .scene import Facts
from .values import SAID, kinds, of_one, surely, told

_ATTEMPTS = 160
_SECONDS = 100.0
"""Of processor time for one loader, after which nothing more is tried: some pipelines take seconds a sample."""
_LOOK_BACK = 12
_SAMPLES = 2
_OFFERS = 4
_FINAL = (ImportError, EndlessError)
_INNER = ('dataset', 'datasets')


class Growth:
    """Finds out what the samples of a loader's data sets have to hold.

    Args:
        loader: The loader, as the config has it.
        path: Where the loader is in the config.
        facts: How many samples, how large their images are.
        root: The folder that files are below.
    """

    def __init__(self, loader: Any, path: tuple[Key, ...], facts: Facts, root: str) -> None:
        self._path = path
        self._places = list(readers(loader['dataset'], ('dataset',)))
        self._plans: list[dict[tuple[str, ...], str]] = [{} for _ in self._places]
        self._facts = facts
        self._root = root
        self._trace = Trace()
        self._own = True
        self._samples = _SAMPLES

    def overrides(self) -> list[Override]:
        """How a config's own data sets are given these samples."""
        name = f'{fed.__module__}.{fed.__name__}'
        return [
            Override((*self._path, *place), {'type': name, **self._given(plan)}, inside='of')
            for place, plan in zip(self._places, self._plans)
        ]

    def __call__(self, loader: Any, probe: Probe) -> None:
        """Give the loader's pipeline more and other things, until it gives samples.

        Raises:
            Exception: What it raises where nothing helps.
        """
        self._facts = probe.facts
        self._samples = _SAMPLES
        self._left = _ATTEMPTS
        self._until = time.process_time() + _SECONDS
        probe.got(1)
        error = self._attempt(loader)
        if error is not None and not self._trace.events and self._own:
            self._own = False
            error = self._attempt(loader)
        self._mend(loader, error)
        self._offer(loader)
        # Chance has it that some samples are asked for more; and the files of all are made.
        self._samples = self._facts.images
        self._mend(loader, self._attempt(loader))

    def _mend(self, loader: Any, error: Exception | None) -> None:
        """Put in what is missing, or something else, until there is no error.

        Raises:
            Exception: Nothing helps.
        """
        while error is not None:
            place = self._missing(error)
            if place is not None:
                self._set(place, self._kinds(place)[0])
                error = self._attempt(loader)
            else:
                error = self._otherwise(loader, error)

    def _attempt(self, loader: Any) -> Exception | None:
        """What a loader raises with the samples as they are planned, or nothing."""
        self._left -= 1
        config = copy.deepcopy(loader)
        apply(config, self._watched())
        self._trace.events.clear()
        random.seed(0)
        np.random.seed(0)
        torch.manual_seed(0)
        try:
            _use(config, self._samples)
        except Exception as error:  # The config's code fails in its own ways.
            return error
        return None

    def _watched(self) -> Iterator[Override]:
        for number, (place, plan) in enumerate(zip(self._places, self._plans)):
            more = {'trace': self._trace, 'number': number}
            yield Override(place, {'type': fed, **self._given(plan), **more}, inside='of')

    def _given(self, plan: dict[tuple[str, ...], str]) -> dict[str, Any]:
        facts = {'images': self._facts.images, 'shape': list(self._facts.shape), 'seed': self._facts.seed}
        planned = [[list(path), kind] for path, kind in plan.items()]
        return {'plan': planned, 'facts': facts, 'root': self._root, 'own': self._own}

    def _kinds(self, place: Place, of: Callable[[str], tuple[str, ...]] = kinds) -> tuple[str, ...]:
        """What may be in a place, first what its data set says of itself under that key."""
        number, path = place
        said = (SAID,) if path[-1] in self._trace.described.get(number, ()) else ()
        return tuple(dict.fromkeys((*said, *(of_one(told(path[-1])) if ITEM in path else ()), *of(path[-1]))))

    def _missing(self, error: Exception) -> Place | None:
        """The place that an error says to be missing, unless something was put there already."""
        if self._is_over() or not isinstance(error, KeyError) or not error.args:
            return None
        found = [place for place in self._trace.last(MISSING) if place[1][-1] == error.args[0]]
        if not found and isinstance(error.args[0], str):  # A copy of the sample was asked.
            number = next((place[0] for place in self._trace.last(READ, OFFERED)), 0)
            found = [(number, (error.args[0],))]
        return next((place for place in found if place[1] not in self._plans[place[0]]), None)

    def _otherwise(self, loader: Any, error: Exception) -> Exception | None:
        """Change what was asked for last, until the pipeline gets further.

        Returns:
            What is raised then, or nothing.

        Raises:
            Exception: The error, where nothing helps.
        """
        reached = len(self._trace.events)
        for place, others in self._others() if not isinstance(error, _FINAL) else ():
            before = self._plans[place[0]].get(place[1])
            for kind in others:
                if self._is_over():
                    raise error
                self._set(place, kind)
                other = self._attempt(loader)
                if other is None or len(self._trace.events) > reached:
                    return other
            self._set(place, before)
        raise error

    def _others(self) -> Iterator[tuple[Place, list[str]]]:
        """What was asked for last of what is planned or was only offered, and what else may be there."""
        offered = set(self._trace.last(OFFERED))
        places = [
            (place, planned)
            for place in self._trace.last(READ, OFFERED)
            if (planned := self._plans[place[0]].get(place[1])) or place in offered
        ]
        for place, planned in places[:_LOOK_BACK]:
            yield place, [kind for kind in self._kinds(place, kinds if planned else told) if kind != planned]

    def _offer(self, loader: Any) -> None:
        """Put in what the pipeline takes where it is there, unless it breaks it."""
        written = set(self._trace.last(WRITTEN))
        for place in (*reversed(list(self._trace.last(OFFERED))), *self._listed()):
            if place in written or place[1] in self._plans[place[0]]:
                continue
            for kind in self._kinds(place, surely)[:_OFFERS]:
                self._set(place, kind)
                if not self._is_over() and self._completed(lambda: self._attempt(loader)):
                    break
                self._set(place, None)

    def _listed(self) -> Iterator[Place]:
        """What the data sets name whose samples were listed: nobody asked for it, and yet it may be used."""
        for number in sorted({number for number, path in self._trace.last(LISTED) if not path}):
            yield from ((number, (name,)) for name in dict.fromkeys(self._trace.named.get(number, ())))

    def _completed(self, attempt: Callable[[], Exception | None]) -> bool:
        """Whether the pipeline gives samples, also if more has to be put in."""
        before = copy.deepcopy(self._plans)
        error = attempt()
        while error is not None:
            place = self._missing(error)
            if place is None:
                self._plans = before
                return False
            self._set(place, self._kinds(place)[0])
            error = attempt()
        return True

    def _is_over(self) -> bool:
        """Whether enough was tried."""
        return self._left <= 0 or time.process_time() > self._until

    def _set(self, place: Place, kind: str | None) -> None:
        """Plan a value, or none; what was inside of another one there is not any more."""
        number, path = place
        plan = {key: one for key, one in self._plans[number].items() if key[: len(path)] != path}
        self._plans[number] = plan if kind is None else {**plan, path: kind}


def readers(dataset: Any, path: tuple[Key, ...]) -> Iterator[tuple[Key, ...]]:
    """The paths of the data sets that read something: those inside of all others."""
    inner = [key for key in _INNER if isinstance(dataset.get(key), (dict, list, tuple))]
    if not inner:
        yield path
    for key in inner:
        value = dataset[key]
        if isinstance(value, dict):
            yield from readers(value, (*path, key))
        else:
            for index, item in enumerate(value):
                yield from readers(item, (*path, key, index))


def _use(config: Any, samples: int) -> None:
    """The first samples of a loader, and a batch."""
    from mmengine.runner import Runner

    loader = Runner.build_dataloader(config, seed=0)
    for index in range(min(samples, len(loader.dataset))):
        if loader.dataset[index] is None:
            raise ValueError('the pipeline gives nothing')
    if not any(True for _ in loader):
        raise ValueError('the data loader gives no batch')
