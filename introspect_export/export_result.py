"""What an export returns."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from html import escape
from pathlib import Path
from typing import Any

from introspect_export.model import Diagnostic, Observation, SectionFacts
from introspect_export.model.liveset import LiveSet
from introspect_export.verify.facts import Verification


@dataclass(frozen=True)
class ExportResult:
    """A finished export.

    Attributes:
        out: The folder that was written.
        config: The config's display name.
        classes: How many classes were exported.
        flattened: How many of them had their chain of parents merged.
        files: How many files were written.
        lines: How many lines the Python files have.
        symbols: How many definitions were exported.
        sections: What became of each section of the config while observing.
        diagnostics: What there is to say.
        seconds: How long each stage took, in the order they ran.
        verification: What the pack was shown to do, or None where nobody asked.
    """

    out: Path
    config: str
    classes: int
    flattened: int
    files: int
    lines: int
    symbols: int
    sections: tuple[SectionFacts, ...]
    diagnostics: tuple[Diagnostic, ...]
    seconds: Mapping[str, float]
    verification: Verification | None

    @classmethod
    def of(
        cls,
        out: Path,
        observation: Observation,
        live: LiveSet,
        totals: tuple[int, int],
        seconds: Mapping[str, float],
        verification: Verification | None,
    ) -> ExportResult:
        """The result of an export.

        Args:
            out: The folder that was written.
            observation: What was observed.
            live: What of it was reached.
            totals: How many Python files were written, and how many lines they have.
            seconds: How long each stage took.
            verification: What the check showed, if there was one.
        """
        files, lines = totals
        return cls(
            out=out,
            config=observation.name,
            classes=len(observation.classes),
            flattened=sum(bool(flat.merged) for flat in live.flat.values()),
            files=files,
            lines=lines,
            symbols=len(live.reasons),
            sections=observation.sections,
            diagnostics=tuple(sorted({*observation.diagnostics, *live.diagnostics})),
            seconds=seconds,
            verification=verification,
        )

    @property
    def ok(self) -> bool:
        """Whether the pack holds up to what was verified of it."""
        return self.verification is None or self.verification.ok

    @property
    def not_built(self) -> tuple[SectionFacts, ...]:
        """The sections that could not be built here."""
        return tuple(section for section in self.sections if not section.built)

    @property
    def diagnostics_by_code(self) -> dict[str, int]:
        """How many diagnostics there are of each code, by code."""
        return dict(sorted(Counter(diagnostic.code for diagnostic in self.diagnostics).items()))

    def to_json(self) -> dict[str, Any]:
        """Everything as plain data."""
        return {
            'ok': self.ok,
            'out': str(self.out),
            'config': self.config,
            'classes': self.classes,
            'flattened': self.flattened,
            'files': self.files,
            'lines': self.lines,
            'symbols': self.symbols,
            'sections': [asdict(section) for section in self.sections],
            'diagnostics': [asdict(diagnostic) for diagnostic in self.diagnostics],
            'seconds': {stage: round(value, 3) for stage, value in self.seconds.items()},
            'verification': self.verification.to_json() if self.verification is not None else None,
        }

    def __str__(self) -> str:
        parts = [
            f'{self.config} -> {self.out}',
            f'{self.classes} classes ({self.flattened} flattened), {self.symbols} symbols',
            f'{self.files} files, {self.lines:,} lines',
            f'{sum(self.seconds.values()):.1f} s',
        ]
        if self.not_built:
            parts.append(f'{len(self.not_built)} of {len(self.sections)} sections not built')
        if self.diagnostics:
            parts.append(f'{len(self.diagnostics)} diagnostics')
        if self.verification is not None:
            parts.append(f'verified: {self.verification.summary}')
        return '; '.join(parts)

    def _repr_html_(self) -> str:
        """The same for a notebook, with the diagnostics below it."""
        rows = ''.join(
            f'<li><code>{each.code}</code> {escape(str(each).partition(" ")[2])}</li>' for each in self.diagnostics
        )
        return f'<p>{escape(str(self))}</p>' + (f'<ul>{rows}</ul>' if rows else '')
