"""Make data for a package, and train the package on it."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Callable

from introspect_export.fast_test.facts import FastTest
from introspect_export.fast_test.isolated import Isolated
from introspect_export.fast_test.logged import logged
from introspect_export.model import ExportError


def fast_test(
    out: Path,
    data: Path | None = None,
    *,
    shape: tuple[int, int] = (64, 128),
    python: Path | None = None,
    tell: Callable[[str], None] = print,
) -> FastTest:
    """Train a package for two iterations and validate once, where its origins cannot be imported.

    Args:
        out: The folder that an export wrote.
        data: The folder for a tiny data set, a config that leads to it, and the work dir; new or empty. By default
            ``fast_test`` in the package's folder.
        shape: Height and width of the images; more where the pipeline wants more.
        python: The interpreter that trains, with what is installed for it; by default this one.
        tell: Called with what is being done.

    Returns:
        What it trained; a training that fails is a result, not an exception.

    Raises:
        ExportError: There is no package that trains, or the folder for the data holds something.
        InternalError: The fresh interpreter did not give an answer.
    """
    start = time.monotonic()
    out = Path(out).resolve()
    script, config = out / 'tools' / 'train.py', _config(out)
    if not script.is_file():
        raise ExportError(f'{out} holds no tools/train.py: its config is not for training')
    folder = Path(data).resolve() if data is not None else out / 'fast_test'
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise ExportError(f'{folder} is not empty: give a new folder with -o, or remove it')
    tell(f'making data in {folder}')
    job = Isolated(out, python)
    written, work_dir = folder / 'config.py', folder / 'work_dir'
    task = {'config': str(config), 'data': str(folder / 'data'), 'written': str(written), 'shape': shape}
    made = job.run('make_data', **task, parts=('train', 'val'))
    reason, notes = made.get('error') or made['parts'].get('train', ''), list(made.get('notes', ()))
    if not reason:
        tell('training two iterations')
        done = job.run(
            'run_tool', script=str(script), arguments=[str(written), '--fast-test', f'--work-dir={work_dir}']
        )
        reason = done.get('error', '')
        notes += [f'trained without these weights, which are not here: {one}' for one in done.get('missing', ())]
    iterations, metrics = logged(work_dir)
    return FastTest(
        ok=not reason,
        data=str(folder / 'data'),
        config=str(written),
        work_dir=str(work_dir),
        iterations=iterations,
        metrics=metrics,
        parts=made.get('parts', {}),
        notes=tuple(notes),
        reason=reason,
        seconds=round(time.monotonic() - start, 2),
    )


def _config(out: Path) -> Path:
    if not (out / 'pack' / '__init__.py').is_file():
        raise ExportError(f'{out} holds no pack (there is no pack/__init__.py in it)')
    files = [file for file in sorted((out / 'pack' / 'configs').rglob('*.py')) if file.name != '__init__.py']
    if len(files) != 1:
        raise ExportError(f'expected one config below {out}/pack/configs, found {len(files)}')
    return files[0]
