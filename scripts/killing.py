"""Kill processes at chosen moments, and find what is wrong afterwards: what ``kill_export.py`` is made of."""

from __future__ import annotations

import json
import os
import signal
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from introspect_export import export
from introspect_export.batch.scheduling import batch
from introspect_export.emit.atomic_replace import restore
from introspect_export.emit.replaceable import check_package
from introspect_export.stages import Clock
from introspect_export.temporary import remove_stale

VICTIMS = ('batch', 'server', 'job', 'all')
"""What is killed of a batch: who runs it, one of its servers, one of their children, everything at once."""
_PATIENCE = 10.0
_UNIMPORTANT = ('object.', 'sys._getframe', 'compile', 'exec', 'marshal', 'code.')
_SERVER = b'forkserver.py'


class Moments:
    """Counts what a process does in each stage, and kills it at one of these moments.

    Args:
        stage: The stage in which it is killed; empty for none.
        moment: At which of its moments.
    """

    def __init__(self, stage: str = '', moment: int = 0) -> None:
        self.counts: Counter[str] = Counter()
        self._at, self._stage, self._moment = '', stage, moment

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Watch this process, which is to end with the context."""
        original = Clock.stage

        @contextmanager
        def stage(clock: Clock, name: str, line: str) -> Iterator[Any]:
            self._at = name
            with original(clock, name, line) as returned:
                yield returned

        Clock.stage = stage  # type: ignore[method-assign, assignment]
        sys.addaudithook(self._hook)
        yield

    def _hook(self, event: str, _: object) -> None:
        if event.startswith(_UNIMPORTANT):
            return
        self.counts[self._at] += 1
        if self._at == self._stage and self.counts[self._at] > self._moment:
            self._stage = ''  # Killing is a moment, too.
            os.kill(os.getpid(), signal.SIGKILL)


def forked(work: Callable[[], None], folder: Path, meanwhile: Callable[[int], None] | None = None) -> int:
    """Do something in a child that works in a folder and has its temporary files in one below that.

    Args:
        work: What it does.
        folder: Where.
        meanwhile: Called with the child in a thread.

    Returns:
        How it ended, as ``os.waitpid`` says it.
    """
    child = os.fork()
    if child == 0:
        os.setsid()
        sink = os.open(os.devnull, os.O_RDWR)
        for descriptor in (0, 1, 2):
            os.dup2(sink, descriptor)
        os.chdir(folder)
        os.environ['TMPDIR'] = tempfile.tempdir = str(folder / 'temporary')
        try:
            work()
            os._exit(0)
        finally:
            os._exit(1)
    thread = threading.Thread(target=meanwhile, args=(child,)) if meanwhile is not None else None
    if thread is not None:
        thread.start()
    # It stays known until the thread is done: its number must not become another's.
    os.waitid(os.P_PID, child, os.WEXITED | os.WNOWAIT)
    if thread is not None:
        thread.join()
    _, status = os.waitpid(child, 0)
    return status


def one_export(config: str, out: Path, moments: Moments, verify: str | None, counts: Path | None = None) -> None:
    """What a child does."""
    with moments.watched():
        export(config, out, force=True, verify=verify)
    if counts is not None:
        counts.write_text(json.dumps(moments.counts))


def one_batch(configs: Sequence[str], out: Path, verify: str | None = 'import') -> None:
    """What a child does."""
    if not batch(configs, out, jobs=2, verify=verify, retry=True).ok:
        os._exit(3)


def kill_of_batch(victim: str, child: int, folder: Path) -> bool:
    """Kill what is to be killed of a batch; whether it was there.

    Args:
        victim: One of ``VICTIMS``.
        child: Who runs the batch.
        folder: Where it works.
    """
    servers = [one for one in going_on(folder) if _SERVER in _command(one) and _parent(one) == child]
    jobs = [one for one in going_on(folder) if _parent(one) in servers]
    chosen = {'batch': [child], 'server': servers[:1], 'job': jobs[-1:], 'all': going_on(folder)}[victim]
    for pid in chosen:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    return bool(chosen)


def _command(pid: int) -> bytes:
    with suppress(OSError):
        return Path(f'/proc/{pid}/cmdline').read_bytes()
    return b''


def _parent(pid: int) -> int:
    with suppress(OSError):
        return int(Path(f'/proc/{pid}/stat').read_text().rpartition(')')[2].split()[1])
    return 0


def going_on(folder: Path) -> list[int]:
    """The processes that work in a folder or were told of it."""
    found = []
    for entry in Path('/proc').iterdir():
        if entry.name.isdigit() and int(entry.name) != os.getpid():
            with suppress(OSError):
                said = (entry / 'cmdline').read_bytes() + os.fsencode(os.readlink(entry / 'cwd'))
                if os.fsencode(folder) in said:
                    found.append(int(entry.name))
    return found


def names(out: Path) -> frozenset[str]:
    """The files of a package, and their digests; of none, nothing."""
    if not out.exists():
        return frozenset()
    check_package(out, out)
    files: dict[str, str] = json.loads((out / 'manifest.json').read_text())['files']
    return frozenset(f'{name} {digest}' for name, digest in files.items())


def faults(folder: Path, outs: Sequence[Path], wanted: set[frozenset[str]]) -> list[str]:
    """What is wrong after a kill, when the next run has begun.

    Args:
        folder: Where the killed process worked.
        outs: The places of packages.
        wanted: What may be there; empty where any package may be.
    """
    end = time.monotonic() + _PATIENCE
    while going_on(folder) and time.monotonic() < end:
        time.sleep(0.05)
    found = [f'process {each} goes on: {_command(each)!r}' for each in going_on(folder)]
    for parent in {folder / 'temporary', *(each.parent for each in outs)}:
        if parent.is_dir():
            remove_stale(parent, restore=restore)
    for out in outs:
        try:
            if names(out) not in (wanted or {names(out)}):
                found.append(f'{out.name} is neither the old nor the new package')
        except Exception as error:
            found.append(f'{out.name}: {error}')
    # torch's processes share one folder for what they compile, which is the same every time.
    left = [each.name for each in (folder / 'temporary').iterdir() if not each.name.startswith('torchinductor_')]
    left += [each.name for out in outs if out.parent.is_dir() for each in out.parent.iterdir() if each.name[0] == '.']
    return found + [f'{each} is left' for each in left]
