"""What became of the sections of a config while it was observed."""

from __future__ import annotations

import os
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from typing import Any

from introspect_export.model.observation import SectionFacts
from introspect_export.observe.config_paths import ConfigPaths
from introspect_export.observe.construction_trace import Makings, makings
from introspect_export.observe.recording import Recorder, recording
from introspect_export.sandbox.config_tree import own_tree
from introspect_export.sandbox.faults import causes
from introspect_export.sandbox.sections import Sections
from introspect_export.sandbox.weights import wanted_weights

_LONGEST = 400


@dataclass(frozen=True)
class Surroundings:
    """What building goes on in.

    Attributes:
        config: The config's dict. It stays as it is: each attempt has a tree of its own to take apart.
        makings: Where to note who makes each object; None for nowhere.
        adapt: What a registry resolved, and what is to be used in its place.
        failed: Told of the class or function that could not be built, or was not asked to, and its config.
        folder: An empty folder.
        refused: The network addresses that were asked for so far; it grows while building.
        progress: Called with the path of each section before it is built.
    """

    config: Any
    makings: Makings | None
    adapt: Callable[[Any], Any]
    failed: Callable[[Any, Any], object]
    folder: str
    refused: list[str]
    progress: Callable[[str], None]

    @contextmanager
    def begin(self, before: Sections[ObservedSections] | None) -> Iterator[Sections[ObservedSections]]:
        """The sections of a tree of its own, while all that is asked of registries is recorded."""
        tree, earlier = own_tree(self.config), before.listener if before is not None else None
        events = earlier.recorder.events if earlier is not None else ()
        recorder = Recorder(ConfigPaths(tree), self.adapt, self.failed, events)
        with recording(recorder), makings(self.makings) if self.makings is not None else nullcontext():
            yield Sections(tree, self.folder, ObservedSections(recorder, self, earlier), before)


class ObservedSections:
    """Takes down what becomes of each section.

    Args:
        recorder: What registries are asked; told which section is under way.
        around: What building goes on in.
        before: What became of the sections that were built before.
    """

    def __init__(self, recorder: Recorder, around: Surroundings, before: ObservedSections | None) -> None:
        self.recorder = recorder
        self.facts: list[SectionFacts] = list(before.facts) if before is not None else []
        self.error: BaseException | None = None
        """Why what failed last could not be built."""
        self.lacking = False
        """Whether what could not be built last wanted the network, or a file or weights that are not here."""
        self._around = around
        self._asked = 0

    def begun(self, path: str) -> None:
        """A section is built next."""
        self._around.progress(path)
        self.recorder.section = path
        self._asked = len(self._around.refused)

    def ended(self, path: str, error: BaseException | None) -> None:
        """It was built, or this kept it from being built."""
        self.recorder.section = ''
        if error is None:
            self.facts.append(SectionFacts(path, True))
            return
        refused = self._around.refused[self._asked :]
        self.error = error
        self.lacking = bool(refused) or _is_of_the_system(error) or wanted_weights(error)
        self.facts.append(SectionFacts(path, False, _reason(error, refused), _missing(error)))


def _place(error: BaseException) -> str:
    """Where an error without a text was raised."""
    frames = traceback.extract_tb(error.__traceback__)
    return f'{frames[-1].filename}:{frames[-1].lineno}: {frames[-1].line}' if frames else 'no reason given'


def _is_of_the_system(error: BaseException | None) -> bool:
    """Whether something outside of the process was not to be had: a file, a folder, a hub that is not reached.

    Those who ask may say it in another error's words, raised from the first.
    """
    return any(isinstance(each, OSError) for each in causes(error))


def _missing(error: BaseException | None) -> str:
    """The file or folder that an error, or one that it was raised from, says is not there."""
    for each in causes(error):
        if isinstance(each, (FileNotFoundError, NotADirectoryError)) and each.filename is not None:
            return os.fsdecode(each.filename)
    return ''


def _reason(error: BaseException, refused: list[str]) -> str:
    """One sentence for why a section could not be built."""
    text = ' '.join(str(error).split())
    reason = f'{type(error).__name__}: {text or _place(error)}'
    if _missing(error):
        reason = f'needs {_missing(error)}, which is not here'
    elif refused:
        reason = f'needs the network ({", ".join(dict.fromkeys(refused))}): {reason}'
    elif wanted_weights(error):
        reason = f'needs weights that are not here: {reason}'
    return reason if len(reason) <= _LONGEST else reason[: _LONGEST - 1] + '…'
