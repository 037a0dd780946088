"""The folder to put on ``sys.path`` where this program cannot be imported; see the package inside."""

from __future__ import annotations

from pathlib import Path

FOLDER = str(Path(__file__).parent)
NAME = 'introspect_export_isolated'


def start(module: str) -> list[str]:
    """The command line arguments with which an interpreter runs ``main`` of a module of this program.

    The arguments of ``main`` are to be appended. The folder is removed from ``sys.path`` before ``main`` is called.

    Args:
        module: The module's name below this program's package.
    """
    code = f'from {NAME}.{module} import main; del sys.path[0]; main(*sys.argv[2:])'
    # Without ``-I``, the working folder is on the path, as an empty entry.
    return ['-c', f'import sys; sys.path[:] = [sys.argv[1], *filter(None, sys.path)]; {code}', FOLDER]
