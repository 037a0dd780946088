"""The entry point of ``python -m introspect_export``."""

import sys

from introspect_export.cli import main

if __name__ == '__main__':
    sys.exit(main())
