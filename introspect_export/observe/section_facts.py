"""The results of building the sections of a config: whether each was built, and why not."""

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
    """The environment of a build.

    Attributes:
        config: The config's dict, which is not changed: each attempt builds from a copy.
        makings: Records the constructions of objects; None to record none.
        adapt: Called with what a registry resolved; its result is used instead.
        failed: Called with a class or function that could not be built, or that building did not reach, and its config.
        folder: An empty folder.
        refused: The network addresses that were requested so far; it grows while building.
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
        """Start an attempt: the sections of a copy of the config, while calls of registries are recorded.

        Args:
            before: The sections of an earlier attempt, whose records are continued.
        """
        tree, earlier = own_tree(self.config), before.listener if before is not None else None
        events = earlier.recorder.events if earlier is not None else ()
        recorder = Recorder(ConfigPaths(tree), self.adapt, self.failed, events)
        with recording(recorder), makings(self.makings) if self.makings is not None else nullcontext():
            yield Sections(tree, self.folder, ObservedSections(recorder, self, earlier), before)


class ObservedSections:
    """A listener that records the result of each section.

    Args:
        recorder: Records calls of registries; its current section is set here.
        around: The environment.
        before: The results of an earlier attempt.
    """

    def __init__(self, recorder: Recorder, around: Surroundings, before: ObservedSections | None) -> None:
        self.recorder = recorder
        self.facts: list[SectionFacts] = list(before.facts) if before is not None else []
        self.error: BaseException | None = None
        """The exception of the section that failed last."""
        self.lacking = False
        """Whether the section that failed last needs the network, a missing file, or weights."""
        self._around = around
        self._refused_before = 0

    def begun(self, path: str) -> None:
        """Called before a section is built."""
        self._around.progress(path)
        self.recorder.section = path
        self._refused_before = len(self._around.refused)

    def ended(self, path: str, error: BaseException | None) -> None:
        """Called after a section was built, or could not be built because of an exception."""
        self.recorder.section = ''
        if error is None:
            self.facts.append(SectionFacts(path, True))
            return
        refused = self._around.refused[self._refused_before :]
        self.error = error
        self.lacking = bool(refused) or _is_system_error(error) or wanted_weights(error)
        self.facts.append(SectionFacts(path, False, _reason(error, refused), _missing(error)))


def _place(error: BaseException) -> str:
    """The place where an exception was raised, for one without a message."""
    frames = traceback.extract_tb(error.__traceback__)
    return f'{frames[-1].filename}:{frames[-1].lineno}: {frames[-1].line}' if frames else 'no reason given'


def _is_system_error(error: BaseException | None) -> bool:
    """Whether an ``OSError`` caused an exception: a missing file or folder, or a hub that cannot be reached.

    Libraries may raise an exception of their own from it.
    """
    return any(isinstance(each, OSError) for each in causes(error))


def _missing(error: BaseException | None) -> str:
    """The missing file or folder that an exception, or one of its causes, names; or empty."""
    for each in causes(error):
        if isinstance(each, (FileNotFoundError, NotADirectoryError)) and each.filename is not None:
            return os.fsdecode(each.filename)
    return ''


def _reason(error: BaseException, refused: list[str]) -> str:
    """The reason why a section could not be built, in one sentence."""
    text = ' '.join(str(error).split())
    reason = f'{type(error).__name__}: {text or _place(error)}'
    if _missing(error):
        reason = f'needs {_missing(error)}, which is not here'
    elif refused:
        reason = f'needs the network ({", ".join(dict.fromkeys(refused))}): {reason}'
    elif wanted_weights(error):
        reason = f'needs weights that are not here: {reason}'
    return reason if len(reason) <= _LONGEST else reason[: _LONGEST - 1] + '…'
