"""One sentence for what went wrong in a pack."""

from __future__ import annotations

import os
import traceback

_LONGEST = 600


def sentence(error: BaseException) -> str:
    """The exception and its message, with the last place inside of the pack."""
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if f'{os.sep}pack{os.sep}' in frame.filename]
    where = f' ({frames[-1].filename}:{frames[-1].lineno})' if frames else ''
    # The text of a KeyError is the repr of its message; and mmengine's goes on with advice that is none here.
    text = error.args[0] if isinstance(error, KeyError) and error.args else error
    message = ' '.join(str(text).split()).partition(' Please check whether')[0]
    return f'{type(error).__name__}: {message[:_LONGEST]}{where}'
