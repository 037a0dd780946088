"""Build, see what is asked for and not there, make it, and build again until there are samples."""

from __future__ import annotations

import copy
import functools
import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from .contents import Write, candidates
from .endless import EndlessError, ending
from .facts import apply
from .owners import asked_by
from .redirect import Redirection
from .scene import Facts, is_image, names
from .watch import LIST, OPEN, STAT, Ask, Watch, watching

_ROUNDS = 150
_LARGEST = 512
_MORE = 8
_CLIP = 100
_LONGEST = 300


@dataclass
class Made:
    """A file or folder that was made: in which ways it can be, and which of them was taken."""

    path: str
    ways: tuple[Write, ...]
    facts: Facts
    way: int = 0

    @property
    def group(self) -> tuple[str, int]:
        """Files of one folder that can be made in the same number of ways are made in the same way."""
        return os.path.dirname(self.path), len(self.ways)

    def write(self) -> None:
        """Make it."""
        self.remove()
        Path(self.path).parent.mkdir(parents=True, exist_ok=True)
        self.ways[self.way](self.path, self.facts)

    def remove(self) -> None:
        """Take it away, with what is in it."""
        if os.path.isdir(self.path):
            shutil.rmtree(self.path)
        else:
            Path(self.path).unlink(missing_ok=True)


class NoSamples(Exception):
    """A data set was built, and holds nothing."""


class Probe:
    """Finds out what the data of one section has to be.

    Args:
        redirection: What is led below the folder, in this section and in others.
        made: What was made, by this and others.
        facts: How many images, how large.
        config: The section.
    """

    def __init__(self, redirection: Redirection, made: dict[str, Made], facts: Facts, config: Any) -> None:
        self.redirection = redirection
        self.made = made
        self._own: dict[str, Made] = {}
        self._facts = facts
        self._shape = facts.shape
        self._config = config
        self._progress = 0
        self._length = 0
        self._misnamed = False
        self.images = facts.images

    @property
    def _least(self) -> Facts:
        """As few and as small images as in the beginning, by the names that are known now."""
        return replace(self._facts, images=self.images, shape=self._shape)

    @property
    def facts(self) -> Facts:
        """How many images, how large."""
        return self._facts

    def got(self, samples: int) -> None:
        """Note how far it came."""
        self._progress = samples

    def run(self, use: Callable[[Any, Probe], Any]) -> str:
        """Make data until the section can be used; why that is not possible, or nothing."""
        reason, best = '', (-1, False, 0)
        for _ in range(_ROUNDS):
            config = copy.deepcopy(self._config)
            apply(config, self.redirection.overrides(config))
            known, self._progress = self.redirection.count, 0
            with watching(self._refused, self._missed) as watch, ending(watch):
                error = _failure(functools.partial(use, config, self))
            if self._named_anew():
                continue
            if error is None:
                if self._told_more(watch):  # By luck it did without; other samples would not.
                    continue
                return ''
            if self.redirection.count != known or any(self._make(ask) for ask in _missing(error, watch)):
                continue
            if self._told_more(watch):
                continue
            came = self._progress, not self._unmade(watch), self._read(watch)
            if came > best:
                best, reason = came, _sentence(error)
            longer = isinstance(error, EndlessError) and self._lengthen()
            if not longer and not self._otherwise(watch):
                return reason
        return reason or 'it asks for ever more files'

    def _refused(self, path: str) -> bool:
        """Whether a path that is not below the folder is data, which is to be read below it only."""
        return not self.redirection.inside(path) and bool(self.redirection.add(path, self._config))

    def _missed(self, ask: Ask) -> None:
        """Make at once what is opened or listed, and what is looked for if the config itself names it."""
        if ask.kind != STAT or self.redirection.named(ask.path, self._config):
            self._make(ask)

    def _make(self, ask: Ask) -> bool:
        """Make something that is not there, if it is known how; whether it was made."""
        path = os.path.abspath(ask.path)
        if os.path.lexists(path) or not self.redirection.inside(path):
            return False
        if ask.kind == OPEN and is_image(path):
            self._number_like(path)
        facts = asked_by(ask.owner, self._facts)
        if ask.kind == LIST:
            facts = replace(facts, images=max(facts.images, self._length))
        ways = candidates(ask, facts)
        if not ways:
            return False
        group = Made(path, ways, facts).group
        way = next((one.way for one in self._own.values() if one.group == group), 0)
        for each in _listed_with(path, facts, self._length):
            if not os.path.lexists(each):
                made = self.made[each] = self._own[each] = Made(each, ways, facts, way)
                made.write()
        return True

    def _number_like(self, path: str) -> None:
        """Take a hint from the number of an image that is opened, and not there.

        The images of folders that are listed are named like one in such a folder. Where nobody listed as many, the data
        set takes clips to have some number of frames, most often a hundred.
        """
        stem, ending = os.path.splitext(os.path.basename(path))
        if not stem.isdigit():
            return
        like = replace(self._facts, digits=len(stem), ending=ending)
        if like != self._facts and any(path.startswith(one + os.sep) for one in self._own):
            self._facts, self._misnamed = like, True
        if max(self._facts.images, self._length) <= int(stem) < _CLIP:
            self._length, self._misnamed = _CLIP, True

    def _named_anew(self) -> bool:
        """Make folders again that hold images of other numbers now; whether there are any."""
        if not self._misnamed:
            return False
        self._misnamed = False
        for path in list(self._own):
            if any(path.startswith(other + os.sep) for other in self._own) or is_image(path):
                self._own.pop(path).remove()
                del self.made[path]
        self._remake(self._facts)
        return True

    def _told_more(self, watch: Watch) -> bool:
        """Make again what was made before the one who asked knew its classes and keypoints; whether there was any."""
        changed = False
        for ask in watch.asks:
            made = self._own.get(os.path.abspath(ask.path))
            told = asked_by(ask.owner, self._facts) if made is not None else self._facts
            if made is not None and (told.classes, told.keypoints) > (made.facts.classes, made.facts.keypoints):
                made.facts = told
                made.write()
                changed = True
        return changed

    def _otherwise(self, watch: Watch) -> bool:
        """Make what is there differently; whether there is a way left."""
        if not self._unmade(watch) and self._progress > 0 and (self._enlarge() or self._longer()):
            return True
        return self._next_way(watch) or (self._progress == 0 and self._longer())

    def _unmade(self, watch: Watch) -> bool:
        """Whether something below the folder was opened that is not there."""
        opened = [ask.path for ask in watch.asks if ask.missing and ask.kind == OPEN]
        return any(self.redirection.inside(path) and not os.path.lexists(path) for path in opened)

    def _read(self, watch: Watch) -> int:
        """How many of the files that were made it came to."""
        return len({os.path.abspath(ask.path) for ask in watch.asks} & self._own.keys())

    def _next_way(self, watch: Watch) -> bool:
        """Make what the same one read last in another way, and forget what was made after it."""
        read = [ask for ask in reversed(watch.asks) if os.path.abspath(ask.path) in self._own]
        for ask in read:
            made = self._own[os.path.abspath(ask.path)]
            if ask.owner is read[0].owner and made.way + 1 < len(made.ways):
                self._forget_after(made)
                self._change(self._least)
                for one in self._own.values():
                    if one.group == made.group:
                        one.way += 1
                        one.write()
                return True
        return False

    def _forget_after(self, last: Made) -> None:
        """Remove what was made after something else, but for what is made in the same way."""
        paths = list(self._own)
        for path in paths[paths.index(last.path) + 1 :]:
            if self._own[path].group != last.group:
                self._own[path].remove()
                del self._own[path], self.made[path]

    def _enlarge(self) -> bool:
        """Make all larger, as long as that is reasonable: twice as long on the shorter side, or on both."""
        height, width = self._facts.shape
        if min(height, width) >= _LARGEST:
            return False
        longer = (height if height > width else height * 2, width if width > height else width * 2)
        self._change(replace(self._facts, shape=longer))
        return True

    def _longer(self) -> bool:
        """Make more of what there is: first of what is in folders, then of everything."""
        return self._lengthen() or self._more()

    def _more(self) -> bool:
        """Make more images, and small ones again, once."""
        if self._facts.images > self.images:
            return False
        self._change(replace(self._least, images=self.images * _MORE))
        return True

    def _lengthen(self) -> bool:
        """Make the folders hold more, and small images again, once: clips are folders, and some are too short."""
        if self._length or not any(os.path.isdir(path) for path in self._own):
            return False
        self._length = self.images * _MORE
        self._remake(self._least)
        return True

    def _change(self, facts: Facts) -> None:
        """Make all anew, of another size or in another number."""
        if facts != self._facts:
            self._remake(facts)

    def _remake(self, facts: Facts) -> None:
        self._facts = facts
        for made in self._own.values():
            length = self._length if os.path.isdir(made.path) else 0
            made.facts = replace(
                made.facts,
                shape=facts.shape,
                images=max(facts.images, length),
                digits=facts.digits,
                ending=facts.ending,
            )
            made.write()


def _listed_with(path: str, facts: Facts, length: int) -> list[str]:
    """An image, and those that annotations or other folders list beside it: chance may have it that they come up."""
    folder, name = os.path.split(path)
    stem = os.path.splitext(name)[0]
    count = max(facts.images, length)
    numbered = stem.isdigit() and int(stem) < count
    stems = names(count, len(stem)) if numbered else names(facts.images)
    own = next((stem for stem in stems if stem in name), None) if is_image(path) else None
    return [os.path.join(folder, name.replace(own, stem, 1)) for stem in stems] if own is not None else [path]


def _failure(use: Callable[[], Any]) -> BaseException | None:
    try:
        use()
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
