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


WRITERS = tuple(_listing(line) for line in _LINES)
