"""The reaching stage: parts to a fixpoint from the observed classes."""

from introspect_export.reach.fixpoint import reach
from introspect_export.reach.name_targets import Names

__all__ = ['Names', 'reach']
