"""The verifying stage: checks a written package where its origins cannot be imported, and against the original."""

from introspect_export.callable_module import make_callable
from introspect_export.verify.verify_facts import LEVELS, LevelCheck, SectionCheck, Verification
from introspect_export.verify.verify_package import verify

__all__ = ['LEVELS', 'LevelCheck', 'SectionCheck', 'Verification', 'verify']

make_callable(__name__, verify)
