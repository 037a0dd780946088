"""Export many configs: jobs are submitted to an executor, and their records are kept in a journal."""

from __future__ import annotations

import contextlib
import json
import os
import sys
import time
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import CancelledError, Executor, Future, ThreadPoolExecutor, as_completed
from dataclasses import replace
from pathlib import Path
from typing import Any

from introspect_export.batch.config_patterns import SelectedConfig, expand
from introspect_export.batch.jobs import BatchResult, Job, Record
from introspect_export.batch.journal import journal
from introspect_export.batch.servers import run_job, serving
from introspect_export.emit.atomic_replace import restore, write_atomically
from introspect_export.model.diagnostics import ExportError
from introspect_export.temporary import remove_stale

SUMMARY = 'batch.json'
TIMEOUT = 900.0

Listener = Callable[[Record, int, int], None]
"""Called with a record, the number of configs done, and the number of all configs."""


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
    """Export every config that patterns match, each as a package of its own.

    Libraries are imported once, by a server that forks a child for each config. The same call resumes a stopped batch.

    Args:
        configs: Configs as ``export`` takes them, ``repo::pattern`` with ``*`` and ``**``, folders, files of names.
        out: The folder of the packages, which are at ``repo/path/of/config``.
        jobs: The number of concurrent jobs; by default the number of processors.
        executor: Runs the jobs instead of ``jobs`` threads; each of its processes has servers of its own.
        verify: The level up to which each package is verified, or None.
        force: Repeat the exports of earlier runs.
        retry: Repeat the failed exports of earlier runs.
        shared: Export the configs of each library as one package, with one copy of their common code.
        timeout: Seconds for one config, after which its job is killed.
        commands: Gives the command line of a config's export, for its manifest.
        listener: Called with every record.
        options: Further arguments of ``export``: ``model_only``, ``options``, ``flatten``, …; not ``substitute``.

    Returns:
        The result; a failed config is a record, not an exception.

    Raises:
        ExportError: A pattern or the folder is invalid.
    """
    if not hasattr(os, 'fork'):
        raise ExportError('batch forks its workers, which this system does not support')
    if options.get('substitute'):
        raise ExportError('batch imports libraries before it knows what to replace; export each config by itself')
    start, folder = time.monotonic(), Path(out).absolute()
    named = expand([configs] if isinstance(configs, str) else configs)
    made = {'verify': verify, **({'shared': True} if shared else {}), **options}
    with journal(folder, made, force) as done:
        kept = _kept(named, done.records, folder, retry, shared)
        todo = [one for one in named if one.config not in kept]
        _remove_leftovers(folder, todo)
        work = [_job(one, folder, options, None if shared else commands, verify, timeout) for one in todo]
        work = _shared_jobs(work, folder) if shared else work
        with _executor(executor, jobs) as chosen, contextlib.closing(_records(chosen, work)) as stream:
            for count, record in enumerate(stream, len(kept) + 1):
                local = replace(record, out=os.path.relpath(record.out, folder))
                done.add(local)
                if listener is not None:
                    listener(local, count, len(named))
        records = tuple(done.records[one.config] for one in named)
        result = BatchResult(folder, records, len(kept), time.monotonic() - start)
        write_atomically(result.out / SUMMARY, (json.dumps(result.to_json(), indent=1) + '\n').encode())
    return result


def _kept(
    named: Sequence[SelectedConfig], records: Mapping[str, Record], folder: Path, retry: bool, shared: bool
) -> set[str]:
    """The configs whose records of earlier runs remain valid."""
    kept = {one.config for one in named if one.config in records and _is_done(records[one.config], folder, retry)}
    if not shared:
        return kept
    # A shared package is exported again if a config is added to it.
    repeated = {one.library for one in named if one.config not in kept}
    return {one.config for one in named if one.library not in repeated}


def _is_done(record: Record, folder: Path, retry: bool) -> bool:
    if record.ok:
        return (folder / record.out / 'manifest.json').is_file()
    return not retry


def _job(
    config: SelectedConfig,
    folder: Path,
    options: Mapping[str, Any],
    commands: Callable[[str], str] | None,
    verify: str | None,
    timeout: float,
) -> Job:
    own = {**options, 'command': commands(config.config)} if commands is not None else options
    path = tuple(os.path.abspath(entry) for entry in sys.path)
    return Job(config.config, config.library, str(folder / config.folder), own, verify, timeout, path)


def _shared_jobs(work: Sequence[Job], folder: Path) -> list[Job]:
    """One job for the configs of each library; in the package, a config has its path below the library's configs."""
    groups: dict[str, list[Job]] = {}
    for job in work:
        groups.setdefault(job.library or 'shared', []).append(job)
    joined = []
    for name, jobs in groups.items():
        top = folder / name if jobs[0].library else folder
        places = tuple((job.config, Path(job.out).relative_to(top).as_posix()) for job in jobs)
        joined.append(replace(jobs[0], out=str(folder / name), members=places, timeout=jobs[0].timeout * len(jobs)))
    return joined


def _remove_leftovers(folder: Path, todo: Sequence[SelectedConfig]) -> None:
    """Remove the temporary folders of killed exports, which are beside their packages."""
    for place in {(folder / one.folder).parent for one in todo}:
        remove_stale(place, restore=restore)


@contextlib.contextmanager
def _executor(given: Executor | None, jobs: int | None) -> Iterator[Executor]:
    """The executor; on exit, pending jobs are cancelled, and this process's servers are ended with their jobs."""
    with contextlib.ExitStack() as stack:
        executor = given
        if executor is None:
            executor = ThreadPoolExecutor(jobs or len(os.sched_getaffinity(0)), 'batch')
            stack.callback(executor.shutdown, cancel_futures=True)
        stack.enter_context(serving())  # Ended first, so that threads do not wait for their servers.
        yield executor


def _records(executor: Executor, work: Sequence[Job]) -> Generator[Record, None, None]:
    """The records, as jobs complete; pending jobs are cancelled when the generator is closed."""
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
    except (
        Exception,
        CancelledError,
    ) as error:  # The executor's own: a worker was lost, or a record cannot be pickled.
        configs = [config for config, _ in job.members] or [job.config]
        return tuple(Record(config, job.out, False, type(error).__name__, str(error)) for config in configs)
