"""Build, see what is asked for and not there, make it, and build again until there are samples."""

from __future__ import annotations

import copy
import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from .contents import Write, candidates
from .facts import apply
from .redirect import Redirection
from .scene import Facts
from .watch import Ask, Watch, watching

_ROUNDS = 120
_LARGEST = 1024
_REFETCHES = 20
_LONGEST = 300


@dataclass
class Made:
    """A file or folder that was made: in which ways it can be, and which of them was taken."""

    path: str
    ways: tuple[Write, ...]
    facts: Facts
    way: int = 0

    def write(self) -> None:
        """Make it."""
        if os.path.isdir(self.path):
            shutil.rmtree(self.path)
        Path(self.path).parent.mkdir(parents=True, exist_ok=True)
        self.ways[self.way](self.path, self.facts)


class NoSamples(Exception):
    """A data set was built, and holds nothing."""


class Probe:
    """Finds out what the data of one part has to be.

    Args:
        redirection: What is led below the folder, in this part and in others.
        facts: How many images, how large.
    """

    def __init__(self, redirection: Redirection, facts: Facts) -> None:
        self.redirection = redirection
        self.facts = facts
        self.made: dict[str, Made] = {}

    def dataset(self, config: Any) -> str:
        """Make the data of a data set; why that is not possible, or nothing."""
        return self._until_it_works(config, self._samples)

    def evaluator(self, config: Any) -> str:
        """Make what a metric reads when it is built."""
        return self._until_it_works(config, _built_evaluator)

    def _until_it_works(self, config: Any, use: Callable[[Any], Any]) -> str:
        reason = ''
        for _ in range(_ROUNDS):
            redirected = copy.deepcopy(config)
            known = self.redirection.count
            apply(redirected, self.redirection.overrides(redirected))
            with watching(lambda path: self._refused(path, config)) as watch:
                error = _failure(use, redirected)
            if error is None:
                return ''
            reason = _sentence(error)
            if self.redirection.count == known and not self._step(error, watch):
                break
        return reason

    def _refused(self, path: str, config: Any) -> bool:
        """Whether a path that is not below the folder is data, which is to be read below it only."""
        return not self.redirection.inside(path) and bool(self.redirection.add(path, config))

    def _samples(self, config: Any) -> None:
        from mmengine.registry import DATASETS

        dataset = DATASETS.build(config)
        if hasattr(dataset, 'full_init'):
            dataset.full_init()
        _refetch_less(dataset)
        if not len(dataset):
            raise NoSamples('the data set is empty')
        for index in range(min(len(dataset), self.facts.images)):
            if dataset[index] is None:
                raise NoSamples('the pipeline gives nothing')

    def _step(self, error: BaseException, watch: Watch) -> bool:
        """Do something about a failure; whether there was anything to do."""
        return any(self._make(ask) for ask in _missing(error, watch)) or self._next_way(watch) or self._enlarge()

    def _make(self, ask: Ask) -> bool:
        path = os.path.abspath(ask.path)
        if os.path.lexists(path) or not self.redirection.inside(path):
            return False
        facts = _asked_by(ask.owner, self.facts)
        ways = candidates(ask, facts)
        if not ways:
            return False
        self.made[path] = Made(path, ways, facts)
        self.made[path].write()
        return True

    def _next_way(self, watch: Watch) -> bool:
        """Make what was read last in another way."""
        for ask in reversed(watch.asks):
            made = self.made.get(os.path.abspath(ask.path))
            if made is not None and made.way + 1 < len(made.ways):
                made.way += 1
                made.write()
                return True
        return False

    def _enlarge(self) -> bool:
        """Make all that was made twice as large."""
        height, width = self.facts.shape
        if min(height, width) >= _LARGEST:
            return False
        self.facts = replace(self.facts, shape=(height * 2, width * 2))
        for made in self.made.values():
            made.facts = replace(made.facts, shape=self.facts.shape)
            made.way = 0
            made.write()
        return True


def _built_evaluator(config: Any) -> Any:
    """Build an evaluator as mmengine's runner does."""
    from mmengine.evaluator import Evaluator
    from mmengine.registry import EVALUATOR

    if isinstance(config, dict) and 'metrics' in config:
        config.setdefault('type', 'Evaluator')
        return EVALUATOR.build(config)
    return Evaluator(config)


def _failure(use: Callable[[Any], Any], config: Any) -> BaseException | None:
    try:
        use(config)
    except (Exception, SystemExit) as error:  # The config's code fails in its own ways.
        return error
    return None


def _sentence(error: BaseException) -> str:
    text = ' '.join(str(error).split())
    return f'{type(error).__name__}: {text[:_LONGEST]}'


def _missing(error: BaseException, watch: Watch) -> Iterator[Ask]:
    """What was asked for and not there: what the failure names first, then the rest from the end."""
    named = set()
    chain: BaseException | None = error
    while chain is not None:
        if isinstance(chain, OSError) and isinstance(chain.filename, str):
            named.add(os.path.abspath(chain.filename))
        chain = chain.__cause__ or chain.__context__
    missing = [ask for ask in reversed(watch.asks) if ask.missing]
    yield from (ask for ask in missing if os.path.abspath(ask.path) in named)
    yield from (ask for ask in missing if os.path.abspath(ask.path) not in named)


def _asked_by(owner: Any, facts: Facts) -> Facts:
    """The facts, with what the one who asked says about itself."""
    meta = getattr(owner, 'metainfo', None) or getattr(owner, 'dataset_meta', None) or {}
    classes = meta.get('classes') or meta.get('CLASSES') or ()
    values = vars(owner).values() if hasattr(owner, '__dict__') else ()
    texts = [text for value in values for text in (value if isinstance(value, tuple) else (value,))]
    suffixes = tuple(text for text in texts if isinstance(text, str) and _is_suffix(text))
    return replace(
        facts,
        classes=tuple(str(one) for one in classes if isinstance(one, str)),
        keypoints=int(meta.get('num_keypoints') or 0),
        suffixes=suffixes,
    )


def _is_suffix(text: str) -> bool:
    return text[:1] in ('.', '_') and '/' not in text and '.' in text


def _refetch_less(dataset: Any) -> None:
    """A pipeline that gives nothing is tried a thousand times; a few are enough."""
    if hasattr(dataset, 'max_refetch'):
        dataset.max_refetch = min(dataset.max_refetch, _REFETCHES)
    for inner in [getattr(dataset, 'dataset', None), *(getattr(dataset, 'datasets', None) or ())]:
        if inner is not None:
            _refetch_less(inner)
