"""What verifying found out, as plain data."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from typing import Any

LEVELS = ('static', 'config', 'import', 'build', 'state', 'objects', 'forward', 'train', 'evaluate', 'code', 'data')
"""Each level stands on the one before it, but for ``config``: what is after it is tried where it fails, too."""

ALONE = ('static', 'config', 'import', 'build')
"""The levels that need nothing but the pack; in all others it is compared with the original."""

TIMEOUT = 900.0
"""How many seconds one step of a comparison may take."""

_NAMED = 6

SHOWN, FAILED, NOT_SHOWN = 'shown', 'failed', 'not shown'


@dataclass(frozen=True)
class LevelCheck:
    """One level of verification.

    Attributes:
        name: ``static``, ``import``, ``build``, …
        outcome: ``shown``, ``failed``, or ``not shown``: nothing is known, which counts as neither.
        reason: Where it failed: what was found first, in one or more lines. Where it is not shown: why.
        without: Where it is shown: what it is not shown for, since that could not be run here.
    """

    name: str
    outcome: str
    reason: str = ''
    without: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether it is shown."""
        return self.outcome == SHOWN

    @property
    def failed(self) -> bool:
        """Whether it was shown not to hold."""
        return self.outcome == FAILED

    @staticmethod
    def of(name: str, fault: str) -> LevelCheck:
        """A level that is shown if there is no fault."""
        return LevelCheck(name, FAILED if fault else SHOWN, fault)


@dataclass(frozen=True)
class Shown:
    """What there is to say of a level that is shown.

    Attributes:
        notes: What else there is to say.
        without: What it is not shown for, since the original cannot run it here.
        ran: The config's sections that it has run, with all that is inside of them; to build them is not enough.
    """

    notes: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    ran: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Compared:
    """What comparing with the original found.

    Attributes:
        levels: The levels that were tried, in order.
        notes: What else there is to say.
        initialized: Whether both have the same values after ``init_weights``.
        ran: The config's sections that were run.
    """

    levels: tuple[LevelCheck, ...]
    notes: tuple[str, ...]
    initialized: bool = False
    ran: frozenset[str] = frozenset()


@dataclass(frozen=True)
class SectionCheck:
    """One section of the pack's config.

    Attributes:
        path: ``model``, ``train_dataloader.dataset``, ``default_hooks.checkpoint``, …
        ok: Whether it holds up.
        built: Whether a live object was made; a section can hold up without: its types resolve, and what it needs
            beside the code is not here.
        reason: Why it was not built, or what is wrong.
        ran: Whether a level that compares it with the original has run it; to build it is not enough.
    """

    path: str
    ok: bool
    built: bool
    reason: str = ''
    ran: bool = False


@dataclass(frozen=True)
class Verification:
    """What a pack was shown to do.

    Attributes:
        levels: The levels that were tried, in order; the first that fails is the last.
        sections: The config's sections, where the level ``build`` was tried.
        blocked: The packages that could not be imported meanwhile.
        notes: What is no fault: a ``type`` that is no registered name, a placeholder for a compiled extension.
        seconds: How long it took.
        unrecorded: Why the pack's manifest does not say what was shown, where it was to.
    """

    levels: tuple[LevelCheck, ...]
    sections: tuple[SectionCheck, ...]
    blocked: tuple[str, ...]
    notes: tuple[str, ...] = ()
    seconds: float = 0.0
    unrecorded: str = ''

    @property
    def ok(self) -> bool:
        """Whether no level that was tried fails; it may still not be shown."""
        return not any(level.failed for level in self.levels)

    @property
    def shown(self) -> bool:
        """Whether every level that was tried is shown."""
        return all(level.ok for level in self.levels)

    @property
    def problems(self) -> tuple[str, ...]:
        """One entry for each thing that is wrong."""
        return tuple(f'{level.name}: {level.reason}' for level in self.levels if level.failed)

    @property
    def summary(self) -> str:
        """One line: how far it got."""
        held = ', '.join(_held(level) for level in self.levels if level.ok) or 'nothing'
        rest = ''.join(
            f'; {level.name} {"FAILED" if level.failed else level.outcome}' for level in self.levels if not level.ok
        )
        return f'{held}{self._sections}{rest}'

    @property
    def _sections(self) -> str:
        """How many sections were built, and those that no level has run; where none runs any, those not built."""
        if not self.sections:
            return ''
        built = sum(section.built for section in self.sections)
        idle = [section.path for section in self.sections if not section.built]
        if any(section.ran for section in self.sections):
            idle = [section.path for section in self.sections if not section.ran]
        told = f'; {len(idle)} run by no level: {_listed(_grouped(idle, self.sections))}' if idle else ''
        return f' ({built} of {len(self.sections)} sections built{told})'

    def to_json(self) -> dict[str, Any]:
        """Everything as plain data."""
        return {
            'ok': self.ok,
            'shown': self.shown,
            'levels': [{**asdict(level), 'without': list(level.without)} for level in self.levels],
            'sections': [asdict(section) for section in self.sections],
            'blocked': list(self.blocked),
            'notes': list(self.notes),
            'seconds': self.seconds,
            'unrecorded': self.unrecorded,
        }


def _held(level: LevelCheck) -> str:
    """A level that is shown, with what it is not shown for."""
    return f'{level.name} (without {_listed(level.without)})' if level.without else level.name


def _grouped(paths: Sequence[str], sections: Sequence[SectionCheck]) -> list[str]:
    """Sections by their paths, all below one key by that."""
    others = {section.path.partition('.')[0] for section in sections if section.path not in paths}
    return list(
        dict.fromkeys(path.partition('.')[0] if path.partition('.')[0] not in others else path for path in paths)
    )


def has_run(path: str, ran: Collection[str]) -> bool:
    """Whether a section is one of those that were run, or inside of one."""
    return any(path == each or path.startswith(f'{each}.') for each in ran)


def _listed(names: Sequence[str]) -> str:
    more = f' and {len(names) - _NAMED} more' if len(names) > _NAMED else ''
    return f'{", ".join(names[:_NAMED])}{more}'
