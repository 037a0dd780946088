"""The command line. torch and mmengine are imported only when a command runs, so that ``--help`` is fast."""

from introspect_export.cli.entry import main

__all__ = ['main']
