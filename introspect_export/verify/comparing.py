"""Runs the original and the package, each in its own interpreter, and compares them level by level."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from introspect_export.temporary import temporary_folder
from introspect_export.verify.data_level import Inputs
from introspect_export.verify.original_config import Original, original
from introspect_export.verify.prove_levels import Proof
from introspect_export.verify.renamed_types import RenamedTypes
from introspect_export.verify.role_pair import NotShownError, Pair
from introspect_export.verify.roles import RoleProcess, library_path, room_for_two
from introspect_export.verify.verify_facts import NOT_SHOWN, Compared, LevelCheck

_TINY = Path(__file__).parent.parent / 'tiny_data'
_SELF = 'introspect_export'


def compare(
    out: Path,
    levels: Sequence[str],
    blocked: Sequence[str],
    manifest: Mapping[str, Any],
    config: str | None,
    inputs: Inputs | None,
    timeout: float,
) -> Compared:
    """Check the levels that need the original.

    Args:
        out: The folder of the package.
        levels: The levels.
        blocked: The packages that the exported package must not import.
        manifest: The package's manifest.
        config: The original's config, if it is not the one in the manifest.
        inputs: The data to compare with; None for generated data.
        timeout: The time limit of one step in seconds.

    Returns:
        The outcome of each level.
    """
    try:
        source = original(manifest, config)
    except NotShownError as error:
        return Compared(tuple(LevelCheck(level, NOT_SHOWN, str(error)) for level in levels), ())
    with contextlib.ExitStack() as stack:
        folder = str(stack.enter_context(temporary_folder()))
        roles = []
        for task in tasks(out, folder, source, blocked):
            roles.append(RoleProcess(task, timeout))
            stack.callback(roles[-1].close)
        return shown(Pair(roles[0], roles[1], RenamedTypes(manifest), room_for_two()), levels, inputs, folder, out)


def tasks(out: Path, folder: str, source: Original, blocked: Sequence[str]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the tasks of the two processes, the original and the package.

    Args:
        out: The folder of the package.
        folder: The folder for files that are compared.
        source: The original.
        blocked: The packages that the exported package must not import.
    """
    common = {'out': str(out), 'folder': folder, 'tiny': str(_TINY), 'scope': source.scope}
    first = {'role': 'original', 'config': source.file, 'options': dict(source.options), 'blocked': [_SELF]}
    second = {'role': 'pack', 'config': '', 'options': {}, 'blocked': list(blocked)}
    first['files'] = list(source.files)
    return {**common, **first, 'path': library_path(with_here=True)}, {**common, **second, 'path': library_path()}


def shown(pair: Pair, levels: Sequence[str], inputs: Inputs | None, folder: str, out: Path) -> Compared:
    """Check the levels; the names of temporary folders are removed from the messages.

    Args:
        pair: The original and the package.
        levels: The levels.
        inputs: The data to compare with; None for generated data.
        folder: The folder for files that are compared.
        out: The folder of the package.
    """
    proof = Proof(pair, inputs)
    checks = tuple(replace(check, reason=_without(check.reason, folder, out)) for check in proof.prove(levels))
    return Compared(checks, tuple(_without(note, folder, out) for note in proof.notes), proof.initialized, proof.ran)


def _without(text: str, folder: str, out: Path) -> str:
    """A text without the names of folders that differ between runs."""
    return text.replace(folder, 'WORK').replace(f'{out}{os.sep}', '')
