"""One sentence for what went wrong in a pack."""

from __future__ import annotations

import os
import traceback


def sentence(error: BaseException) -> str:
    """The exception and its message, with the last place inside of the pack."""
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if f'{os.sep}pack{os.sep}' in frame.filename]
    where = f' ({frames[-1].filename}:{frames[-1].lineno})' if frames else ''
    return f'{type(error).__name__}: {" ".join(str(error).split())[:600]}{where}'
