"""Make tiny data for a package, and train the package on it."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from introspect_export.fast_test.isolated_jobs import IsolatedJobs
from introspect_export.fast_test.training_log import read_training_log
from introspect_export.fast_test.training_result import TrainingResult
from introspect_export.model import ExportError
from introspect_export.verify.image_sizes import SHAPE, others

_DATA, _CONFIG, _WORK_DIR = 'data', 'config.py', 'work_dir'


@dataclass(frozen=True)
class _Trial:
    """An attempt to make data and to train on it.

    Attributes:
        shape: Height and width of the images.
        made: The answer of the job that made the data.
        done: The answer of the training; empty where there was none.
    """

    shape: tuple[int, int]
    made: Mapping[str, Any]
    done: Mapping[str, Any]

    @property
    def reason(self) -> str:
        """Why it did not complete; empty where it did."""
        no_data = self.made.get('error') or self.made['parts'].get('train', '')
        return str(no_data or self.done.get('error', ''))

    @property
    def notes(self) -> tuple[str, ...]:
        """Further messages."""
        missing = (f'trained without these weights, which are not here: {one}' for one in self.done.get('missing', ()))
        return (*self.made.get('notes', ()), *missing)


def fast_test(
    out: Path,
    data: Path | None = None,
    *,
    shape: tuple[int, int] | None = None,
    python: Path | None = None,
    progress: Callable[[str], None] = print,
) -> TrainingResult:
    """Train a package for two iterations and validate once, where its origins cannot be imported.

    Args:
        out: The folder that an export wrote.
        data: The folder for the tiny data, a config that uses it, and the work dir; new or empty. By default
            ``fast_test`` in the package's folder.
        shape: Height and width of the images; larger where the pipeline requires it. By default they are small and
            much wider than high; where training fails with these, larger and square, and then of the sizes that the
            model's config names.
        python: The interpreter that trains, and its environment; by default this one.
        progress: Called with a line for every step.

    Returns:
        The result, also of a training that fails.

    Raises:
        ExportError: The folder holds no package with a training script, or the folder for the data is not empty.
        InternalError: The interpreter ended without an answer.
    """
    start = time.monotonic()
    out = Path(out).resolve()
    script, config = out / 'tools' / 'train.py', _config(out)
    if not script.is_file():
        raise ExportError(f'{out} holds no tools/train.py: its config is not for training')
    folder = Path(data).resolve() if data is not None else out / 'fast_test'
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise ExportError(f'{folder} is not empty: give a new folder with -o, or remove it')
    existed = folder.exists()
    try:
        trials = _trials(IsolatedJobs(out, python), script, config, folder, shape, progress)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        if existed:
            folder.mkdir()
        raise
    trial = trials[-1]
    iterations, metrics = read_training_log(folder / _WORK_DIR)
    return TrainingResult(
        ok=not trial.reason,
        data=str(folder / _DATA),
        config=str(folder / _CONFIG),
        work_dir=str(folder / _WORK_DIR),
        iterations=iterations,
        metrics=metrics,
        parts=trial.made.get('parts', {}),
        notes=trial.notes,
        reason=_reason(trials),
        seconds=round(time.monotonic() - start, 2),
    )


def _trials(
    job: IsolatedJobs,
    script: Path,
    config: Path,
    folder: Path,
    shape: tuple[int, int] | None,
    progress: Callable[[str], None],
) -> list[_Trial]:
    """Train on images of one shape after the other until it completes; the files of the last attempt stay."""
    trials = [_trial(job, script, config, folder, shape or SHAPE, progress)]
    for height, width in others(trials[0].made.get('sizes', ())) if shape is None else ():
        if 'error' not in trials[-1].done:
            break
        progress(f'it failed: once more, with images of {height}x{width}')
        shutil.rmtree(folder)
        trials.append(_trial(job, script, config, folder, (height, width), progress))
    return trials


def _reason(trials: Sequence[_Trial]) -> str:
    """Why the last attempt failed, and a line for each of the others that failed in another way."""
    *before, last = trials
    if not last.reason:
        return ''
    firsts = {each.reason.partition('\n')[0]: each.shape for each in before}
    firsts.pop(last.reason.partition('\n')[0], None)
    lines = (f'(with images of {height}x{width}: {line})' for line, (height, width) in firsts.items())
    return '\n'.join([last.reason, *lines])


def _trial(
    job: IsolatedJobs, script: Path, config: Path, folder: Path, shape: tuple[int, int], progress: Callable[[str], None]
) -> _Trial:
    """Make data of one shape, and train on it."""
    progress(f'making data in {folder}')
    written = folder / _CONFIG
    task = {'config': str(config), 'data': str(folder / _DATA), 'written': str(written), 'shape': shape}
    made = _Trial(shape, job.run('make_data', **task, parts=('train', 'val', 'test')), {})
    if made.reason:
        return made
    progress('training two iterations')
    arguments = [str(written), '--fast-test', f'--work-dir={folder / _WORK_DIR}']
    return replace(made, done=job.run('run_tool', script=str(script), arguments=arguments))


def _config(out: Path) -> Path:
    if not (out / 'pack' / '__init__.py').is_file():
        raise ExportError(f'{out} holds no pack (there is no pack/__init__.py in it)')
    files = [file for file in sorted((out / 'pack' / 'configs').rglob('*.py')) if file.name != '__init__.py']
    if len(files) != 1:
        raise ExportError(f'expected one config below {out}/pack/configs, found {len(files)}')
    return files[0]
