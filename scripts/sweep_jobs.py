"""The jobs of a sweep, each run in a process of its own: build the original, export it, check the package.

The check knows nothing of how the export works: it builds the package's model where no origin can be imported, and
compares.
"""

from __future__ import annotations

import importlib
import pickle
import resource
import socket
import sys
import time
import warnings
import zlib
from collections.abc import Callable, Mapping, Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType
from typing import Any

import torch
from mmengine.config import Config
from mmengine.registry import MODELS, init_default_scope
from mutate_jobs import follow

_OURSELVES = 'introspect_export'
_PRELOADED = ('torch', 'torchvision', 'mmengine.runner', 'mmcv.ops')


class CheckFailed(AssertionError):
    """The package is not the same as what it was exported from."""


class Blocker(MetaPathFinder):
    """Stands in front of all other finders and refuses some packages."""

    def __init__(self, packages: Sequence[str]) -> None:
        self._packages = frozenset(packages)

    def find_spec(self, name: str, path: Sequence[str] | None, target: ModuleType | None = None) -> ModuleSpec | None:
        """Raise for a blocked package; leave every other one to the next finder."""
        if name.partition('.')[0] in self._packages:
            raise ModuleNotFoundError(f'import of {name}, which is blocked', name=name)
        return None


def prepare(library: str) -> None:
    """Import ahead what jobs need; of a library, read what does not change from job to job, too.

    Args:
        library: The library; empty where packages are checked, which nothing may help that the exporter knows.
    """
    warnings.filterwarnings('ignore')
    for name in _PRELOADED:
        importlib.import_module(name)
    torch.set_num_threads(1)
    if library:
        _read_ahead(library)


def _read_ahead(library: str) -> None:
    """Import a library, and read what is installed and the text of its modules."""
    import introspect_export.api  # noqa: F401
    from introspect_export.distributions import providers
    from introspect_export.observe.live_registries import Registries
    from introspect_export.observe.origin_policy import Boundary
    from introspect_export.observe.registration_log import Registrations
    from introspect_export.observe.runtime_facts import LiveWorld
    from introspect_export.read.origin_modules import SourceTree

    register_all(library)
    providers(sys.path)
    boundary = Boundary()
    modules = SourceTree(LiveWorld(boundary, Registries(boundary, Registrations(), []), {}))
    for name in sorted(sys.modules):
        modules(name)


def timed(job: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Run a job; say how many seconds of CPU time it took, with the processes it forked."""
    answer = _JOBS[job](**arguments)
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return {**answer, 'cpu': round(sum(each.ru_utime + each.ru_stime for each in used), 2)}


def register_all(library: str) -> None:
    """Import a library as its own tools do."""
    importlib.import_module(f'{library}.utils').register_all_modules(init_default_scope=True)


def reference(config: str, library: str, answer: str) -> dict[str, Any]:
    """Build the original model and save what the package is compared with: keys, shapes, classes, checksums."""
    cfg = _configured(config, library)
    _settle()
    start = time.perf_counter()
    model = MODELS.build(cfg.model)
    seconds = time.perf_counter() - start
    with open(answer, 'wb') as file:
        known = {**described(model), 'metadata': getattr(model.state_dict(), '_metadata', None)}
        pickle.dump({**known, 'refused': _refused(model, known)}, file)
    return {'seconds': round(seconds, 2)}


def size(config: str, library: str) -> dict[str, Any]:
    """Count the parameters of a config's model, without making their values; and tell whether the config trains it."""
    from introspect_export.sandbox.meta_device import built

    cfg = _configured(config, library)
    model, _, _ = built('meta', lambda _: MODELS.build(cfg.model))
    trains = all(cfg.get(key) for key in ('train_dataloader', 'train_cfg', 'optim_wrapper'))
    return {'parameters': sum(each.numel() for each in model.parameters()), 'trains': trains}


def _configured(config: str, library: str) -> Config:
    """A config, whose default scope is in force with all that its library registers."""
    cfg = Config.fromfile(_path(config))
    scope = cfg.get('default_scope') or library
    if scope != 'mmengine':
        register_all(scope)
    init_default_scope(scope)
    return cfg


def _settle() -> None:
    """Leave nothing to chance: a seed, and one value for all memory that torch would leave uninitialized."""
    torch.manual_seed(0)
    torch.use_deterministic_algorithms(True, warn_only=True)


def described(model: torch.nn.Module) -> dict[str, Any]:
    """The class at every module path, and the shape, type and checksum of every tensor of the state."""
    state = {key: value for key, value in model.state_dict().items() if isinstance(value, torch.Tensor)}
    return {
        'keys': list(model.state_dict()),
        'tensors': {key: (tuple(value.shape), value.dtype) for key, value in state.items()},
        'sums': {key: _checksum(value) for key, value in state.items()},
        'classes': {name: type(module).__name__ for name, module in model.named_modules()},
    }


def _checksum(tensor: torch.Tensor) -> int:
    flat = tensor.detach().cpu().contiguous().reshape(-1)
    return zlib.crc32(flat.view(torch.uint8).numpy().data) if flat.numel() else 0


def export(config: str, out: str) -> dict[str, Any]:
    """Export a config; say how long each stage took and what there was to say."""
    from introspect_export import export as run

    seen: dict[str, Any] = {}
    result = run(config, Path(out), verify=None, dump=seen.__setitem__)
    return {
        'seconds': round(sum(result.seconds.values()), 2),
        'stages': {name: round(value, 2) for name, value in result.seconds.items()},
        'files': result.files,
        'lines': result.lines,
        'classes': result.classes,
        'flattened': result.flattened,
        'origins': list(seen['observe'].origins),
        'not_built': {section.path: section.reason for section in result.not_built},
        'codes': result.diagnostics_by_code,
    }


def check(out: str, known: str | None, origins: Sequence[str]) -> dict[str, Any]:
    """Build the package's model where the origins are blocked, and compare it with the original's description.

    Raises:
        CheckFailed: Something differs.
    """
    blocked = {*origins, _OURSELVES}
    sys.meta_path.insert(0, Blocker(sorted(blocked)))
    sys.path.insert(0, out)
    start = time.perf_counter()
    importlib.import_module('pack')
    folder = Path(out, 'pack', 'configs')
    files = [file for file in folder.rglob('*.py') if '_base_' not in file.parts and file.name != '__init__.py']
    _demand(len(files) == 1, f'expected one config under pack/configs, found {len(files)}')
    cfg = Config.fromfile(str(files[0]))
    init_default_scope(cfg.get('default_scope', 'pack'))
    _settle()
    model = importlib.import_module('pack.registry').MODELS.build(cfg.model)
    differing = _compare(model, known) if known is not None else []
    leaked = sorted({name.partition('.')[0] for name in sys.modules.copy()} & blocked)
    _demand(not leaked, f'imported although blocked: {leaked}')
    return {'seconds': round(time.perf_counter() - start, 2), 'differing_weights': differing}


def role(task: dict[str, Any], address: str, memory: int, trace: str = '') -> dict[str, Any]:
    """Be the original or the package for one that asks through a socket, until it has gone.

    Args:
        task: What ``child.role.prepare`` takes.
        address: The socket.
        memory: Who needs more bytes than this fails, and says so, instead of taking them away from everything else.
        trace: Where to write down the lines of the package that run; nowhere if empty.
    """
    resource.setrlimit(resource.RLIMIT_DATA, (memory, memory))
    folder = Path(__file__).resolve().parent.parent / _OURSELVES / 'sandbox' / 'on_path'
    sys.path.insert(0, str(folder))
    child = importlib.import_module(f'{_OURSELVES}_isolated.verify.child.role')
    sys.path.remove(str(folder))
    if trace:
        follow(task['out'], trace)
    with socket.socket(socket.AF_UNIX) as line:
        line.connect(address)
        with line.makefile('r', encoding='utf-8') as requests, line.makefile('w', encoding='utf-8') as answers:
            child.answer_all(task, requests, answers)
    return {}


def _compare(model: torch.nn.Module, known: str) -> list[str]:
    """Compare, load the original's weights, and return the keys whose initial values differ under the same seed."""
    with open(known, 'rb') as file:
        other: dict[str, Any] = pickle.load(file)
    mine = described(model)
    odd = sorted(set(mine['keys']) ^ set(other['keys']))
    _demand(mine['keys'] == other['keys'], f'state_dict keys differ: {odd[:4] or "in their order"}')
    shapes = [key for key, value in other['tensors'].items() if mine['tensors'][key] != value]
    _demand(not shapes, f'shapes or types differ: {shapes[:4]}')
    paths = sorted(set(mine['classes']) ^ set(other['classes']))
    _demand(not paths, f'module paths differ: {paths[:4]}')
    kinds = [
        (path, kind, mine['classes'][path]) for path, kind in other['classes'].items() if mine['classes'][path] != kind
    ]
    _demand(not kinds, f'classes differ: {kinds[:4]}')
    refused = _refused(model, other)
    _demand(refused == other['refused'], f'of its weights it takes others than the original: {refused}')
    return [key for key, value in other['sums'].items() if mine['sums'][key] != value]


def _refused(model: torch.nn.Module, known: Mapping[str, Any]) -> tuple[list[str], list[str]]:
    """The keys that are missing, or unexpected, in the original's weights: hooks of some models take them out."""
    found = model.load_state_dict(_weights(known), strict=False)
    return list(found.missing_keys), list(found.unexpected_keys)


def _weights(known: Mapping[str, Any]) -> Mapping[str, Any]:
    """Weights of the shapes and types of the original's, without the memory they would take."""
    import collections

    state: Any = collections.OrderedDict()
    for key, (shape, kind) in known['tensors'].items():
        state[key] = torch.zeros((), dtype=kind).expand(shape)
    if known['metadata'] is not None:
        state._metadata = known['metadata']
    return state  # type: ignore[no-any-return]


def _demand(condition: bool, message: str) -> None:
    if not condition:
        raise CheckFailed(message)


def _path(config: str) -> str:
    """The file of ``library::path``, found without this project's code."""
    library, _, path = config.partition('::')
    if not path:
        return config
    spec = importlib.util.find_spec(library)
    folder = next(iter(spec.submodule_search_locations or ())) if spec is not None else ''
    return str(Path(folder, '.mim', 'configs', path))


_JOBS: Mapping[str, Callable[..., dict[str, Any]]] = {
    job.__name__: job for job in (reference, size, export, check, role)
}
