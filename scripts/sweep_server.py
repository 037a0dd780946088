"""A fork server: imports once what its jobs need, and runs each job in a child of its own.

    python scripts/sweep_server.py LIBRARY        for building the original and exporting
    python scripts/sweep_server.py --check        for checking packages: imports torch, mmengine and mmcv only

It reads one job a line from its standard input, ``{"job": …, "timeout": …, "log": …, "arguments": {…}}``, and answers
with a line ``{"ok": true, …}`` or ``{"ok": false, "kind": …, "reason": …}``. A child that is killed, or has to be, is
an answer too.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import json
import os
import signal
import subprocess
import sys
import time
import traceback
import warnings
from pathlib import Path
from typing import IO, Any

_POLL = 0.01
# What original and package compute must not depend on the process: one thread, sets of texts in one order.
_SAME = {'OMP_NUM_THREADS': '1', 'MKL_NUM_THREADS': '1', 'CUDA_VISIBLE_DEVICES': '', 'PYTHONHASHSEED': '0'}
_PRELOADED = ('torch', 'torchvision', 'mmengine.runner', 'mmcv.ops')


class ServerDied(Exception):
    """A server ended, which no job can make it do: the sweep is at fault, or what it sweeps with."""


class Server:
    """The client's side: one server process, and one job at a time."""

    def __init__(self, *arguments: str) -> None:
        self._command = [sys.executable, '-W', 'ignore', str(Path(__file__).resolve()), *arguments]
        self._process: subprocess.Popen[str] | None = None

    def run(self, job: str, timeout: float, log: Path, **arguments: Any) -> dict[str, Any]:
        """Run a job and return its answer."""
        process = self._started()
        assert process.stdin is not None and process.stdout is not None
        request = {'job': job, 'timeout': timeout, 'log': str(log), 'arguments': arguments}
        process.stdin.write(json.dumps(request) + '\n')
        process.stdin.flush()
        answer: dict[str, Any] = self._line(process)
        return answer

    @staticmethod
    def _line(process: subprocess.Popen[str]) -> Any:
        assert process.stdout is not None
        line = process.stdout.readline()
        if not line:
            raise ServerDied(f'{" ".join(map(str, process.args))} ended with status {process.wait()}')  # type: ignore[arg-type]
        return json.loads(line)

    def close(self) -> None:
        """End the server."""
        if self._process is not None and self._process.stdin is not None:
            self._process.stdin.close()
            self._process.wait()
        self._process = None

    def _started(self) -> subprocess.Popen[str]:
        if self._process is None:
            environment = {**os.environ, **_SAME}
            self._process = subprocess.Popen(
                self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
            )
            self._line(self._process)
        return self._process


def serve(answers: IO[str]) -> None:
    """Fork a child for every job that is read."""
    import sweep_jobs

    answers.write('"ready"\n')
    answers.flush()
    for line in sys.stdin:
        request = json.loads(line)
        answer = _forked(getattr(sweep_jobs, request['job']), request)
        answers.write(json.dumps(answer) + '\n')
        answers.flush()


def _forked(function: Any, request: dict[str, Any]) -> dict[str, Any]:
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        _child(function, request, writing)
    os.close(writing)
    start = time.monotonic()
    status, cpu = _waited(child, start + request['timeout'])
    took = round(time.monotonic() - start, 2)
    with open(reading, encoding='utf-8') as pipe:
        text = pipe.read()
    if text:
        answer: dict[str, Any] = json.loads(text)
        return {**answer, 'took': took, 'cpu': cpu}
    return {'ok': False, 'kind': 'Killed', 'reason': _fate(status, request['timeout']), 'took': took, 'cpu': cpu}


def _waited(child: int, end: float) -> tuple[int | None, float]:
    """The exit status of a child, or None where its time was over; and the seconds of CPU time it took."""
    while time.monotonic() < end:
        done, status, usage = os.wait4(child, os.WNOHANG)
        if done:
            return status, _cpu(usage)
        time.sleep(_POLL)
    os.killpg(child, signal.SIGKILL)
    _, _, usage = os.wait4(child, 0)
    return None, _cpu(usage)


def _cpu(usage: Any) -> float:
    seconds: float = usage.ru_utime + usage.ru_stime
    return round(seconds, 2)


def _fate(status: int | None, timeout: float) -> str:
    if status is None:
        return f'took longer than {timeout:.0f} s'
    if os.WIFSIGNALED(status):
        return f'killed by signal {signal.Signals(os.WTERMSIG(status)).name}'
    return f'ended with status {os.WEXITSTATUS(status)} and no answer'


def _child(function: Any, request: dict[str, Any], writing: int) -> None:
    """Run a job with its output in a log; never returns."""
    os.setsid()
    log = os.open(request['log'], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    for descriptor in (1, 2):
        os.dup2(log, descriptor)
    try:
        answer = {'ok': True, **function(**request['arguments'])}
    except BaseException as error:  # Whatever the libraries' code raises is what is to be reported.
        traceback.print_exc()
        answer = {'ok': False, 'kind': type(error).__name__, 'reason': str(error), 'where': _where(error)}
    with contextlib.suppress(Exception):
        sys.stdout.flush()
        sys.stderr.flush()
    with open(writing, 'w', encoding='utf-8') as pipe:
        pipe.write(json.dumps(answer))
    os._exit(0)


def _where(error: BaseException) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    last = frames[-1] if frames else None
    return f'{Path(last.filename).name}:{last.name}' if last is not None else ''


def main() -> None:
    """Import what the jobs need, with nothing else on the standard output, and serve."""
    warnings.filterwarnings('ignore')
    answers = os.fdopen(os.dup(1), 'w', encoding='utf-8')
    os.dup2(2, 1)
    sys.path.insert(1, str(Path(__file__).resolve().parent.parent))
    for name in _PRELOADED:
        importlib.import_module(name)
    import torch

    torch.set_num_threads(1)
    if sys.argv[1] != '--check':
        _prepare(sys.argv[1])
    # What is there now is left alone by the children's garbage collectors, and so stays shared.
    gc.collect()
    gc.freeze()
    serve(answers)


def _prepare(library: str) -> None:
    """Import a library, and read what does not change from job to job: what is installed, the text of its modules."""
    from sweep_jobs import register_all

    import introspect_export.api  # noqa: F401
    from introspect_export.distributions import providers
    from introspect_export.observe.boundary import Boundary
    from introspect_export.observe.registrations import Registrations
    from introspect_export.observe.registries import Registries
    from introspect_export.observe.world import LiveWorld
    from introspect_export.read.tree import SourceTree

    register_all(library)
    providers(sys.path)
    boundary = Boundary()
    modules = SourceTree(LiveWorld(boundary, Registries(boundary, Registrations(), []), {}))
    for name in sorted(sys.modules):
        modules(name)


if __name__ == '__main__':
    main()
