"""Build one model in this interpreter and write down what it is, for a comparison.

    python scripts/describe_model.py original CONFIG RESULT.json
    python scripts/describe_model.py pack FOLDER RESULT.json --block mmdet --block introspect_export

The result holds the class at every module path, every weight's shape and hash after the same
random seed, and the hash of what the backbone and neck make of one random image.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib
import importlib.util
import inspect
import json
import sys
from collections.abc import Callable, Iterator, Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType
from typing import Any

import torch

IMAGE = (1, 3, 96, 128)


class Blocker(MetaPathFinder):
    """Stands in front of all other finders and refuses some packages."""

    def __init__(self, packages: Sequence[str]) -> None:
        self._packages = frozenset(packages)

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None,
        target: ModuleType | None = None,
    ) -> ModuleSpec | None:
        """Raise for a blocked package; leave every other one to the next finder."""
        if fullname.partition('.')[0] in self._packages:
            raise ModuleNotFoundError(f'{fullname} is blocked here', name=fullname)
        return None


class MissingOperators(ModuleType):
    """Takes the place of mmcv's compiled module where it was not built.

    Looking at a model needs no compiled operator; running one that does raises.
    """

    def __getattr__(self, name: str) -> Callable[..., Any]:
        """Return a function that raises when called, for any name but a magic one."""
        if name.startswith('__'):
            raise AttributeError(name)

        def missing(*_: object, **__: object) -> None:
            raise RuntimeError(f'mmcv was installed without its compiled operator {name}')

        return missing


def stand_in_for_operators() -> None:
    """Put the placeholder in place if mmcv has no compiled module."""
    if importlib.util.find_spec('mmcv._ext') is None:
        sys.modules['mmcv._ext'] = MissingOperators('mmcv._ext')


def build(config: Path) -> torch.nn.Module:
    """Build a config's model in the scope that the config names."""
    from mmengine.config import Config
    from mmengine.registry import MODELS, init_default_scope

    cfg = Config.fromfile(config)
    init_default_scope(cfg.default_scope)
    torch.manual_seed(0)
    model: torch.nn.Module = MODELS.build(cfg.model)
    return model


def find_config(name: str) -> Path:
    """Return the file behind `package::path`; a package keeps its configs below `.mim`."""
    package, _, path = name.partition('::')
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        raise SystemExit(f'error: {package} is not installed')
    return Path(spec.origin).parent / '.mim' / 'configs' / path


def find_pack_config(folder: Path) -> Path:
    """Return the one config of an exported package."""
    found = [p for p in (folder / 'pack' / 'configs').rglob('*.py') if p.name != '__init__.py']
    if len(found) != 1:
        raise SystemExit(f'error: expected one config below {folder}/pack/configs, found {found}')
    return found[0]


def tensors(value: object) -> Iterator[torch.Tensor]:
    """Yield every tensor in nested lists, tuples and dicts."""
    if isinstance(value, torch.Tensor):
        yield value
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from tensors(item)
    elif isinstance(value, dict):
        for item in value.values():
            yield from tensors(item)


def digest(value: object) -> str:
    """Return a hash of the exact bytes of all tensors in a value."""
    result = hashlib.sha256()
    for tensor in tensors(value):
        result.update(f'{tensor.dtype} {tuple(tensor.shape)}'.encode())
        result.update(tensor.detach().contiguous().numpy().tobytes())
    return result.hexdigest()


def features(model: Any) -> str:
    """Return the hash of the features of one random image; no compiled operator is needed."""
    torch.manual_seed(0)
    image = torch.rand(IMAGE)
    model.eval()
    with torch.no_grad():
        return digest(model.extract_feat(image))


def describe(model: torch.nn.Module) -> dict[str, Any]:
    """Return all that is compared about a model, and where its class stands."""
    kind = type(model)
    return {
        'weights': [[name, list(value.shape), digest(value)] for name, value in model.state_dict().items()],
        'classes': [[name, type(module).__name__] for name, module in model.named_modules()],
        'features': features(model),
        'parameters': sum(p.numel() for p in model.parameters()),
        'class_file': inspect.getsourcefile(kind),
        'class_line': inspect.getsourcelines(kind)[1],
        'bases': [f'{base.__module__}.{base.__qualname__}' for base in kind.__bases__],
    }


def main() -> None:
    """Read the command line, build, write the result."""
    parser = argparse.ArgumentParser(description=(__doc__ or '').partition('\n')[0])
    parser.add_argument('kind', choices=['original', 'pack'])
    parser.add_argument('source', help='package::config, or the folder of an export')
    parser.add_argument('result', type=Path)
    parser.add_argument('--block', action='append', default=[], metavar='PACKAGE')
    options = parser.parse_args()
    torch.set_num_threads(1)
    sys.meta_path.insert(0, Blocker(options.block))
    stand_in_for_operators()
    if options.kind == 'original':
        config = find_config(options.source)
    else:
        sys.path.insert(0, options.source)
        importlib.import_module('pack')
        config = find_pack_config(Path(options.source))
    result = describe(build(config))
    loaded = {name.partition('.')[0] for name in sys.modules.copy()}
    result['leaked'] = sorted(loaded & set(options.block))
    options.result.write_text(json.dumps(result), encoding='utf-8')


if __name__ == '__main__':
    main()
