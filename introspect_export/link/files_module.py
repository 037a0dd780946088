"""The module ``pack/files``, with the function by which code finds the files copied there."""

from __future__ import annotations

from collections.abc import Mapping

FOLDER = 'files'
FINDER = f'{FOLDER}.carried'

_TEXT = '''"""Files that came along with this package, and where they are."""

import os

_PACKAGE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))

# By the names that the original finds them under in its working folder.
_NAMED = {named}

# By their places as the original's code reckons them from its own.
_RECKONED = {reckoned}


def carried(path):
    """Return where a file that came along is; anything else as it is."""
    try:
        name = os.path.normpath(os.fspath(path))
        if not isinstance(name, str):
            return path
        place = _NAMED.get(name)
        if place is None and os.path.isabs(name):
            place = _RECKONED.get(_relative(name, _PACKAGE)) or _NAMED.get(_relative(name, os.getcwd()))
    except (TypeError, ValueError, OSError):  # No path at all, or none from here.
        return path
    if place is None:
        return path
    found = os.path.join(_PACKAGE, *place.split('/'))
    return found if isinstance(path, str) else type(path)(found)


def _relative(name, start):
    return os.path.relpath(name, start).replace(os.sep, '/')
'''


def files_text(named: Mapping[str, str], reckoned: Mapping[str, str]) -> str:
    """Return the text of ``pack/files/__init__.py``.

    Args:
        named: For each name that code uses, the path below the package.
        reckoned: The same for names that code computes from ``__file__``, relative to the package.
    """
    return _TEXT.format(named=table_text(named), reckoned=table_text(reckoned))


def table_text(rows_by_key: Mapping[str, object]) -> str:
    """Return a dict of constants as text, a line for each of its keys in order."""
    rows = ''.join(f'    {key!r}: {value!r},\n' for key, value in sorted(rows_by_key.items()))
    return f'{{\n{rows}}}' if rows else '{}'
