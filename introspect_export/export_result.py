"""The result of an export."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from html import escape
from pathlib import Path
from typing import Any

from introspect_export.model import Diagnostic, Observation, SectionFacts
from introspect_export.model.liveset import LiveSet
from introspect_export.verify.verify_facts import Verification


@dataclass(frozen=True)
class ExportResult:
    """The summary of a finished export.

    Attributes:
        out: The folder that was written.
        config: The config's display name.
        classes: The number of observed classes.
        flattened: The number of classes merged with ancestors.
        files: The number of Python files.
        lines: Their number of lines.
        symbols: The number of exported definitions.
        sections: The sections of the config, and whether they were built.
        diagnostics: The diagnostics, sorted.
        seconds: The duration of each stage, in order.
        verification: The result of the verification, or None without one.
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
        """Create the result from what the stages returned.

        Args:
            out: The folder that was written.
            observation: The observation.
            live: The definitions that were reached.
            totals: The number of Python files, and the number of their lines.
            seconds: The duration of each stage.
            verification: The result of the verification, if any.
        """
        files, lines = totals
        return cls(
            out=out,
            config=observation.name,
            classes=len(observation.classes),
            flattened=sum(bool(flat.merged) for flat in live.flat.values()),
            files=files,
            lines=lines,
            symbols=len(live.reasons) + len(live.executed),
            sections=observation.sections,
            diagnostics=tuple(sorted({*observation.diagnostics, *live.diagnostics})),
            seconds=seconds,
            verification=verification,
        )

    @property
    def ok(self) -> bool:
        """Whether the verification passed, or was not requested."""
        return self.verification is None or self.verification.ok

    @property
    def not_built(self) -> tuple[SectionFacts, ...]:
        """The sections that could not be built."""
        return tuple(section for section in self.sections if not section.built)

    @property
    def diagnostics_by_code(self) -> dict[str, int]:
        """The number of diagnostics of each code, by code."""
        return dict(sorted(Counter(diagnostic.code for diagnostic in self.diagnostics).items()))

    def to_json(self) -> dict[str, Any]:
        """Convert to plain data."""
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
        """The text form for a notebook, with a list of the diagnostics."""
        rows = ''.join(
            f'<li><code>{each.code}</code> {escape(str(each).partition(" ")[2])}</li>' for each in self.diagnostics
        )
        return f'<p>{escape(str(self))}</p>' + (f'<ul>{rows}</ul>' if rows else '')
