"""Export a random sample of a library's models, and load each where the library cannot be imported.

    python scripts/sample_models.py transformers -n 8 --seed 14
    python scripts/sample_models.py timm torchvision transformers diffusers -n 40 --json models.json

The models are small: two layers, random weights, few channels. For each, one child process (forked from one that has
imported the library) exports it, runs it, and another one (forked from one that has imported nothing but torch) loads
the package and runs it: the outputs must be the same bits. What is printed is a table, and every other reason.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib
import inspect
import io
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

SEED = 14
TIMEOUT = 300
LIBRARIES = ('timm', 'torchvision', 'transformers', 'diffusers')

_LOAD = """
import sys, torch
class Blocked:
    def find_spec(self, name, path=None, target=None):
        if name.partition('.')[0] in sys.argv[3].split(','):
            raise ModuleNotFoundError(f'{name} is blocked', name=name)
sys.meta_path.insert(0, Blocked())
sys.path.insert(0, sys.argv[1])
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

# Sizes by the names that configurations give them; only those are set that a configuration has.
_SMALL = {
    'hidden_size': 32,
    'd_model': 32,
    'n_embd': 32,
    'embedding_size': 32,
    'dim': 32,
    'emb_dim': 32,
    'n_embed': 32,
    'num_hidden_layers': 2,
    'num_layers': 2,
    'n_layer': 2,
    'n_layers': 2,
    'encoder_layers': 2,
    'decoder_layers': 2,
    'num_decoder_layers': 2,
    'num_attention_heads': 4,
    'encoder_attention_heads': 4,
    'decoder_attention_heads': 4,
    'num_heads': 4,
    'n_head': 4,
    'n_heads': 4,
    'num_key_value_heads': 4,
    'intermediate_size': 64,
    'encoder_ffn_dim': 64,
    'decoder_ffn_dim': 64,
    'd_ff': 64,
    'd_kv': 8,
    'hidden_dim': 64,
    'vocab_size': 120,
    'max_position_embeddings': 64,
    'n_positions': 64,
    'image_size': 64,
    'patch_size': 16,
    'pad_token_id': 0,
}


def timm_models() -> dict[str, Callable[[], Any]]:
    """The models of timm by name."""
    import timm

    return {name: lambda name=name: timm.create_model(name, pretrained=False) for name in timm.list_models()}  # type: ignore[misc]


def torchvision_models() -> dict[str, Callable[[], Any]]:
    """The models of torchvision that need none of its compiled operators."""
    import torchvision

    names = [each for each in torchvision.models.list_models() if not _is_detection(each)]
    return {
        name: lambda name=name: torchvision.models.get_model(name, weights=None)  # type: ignore[misc]
        for name in names
    }


def _is_detection(name: str) -> bool:
    return any(each in name for each in ('rcnn', 'fcos', 'retinanet', 'ssd'))


def transformers_models() -> dict[str, Callable[[], Any]]:
    """The base models of transformers by their configurations' names."""
    names = importlib.import_module('transformers.models.auto.modeling_auto').MODEL_MAPPING_NAMES
    return {name: lambda name=name: _transformer(name) for name in names}  # type: ignore[misc]


def _transformer(name: str) -> Any:
    kind = importlib.import_module('transformers.models.auto.configuration_auto').CONFIG_MAPPING[name]
    return importlib.import_module('transformers').AutoModel.from_config(_shrunk(kind))


def _shrunk(kind: Any) -> Any:
    """A small configuration: its own sizes where it does not take ours."""
    known = kind().to_dict()
    sizes = {key: value for key, value in _SMALL.items() if isinstance(known.get(key), int)}
    nested = {
        key: {inner: size for inner, size in _SMALL.items() if isinstance(value.get(inner), int)}
        for key, value in known.items()
        if isinstance(value, dict) and key.endswith('_config')
    }
    return kind(**sizes, **{key: value for key, value in nested.items() if value})


def diffusers_models() -> dict[str, Callable[[], Any]]:
    """The models of diffusers that can be made without arguments, or with few channels."""
    import diffusers

    kinds = {
        name: kind
        for name in dir(diffusers.models)
        if isinstance(kind := getattr(diffusers.models, name), type) and issubclass(kind, diffusers.ModelMixin)
    }
    return {name: lambda kind=kind: _diffusion(kind) for name, kind in kinds.items() if name != 'ModelMixin'}  # type: ignore[misc]


def _diffusion(kind: Any) -> Any:
    sizes = {
        'block_out_channels': (32, 64),
        'layers_per_block': 1,
        'sample_size': 16,
        'norm_num_groups': 8,
        'cross_attention_dim': 32,
        'attention_head_dim': 8,
        'num_attention_heads': 2,
        'num_layers': 2,
    }
    parameters = inspect.signature(kind.__init__).parameters
    given: dict[str, Any] = {key: value for key, value in sizes.items() if key in parameters}
    for key, choice in (('down_block_types', 'Down'), ('up_block_types', 'Up')):
        if key in parameters and isinstance(parameters[key].default, tuple):
            default = parameters[key].default
            plain = [each for each in default if each.startswith((choice, 'CrossAttn' + choice))] or list(default)
            given[key] = tuple(plain[:1] * 2)
    return kind(**given)


def inputs_for(model: Any) -> tuple[list[Any], dict[str, Any], Any] | None:
    """Inputs that a model takes, found by trying some, and its output; None where none of them serves."""
    import torch

    tokens = torch.arange(1, 9)[None]
    for size in (64, 224, 256, 299, 32):
        image = torch.randn(1, 3, size, size)
        candidates: list[tuple[list[Any], dict[str, Any]]] = [
            ([], {'input_ids': tokens}),
            ([], {'input_ids': tokens, 'decoder_input_ids': tokens}),
            ([], {'pixel_values': image}),
            ([], {'input_ids': tokens, 'pixel_values': image}),
            ([], {'input_values': torch.randn(1, 4000)}),
            ([image], {}),
            ([image, torch.tensor(3)], {}),
            ([torch.randn(1, 4, 16, 16), torch.tensor(3)], {'encoder_hidden_states': torch.randn(1, 4, 32)}),
            ([torch.randn(1, 4, 16, 16)], {}),
            ([torch.randn(1, 3, 16, size, size)], {}),
        ]
        for given, keywords in candidates:
            with contextlib.suppress(Exception), torch.no_grad():
                torch.manual_seed(0)
                return given, keywords, model(*given, **keywords)
    return None


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
        return {'outcome': 'not built', 'reason': _sentence(error)}
    found = inputs_for(model)
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
    blocked = ','.join([library, 'mmengine', 'introspect_export', 'dill'])
    command = [sys.executable, '-I', '-W', 'ignore', '-c', _LOAD, str(folder / 'out'), str(exchange), blocked]
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
            with contextlib.redirect_stderr(io.StringIO()):
                try:
                    (folder / 'answer.json').write_text(json.dumps(sample(library, make, folder)))
                finally:
                    os._exit(0)
        os.waitpid(child, 0)
        answer = folder / 'answer.json'
        return json.loads(answer.read_text()) if answer.is_file() else {'outcome': 'died', 'reason': ''}
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def chosen(library: str, count: int, seed: int) -> Iterator[tuple[str, Callable[[], Any]]]:
    """A random sample of a library's models."""
    importlib.import_module(library)
    every = globals()[f'{library}_models']()
    names = sorted(every)
    for name in random.Random(seed).sample(names, min(count, len(names))):
        yield name, every[name]


def main() -> int:
    """Sample, print the table, and say by the status whether all that was built is right."""
    parser = argparse.ArgumentParser(description='export random models of a library and load them without it')
    parser.add_argument('libraries', nargs='+', choices=LIBRARIES)
    parser.add_argument('-n', type=int, default=8, help='how many models of each library')
    parser.add_argument('--seed', type=int, default=SEED)
    parser.add_argument('--only', default='', help='only models with this in their name')
    parser.add_argument('--json', type=Path, help='write all results here')
    options = parser.parse_args()
    results: dict[str, dict[str, Any]] = {}
    for library in options.libraries:
        count = options.n if not options.only else sys.maxsize
        for name, make in chosen(library, count, options.seed):
            if options.only in name:
                result = results[f'{library}::{name}'] = forked(library, make)
                size = f'{result["lines"]:6,} lines {result["seconds"]:5.1f} s' if 'lines' in result else ''
                print(f'{library:12} {name:40} {result["outcome"]:13} {size} {result["reason"][:200]}', flush=True)
    built = {name: result for name, result in results.items() if result['outcome'] != 'not built'}
    right = [name for name, result in built.items() if result['outcome'] in ('same', 'loads')]
    print(f'{len(right)} of {len(built)} right, seed {options.seed}; {len(results) - len(built)} not built')
    if options.json is not None:
        options.json.write_text(json.dumps(results, indent=1) + '\n')
    return 0 if len(right) == len(built) else 1


if __name__ == '__main__':
    sys.exit(main())
