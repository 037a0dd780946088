"""Export a random sample of a library's models, and load each where the library cannot be imported.

    python scripts/sample_models.py transformers -n 8 --seed 14
    python scripts/sample_models.py timm torchvision transformers diffusers -n 40 --results models.jsonl

The models are small: two layers, random weights, few channels. For each, one child process (forked from one that has
imported the library) exports it, runs it, and another one (forked from one that has imported nothing but torch) loads
the package and runs it: the outputs must be the same bits. What is printed is a table, and every other reason.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib
import io
import json
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import sample_made

SEED = 14
TIMEOUT = 900
MEMORY = 16 << 30
NOT_BUILT = 'not built'
LIBRARIES = ('timm', 'torchvision', 'transformers', 'diffusers')

_LOAD = """
import sys, torch
class Blocked:
    def find_spec(self, name, path=None, target=None):
        if name.partition('.')[0] in sys.argv[3].split(','):
            raise ModuleNotFoundError(f'{name} is blocked', name=name)
sys.meta_path.insert(0, Blocked())
sys.path[:] = [sys.argv[1], *sys.argv[4:]]
import pack
model = pack.load().eval()
inputs = torch.load(sys.argv[2], weights_only=False)
torch.manual_seed(0)
with torch.no_grad():
    found = model(**inputs['keywords'], **{}) if not inputs['given'] else model(*inputs['given'], **inputs['keywords'])
def flat(value):
    if isinstance(value, torch.Tensor):
        return [value]
    if isinstance(value, dict):
        return [each for item in value.values() for each in flat(item)]
    if isinstance(value, (list, tuple)):
        return [each for item in value for each in flat(item)]
    return []
torch.save(flat(found), sys.argv[2])
"""


def flat(value: Any) -> list[Any]:
    """The tensors in an output."""
    import torch

    if isinstance(value, torch.Tensor):
        return [value]
    if isinstance(value, dict):
        return [each for item in value.values() for each in flat(item)]
    if isinstance(value, (list, tuple)):
        return [each for item in value for each in flat(item)]
    return []


def sample(library: str, make: Callable[[], Any], folder: Path) -> dict[str, Any]:
    """Export one model and compare; what came of it."""
    import torch

    from introspect_export import export

    torch.manual_seed(0)
    try:
        model = make().eval()
    except Exception as error:  # The library's own code: a configuration that cannot be made without more.
        return {'outcome': NOT_BUILT, 'reason': _sentence(error)}
    found = sample_made.inputs_for(model)
    start = time.monotonic()
    try:
        result = export(model, folder / 'out', verify='build')
    except Exception as error:  # Refused, or a fault: both are told.
        last = traceback.extract_tb(error.__traceback__)[-1]
        where = f' ({Path(last.filename).name}:{last.lineno})' if type(error).__name__ != 'ExportError' else ''
        return {'outcome': type(error).__name__, 'reason': _sentence(error) + where}
    facts = {
        'seconds': round(time.monotonic() - start, 1),
        'lines': result.lines,
        'files': result.files,
        'codes': result.diagnostics_by_code,
    }
    if not result.ok:
        problems = result.verification.problems if result.verification is not None else ()
        return {'outcome': 'not verified', 'reason': ' '.join(problems)[:300], **facts}
    if found is None:
        return {'outcome': 'loads', 'reason': 'no input was found that the original takes', **facts}
    given, keywords, expected = found
    exchange = folder / 'exchange.pt'
    torch.save({'given': given, 'keywords': keywords}, exchange)
    paths = [os.path.abspath(each) for each in sys.path]
    blocked = ','.join([library, 'mmengine', 'introspect_export', 'dill'])
    command = [sys.executable, '-I', '-W', 'ignore', '-c', _LOAD, str(folder / 'out'), str(exchange), blocked, *paths]
    done = subprocess.run(command, capture_output=True, text=True, timeout=TIMEOUT, check=False)
    if done.returncode:
        return {'outcome': 'does not run', 'reason': done.stderr.strip().splitlines()[-1][:300], **facts}
    answer = torch.load(exchange, weights_only=False)
    same = len(answer) == len(flat(expected)) and all(map(_equal, flat(expected), answer))
    return {'outcome': 'same' if same else 'different', 'reason': '', **facts}


def _equal(one: Any, other: Any) -> bool:
    import torch

    return bool(torch.equal(one, other) or (torch.equal(one.isnan(), other.isnan()) and one.isnan().any()))


def _sentence(error: BaseException) -> str:
    return f'{type(error).__name__}: {" ".join(str(error).split())[:400]}'


def forked(library: str, make: Callable[[], Any]) -> dict[str, Any]:
    """Do it in a child of this process, which has imported the library."""
    folder = Path(tempfile.mkdtemp(prefix='sample_models_'))
    try:
        child = os.fork()
        if not child:
            # What a model takes that is too large in a way that could not be told before.
            resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
            signal.alarm(TIMEOUT)
            with contextlib.redirect_stderr(io.StringIO()), contextlib.redirect_stdout(io.StringIO()):
                try:
                    (folder / 'answer.json').write_text(json.dumps(sample(library, make, folder)))
                finally:
                    os._exit(0)
        _, status = os.waitpid(child, 0)
        answer = folder / 'answer.json'
        return json.loads(answer.read_text()) if answer.is_file() else {'outcome': 'died', 'reason': f'status {status}'}
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def in_random_order(library: str, seed: int) -> Iterator[tuple[str, Callable[[], Any]]]:
    """A library's models in an order that the seed says."""
    importlib.import_module(library)
    every: dict[str, Callable[[], Any]] = getattr(sample_made, f'{library}_models')()
    names = sorted(every)
    random.Random(seed).shuffle(names)
    for name in names:
        yield name, every[name]


def main() -> int:
    """Sample, print the table, and say by the status whether all that was built is right."""
    parser = argparse.ArgumentParser(description='export random models of a library and load them without it')
    parser.add_argument('libraries', nargs='+', choices=LIBRARIES)
    parser.add_argument('-n', type=int, default=8, help='how many models of each library that can be built here')
    parser.add_argument('--seed', type=int, default=SEED)
    parser.add_argument('--only', nargs='*', default=[], help='these models only')
    parser.add_argument('--results', type=Path, help='add each result to this file; what is in it is not tried again')
    options = parser.parse_args()
    results = _known(options.results)
    for library in options.libraries:
        label = f'{library} {importlib.import_module(library).__version__.partition("+")[0]}'
        built = 0
        for name, make in in_random_order(library, options.seed):
            if built == options.n:
                break
            if options.only and name not in options.only:
                continue
            result = results.get((label, name))
            if result is None:
                result = results[label, name] = forked(library, make)
                _tell(label, name, result)
                if options.results is not None:
                    with options.results.open('a') as stream:
                        stream.write(json.dumps({'library': label, 'model': name, **result}) + '\n')
            built += result['outcome'] != NOT_BUILT
    return _summary(results, options.seed)


def _known(file: Path | None) -> dict[tuple[str, str], dict[str, Any]]:
    lines = file.read_text().splitlines() if file is not None and file.is_file() else []
    found = [json.loads(each) for each in lines]
    return {(each['library'], each['model']): each for each in found}


def _tell(label: str, name: str, result: dict[str, Any]) -> None:
    size = f'{result["lines"]:6,} lines {result["seconds"]:5.1f} s' if 'lines' in result else ''
    print(f'{label:20} {name:40} {result["outcome"]:13} {size} {result["reason"][:200]}', flush=True)


def _summary(results: dict[tuple[str, str], dict[str, Any]], seed: int) -> int:
    everything = True
    for label in dict.fromkeys(library for library, _ in results):
        outcomes = Counter(each['outcome'] for (library, _), each in results.items() if library == label)
        left_out = outcomes.pop(NOT_BUILT, 0)
        right = outcomes['same'] + outcomes['loads']
        told = ', '.join(f'{count} {outcome}' for outcome, count in outcomes.most_common())
        print(f'{label}: {right} of {outcomes.total()} right, seed {seed} ({told}; {left_out} not built)')
        everything = everything and right == outcomes.total()
    return 0 if everything else 1


if __name__ == '__main__':
    sys.exit(main())
