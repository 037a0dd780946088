"""Start the original and the pack, each in an interpreter of its own, and compare them level by level."""

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
    """Show levels that need the original.

    Args:
        out: The folder of the pack.
        levels: The levels.
        blocked: What the pack must not import.
        manifest: The pack's manifest.
        config: The original's config, where it is not the manifest's.
        inputs: The data to compare with; None for such that is made up.
        timeout: How many seconds a step may take.

    Returns:
        What was found.
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
    """What makes a process the original, and another one the pack.

    Args:
        out: The folder of the pack.
        folder: Where both leave what is compared.
        source: The original.
        blocked: What the pack must not import.
    """
    common = {'out': str(out), 'folder': folder, 'tiny': str(_TINY), 'scope': source.scope}
    first = {'role': 'original', 'config': source.file, 'options': dict(source.options), 'blocked': [_SELF]}
    second = {'role': 'pack', 'config': '', 'options': {}, 'blocked': list(blocked)}
    first['files'] = list(source.files)
    return {**common, **first, 'path': library_path(with_here=True)}, {**common, **second, 'path': library_path()}


def shown(pair: Pair, levels: Sequence[str], inputs: Inputs | None, folder: str, out: Path) -> Compared:
    """Try the levels; what is said names no folder that is another the next time."""
    proof = Proof(pair, inputs)
    checks = tuple(replace(check, reason=_without(check.reason, folder, out)) for check in proof.prove(levels))
    return Compared(checks, tuple(_without(note, folder, out) for note in proof.notes), proof.initialized, proof.ran)


def _without(text: str, folder: str, out: Path) -> str:
    """A text that does not name folders that are others the next time."""
    return text.replace(folder, 'WORK').replace(f'{out}{os.sep}', '')
