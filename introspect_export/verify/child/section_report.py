"""The outcome of building each section while verifying, and the failures that are no fault of the package."""

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
    """A listener that records the outcome of each section.

    Args:
        original: For the sections of the original config that the export tried to build, the reason of a failure, or
            empty.
        before: The report of the sections built before.
    """

    def __init__(self, original: dict[str, str], before: SectionReport | None = None) -> None:
        self.sections: list[dict[str, Any]] = list(before.sections) if before is not None else []
        self._original = original

    def begun(self, path: str) -> None:
        """Called before a section is built; nothing is recorded."""

    def ended(self, path: str, error: BaseException | None) -> None:
        """Record a section that was built, or the exception that was raised.

        Args:
            path: The section's path.
            error: The exception, or None.
        """
        excuse = '' if error is None else excused(self._original.get(path), error)
        reason = '' if error is None else excuse or sentence(error)
        ok = error is None or bool(excuse)
        self.sections.append({'path': path, 'ok': ok, 'built': error is None, 'reason': reason})


def reported(read: Callable[[], Any], original: dict[str, str]) -> Callable[[Sections[SectionReport] | None], Any]:
    """Return a function that starts an attempt to build the sections of a config; see ``sandbox.building.Begin``.

    Args:
        read: Reads the config.
        original: See ``SectionReport``.
    """

    @contextmanager
    def begin(before: Sections[SectionReport] | None) -> Iterator[Sections[SectionReport]]:
        report = SectionReport(original, before.listener if before is not None else None)
        yield Sections(own_tree(read()), os.getcwd(), report, before)

    return begin


def excused(original: str | None, error: BaseException) -> str:
    """Return the reason why a failure is no fault of the package, or empty.

    Args:
        original: The reason why the original's section could not be built; empty if it could, None if it was not tried.
        error: The exception of the package's section.
    """
    lacked = lacking(str(error)) if isinstance(error, KeyError) else ''
    if lacked and lacked != lacking(original or ''):
        return ''  # The package lacks a registered name, whatever else is missing here.
    if isinstance(error, (ImportError, NameError)) and type(error).__name__ not in (original or ''):
        return ''  # These errors show that the package lacks a part, whatever else is missing here.
    if original:
        return f'the original cannot be built here either: {original}'
    return f'needs a file: {error}' if original is None and isinstance(error, _NO_FILE) else ''


def lacking(text: str) -> str:
    """Return the type, without scope, in a message of mmengine about a missing registry entry; else empty.

    Args:
        text: The message.
    """
    found = re.search(r"([^\s'\"]+) is not in the \S+ registry|no registry knows '([^']+)'", text)
    return (found[1] or found[2]).rpartition('.')[2] if found else ''
