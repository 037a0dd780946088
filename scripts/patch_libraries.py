"""Small corrections of installed libraries that could not be imported or used beside the pinned versions otherwise.

    PYTHON scripts/patch_libraries.py       in the environment of that interpreter

Each is a fault of the library's own release, and changes nothing of what the library does: an upper limit of a version
that is too low, an import of a file which the wheel lacks, or a name that NumPy no longer has. Done twice, it is as if
done once.
"""

from __future__ import annotations

import sys
import sysconfig
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Patch:
    """A replacement in one file.

    Attributes:
        file: The file, below site-packages.
        old: The text that is there once.
        new: What takes its place.
        why: What is wrong with the release.
    """

    file: str
    old: str
    new: str
    why: str


PATCHES = (
    Patch(
        'mmyolo/__init__.py',
        "mmcv_maximum_version = '2.1.0'",
        "mmcv_maximum_version = '2.2.0'",
        'mmyolo 0.6.0 refuses mmcv 2.1.0, which mmdet 3.3.0, mmpose and mmseg work with',
    ),
    Patch(
        'mmocr/__init__.py',
        "mmdet_maximum_version = '3.2.0'",
        "mmdet_maximum_version = '3.4.0'",
        'mmocr 1.0.1 refuses mmdet 3.2.0 and later',
    ),
    Patch(
        'mmaction/models/localizers/__init__.py',
        "from .drn.drn import DRN\nfrom .tcanet import TCANet\n\n__all__ = ['TEM', 'PEM', 'BMN', 'TCANet', 'DRN']",
        "from .tcanet import TCANet\n\n__all__ = ['TEM', 'PEM', 'BMN', 'TCANet']",
        'the wheel of mmaction2 1.2.0 lacks the folder drn, which has no __init__.py: DRN cannot be had',
    ),
    Patch(
        'mmdet3d/datasets/transforms/dbsampler.py',
        'dtype=np.long)',
        'dtype=np.int64)',
        'mmdet3d 1.4.0 uses np.long, which NumPy 1.24 removed: no config that pastes objects can train',
    ),
)


class PatchError(Exception):
    """A file is neither as released nor as patched."""


def apply(site_packages: Path) -> list[Patch]:
    """Patch what is not patched yet.

    Args:
        site_packages: The folder that holds the libraries; what is not installed is left out.

    Returns:
        The patches that changed a file.

    Raises:
        PatchError: A file holds neither the old nor the new text, so another version is installed.
    """
    done = []
    for patch in PATCHES:
        file = site_packages / patch.file
        text = file.read_text(encoding='utf-8') if file.is_file() else patch.new
        if patch.old in text:
            file.write_text(text.replace(patch.old, patch.new), encoding='utf-8')
            done.append(patch)
        elif patch.new not in text:
            raise PatchError(f'{file}: the text to patch is not there ({patch.why})')
    return done


def main() -> int:
    """Patch the environment of this interpreter; return the exit status."""
    try:
        for patch in apply(Path(sysconfig.get_path('purelib'))):
            print(f'{patch.file}: {patch.why}')
    except PatchError as error:
        print(f'error: {error}', file=sys.stderr)
        return 1
    return 0


if __name__ == '__main__':
    sys.exit(main())
