"""The reading stage: a module's text into parts, with the standard ``ast`` and ``symtable``; positions, never re-printed code."""

from introspect_export.read.parts import read_module
from introspect_export.read.positions import Positions
from introspect_export.read.scopes import mangle

__all__ = ['Positions', 'mangle', 'read_module']
