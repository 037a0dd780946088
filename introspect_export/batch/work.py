"""What a fork server's children do, and what the server does itself so that they need not do it again."""

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
from introspect_export.batch.client import ask
from introspect_export.batch.shared import export_shared
from introspect_export.distributions import providers
from introspect_export.load import load_config
from introspect_export.observe.boundary import Boundary
from introspect_export.observe.preload import preload
from introspect_export.observe.registrations import Registrations
from introspect_export.observe.registries import Registries
from introspect_export.observe.world import LiveWorld
from introspect_export.read.tree import SourceTree
from introspect_export.verify import verify as verify_package
from introspect_export.verify.run import fresh_interpreter

_KIB = 1024


def prepare(scope: str) -> None:
    """Import what the configs of a scope need, and read what is the same for all of them."""
    # No other thread may be there when the process is forked.
    torch.set_num_threads(1)
    providers(sys.path)
    if scope:
        preload(scope)


def read_ahead(modules: Sequence[str]) -> None:
    """Read the text of modules that an export has read, so that the next ones find them read."""
    boundary = Boundary()
    tree = SourceTree(LiveWorld(boundary, Registries(boundary, Registrations(), []), {}))
    for name in modules:
        tree(name)


def scope_of(config: str, options: Mapping[str, Any]) -> str:
    """The default scope of a config, or an empty string."""
    return str(load_config(config, options=options).config.get('default_scope') or '')


def export(
    config: str, out: str, options: Mapping[str, Any], verify: str | None, checking: str, patience: float
) -> dict[str, Any]:
    """Export one config.

    Args:
        config: The config.
        out: The folder.
        options: What else ``introspect_export.export`` is to be given.
        verify: The level of verification, or None.
        checking: The address of the server that verifies in a child of its own; empty for a fresh interpreter.
        patience: How long that may take.

    Returns:
        The result; what a server can do ahead for others: the modules read, what verifying imported; and what it cost.
    """
    start = time.monotonic()
    read: list[str] = []
    imported: list[dict[str, Any]] = []

    def keep(stage: str, value: Any) -> None:
        if stage == 'reach':
            read.extend(sorted(value.modules))

    interpreter = partial(_forked_interpreter, checking, patience, imported) if checking else fresh_interpreter
    result = api.export(config, Path(out), verify=verify, interpreter=interpreter, force=True, dump=keep, **options)
    usage = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return {
        'result': result.to_json(),
        'problems': list(result.verification.problems) if result.verification is not None else [],
        'read': read,
        'imported': imported,
        'seconds': round(time.monotonic() - start, 2),
        'cpu': round(sum(one.ru_utime + one.ru_stime for one in usage), 2),
        'memory': usage[0].ru_maxrss * _KIB,
    }


def export_together(
    places: Mapping[str, str], out: str, options: Mapping[str, Any], verify: str | None, checking: str, patience: float
) -> dict[str, Any]:
    """Export configs as one package; see ``export``, and ``shared.export_shared``."""
    start = time.monotonic()
    imported: list[dict[str, Any]] = []
    package = export_shared(places, Path(out), options)
    interpreter = partial(_forked_interpreter, checking, patience, imported) if checking else fresh_interpreter
    problems: tuple[str, ...] = ()
    if verify is not None:
        device = str(options.get('device', 'auto'))
        problems = verify_package(Path(out), verify, interpreter=interpreter, device=device).problems
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return {
        'configs': package.configs,
        'failed': package.failed,
        'problems': problems,
        'lines': package.lines,
        'diagnostics': package.diagnostics,
        'read': package.read,
        'imported': imported,
        'seconds': round(time.monotonic() - start, 2),
        'cpu': round(usage.ru_utime + usage.ru_stime, 2),
        'memory': usage.ru_maxrss * _KIB,
    }


def _forked_interpreter(
    checking: str, patience: float, imported: list[dict[str, Any]], job: Path, answer: Path, work: Path
) -> tuple[int, str]:
    """Do a verifying job in a child of the server that verifies, if it has not imported what is to be blocked."""
    log = work.with_name('log.txt')
    arguments = {'job': str(job), 'answer': str(answer), 'work': str(work)}
    done = ask(checking, 'child.forked:do', patience, arguments=arguments, log=str(log))
    printed = log.read_text(encoding='utf-8', errors='replace') if log.exists() else ''
    if not done['ok']:
        return 1, f'{printed}{done["trace"]}\n{done["kind"]}: {done["reason"]}'
    if done['value'] is None:
        return fresh_interpreter(job, answer, work)
    imported.append(done['value'])
    return 0, printed
