"""The journal of a batch, from which an interrupted run is resumed."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

from introspect_export.batch.jobs import Record
from introspect_export.model.diagnostics import ExportError

NAME = 'batch.jsonl'
_VERSION = 1


class Journal:
    """A file of records, one JSON object a line; the first line has the options.

    Args:
        file: The file; it is locked while the journal is open.
        options: The options of the batch.
        fresh: Discard the records of earlier runs.

    Raises:
        ExportError: Another run uses the journal, or an earlier one had other options.
    """

    def __init__(self, file: Path, options: Mapping[str, Any], fresh: bool) -> None:
        self.records: dict[str, Record] = {}
        self._stream = file.open('a+b', buffering=0)  # Unbuffered: a failed write must not be repeated on close.
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
        self._stream.truncate(len(whole))  # A line that was not completed.
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
        """Append a record and sync it to disk."""
        self.records[record.config] = record
        self._write(asdict(record))

    def _write(self, value: Mapping[str, Any]) -> None:
        line, end = json.dumps(value).encode() + b'\n', self._stream.seek(0, os.SEEK_END)
        try:
            while line:
                line = line[self._stream.write(line) or 0 :]
            os.fsync(self._stream.fileno())
        except OSError as error:  # As when the disk is full: remove the incomplete line.
            self._stream.truncate(end)
            raise OSError(error.errno, error.strerror, self._stream.name) from error

    def close(self) -> None:
        """Close and unlock the file."""
        self._stream.close()


@contextmanager
def journal(out: Path, options: Mapping[str, Any], fresh: bool) -> Iterator[Journal]:
    """Open the journal of a batch's folder.

    Raises:
        ExportError: See ``Journal``; or the folder cannot be written.
    """
    try:
        out.mkdir(parents=True, exist_ok=True)
        opened = Journal(out / NAME, options, fresh)
    except OSError as error:
        raise ExportError(f'{out}: cannot be written: {error.strerror}') from error
    try:
        yield opened
    finally:
        opened.close()
