"""What is done of a batch, in a file beside its packages: a run that was stopped in any way goes on from it."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

from introspect_export.batch.facts import Record
from introspect_export.model.diagnostics import ExportError

NAME = 'batch.jsonl'
_VERSION = 1


class Journal:
    """The records of a batch, one a line below a line that says with which options they were made.

    Args:
        file: The file; it is locked while the journal is open.
        options: How the packages are made.
        fresh: Forget what an earlier run has done.

    Raises:
        ExportError: Another run works here, or an earlier one had other options.
    """

    def __init__(self, file: Path, options: Mapping[str, Any], fresh: bool) -> None:
        self.records: dict[str, Record] = {}
        self._stream = file.open('a+b', buffering=0)  # A buffer would be written later, too.
        try:
            fcntl.flock(self._stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            self._stream.close()
            raise ExportError(f'{file.parent}: another batch is at work there') from error
        if fresh:
            self._stream.truncate(0)
        self._read({'batch': _VERSION, 'options': dict(options)}, file)

    def _read(self, head: Mapping[str, Any], file: Path) -> None:
        self._stream.seek(0)
        text = self._stream.read()
        whole = text[: text.rfind(b'\n') + 1]
        self._stream.truncate(len(whole))  # A line that was being written when the run was killed.
        lines = whole.decode().splitlines()
        if not lines:
            self._write(head)
            return
        if json.loads(lines[0]) != json.loads(json.dumps(head)):
            self.close()
            raise ExportError(
                f'{file.parent} holds packages that were made with other options: '
                'give another folder with -o, or --force to make all of them again'
            )
        for line in lines[1:]:
            record = Record(**json.loads(line))
            self.records[record.config] = record

    def add(self, record: Record) -> None:
        """Note what is done; it is on the disk when this returns."""
        self.records[record.config] = record
        self._write(asdict(record))

    def _write(self, value: Mapping[str, Any]) -> None:
        line, end = json.dumps(value).encode() + b'\n', self._stream.seek(0, os.SEEK_END)
        try:
            while line:
                line = line[self._stream.write(line) or 0 :]
            os.fsync(self._stream.fileno())
        except OSError as error:  # The disk is full: what was begun is no record.
            self._stream.truncate(end)
            raise OSError(error.errno, error.strerror, self._stream.name) from error

    def close(self) -> None:
        """Let others work here."""
        self._stream.close()


@contextmanager
def journal(out: Path, options: Mapping[str, Any], fresh: bool) -> Iterator[Journal]:
    """The journal of a batch's folder while the context lasts."""
    try:
        out.mkdir(parents=True, exist_ok=True)
        opened = Journal(out / NAME, options, fresh)
    except OSError as error:
        raise ExportError(f'{out}: cannot be written: {error.strerror}') from error
    try:
        yield opened
    finally:
        opened.close()
