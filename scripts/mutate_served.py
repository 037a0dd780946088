"""Compare many copies of one package with one original, whose answers are asked for once."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from sweep_prove import Limits, ServedRole

from introspect_export.batch.forkserver_client import ForkServer, send_job
from introspect_export.verify import verify
from introspect_export.verify.comparing import shown, tasks
from introspect_export.verify.original_config import original
from introspect_export.verify.renamed_types import RenamedTypes
from introspect_export.verify.role_pair import Pair
from introspect_export.verify.verify_facts import ALONE, LEVELS, NOT_SHOWN, LevelCheck

_STEP, _WHOLE = 120.0, 14400.0
_NOT_SHOWN = 'not shown'


@dataclass(frozen=True)
class Outcome:
    """What became of one copy.

    Attributes:
        caught: The level that noticed a difference, ``not shown`` where one could not be shown, or nothing.
        reason: What was said.
        said: The outcome of each level.
    """

    caught: str
    reason: str
    said: str = ''


class Remembering:
    """A role that does each step once, and gives the same answer again.

    Args:
        role: What does the steps.
        kept: A folder for copies of the files that its answers name.
    """

    def __init__(self, role: ServedRole, kept: Path) -> None:
        self._role = role
        self._kept = kept
        self._known: dict[str, Mapping[str, Any]] = {}
        kept.mkdir()

    def ask(self, step: str, **arguments: Any) -> Mapping[str, Any]:
        """Do a step, or remember what it gave with arguments and files like these."""
        key = json.dumps([step, _by_content(arguments)], sort_keys=True)
        if key not in self._known:
            self._known[key] = self._keep(self._role.ask(step, **arguments))
        return self._known[key]

    def _keep(self, answer: Mapping[str, Any]) -> dict[str, Any]:
        """An answer whose files no later step writes over."""
        kept = dict(answer)
        for name, value in answer.items():
            if isinstance(value, str) and value.startswith('/') and Path(value).is_file():
                copy = self._kept / f'{len(self._known)}.{name}{Path(value).suffix}'
                shutil.copyfile(value, copy)
                kept[name] = str(copy)
        return kept


def _by_content(value: Any) -> Any:
    """Arguments in which a file is what it holds."""
    if isinstance(value, Mapping):
        return {key: _by_content(each) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [_by_content(each) for each in value]
    if isinstance(value, str) and value.startswith('/') and Path(value).is_file():
        return hashlib.sha256(Path(value).read_bytes()).hexdigest()
    return value


class Bench:
    """Where copies of a package are compared with its original.

    Args:
        config: The original's config.
        out: The package.
        work: A folder.
        builder: A server that has imported the original's library.
        checker: A server that has not.
        level: The last level.
        without: Levels to leave out.
    """

    def __init__(
        self,
        config: str,
        out: Path,
        work: Path,
        builder: ForkServer,
        checker: ForkServer,
        level: str,
        without: Sequence[str] = (),
    ) -> None:
        self._level = level
        self._without = without
        self._work = work
        self._checker = checker
        self._manifest = json.loads((out / 'manifest.json').read_text(encoding='utf-8'))
        self._source = original(self._manifest, config)
        self._blocked = [*self._manifest['origins'], 'introspect_export']
        folder = work / 'original'
        folder.mkdir()
        task, _ = tasks(out, str(folder), self._source, self._blocked)
        self._served = ServedRole(builder, task, folder, work / 'original.txt', Limits(step=_STEP, whole=_WHOLE))
        self._original = Remembering(self._served, work / 'kept')

    def close(self) -> None:
        """Let the original end."""
        self._served.close()

    def check(self, out: Path, trace: str) -> Outcome:
        """Compare a copy up to the level.

        Args:
            out: The copy.
            trace: Where to write down which of its lines run; nowhere if empty.
        """
        interpreter = partial(self._alone, out, trace)
        alone = self._level if self._level in ALONE else ALONE[-1]
        checks = list(verify(out, alone, interpreter=interpreter, record=False).levels)
        if all(check.ok for check in checks) and self._level not in ALONE:
            checks += self._compared(out, trace)
        return _outcome(checks)

    def _alone(self, out: Path, trace: str, job: Path, answer: Path, work: Path) -> tuple[int, str]:
        log = self._work / 'alone.txt'
        arguments = {'out': str(out), 'job': str(job), 'answer': str(answer), 'work': str(work), 'trace': trace}
        done = send_job(self._checker.address, 'mutate_jobs:alone', _STEP, arguments=arguments, log=str(log))
        return (0, '') if done['ok'] else (1, f'{done["kind"]}: {done["reason"]}')

    def _compared(self, out: Path, trace: str) -> list[LevelCheck]:
        wanted = [one for one in LEVELS[: LEVELS.index(self._level) + 1] if one not in (*ALONE, *self._without)]
        folder = self._work / 'pack'
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        _, task = tasks(out, str(folder), self._source, self._blocked)
        log = self._work / 'pack.txt'
        pack = ServedRole(self._checker, task, folder, log, Limits(step=_STEP), trace=trace)
        try:
            pair = _Quick(self._original, pack, RenamedTypes(self._manifest), parallel=False)
            return list(shown(pair, wanted, None, str(folder), out).levels)
        finally:
            pack.close()


class _Quick(Pair):
    """A pair of which it matters only that it differs, not in which number."""

    def dumped(self, step: str, path: str, **arguments: Any) -> str:
        """Where the difference is."""
        return f'{path} differs'


def _outcome(checks: list[LevelCheck]) -> Outcome:
    said = ', '.join(f'{check.name} {check.outcome}' for check in checks)
    for check in checks:
        if check.failed:
            return Outcome(check.name, check.reason, said)
    for check in checks:
        if check.outcome == NOT_SHOWN:
            return Outcome(_NOT_SHOWN, f'{check.name}: {check.reason}', said)
    return Outcome('', '', said)
