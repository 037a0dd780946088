"""Export many configs: what is to be done is handed to an executor, and what is done is kept in a journal."""

from __future__ import annotations

import contextlib
import json
import os
import sys
import time
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import CancelledError, Executor, Future, ThreadPoolExecutor, as_completed
from dataclasses import replace
from pathlib import Path
from typing import Any

from introspect_export.batch.facts import BatchResult, Job, Record
from introspect_export.batch.journal import journal
from introspect_export.batch.names import Named, expand
from introspect_export.batch.servers import run_job, serving
from introspect_export.emit.placing import rescue, write_whole
from introspect_export.model.diagnostics import ExportError
from introspect_export.scratch import remove_left

SUMMARY = 'batch.json'
TIMEOUT = 900.0

Listener = Callable[[Record, int, int], None]
"""Told of a record, how many configs are done by now, and how many there are."""


def batch(
    configs: str | Iterable[str],
    out: str | Path,
    *,
    jobs: int | None = None,
    executor: Executor | None = None,
    verify: str | None = 'build',
    force: bool = False,
    retry: bool = False,
    shared: bool = False,
    timeout: float = TIMEOUT,
    commands: Callable[[str], str] | None = None,
    listener: Listener | None = None,
    **options: Any,
) -> BatchResult:
    """Export every config that patterns name, each as a package of its own.

    Libraries are imported once, by a server process that forks a child for each config. What is done is kept in
    ``batch.jsonl``: the same call, made again after whatever has stopped it, goes on from there.

    Args:
        configs: Configs as ``export`` takes them, ``repo::pattern`` with ``*`` and ``**``, folders, files of names.
        out: The folder that holds the packages, at ``repo/path/of/config``.
        jobs: How many at a time; by default as many as there are processors.
        executor: What runs the jobs instead of ``jobs`` threads; each of its processes has servers of its own.
        verify: The level up to which each package is checked, or None.
        force: Make again what an earlier run has made.
        retry: Try again what has failed in an earlier run.
        shared: Have the configs of one library share a package, in which what they have in common is once.
        timeout: Seconds after which a config is given up; of a shared package, for each of its configs.
        commands: The command line of one config's export, for its manifest.
        listener: Told of every record.
        options: What else ``export`` takes: ``model_only``, ``options``, ``flatten``, ….

    Returns:
        What came of it; a config that failed is a record, not an exception.

    Raises:
        ExportError: A name or the folder is not right; nothing was begun then.
    """
    if not hasattr(os, 'fork'):
        raise ExportError('batch forks its workers, which this system cannot')
    start = time.monotonic()
    named = expand([configs] if isinstance(configs, str) else configs)
    folder = Path(out).absolute()
    path = tuple(os.path.abspath(entry) for entry in sys.path)
    made = {'verify': verify, **({'shared': True} if shared else {}), **options}
    with journal(folder, made, force) as done:
        before = {one.config: done.records[one.config] for one in named if one.config in done.records}
        kept = {name for name, record in before.items() if _stands(record, folder, retry)}
        if shared:
            # A package is made again for whoever joins it.
            again = {one.library for one in named if one.config not in kept}
            kept = {one.config for one in named if one.library not in again}
        todo = [one for one in named if one.config not in kept]
        _remove_leftovers(folder, todo)
        work = [
            Job(
                config=one.config,
                library=one.library,
                out=str(folder / one.folder),
                options={**options, 'command': commands(one.config)}
                if commands is not None and not shared
                else options,
                verify=verify,
                timeout=timeout,
                path=path,
            )
            for one in todo
        ]
        if shared:
            work = _joined(work, folder)
        with contextlib.ExitStack() as stack:
            chosen = stack.enter_context(_executor(executor, jobs))
            count = len(kept)
            records = stack.enter_context(contextlib.closing(_records(chosen, work)))
            for record in records:
                local = replace(record, out=os.path.relpath(record.out, folder))
                done.add(local)
                count += 1
                if listener is not None:
                    listener(local, count, len(named))
        result = BatchResult(
            folder, tuple(done.records[one.config] for one in named), len(kept), time.monotonic() - start
        )
        _write_summary(result)
    return result


def _stands(record: Record, folder: Path, retry: bool) -> bool:
    """Whether an earlier record needs no further work."""
    if record.ok:
        return (folder / record.out / 'manifest.json').is_file()
    return not retry


def _joined(work: Sequence[Job], folder: Path) -> list[Job]:
    """One job for the configs of each library; in its package they are at their paths below the library's configs."""
    groups: dict[str, list[Job]] = {}
    for job in work:
        groups.setdefault(job.library or 'shared', []).append(job)
    joined = []
    for name, jobs in groups.items():
        top = folder / name if jobs[0].library else folder
        places = tuple((job.config, Path(job.out).relative_to(top).as_posix()) for job in jobs)
        joined.append(replace(jobs[0], out=str(folder / name), members=places, timeout=jobs[0].timeout * len(jobs)))
    return joined


def _remove_leftovers(folder: Path, todo: Sequence[Named]) -> None:
    """Remove what killed exports have left beside the places of their packages."""
    for place in {(folder / one.folder).parent for one in todo}:
        remove_left(place, rescue=rescue)


@contextlib.contextmanager
def _executor(given: Executor | None, jobs: int | None) -> Iterator[Executor]:
    """The executor; whatever ends the context, this process's servers end with it, and with them what they do."""
    with contextlib.ExitStack() as stack:
        executor = given
        if executor is None:
            executor = ThreadPoolExecutor(jobs or len(os.sched_getaffinity(0)), 'batch')
            stack.callback(executor.shutdown, cancel_futures=True)
        stack.enter_context(serving())  # Ended first: a thread that waits for its server goes on then.
        yield executor


def _records(executor: Executor, work: Sequence[Job]) -> Generator[Record, None, None]:
    """The records, as they are done; those that are not begun are taken back when nobody asks for more."""
    futures: dict[Future[tuple[Record, ...]], Job] = {executor.submit(run_job, job): job for job in work}
    try:
        for future in as_completed(futures):
            yield from _outcome(future, futures.pop(future))
    finally:
        for future in futures:
            future.cancel()


def _outcome(future: Future[tuple[Record, ...]], job: Job) -> tuple[Record, ...]:
    try:
        return future.result()
    except (Exception, CancelledError) as error:  # The executor's: a worker was lost, a record could not be sent.
        configs = [config for config, _ in job.members] or [job.config]
        return tuple(Record(config, job.out, False, type(error).__name__, str(error)) for config in configs)


def _write_summary(result: BatchResult) -> None:
    write_whole(result.out / SUMMARY, (json.dumps(result.to_json(), indent=1) + '\n').encode())
