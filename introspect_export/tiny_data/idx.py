"""IDX files, the format of MNIST: the shape of an array, then its bytes.

The suffix has the number of dimensions: ``…-idx3-ubyte`` holds grey images, ``…-idx1-ubyte`` their classes.
The format is that of http://yann.lecun.com/exdb/mnist/, compressed where the name says so.
"""

from __future__ import annotations

import gzip
import re
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from .scene import Facts, picture

_NAME = re.compile(r'[-.]idx(\d)-ubyte(\.gz)?$')
_UBYTE = 8
"""The type code of unsigned bytes in the magic number."""


def _images(facts: Facts) -> Any:
    import cv2

    return np.stack([cv2.cvtColor(picture(index, facts), cv2.COLOR_BGR2GRAY) for index in range(facts.images)])


def _classes(facts: Facts) -> Any:
    return np.array([facts.class_of(index) for index in range(facts.images)], np.uint8)


_CONTENTS: dict[int, Callable[[Facts], Any]] = {1: _classes, 3: _images}


def writers(path: str) -> tuple[Callable[[str, Facts], None], ...]:
    """The writer of an IDX file; none for another suffix."""
    found = _NAME.search(path.lower())
    content = _CONTENTS.get(int(found[1])) if found else None
    if found is None or content is None:
        return ()
    packed = bool(found[2])

    def write(path: str, facts: Facts) -> None:
        array = content(facts)
        data = struct.pack(f'>BBBB{array.ndim}I', 0, 0, _UBYTE, array.ndim, *array.shape) + array.tobytes()
        Path(path).write_bytes(gzip.compress(data, mtime=0) if packed else data)

    return (write,)
