"""The folder to put on the path of an interpreter in which this program cannot be imported; see the package inside."""

from __future__ import annotations

from pathlib import Path

FOLDER = str(Path(__file__).parent)
NAME = 'introspect_export_isolated'


def start(module: str) -> list[str]:
    """What to give an interpreter to run ``main`` of a module of this program; ``main``'s arguments follow.

    The folder leaves the path before ``main`` begins.
    """
    code = f'from {NAME}.{module} import main; del sys.path[0]; main(*sys.argv[2:])'
    # Without -I the working folder is on the path, as an empty entry.
    return ['-c', f'import sys; sys.path[:] = [sys.argv[1], *filter(None, sys.path)]; {code}', FOLDER]
