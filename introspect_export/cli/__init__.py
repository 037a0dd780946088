"""The command line. Nothing here imports torch or mmengine before a command runs: ``--help`` answers at once."""

from introspect_export.cli.entry import main

__all__ = ['main']
