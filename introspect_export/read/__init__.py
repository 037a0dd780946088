"""The reading stage: a module's text into parts, by ``ast`` and ``symtable``; positions, never re-printed code."""

from introspect_export.read.global_uses import mangle
from introspect_export.read.parts import read_module
from introspect_export.read.positions import Positions

__all__ = ['Positions', 'mangle', 'read_module']
