"""Lists in text files: one image, folder, clip or pair of them a line; tables of the actions of persons in clips."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from .annotation_files import corners
from .scene import Facts, image_suffix, names, things

_TABLE = '.csv'
SUFFIXES = ('.txt', '.lst', '.list', _TABLE)

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
_SECOND = 1000


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


def _actions(path: str, facts: Facts) -> None:
    """One row a person: the clip, a second of it, the box relative to the image, the action from 1, the person."""
    height, width = facts.shape
    rows = []
    for index, stem in enumerate(names(facts.images)):
        for person, thing in enumerate(things(index, facts)):
            box = (f'{edge / size:.3f}' for edge, size in zip(corners(thing), (width, height) * 2, strict=True))
            rows.append(f'{stem},{_SECOND + index:04d},{",".join(box)},{facts.class_of(index) + 1},{person}\n')
    Path(path).write_text(''.join(rows), encoding='utf-8')


def _nothing(path: str, _: Facts) -> None:
    Path(path).write_text('', encoding='utf-8')


def _by_columns(line: str) -> bool:
    return ' ' not in line


_WRITERS = tuple(_listing(line) for line in _LINES)
_COLUMNS = tuple(_listing(line) for line in sorted(_LINES, key=_by_columns))


def writers(path: str, columns: bool) -> tuple[Callable[[str, Facts], None], ...]:
    """The writers that may make a list, by its name.

    Args:
        path: The path of the list.
        columns: Whether its reader seems to split the lines. Then lines with a label come first: a reader for which the
            label is optional takes lines without one, too, but a model cannot be trained with these.
    """
    name = path.lower()
    if 'exclu' in name.rpartition('/')[2]:
        return (_nothing,)  # Of samples that are left out.
    lists = _COLUMNS if columns else _WRITERS
    return (*lists, _actions) if name.endswith(_TABLE) else lists
