"""The functions that fork servers run: jobs of their children, and preparations in the server itself."""

from __future__ import annotations

import resource
import sys
import time
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import torch

import introspect_export.api as api
from introspect_export.batch.forkserver_client import send_job
from introspect_export.batch.shared_package import export_shared
from introspect_export.distributions import providers
from introspect_export.load import load_config
from introspect_export.observe.live_registries import Registries
from introspect_export.observe.origin_policy import Boundary
from introspect_export.observe.preload import preload
from introspect_export.observe.registration_log import Registrations
from introspect_export.observe.runtime_facts import LiveWorld
from introspect_export.read.origin_modules import SourceTree
from introspect_export.sandbox.on_path import NAME
from introspect_export.verify import verify as verify_package
from introspect_export.verify.verify_package import fresh_interpreter

_KIB = 1024


def prepare(scope: str) -> None:
    """Import the libraries of a scope, and fill the caches that all exports use."""
    # A process must have no other threads when it is forked.
    torch.set_num_threads(1)
    providers(sys.path)
    if scope:
        preload(scope)


def read_ahead(modules: Sequence[str]) -> None:
    """Parse modules that an export has read, so that they are cached for the next ones."""
    boundary = Boundary()
    tree = SourceTree(LiveWorld(boundary, Registries(boundary, Registrations(), []), {}))
    for name in modules:
        tree(name)


def scope_of(config: str, options: Mapping[str, Any]) -> str:
    """The default scope of a config, or empty."""
    return str(load_config(config, options=options).config.get('default_scope') or '')


def export(
    config: str, out: str, options: Mapping[str, Any], verify: str | None, verifier: str, verify_timeout: float
) -> dict[str, Any]:
    """Export one config.

    Args:
        config: The config.
        out: The folder.
        options: Further arguments of ``introspect_export.export``.
        verify: The level of verification, or None.
        verifier: The address of the fork server that verifies; empty to verify in a fresh interpreter.
        verify_timeout: Seconds after which the verification is killed.

    Returns:
        ``result``, ``problems`` and cost of the export; for preparing servers, the modules ``read`` and ``imported``.
    """
    start = time.monotonic()
    read: list[str] = []
    imported: list[dict[str, Any]] = []

    def keep(stage: str, value: Any) -> None:
        if stage == 'reach':
            read.extend(sorted(value.modules))

    interpreter = partial(_forked_interpreter, verifier, verify_timeout, imported) if verifier else fresh_interpreter
    result = api.export(config, Path(out), verify=verify, interpreter=interpreter, force=True, dump=keep, **options)
    return {
        'result': result.to_json(),
        'problems': list(result.verification.problems) if result.verification is not None else [],
        'read': read,
        'imported': imported,
        **_cost(start),
    }


def export_shared_package(
    config_paths: Mapping[str, str],
    out: str,
    options: Mapping[str, Any],
    verify: str | None,
    verifier: str,
    verify_timeout: float,
) -> dict[str, Any]:
    """Export configs as one package; see ``export`` and ``shared_package.export_shared``."""
    start = time.monotonic()
    imported: list[dict[str, Any]] = []
    package = export_shared(config_paths, Path(out), options)
    interpreter = partial(_forked_interpreter, verifier, verify_timeout, imported) if verifier else fresh_interpreter
    problems: tuple[str, ...] = ()
    if verify is not None:
        device = str(options.get('device', 'auto'))
        problems = verify_package(Path(out), verify, interpreter=interpreter, device=device).problems
    return {
        'configs': package.configs,
        'failed': package.failed,
        'problems': problems,
        'lines': package.lines,
        'diagnostics': package.diagnostics,
        'read': package.read,
        'imported': imported,
        **_cost(start),
    }


def _cost(start: float) -> dict[str, Any]:
    usage = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return {
        'seconds': round(time.monotonic() - start, 2),
        'cpu': round(sum(one.ru_utime + one.ru_stime for one in usage), 2),
        'memory': usage[0].ru_maxrss * _KIB,
    }


def _forked_interpreter(
    verifier: str, verify_timeout: float, imported: list[dict[str, Any]], job: Path, answer: Path, work: Path
) -> tuple[int, str]:
    """Verify in a child of the fork server, or in a fresh interpreter if the server has imported a blocked package."""
    log = work.with_name('log.txt')
    arguments = {'job': str(job), 'answer': str(answer), 'work': str(work)}
    done = send_job(verifier, f'{NAME}.verify.child.forked_jobs:do', verify_timeout, arguments=arguments, log=str(log))
    printed = log.read_text(encoding='utf-8', errors='replace') if log.exists() else ''
    if not done['ok']:
        return 1, f'{printed}{done["trace"]}\n{done["kind"]}: {done["reason"]}'
    if done['value'] is None:
        return fresh_interpreter(job, answer, work)
    imported.append(done['value'])
    return 0, printed
