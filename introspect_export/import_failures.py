"""Descriptions of failed imports."""

from __future__ import annotations

import os
import traceback

_MACHINERY = (f'importlib{os.sep}__init__.py', f'introspect_export{os.sep}observe{os.sep}importing.py')


def import_failure(error: BaseException) -> str:
    """Describe a failed import as ``file:line: Kind: message``, with the innermost line outside of the import system.

    Args:
        error: The exception raised by ``importlib.import_module``.
    """
    if isinstance(error, SyntaxError) and error.filename:
        return f'{error.filename}:{error.lineno}: {type(error).__name__}: {error.msg}'
    frames = [
        frame
        for frame in traceback.extract_tb(error.__traceback__)
        if not frame.filename.startswith('<frozen importlib') and not frame.filename.endswith(_MACHINERY)
    ]
    where = [f'{frames[-1].filename}:{frames[-1].lineno}'] if frames else []
    message = ' '.join(str(error).split())
    return ': '.join([*where, type(error).__name__, *([message] if message else [])])


def misses_itself(error: BaseException, module: str) -> bool:
    """Whether an import failed because the module itself, or a package above it, does not exist.

    Args:
        error: The exception that importing the module raised.
        module: The module's absolute name.
    """
    name = error.name if isinstance(error, ModuleNotFoundError) else None
    return name is not None and f'{module}.'.startswith(f'{name}.')
