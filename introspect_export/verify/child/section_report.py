"""What became of the sections of a config while it was verified, and which failures are no fault of the pack."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from ...sandbox.config_tree import own_tree
from ...sandbox.faults import sentence
from ...sandbox.sections import Sections

_NO_FILE = (FileNotFoundError, NotADirectoryError)


class SectionReport:
    """Takes down what becomes of each section.

    Args:
        original: For the sections of the original config that somebody tried to build here, why they could not be
            built; empty for one that could.
        before: What became of the sections that were built before.
    """

    def __init__(self, original: dict[str, str], before: SectionReport | None = None) -> None:
        self.sections: list[dict[str, Any]] = list(before.sections) if before is not None else []
        self._original = original

    def begun(self, path: str) -> None:
        """A section is built next."""

    def ended(self, path: str, error: BaseException | None) -> None:
        """It was built, or this kept it from being built."""
        excuse = '' if error is None else excused(self._original.get(path), error)
        reason = '' if error is None else excuse or sentence(error)
        ok = error is None or bool(excuse)
        self.sections.append({'path': path, 'ok': ok, 'built': error is None, 'reason': reason})


def reported(read: Callable[[], Any], original: dict[str, str]) -> Callable[[Sections[SectionReport] | None], Any]:
    """What begins to build the sections of a config.

    Args:
        read: Reads the config.
        original: As for ``SectionReport``.
    """

    @contextmanager
    def begin(before: Sections[SectionReport] | None) -> Iterator[Sections[SectionReport]]:
        report = SectionReport(original, before.listener if before is not None else None)
        yield Sections(own_tree(read()), os.getcwd(), report, before)

    return begin


def excused(original: str | None, error: BaseException) -> str:
    """Why a failure is no fault of the pack, or nothing.

    Args:
        original: Why the original's section could not be built here; empty for one that could, None where nobody tried.
        error: What the pack's section raised.
    """
    lacked = lacking(str(error)) if isinstance(error, KeyError) else ''
    if lacked and lacked != lacking(original or ''):
        return ''  # Whatever else is not here: a name that no registry knows is not in the pack.
    if isinstance(error, (ImportError, NameError)) and type(error).__name__ not in (original or ''):
        return ''  # Whatever else is not here: these are what a pack raises that lacks a part.
    if original:
        return f'the original cannot be built here either: {original}'
    return f'needs a file: {error}' if original is None and isinstance(error, _NO_FILE) else ''


def lacking(text: str) -> str:
    """The type, without a scope, that a message of mmengine's says is in no registry; empty for another message."""
    found = re.search(r"([^\s'\"]+) is not in the \S+ registry|no registry knows '([^']+)'", text)
    return (found[1] or found[2]).rpartition('.')[2] if found else ''
