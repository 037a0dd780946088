"""What verifying found out, as plain data."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

LEVELS = ('static', 'import', 'build')
"""Each level stands on the one before it."""


@dataclass(frozen=True)
class LevelCheck:
    """One level of verification.

    Attributes:
        name: ``static``, ``import`` or ``build``.
        ok: Whether it holds.
        reason: Where not: what was found first, in one or more lines.
    """

    name: str
    ok: bool
    reason: str = ''


@dataclass(frozen=True)
class SectionCheck:
    """One section of the pack's config.

    Attributes:
        path: ``model``, ``train_dataloader.dataset``, ``default_hooks.checkpoint``, …
        ok: Whether it holds up.
        built: Whether a live object was made; a section can hold up without: its types resolve, and what it needs
            beside the code is not here.
        reason: Why it was not built, or what is wrong.
    """

    path: str
    ok: bool
    built: bool
    reason: str = ''


@dataclass(frozen=True)
class Verification:
    """What a pack was shown to do.

    Attributes:
        levels: The levels that were tried, in order; the first that fails is the last.
        sections: The config's sections, where the level ``build`` was tried.
        blocked: The packages that could not be imported meanwhile.
        notes: What is no fault: a ``type`` that is no registered name, a placeholder for a compiled extension.
        seconds: How long it took.
    """

    levels: tuple[LevelCheck, ...]
    sections: tuple[SectionCheck, ...]
    blocked: tuple[str, ...]
    notes: tuple[str, ...] = ()
    seconds: float = 0.0

    @property
    def ok(self) -> bool:
        """Whether every level that was tried holds."""
        return all(level.ok for level in self.levels)

    @property
    def problems(self) -> tuple[str, ...]:
        """One entry for each thing that is wrong."""
        return tuple(f'{level.name}: {level.reason}' for level in self.levels if not level.ok)

    @property
    def summary(self) -> str:
        """One line: how far it got."""
        held = ', '.join(level.name for level in self.levels if level.ok) or 'nothing'
        built = sum(section.built for section in self.sections)
        sections = f' ({built} of {len(self.sections)} sections built)' if self.sections else ''
        failed = ''.join(f'; {level.name} FAILED' for level in self.levels if not level.ok)
        return f'{held}{sections}{failed}'

    def to_json(self) -> dict[str, Any]:
        """Everything as plain data."""
        return {
            'ok': self.ok,
            'levels': [asdict(level) for level in self.levels],
            'sections': [asdict(section) for section in self.sections],
            'blocked': list(self.blocked),
            'notes': list(self.notes),
            'seconds': self.seconds,
        }
