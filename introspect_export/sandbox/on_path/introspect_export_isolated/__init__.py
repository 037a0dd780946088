"""The parts of the program that need none of the rest, under another name: the program's own name is blocked there.

``introspect_export_isolated.X`` is ``introspect_export.X``. The packages on the way to what verifies are not executed,
since they import the program.
"""

import sys
from pathlib import Path
from types import ModuleType

_PROGRAM = Path(__file__).parents[3]
_NOT_EXECUTED = ('verify',)

__path__ = [str(_PROGRAM)]
for _name in _NOT_EXECUTED:
    _package = ModuleType(f'{__name__}.{_name}')
    _package.__path__ = [str(_PROGRAM / _name)]
    sys.modules[_package.__name__] = _package
