"""Recording the result of a verification in the package's manifest."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from introspect_export.emit.atomic_replace import write_atomically
from introspect_export.verify.verify_facts import LevelCheck, Verification


def write_down(out: Path, manifest: Mapping[str, Any], result: Verification) -> Verification:
    """Add the levels to the manifest, without anything that depends on the time or place of the verification.

    Args:
        out: The folder of the package.
        manifest: The content of its manifest.
        result: The result.

    Returns:
        The result, with the reason if the manifest could not be written (a read-only folder, a full disk).
    """
    levels = [_written(level, out) for level in result.levels]
    content = {**manifest, 'verification': levels}
    file = out / 'manifest.json'
    try:
        if json.loads(file.read_bytes()) == manifest:  # Else another export has replaced the package meanwhile.
            write_atomically(file, (json.dumps(content, indent=1, ensure_ascii=False) + '\n').encode())
    except OSError as error:
        return replace(result, unrecorded=f'{file} cannot be written: {error.strerror}')
    return result


def _written(level: LevelCheck, out: Path) -> dict[str, Any]:
    facts = {'name': level.name, 'outcome': level.outcome, 'reason': level.reason.replace(str(out), 'OUT')}
    return {**facts, 'without': list(level.without)} if level.without else facts
