"""The reading stage: splits a module's source into parts with ``ast`` and ``symtable``.

Parts refer to the source by character positions; code is never re-printed from the syntax tree.
"""

from introspect_export.read.global_uses import mangle
from introspect_export.read.parts import read_module
from introspect_export.read.positions import Positions

__all__ = ['Positions', 'mangle', 'read_module']
