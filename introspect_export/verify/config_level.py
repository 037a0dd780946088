"""The two configs, value by value: as both roles read them, with the renaming that linking has noted."""

from __future__ import annotations

from collections.abc import Mapping

from introspect_export.verify.child.config_values_by_path import differences
from introspect_export.verify.role_pair import DifferenceError, NotShownError, Pair

_OF_THE_MODEL = {'model', 'data_preprocessor', 'custom_imports', 'default_scope'}
"""What is left of a config that was exported for its model alone."""


def check_config(pair: Pair) -> None:
    """Compare the configs that both have read.

    The level *config* compares with what the manifest says that the original was; here it is read once more, so that
    nothing is taken from what was exported.

    Raises:
        NotShownError: The manifest does not say what was renamed.
        DifferenceError: Something differs.
    """
    known = pair.naming.values
    if not known:
        raise NotShownError("the manifest has no record of the original config's values: export it again")
    original, pack = pair.both('config')
    values = original['values']
    taken = {_top(path) for path, value in known.items() if not isinstance(value, Mapping) or value['original']}
    if taken <= _OF_THE_MODEL:
        values = {path: value for path, value in values.items() if _top(path) in taken}
    lines = differences(known, values, pack['values'])
    if lines:
        raise DifferenceError('\n'.join(f'config: {line}' for line in lines))


def _top(path: str) -> str:
    return path.partition('.')[0].partition('[')[0]
