"""Results of verifications."""

from __future__ import annotations

from introspect_export.verify.verify_facts import LevelCheck, SectionCheck, Verification

PASSED = Verification(
    levels=(LevelCheck('static', 'shown'), LevelCheck('import', 'shown'), LevelCheck('build', 'shown')),
    sections=(SectionCheck('model', True, True), SectionCheck('test_evaluator', True, False, 'needs a file: a.json')),
    blocked=('origin_lib', 'introspect_export'),
    notes=("model.nms.type 'nms' is no registered name",),
    seconds=1.5,
)
BROKEN = Verification(
    levels=(LevelCheck('static', 'shown'), LevelCheck('import', 'failed', 'NameError: x\nit imported origin_lib')),
    sections=(),
    blocked=('origin_lib',),
)
UNSHOWN = Verification(
    levels=(LevelCheck('state', 'shown'), LevelCheck('forward', 'not shown', 'no inputs could be made: train: why')),
    sections=(),
    blocked=('origin_lib',),
    notes=('train: a note',),
)
