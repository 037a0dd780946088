"""The reaching stage: finds all parts that the observed classes depend on, directly or transitively."""

from introspect_export.reach.fixpoint import reach
from introspect_export.reach.name_targets import Names

__all__ = ['Names', 'reach']
