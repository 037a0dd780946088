"""Comparison of the two configs as both roles read them, up to the renaming that the manifest records."""

from __future__ import annotations

from collections.abc import Mapping

from introspect_export.verify.child.config_values_by_path import differences
from introspect_export.verify.role_pair import DifferenceError, NotShownError, Pair

_OF_THE_MODEL = {'model', 'data_preprocessor', 'custom_imports', 'default_scope'}
"""The top-level keys of a config that was exported for its model alone."""


def check_config(pair: Pair) -> None:
    """Compare the configs that both roles have read.

    The level *config* compares the package with the manifest's record of the original's values; here, the original's
    config is read again, so that only the renaming is taken from the manifest.

    Args:
        pair: The original and the package.

    Raises:
        NotShownError: The manifest has no record.
        DifferenceError: Something differs.
    """
    known = pair.naming.values
    if not known:
        raise NotShownError("the manifest has no record of the original config's values: export it again")
    original, pack = pair.both('config')
    values = original['values']
    exported = {_top(path) for path, value in known.items() if not isinstance(value, Mapping) or value['original']}
    if exported <= _OF_THE_MODEL:
        values = {path: value for path, value in values.items() if _top(path) in exported}
    lines = differences(known, values, pack['values'])
    if lines:
        raise DifferenceError('\n'.join(f'config: {line}' for line in lines))


def _top(path: str) -> str:
    return path.partition('.')[0].partition('[')[0]
