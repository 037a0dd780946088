"""Write into the pack's manifest what was shown of it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from introspect_export.emit.atomic_replace import write_atomically
from introspect_export.verify.verify_facts import LevelCheck, Verification


def write_down(out: Path, manifest: Mapping[str, Any], result: Verification) -> Verification:
    """Add the levels to the manifest: nothing of it depends on how long they took or where they ran.

    Args:
        out: The folder of the pack.
        manifest: What its manifest holds.
        result: What was shown.

    Returns:
        What was shown, and where it could not be written down (a read-only folder, a full disk), that.
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
