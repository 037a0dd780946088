"""The results of a verification, as plain data."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from typing import Any

LEVELS = ('static', 'config', 'import', 'build', 'state', 'objects', 'forward', 'train', 'evaluate', 'code', 'data')
"""All levels, in order. The first that fails is the last; after ``config``, those of ``ALONE`` are still tried."""

ALONE = ('static', 'config', 'import', 'build')
"""The levels that need only the package; the others compare it with the original."""

TIMEOUT = 900.0
"""The default time limit of one step of a comparison, in seconds."""

_NAMED = 6

SHOWN, FAILED, NOT_SHOWN = 'shown', 'failed', 'not shown'


@dataclass(frozen=True)
class LevelCheck:
    """One level of verification.

    Attributes:
        name: ``static``, ``import``, ``build``, …
        outcome: ``shown``, ``failed``, or ``not shown``, which is neither: the level could not be checked.
        reason: For ``failed`` the first problems, one per line; for ``not shown`` the reason; else empty.
        without: For ``shown``, the aspects that could not be checked here.
    """

    name: str
    outcome: str
    reason: str = ''
    without: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether the level is shown."""
        return self.outcome == SHOWN

    @property
    def failed(self) -> bool:
        """Whether the level failed."""
        return self.outcome == FAILED

    @staticmethod
    def of(name: str, fault: str) -> LevelCheck:
        """Create the check of a level that is shown unless there is a fault.

        Args:
            name: The level.
            fault: The description of the fault, or empty.
        """
        return LevelCheck(name, FAILED if fault else SHOWN, fault)


@dataclass(frozen=True)
class Shown:
    """The details of a level that is shown.

    Attributes:
        notes: Notes for the user.
        without: The aspects that could not be checked, since the original cannot run them here.
        ran: The config's sections that were run, including all below them; building alone does not count.
    """

    notes: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    ran: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Compared:
    """The results of the levels that compare with the original.

    Attributes:
        levels: The levels that were tried, in order.
        notes: Notes for the user.
        initialized: Whether both have equal values after ``init_weights``.
        ran: The config's sections that were run.
    """

    levels: tuple[LevelCheck, ...]
    notes: tuple[str, ...]
    initialized: bool = False
    ran: frozenset[str] = frozenset()


@dataclass(frozen=True)
class SectionCheck:
    """The check of one section of the package's config.

    Attributes:
        path: The config path: ``model``, ``train_dataloader.dataset``, ``default_hooks.checkpoint``, …
        ok: Whether the package has no fault there.
        built: Whether the object was built; ``ok`` without it means that its types resolve, and something else that it
            needs, such as a file, is missing here.
        reason: The reason why it was not built, or the fault.
        ran: Whether a level that compares with the original has run it; building alone does not count.
    """

    path: str
    ok: bool
    built: bool
    reason: str = ''
    ran: bool = False


@dataclass(frozen=True)
class Verification:
    """The result of verifying a package.

    Attributes:
        levels: The levels that were tried, in order.
        sections: The config's sections, if the level ``build`` was tried.
        blocked: The packages that were blocked.
        notes: Observations that are no faults: a ``type`` that is no registered name, a placeholder for a compiled
            extension.
        seconds: The duration.
        unrecorded: The reason why the result could not be recorded in the package's manifest, or empty.
        lacking: The module of the package and the attribute that importing the package did not find in it, if it failed
            for that reason.
    """

    levels: tuple[LevelCheck, ...]
    sections: tuple[SectionCheck, ...]
    blocked: tuple[str, ...]
    notes: tuple[str, ...] = ()
    seconds: float = 0.0
    unrecorded: str = ''
    lacking: tuple[str, str] | None = None

    @property
    def ok(self) -> bool:
        """Whether no level failed; some may not be shown."""
        return not any(level.failed for level in self.levels)

    @property
    def shown(self) -> bool:
        """Whether all levels that were tried are shown."""
        return all(level.ok for level in self.levels)

    @property
    def problems(self) -> tuple[str, ...]:
        """The reason of each failed level."""
        return tuple(f'{level.name}: {level.reason}' for level in self.levels if level.failed)

    @property
    def summary(self) -> str:
        """The outcome of all levels, in one line."""
        shown = ', '.join(_shown(level) for level in self.levels if level.ok) or 'nothing'
        rest = ''.join(
            f'; {level.name} {"FAILED" if level.failed else level.outcome}' for level in self.levels if not level.ok
        )
        return f'{shown}{self._sections}{rest}'

    @property
    def _sections(self) -> str:
        """The number of built sections, and those that no level has run (if no level runs any, those not built)."""
        if not self.sections:
            return ''
        built = sum(section.built for section in self.sections)
        idle = [section.path for section in self.sections if not section.built]
        if any(section.ran for section in self.sections):
            idle = [section.path for section in self.sections if not section.ran]
        unrun = f'; {len(idle)} run by no level: {_listed(_grouped(idle, self.sections))}' if idle else ''
        return f' ({built} of {len(self.sections)} sections built{unrun})'

    def to_json(self) -> dict[str, Any]:
        """Convert to plain data."""
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


def _shown(level: LevelCheck) -> str:
    """The name of a shown level, with the aspects that were not checked."""
    return f'{level.name} (without {_listed(level.without)})' if level.without else level.name


def _grouped(paths: Sequence[str], sections: Sequence[SectionCheck]) -> list[str]:
    """The paths of sections, with all sections below a top-level key replaced by that key."""
    others = {section.path.partition('.')[0] for section in sections if section.path not in paths}
    return list(
        dict.fromkeys(path.partition('.')[0] if path.partition('.')[0] not in others else path for path in paths)
    )


def has_run(path: str, ran: Collection[str]) -> bool:
    """Whether a section was run.

    Args:
        path: The section's path.
        ran: The paths of sections that were run, including all below them.
    """
    return any(path == each or path.startswith(f'{each}.') for each in ran)


def _listed(names: Sequence[str]) -> str:
    more = f' and {len(names) - _NAMED} more' if len(names) > _NAMED else ''
    return f'{", ".join(names[:_NAMED])}{more}'
