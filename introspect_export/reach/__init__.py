"""The reaching stage: parts to a fixpoint from the observed classes."""

from introspect_export.reach.decide import reach
from introspect_export.reach.names import Names

__all__ = ['Names', 'reach']
