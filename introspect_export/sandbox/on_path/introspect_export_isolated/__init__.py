"""The independent subpackages of the program under another name, for use where the program's own name is blocked.

``introspect_export_isolated.X`` is a second copy of the module ``introspect_export.X``. The ``__init__`` of ``verify``
is not executed, since it imports the program; an empty package stands in for it, so that ``verify.child`` is found.
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
