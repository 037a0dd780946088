"""Compare a package with its original level by level, both in children of a sweep's servers."""

from __future__ import annotations

import contextlib
import json
import shutil
import socket
import tempfile
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sweep_server import run

from introspect_export.batch.forkserver_client import ForkServer
from introspect_export.verify.comparing import shown, tasks
from introspect_export.verify.original_config import original
from introspect_export.verify.renamed_types import RenamedTypes
from introspect_export.verify.role_pair import Pair
from introspect_export.verify.verify_facts import ALONE, LEVELS

COMPARED = tuple(level for level in LEVELS if level not in ALONE)
"""The levels that compare a package with its original, in their order."""

_START = 60.0


@dataclass(frozen=True)
class Limits:
    """What each of the two that are compared may take.

    Attributes:
        memory: Memory in GiB.
        step: The seconds of one step.
        whole: The seconds of all steps.
    """

    memory: int = 7
    step: float = 600.0
    whole: float = 2400.0


LIMITS = Limits()


class ServedRole:
    """A role in a child of a server.

    Args:
        server: The server.
        task: What ``child.role.prepare`` takes.
        folder: Where its socket goes.
        log: Where its output goes.
        limits: What it may take.
        trace: Where to write down the lines of the package that run; nowhere if empty.
    """

    def __init__(
        self,
        server: ForkServer,
        task: Mapping[str, Any],
        folder: Path,
        log: Path,
        limits: Limits = LIMITS,
        *,
        trace: str = '',
    ) -> None:
        self._limits = limits
        self.cpu = 0.0
        self._end: dict[str, Any] = {}
        self._listening = socket.socket(socket.AF_UNIX)
        address = str(folder / f'{task["role"]}.sock')
        self._listening.bind(address)
        self._listening.listen(1)
        self._listening.settimeout(_START)
        self._thread = threading.Thread(target=self._run, args=(server, task, address, log, trace), daemon=True)
        self._thread.start()
        self._line: socket.socket | None = None
        self._ready: Mapping[str, Any] | None = None

    def _run(self, server: ForkServer, task: Mapping[str, Any], address: str, log: Path, trace: str) -> None:
        memory = self._limits.memory << 30
        self._end = run(server, 'role', self._limits.whole, log, task=task, address=address, memory=memory, trace=trace)

    def ask(self, step: str, **arguments: Any) -> Mapping[str, Any]:
        """Do a step."""
        if self._ready is None:
            self._ready = self._connected()
        if not self._ready['ok']:
            return self._ready
        request = {'step': step, 'timeout': self._limits.step, 'arguments': arguments}
        with contextlib.suppress(OSError):
            self._requests.write(json.dumps(request) + '\n')
            self._requests.flush()
        return self._answer()

    def _connected(self) -> Mapping[str, Any]:
        try:
            self._line, _ = self._listening.accept()
        except TimeoutError:  # ``TimeoutError`` since Python 3.10.
            return self._died()
        self._requests = self._line.makefile('w', encoding='utf-8')
        self._answers = self._line.makefile('r', encoding='utf-8')
        return self._answer()

    def _died(self) -> Mapping[str, Any]:
        self._thread.join()
        # Somebody else ended it, most often since the memory was not enough.
        kind = 'SIGKILL' if self._end.get('signal') == 'SIGKILL' else self._end.get('kind', 'Died')
        return {'ok': False, 'kind': kind, 'reason': self._end.get('reason', 'it ended')}

    def _answer(self) -> Mapping[str, Any]:
        line = self._answers.readline()
        if not line:
            return self._died()
        answer: Mapping[str, Any] = json.loads(line)
        return answer

    def close(self) -> None:
        """Let the child end."""
        if self._line is not None:
            with contextlib.suppress(OSError):  # What is left to write to a child that has ended.
                self._requests.close()
            self._answers.close()
            self._line.close()
        self._listening.close()
        self._thread.join()
        self.cpu = self._end.get('cpu', 0.0)


def compared_up_to(level: str) -> tuple[str, ...]:
    """The levels that compare, up to one of them."""
    return COMPARED[: COMPARED.index(level) + 1]


def prove(
    building: ForkServer, checking: ForkServer, out: Path, config: str, level: str, log: Path, limits: Limits
) -> dict[str, Any]:
    """Show as much as can be shown of a package, up to a level.

    Args:
        building: A server that has imported the original's library.
        checking: A server that has not.
        out: The package's folder.
        config: The original's config.
        level: The last level to try.
        log: Where the roles' output goes.
        limits: What each of them may take.

    Returns:
        ``ok``: whether nothing failed, ``levels``, ``initialized``: whether the values after ``init_weights`` are the
        same, ``notes``, and the CPU seconds of both roles.
    """
    manifest = json.loads((out / 'manifest.json').read_text(encoding='utf-8'))
    wanted = compared_up_to(level)
    with _folder() as folder:
        ours, theirs = tasks(out, str(folder), original(manifest, config), [*manifest['origins'], 'introspect_export'])
        first = ServedRole(building, ours, folder, log, limits)
        second = ServedRole(checking, theirs, folder, log, limits)
        try:
            pair = Pair(first, second, RenamedTypes(manifest), parallel=False)
            found = shown(pair, wanted, None, str(folder), out)
        finally:
            first.close()
            second.close()
    failed = [check for check in found.levels if check.failed]
    return {
        'ok': not failed,
        'kind': 'Difference',
        'reason': '; '.join(f'{check.name}: {check.reason}' for check in failed),
        'initialized': found.initialized,
        'levels': {check.name: [check.outcome, check.reason] for check in found.levels},
        'notes': list(found.notes),
        'cpu': round(first.cpu + second.cpu, 1),
    }


@contextlib.contextmanager
def _folder() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix='sweep_'))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def highest(levels: Mapping[str, Sequence[str]]) -> str:
    """The last level that is shown."""
    return next((name for name in reversed(COMPARED) if levels.get(name, ('',))[0] == 'shown'), '')
