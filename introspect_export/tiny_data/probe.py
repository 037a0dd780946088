"""Make data by trial: build a section of a config, write the files that it lacks, and repeat until it works."""

from __future__ import annotations

import copy
import functools
import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from .dataset_hints import facts_declared_by
from .file_contents import Write, candidates
from .file_requests import LIST, OPEN, STAT, Request, RequestLog, recording
from .overrides import apply
from .redirection import Redirection
from .scene import Facts, is_image, siblings
from .watchdog import EndlessError, interrupting

_ROUNDS = 150
_LARGEST = 512
_MULTIPLE = 8
_CLIP_FRAMES = 100
_LONGEST = 300


@dataclass
class MadeFile:
    """A file or folder that was made.

    Attributes:
        path: Its absolute path.
        writers: The functions that may write it, likeliest first.
        facts: The facts that its content fits.
        consumer: The class of the data set that requested it.
        chosen: The index of the writer in use.
        proven: Whether its section of the config can be used.
    """

    path: str
    writers: tuple[Write, ...]
    facts: Facts
    consumer: type
    chosen: int = 0
    proven: bool = False

    @property
    def group(self) -> tuple[str, int]:
        """Equal for files of one folder with equally many writers: they are written by the same one."""
        return os.path.dirname(self.path), len(self.writers)

    def is_like(self, other: MadeFile) -> bool:
        """Whether it is an annotation file of the same kind as another one."""
        same = self.consumer is other.consumer and len(self.writers) == len(other.writers)
        return same and not is_image(self.path) and os.path.splitext(self.path)[1] == os.path.splitext(other.path)[1]

    def write(self) -> None:
        """Write it, in place of what exists."""
        self.remove()
        Path(self.path).parent.mkdir(parents=True, exist_ok=True)
        self.writers[self.chosen](self.path, self.facts)

    def remove(self) -> None:
        """Remove it if it exists; a folder with its content."""
        if os.path.isdir(self.path):
            shutil.rmtree(self.path)
        else:
            Path(self.path).unlink(missing_ok=True)


class NoSamples(Exception):
    """A data set was built, and gives no samples."""


class Probe:
    """Makes the data of one section of a config.

    Args:
        redirection: The redirected paths, shared by all sections.
        made: The files made, by absolute path; shared by all sections.
        facts: The number and size of the images to begin with.
        config: The section.
    """

    def __init__(self, redirection: Redirection, made: dict[str, MadeFile], facts: Facts, config: Any) -> None:
        self.redirection = redirection
        self.made = made
        self._created: dict[str, MadeFile] = {}
        self._facts = facts
        self._shape = facts.shape
        self._config = config
        self._progress = 0
        self._length = 0
        self._numbering_changed = False
        self.images = facts.images

    @property
    def _smallest(self) -> Facts:
        """The current facts, with the initial number and size of images."""
        return replace(self._facts, images=self.images, shape=self._shape)

    @property
    def facts(self) -> Facts:
        """The current number and size of the images."""
        return self._facts

    def got(self, samples: int) -> None:
        """Report how many samples could be read."""
        self._progress = samples

    def run(self, use: Callable[[Any, Probe], Any]) -> str:
        """Make data until the section can be used.

        Args:
            use: Called with the redirected section and this probe; raises while data is missing or does not fit.

        Returns:
            Why the section cannot be used, by its best attempt; empty where it can.
        """
        reason, best = '', (-1, False, 0)
        for _ in range(_ROUNDS):
            config = copy.deepcopy(self._config)
            apply(config, self.redirection.overrides(config))
            known, self._progress = self.redirection.count, 0
            with recording(self._refused, self._missed) as log, interrupting(log):
                error = _failure(functools.partial(use, config, self))
            if self._renumbered():
                continue
            if error is None:
                if self._redeclared(log):  # Other samples may need what these did not.
                    continue
                for made in self._created.values():
                    made.proven = True
                return ''
            if self.redirection.count != known or any(self._make(request) for request in _missing(error, log)):
                continue
            if self._redeclared(log):
                continue
            came = self._progress, not self._has_missing(log), self._files_read(log)
            if came > best:
                best, reason = came, _sentence(error)
            longer = isinstance(error, EndlessError) and self._lengthen_clips()
            if not longer and not self._modify(log):
                return reason
        return reason or 'it asks for ever more files'

    def _refused(self, path: str) -> bool:
        """Redirect a path outside of the folder that the section names as data; whether it was."""
        return not self.redirection.inside(path) and bool(self.redirection.add(path, self._config))

    def _missed(self, request: Request) -> None:
        """Make a missing path while it is accessed; where its existence is checked, only if the config names it."""
        if request.kind != STAT or self.redirection.named(request.path, self._config):
            self._make(request)

    def _make(self, request: Request) -> bool:
        """Make a missing file or folder; whether a writer for it is known."""
        path = os.path.abspath(request.path)
        if os.path.lexists(path) or not self.redirection.inside(path):
            return False
        if request.kind == OPEN and is_image(path):
            self._learn_numbering(path)
        facts = facts_declared_by(request.consumer, self._facts)
        if request.kind == LIST:
            facts = replace(facts, images=max(facts.images, self._length))
        writers = candidates(request, facts)
        if not writers:
            return False
        consumer = type(request.consumer)
        chosen = self._first_choice(MadeFile(path, writers, facts, consumer))
        for each in siblings(path, facts, self._length):
            if not os.path.lexists(each):
                made = self.made[each] = self._created[each] = MadeFile(each, writers, facts, consumer, chosen)
                made.write()
        return True

    def _first_choice(self, made: MadeFile) -> int:
        """The writer to begin with: that of its folder, or else the one that serves other data sets of the class."""
        alike = [one for one in self._created.values() if one.group == made.group]
        alike += [one for one in self.made.values() if made.is_like(one) and (one.proven or one.path in self._created)]
        return alike[0].chosen if alike else 0

    def _learn_numbering(self, path: str) -> None:
        """Learn the naming and the number of images from the path of a missing one.

        The images of a listed folder must be named like an image that is opened in it. A higher number than any listed
        one comes from a data set that presumes a length of its clips, most often a hundred frames.
        """
        stem, ending = os.path.splitext(os.path.basename(path))
        if not stem.isdigit():
            return
        like = replace(self._facts, digits=len(stem), ending=ending)
        if like != self._facts and any(path.startswith(one + os.sep) for one in self._created):
            self._facts, self._numbering_changed = like, True
        if max(self._facts.images, self._length) <= int(stem) < _CLIP_FRAMES:
            self._length, self._numbering_changed = _CLIP_FRAMES, True

    def _renumbered(self) -> bool:
        """Rewrite the folders after their naming or number of images has changed; whether it has."""
        if not self._numbering_changed:
            return False
        self._numbering_changed = False
        for path in list(self._created):
            if any(path.startswith(other + os.sep) for other in self._created) or is_image(path):
                self._created.pop(path).remove()
                del self.made[path]
        self._rewrite(self._facts)
        return True

    def _redeclared(self, log: RequestLog) -> bool:
        """Rewrite files requested before the data set declared its classes and keypoints; whether there were any."""
        changed = False
        for request in log.requests:
            made = self._created.get(os.path.abspath(request.path))
            declared = facts_declared_by(request.consumer, self._facts) if made is not None else self._facts
            if made is not None and (declared.classes, declared.keypoints) > (made.facts.classes, made.facts.keypoints):
                made.facts = declared
                made.write()
                changed = True
        return changed

    def _modify(self, log: RequestLog) -> bool:
        """Try a larger size, a higher number or another writer; whether there is one left to try."""
        if not self._has_missing(log) and self._progress > 0 and (self._enlarge() or self._extend()):
            return True
        return self._next_writer(log) or (self._progress == 0 and self._extend())

    def _has_missing(self, log: RequestLog) -> bool:
        """Whether a file below the folder was opened and still does not exist."""
        opened = [request.path for request in log.requests if request.missing and request.kind == OPEN]
        return any(self.redirection.inside(path) and not os.path.lexists(path) for path in opened)

    def _files_read(self, log: RequestLog) -> int:
        """How many of the made files were accessed."""
        return len({os.path.abspath(request.path) for request in log.requests} & self._created.keys())

    def _next_writer(self, log: RequestLog) -> bool:
        """Use the next writer for what the last consumer read last, and remove what was made after it."""
        read = [request for request in reversed(log.requests) if os.path.abspath(request.path) in self._created]
        for request in read:
            made = self._created[os.path.abspath(request.path)]
            if request.consumer is read[0].consumer and made.chosen + 1 < len(made.writers):
                self._remove_after(made)
                self._change(self._smallest)
                for one in self._created.values():
                    if one.group == made.group:
                        one.chosen += 1
                        one.write()
                return True
        return False

    def _remove_after(self, last: MadeFile) -> None:
        """Remove the files made after another one, except those of its group."""
        paths = list(self._created)
        for path in paths[paths.index(last.path) + 1 :]:
            if self._created[path].group != last.group:
                self._created[path].remove()
                del self._created[path], self.made[path]

    def _enlarge(self) -> bool:
        """Double the shorter side of the images (or both), up to a limit; whether it was possible."""
        height, width = self._facts.shape
        if min(height, width) >= _LARGEST:
            return False
        longer = (height if height > width else height * 2, width if width > height else width * 2)
        self._change(replace(self._facts, shape=longer))
        return True

    def _extend(self) -> bool:
        """Raise the number of images: first in folders, then everywhere; whether it was possible."""
        return self._lengthen_clips() or self._add_images()

    def _add_images(self) -> bool:
        """Raise the number of images, of the initial size, once."""
        if self._facts.images > self.images:
            return False
        self._change(replace(self._smallest, images=self.images * _MULTIPLE))
        return True

    def _lengthen_clips(self) -> bool:
        """Raise the number of images in folders, of the initial size, once: clips are folders, and may be too short."""
        if self._length or not any(os.path.isdir(path) for path in self._created):
            return False
        self._length = self.images * _MULTIPLE
        self._rewrite(self._smallest)
        return True

    def _change(self, facts: Facts) -> None:
        """Rewrite everything, if the facts are others."""
        if facts != self._facts:
            self._rewrite(facts)

    def _rewrite(self, facts: Facts) -> None:
        self._facts = facts
        for made in self._created.values():
            length = self._length if os.path.isdir(made.path) else 0
            made.facts = replace(
                made.facts,
                shape=facts.shape,
                images=max(facts.images, length),
                digits=facts.digits,
                ending=facts.ending,
            )
            made.write()


def _failure(use: Callable[[], Any]) -> BaseException | None:
    try:
        use()
    except (Exception, SystemExit) as error:  # The config's own code can raise anything.
        return error
    return None


def _sentence(error: BaseException) -> str:
    text = ' '.join(str(error).split())
    return f'{type(error).__name__}: {text[:_LONGEST]}'


def _missing(error: BaseException, log: RequestLog) -> Iterator[Request]:
    """The requests for missing paths: first those that the exception names, then the others, latest first."""
    named = set()
    chain: BaseException | None = error
    while chain is not None:
        if isinstance(chain, OSError) and isinstance(chain.filename, str):
            named.add(os.path.abspath(chain.filename))
        chain = chain.__cause__ or chain.__context__
    missing = [request for request in reversed(log.requests) if request.missing]
    yield from (request for request in missing if os.path.abspath(request.path) in named)
    yield from (request for request in missing if os.path.abspath(request.path) not in named)
