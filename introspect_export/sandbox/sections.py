"""Builds the sections of a config one by one, as mmengine's runner does."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, Protocol, TypeVar

from mmengine.dataset import pseudo_collate
from mmengine.dataset.base_dataset import Compose
from mmengine.evaluator import Evaluator
from mmengine.registry import DATA_SAMPLERS, DATASETS, FUNCTIONS, HOOKS, METRICS, MODELS, RUNNERS, Registry
from mmengine.runner import Runner
from mmengine.visualization import Visualizer
from torch.utils.data import DataLoader, SequentialSampler

from .config_tree import joined
from .no_data import sized
from .runner_stubs import PARTS, loader_stub, loop_stub, optimizer_stub, runner_stub

T = TypeVar('T')


class Listener(Protocol):
    """The callbacks for the progress of building."""

    def begun(self, path: str) -> None:
        """Called before a section is built."""

    def ended(self, path: str, error: BaseException | None) -> None:
        """Called after a section was built, or with the exception that was raised."""


ListenerT = TypeVar('ListenerT', bound=Listener)

_WORKERS = (
    'num_batch_per_epoch',
    'num_workers',
    'persistent_workers',
    'prefetch_factor',
    'timeout',
    'multiprocessing_context',
)
"""Options of a data loader that start processes or cut data, since some loops create an iterator when constructed."""


class Sections(Generic[ListenerT]):
    """Builds the sections of a config; a failure is reported and does not affect other sections.

    Args:
        config: A copy of the config (``own_tree``); building modifies it.
        work_dir: An empty folder.
        listener: Called for each section.
        before: Sections of another copy of the same config, whose products these begin with.
    """

    def __init__(
        self, config: Any, work_dir: str, listener: ListenerT, before: Sections[ListenerT] | None = None
    ) -> None:
        self.config = config
        self.listener = listener
        self.products: list[tuple[str, Any]] = list(before.products) if before is not None else []
        self.left_out: dict[str, tuple[str, ...]] = {}
        """For each data loader's path, the keys of its config that were not passed to it, unlike in a real run."""
        self.runner: Any = None
        """The runner stub that built the sections other than the model."""
        self._work_dir = work_dir
        # As in the runner, the top-level data preprocessor is used if the model's config has none.
        model, preprocessor = config.get('model'), config.get('data_preprocessor')
        if isinstance(model, dict) and isinstance(preprocessor, dict) and 'data_preprocessor' not in model:
            dict.__setitem__(model, 'data_preprocessor', preprocessor)

    def build_model(self) -> Any:
        """Build the model."""
        model = self.config.get('model')
        return self._attempt('model', lambda: MODELS.build(model)) if model is not None else None

    def build_rest(self, model: Any) -> None:
        """Build every section other than the model.

        Args:
            model: The built model, or None.
        """
        runner = self.runner = self._runner(model)
        loaders = {part: self._loaders(f'{part}_dataloader') for part in PARTS}
        evaluators = {part: self._evaluators(runner, part) for part in PARTS}
        self._hooks()
        self._one('log_processor', runner.build_log_processor)
        optimizer = self._one('optim_wrapper', runner.build_optim_wrapper) if model is not None else None
        for part in PARTS:
            vars(runner)[f'_{part}_dataloader'] = loaders[part]
            vars(runner)[f'_{part}_evaluator'] = evaluators[part] or Evaluator([])
            self._one(f'{part}_cfg', getattr(runner, f'build_{part}_loop'))
        runner.optim_wrapper = optimizer or optimizer_stub()
        runner._train_loop = loop_stub(runner, self.config.get('train_cfg'))
        self._one('param_scheduler', runner.build_param_scheduler)
        self._augmentation(model)

    def _attempt(self, path: str, make: Callable[[], T]) -> T | None:
        """Build a section; an exception is reported to the listener."""
        self.listener.begun(path)
        try:
            value = make()
        except (Exception, SystemExit) as error:  # Foreign code may raise anything.
            self.listener.ended(path, error)
            return None
        self.listener.ended(path, None)
        self.products.append((path, value))
        return value

    def _one(self, path: str, make: Callable[[Any], Any]) -> Any:
        value = self.config.get(path)
        return self._attempt(path, lambda: make(value)) if value is not None else None

    def _runner(self, model: Any) -> Any:
        kind: Any = Runner
        named = self.config.get('runner_type')
        if named is not None:
            kind = self._attempt('runner_type', lambda: _runner_class(named)) or Runner
        runner = runner_stub(self.config, self._work_dir, kind)
        runner.model = model
        visualizer = self._one('visualizer', runner.build_visualizer)
        runner.visualizer = visualizer or Visualizer.get_instance('stand-in')
        return runner

    def _loaders(self, path: str) -> Any:
        value = self.config.get(path)
        if isinstance(value, (list, tuple)):
            return [self._loader(joined(path, index), item) for index, item in enumerate(value)]
        return self._loader(path, value) if isinstance(value, dict) else loader_stub()

    def _loader(self, path: str, config: Any) -> Any:
        """Build a data loader; its data set, sampler, batch sampler and functions are sections of their own."""
        options = dict(config)
        dataset = self._part(path, options, 'dataset', DATASETS.build)
        if dataset is None:
            dataset = range(len(loader_stub()))
        whole = sized(dataset)
        wanted = 'sampler' in options
        sampler = self._part(path, options, 'sampler', lambda value: _sampler(value, dataset=whole, seed=None))
        if sampler is None and wanted:
            sampler = SequentialSampler(whole)
        batch_size = options.get('batch_size', 1)
        batches = self._part(
            path, options, 'batch_sampler', lambda value: _sampler(value, sampler=sampler, batch_size=batch_size)
        )
        collate = self._part(path, options, 'collate_fn', _function) if 'collate_fn' in options else pseudo_collate
        start = self._part(path, options, 'worker_init_fn', _function)
        self.left_out[path] = tuple(key for key in _WORKERS if options.pop(key, None) is not None)
        if batches is not None:
            options.pop('batch_size', None)
        chosen = {'batch_sampler': batches} if batches is not None else {'sampler': sampler}
        loader = self._attempt(
            path, lambda: DataLoader(whole, collate_fn=collate, worker_init_fn=start, **chosen, **options)
        )
        return loader if loader is not None else loader_stub()

    def _part(self, path: str, options: dict[str, Any], key: str, make: Callable[[Any], Any]) -> Any:
        value = options.pop(key, None)
        return self._attempt(joined(path, key), lambda: make(value)) if isinstance(value, dict) else value

    def _evaluators(self, runner: Any, part: str) -> Any:
        """Build an evaluator, or a list of them where the data loaders are a list."""
        path = f'{part}_evaluator'
        value = self.config.get(path)
        if isinstance(value, (list, tuple)) and isinstance(self.config.get(f'{part}_dataloader'), (list, tuple)):
            return [self._evaluator(runner, joined(path, index), item) for index, item in enumerate(value)]
        return self._evaluator(runner, path, value) if value is not None else None

    def _evaluator(self, runner: Any, path: str, value: Any) -> Any:
        if isinstance(value, (list, tuple)) and len(value) > 1:
            # Each metric is built separately, so that one that needs a missing file does not affect the others.
            built = [self._attempt(joined(path, index), _building(METRICS, one)) for index, one in enumerate(value)]
            return Evaluator([metric for metric in built if metric is not None])
        return self._attempt(path, lambda: runner.build_evaluator(value)) or Evaluator([])

    def _hooks(self) -> None:
        for path in ('default_hooks', 'custom_hooks'):
            value = self.config.get(path)
            items = value.items() if isinstance(value, dict) else enumerate(value or ())
            for key, hook in list(items):
                if isinstance(hook, dict):
                    hook.pop('priority', None)  # The runner removes it, too: it is no argument of the hook.
                    self._attempt(joined(path, key), _building(HOOKS, hook))

    def _augmentation(self, model: Any) -> None:
        """Build the pipeline and the model of test-time augmentation, which wraps the given model."""
        config = self.config.get('tta_model')
        if isinstance(config, dict) and model is not None:
            self._attempt('tta_model', lambda: MODELS.build(config, default_args={'module': model}))
        pipeline = self.config.get('tta_pipeline')
        if isinstance(pipeline, list):
            self._attempt('tta_pipeline', lambda: Compose(pipeline))


def _building(registry: Registry, config: Any) -> Callable[[], Any]:
    return lambda: registry.build(config)


def _sampler(config: Any, **defaults: Any) -> Any:
    return DATA_SAMPLERS.build(config, default_args=defaults)


def _function(config: Any) -> Any:
    kind = config['type']
    # As in the runner, the root registry is searched, not that of the default scope.
    return _known(FUNCTIONS, kind) if isinstance(kind, str) else kind


def _runner_class(named: Any) -> Any:
    if not isinstance(named, str):
        return named
    with RUNNERS.switch_scope_and_registry(None) as scoped:
        return _known(scoped, named)


def _known(registry: Registry, key: str) -> Any:
    found = registry.get(key)
    if found is None:
        raise KeyError(f'no registry knows {key!r}')
    return found
