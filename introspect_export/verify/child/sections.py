"""Build each section of a config by itself, with no data."""

from __future__ import annotations

import copy
import inspect
import os
import re
from collections.abc import Callable, Iterator
from typing import Any

from .faults import sentence
from .names import all_types

LENGTH = 1000
"""The number of samples that a data set without data claims to have."""

PARTS = ('train', 'val', 'test')
_NO_FILE = (FileNotFoundError, NotADirectoryError)


class Builder:
    """Builds each section of a config by itself, as mmengine's runner does, with no data.

    Args:
        config: The config; building changes it.
        original: For the sections of the original config that somebody tried to build here, why they could not be
            built; empty for one that could.
    """

    def __init__(self, config: Any, original: dict[str, str]) -> None:
        self.config = config
        self.original = original
        self.given = copy.deepcopy(config)
        self.sections: list[dict[str, Any]] = []
        self.products: dict[str, Any] = {}
        self.runner = bare_runner(config)

    def build(self) -> None:
        """Build everything."""
        from mmengine.dataset.base_dataset import Compose
        from mmengine.registry import MODELS, RUNNERS

        config, runner = self.config, self.runner
        model = self.model()
        runner.model = model
        self.one('visualizer', runner.build_visualizer)
        if isinstance(config.get('runner_type'), str):
            self.attempt('runner_type', lambda: _known(RUNNERS, config['runner_type']))
        for part in PARTS:
            for path, loader in _listed(f'{part}_dataloader', config.get(f'{part}_dataloader')):
                self.loader(path, loader)
            for path, evaluator in self.evaluators(f'{part}_evaluator'):
                self.attempt(path, lambda evaluator=evaluator: runner.build_evaluator(evaluator))  # type: ignore[misc]
        self.hooks()
        self.one('log_processor', runner.build_log_processor)
        self.optimization(model)
        for part in PARTS:
            self.one(f'{part}_cfg', _loop)
        if isinstance(config.get('tta_model'), dict) and model is not None:
            self.attempt('tta_model', lambda: MODELS.build(config['tta_model'], default_args={'module': model}))
        self.one('tta_pipeline', Compose)

    def attempt(self, path: str, make: Callable[[], Any]) -> Any:
        """Make one section and note what became of it."""
        fact = {'path': path, 'ok': True, 'built': True, 'reason': ''}
        self.sections.append(fact)
        try:
            self.products[path] = make()
            return self.products[path]
        except (Exception, SystemExit) as error:  # The pack's code fails in its own ways.
            excuse = excused(self.original.get(path), error)
            fact.update(ok=bool(excuse), built=False, reason=excuse or sentence(error))
        return None

    def one(self, path: str, make: Callable[[Any], Any]) -> Any:
        """Make the section under one key, if there is one."""
        value = self.config.get(path)
        return self.attempt(path, lambda: make(value)) if value is not None else None

    def model(self) -> Any:
        """The model, with the config's own data preprocessor where it has none, as the runner does."""
        from mmengine.registry import MODELS

        model, preprocessor = self.config.get('model'), self.config.get('data_preprocessor')
        if isinstance(model, dict) and isinstance(preprocessor, dict):
            model.setdefault('data_preprocessor', preprocessor)
        return self.one('model', MODELS.build)

    def loader(self, path: str, loader: dict[str, Any]) -> None:
        """The parts of a data loader."""
        from mmengine.registry import DATA_SAMPLERS, DATASETS, FUNCTIONS

        data: Any = range(LENGTH)
        if isinstance(loader.get('dataset'), dict):
            _make_lazy(loader['dataset'])
            dataset = self.attempt(f'{path}.dataset', lambda: DATASETS.build(loader['dataset']))
            data = data if dataset is None or _length(dataset) is None else dataset
        sampler: Any = data
        if isinstance(loader.get('sampler'), dict):
            arguments = {'default_args': {'dataset': data, 'seed': None}}
            sampler = self.attempt(f'{path}.sampler', lambda: DATA_SAMPLERS.build(loader['sampler'], **arguments))
        if isinstance(loader.get('batch_sampler'), dict):
            more = {'default_args': {'sampler': sampler, 'batch_size': loader.get('batch_size', 1)}}
            self.attempt(f'{path}.batch_sampler', lambda: DATA_SAMPLERS.build(loader['batch_sampler'], **more))
        for key in ('collate_fn', 'worker_init_fn'):
            kind = loader[key].get('type') if isinstance(loader.get(key), dict) else None
            if isinstance(kind, str):
                # As the runner does it: the root is asked, not the default scope's registry.
                self.attempt(f'{path}.{key}', lambda kind=kind: _there(FUNCTIONS.get(kind), kind))  # type: ignore[misc]

    def evaluators(self, path: str) -> Iterator[tuple[str, Any]]:
        """Each metric by itself: one that needs a file leaves the others alone."""
        value = self.config.get(path)
        several = isinstance(value, (list, tuple)) and len(value) > 1
        if value is not None:
            yield from _listed(path, value) if several else [(path, value)]

    def hooks(self) -> None:
        """Every hook."""
        from mmengine.registry import HOOKS

        for key in ('default_hooks', 'custom_hooks'):
            value = self.config.get(key) or {}
            for name, hook in list(value.items() if isinstance(value, dict) else enumerate(value)):
                if isinstance(hook, dict):
                    options = {name: each for name, each in hook.items() if name != 'priority'}
                    self.attempt(f'{key}.{name}', lambda options=options: HOOKS.build(options))  # type: ignore[misc]

    def optimization(self, model: Any) -> None:
        """The optimizer wrapper by its constructor for the live model, and the schedulers of it."""
        import torch
        from mmengine.optim import OptimWrapper

        runner, optimizer = self.runner, None
        if model is not None:
            optimizer = self.one('optim_wrapper', runner.build_optim_wrapper)
        stand_in = OptimWrapper(torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=0.1))
        runner.optim_wrapper = optimizer if optimizer is not None else stand_in
        self.one('param_scheduler', runner.build_param_scheduler)


def excused(original: str | None, error: BaseException) -> str:
    """Why a failure is no fault of the pack, or nothing.

    Args:
        original: Why the original's section could not be built here; empty for one that could, None where nobody tried.
        error: What the pack's section raised.
    """
    lacked = lacking(str(error)) if isinstance(error, KeyError) else ''
    if lacked and lacked != lacking(original or ''):
        return ''  # Whatever else is not here: a name that no registry knows is not in the pack.
    if isinstance(error, (ImportError, NameError)) and type(error).__name__ not in (original or ''):
        return ''  # Whatever else is not here: these are what a pack raises that lacks a part.
    if original:
        return f'the original cannot be built here either: {original}'
    return f'needs a file: {error}' if original is None and isinstance(error, _NO_FILE) else ''


def lacking(text: str) -> str:
    """The type, without a scope, that a message of mmengine's says is in no registry; empty for another message."""
    found = re.search(r"([^\s'\"]+) is not in the \S+ registry|no registry knows '([^']+)'", text)
    return (found[1] or found[2]).rpartition('.')[2] if found else ''


def _listed(path: str, value: Any) -> list[tuple[str, Any]]:
    if isinstance(value, (list, tuple)):
        return [(f'{path}.{index}', item) for index, item in enumerate(value)]
    return [(path, value)] if isinstance(value, dict) else []


def _known(registry: Any, key: str) -> Any:
    """What a registry, or the default scope's child of it, has under a key."""
    with registry.switch_scope_and_registry(None) as scoped:
        return _there(scoped.get(key), key)


def _there(found: Any, key: str) -> Any:
    if found is None:
        raise KeyError(f'no registry knows {key!r}')
    return found


def _loop(config: Any) -> Any:
    """A loop needs data to be made; that its class is there is what can be shown."""
    from mmengine.registry import LOOPS

    return _known(LOOPS, config['type']) if isinstance(config.get('type'), str) else config


def bare_runner(config: Any) -> Any:
    """A runner without its constructor, which would start logging and distribute; its builders are what is wanted."""
    from mmengine.logging import MessageHub, MMLogger
    from mmengine.runner import BaseLoop, Runner
    from torch.utils.data import DataLoader

    class Loop(BaseLoop):  # type: ignore[misc]
        def run(self) -> None:
            """Do nothing."""

    runner = Runner.__new__(Runner)
    runner.cfg, runner._log_dir, runner._experiment_name = config, os.getcwd(), 'verify'
    runner.logger = MMLogger.get_instance('verify', log_level='ERROR')
    runner.message_hub = MessageHub.get_instance('verify')
    loader: Any = DataLoader(range(LENGTH))  # type: ignore[arg-type]
    runner._train_dataloader = runner._val_dataloader = runner._test_dataloader = loader
    loop: Any = Loop(runner, loader)
    train = config.get('train_cfg') or {}
    loop.max_epochs = train.get('max_epochs') or 1
    loop.max_iters = train.get('max_iters') or loop.max_epochs * LENGTH
    runner._train_loop = loop
    return runner


def read_no_data() -> None:
    """Keep mmengine's data sets from reading files while they are made; they claim a length."""
    from mmengine.dataset import BaseDataset

    pending: list[Any] = [BaseDataset]
    while pending:
        owner = pending.pop()
        pending += owner.__subclasses__()
        if 'full_init' in vars(owner):
            owner.full_init = lambda self: None
    BaseDataset.__len__ = lambda self: LENGTH


def _make_lazy(config: Any) -> None:
    """Ask every data set of a config, wrapped ones too, not to read its data, where it can be asked."""
    from mmengine.registry import DATASETS

    if isinstance(config, (list, tuple)):
        for item in config:
            _make_lazy(item)
    if not isinstance(config, dict):
        return
    for key, value in config.items():
        if key not in ('pipeline', 'metainfo'):
            _make_lazy(value)
    kind = config.get('type')
    with DATASETS.switch_scope_and_registry(config.get('_scope_')) as registry:
        found = registry.get(kind) if isinstance(kind, str) and kind in all_types() else kind
    if isinstance(found, type) and hasattr(found, 'full_init') and _accepts(found, 'lazy_init'):
        config['lazy_init'] = True


def _accepts(kind: type, parameter: str) -> bool:
    """Whether a constructor takes a parameter, by itself or by handing keywords on to a parent's."""
    for owner in kind.__mro__:
        if inspect.isfunction(vars(owner).get('__init__')):
            parameters = inspect.signature(vars(owner)['__init__']).parameters
            if parameter in parameters:
                return True
            if not any(one.kind is one.VAR_KEYWORD for one in parameters.values()):
                return False
    return False


def _length(value: Any) -> int | None:
    try:
        return len(value)
    except Exception:  # Its code looks for data in its own ways, and fails in its own ways.
        return None
