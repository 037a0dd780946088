"""Lists in text files: one image, folder, clip or pair of them a line."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from .scene import Facts, image_suffix, names

SUFFIXES = ('.txt', '.lst', '.list', '.csv')

_LINES = (
    '{stem}',
    '{stem}{suffix}',
    '{stem}{suffix} {label}',
    'clip_{clip}/{stem}',
    'clip_{clip}/{stem}{suffix}',
    'clip_{clip}/{stem}{suffix} {label}',
    '{stem} {label}',
    '{stem} {frames} {label}',
)
_FRAMES = 8


def _listing(line: str) -> Callable[[str, Facts], None]:
    def write(path: str, facts: Facts) -> None:
        suffix, classes = image_suffix(facts), len(facts.classes)
        lines = [
            line.format(
                stem=stem,
                frames=_FRAMES,
                suffix=suffix,
                # Without classes, labels may be the numbers of persons: as many as there are pairs of images.
                label=index % classes if classes else index // 2,
                clip=2 * index // facts.images,
            )
            for index, stem in enumerate(names(facts.images))
        ]
        Path(path).write_text('\n'.join(lines) + '\n', encoding='utf-8')

    return write


def _by_columns(line: str) -> bool:
    return ' ' not in line


WRITERS = tuple(_listing(line) for line in _LINES)

COLUMNS = tuple(_listing(line) for line in sorted(_LINES, key=_by_columns))
"""The same for a reader that splits lines, in another order: lines with a label first.

A reader for which the label is optional takes lines without one, too, but a model cannot be trained with these.
"""
