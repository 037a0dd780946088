"""The config of a role, and the live objects made from it: the model, data loaders, the optimizer wrapper."""

from __future__ import annotations

import ast
import contextlib
import copy
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...sandbox.weights import no_weights
from .config_file import config_file
from .determinism import SEED, seed_everything
from .registered_names import types
from .tiny_data_import import maker

PARTS = ('train', 'val', 'test')


@dataclass(frozen=True)
class Side:
    """One role.

    Attributes:
        role: ``original`` or ``pack``.
        folder: The folder for files that the roles exchange.
        tiny: The folder of the package ``tiny_data``.
        loaded: The config as read from its file, which must not be modified.
    """

    role: str
    folder: Path
    tiny: Path
    loaded: Any

    def config(self, overrides: Sequence[Any] = ()) -> Any:
        """Return a copy of the config with some values replaced.

        Args:
            overrides: Mappings of a ``path``, as a list of keys and indices, and the ``value`` to set there; if it has
                ``inside``, the previous value is kept under that key of the new one.
        """
        config = copy.deepcopy(self.loaded)
        for override in overrides:
            *above, last = override['path']
            holder = config
            for key in above:
                holder = holder[key]
            # Overrides are transferred as JSON, where tuples become lists.
            listed = isinstance(override['value'], list) and last in _keys(holder) and isinstance(holder[last], tuple)
            value: Any = tuple(override['value']) if listed else copy.deepcopy(override['value'])
            inner = override.get('inside')
            holder[last] = {**value, inner: holder[last]} if inner else value
        return config

    def model(self, config: Any, checkpoint: str = '') -> Any:
        """Build the model, and load weights into it.

        Args:
            config: The config.
            checkpoint: The file with the weights, or empty to keep those of the constructor.
        """
        from mmengine.registry import MODELS

        made, preprocessor = copy.deepcopy(config['model']), config.get('data_preprocessor')
        if isinstance(made, dict) and isinstance(preprocessor, dict):
            made.setdefault('data_preprocessor', copy.deepcopy(preprocessor))
        seed_everything()
        with no_weights():
            model = MODELS.build(made)
        if checkpoint:
            fill(model, checkpoint)
        return model

    def running(self, config: Any, checkpoint: str) -> Any:
        """Build the model as mmengine's runner prepares it for a single process.

        Args:
            config: The config.
            checkpoint: The file with the weights.
        """
        from mmengine.model import revert_sync_batchnorm

        return revert_sync_batchnorm(self.model(config, checkpoint))

    def loaders(self, config: Any, part: str) -> list[tuple[str, Any]]:
        """Build the data loaders of a part as mmengine's runner does, with their paths.

        Args:
            config: The config.
            part: ``train``, ``val`` or ``test``.
        """
        from mmengine.runner import Runner

        maker(self.tiny)  # Overrides may name data set classes of ``tiny_data``.
        value = config.get(f'{part}_dataloader')
        several = isinstance(value, (list, tuple))
        found = []
        for index, loader in enumerate(value if several else [value] if value is not None else []):
            seed_everything()
            made = Runner.build_dataloader(loader, seed=SEED)
            found.append((f'{part}[{index}]' if several else part, made))
        return found


def fill(model: Any, checkpoint: str) -> dict[str, list[str]]:
    """Load a checkpoint's weights into a model, strictly if possible.

    Hooks of some models remove entries of a checkpoint, so that they cannot load strictly even their own.

    Args:
        model: The model.
        checkpoint: The file.

    Returns:
        The ``missing`` and the ``unexpected`` keys.

    Raises:
        RuntimeError: An entry has another shape.
    """
    import torch

    entries = torch.load(
        checkpoint, weights_only=False
    )  # ``load_state_dict`` copies the mapping before hooks modify it.
    try:
        model.load_state_dict(entries, strict=True)
    except RuntimeError:
        keys = model.load_state_dict(entries, strict=False)
        return {'missing': list(keys.missing_keys), 'unexpected': list(keys.unexpected_keys)}
    return {'missing': [], 'unexpected': []}


def _keys(holder: Any) -> Any:
    return holder if isinstance(holder, dict) else range(len(holder))


def side(task: Mapping[str, Any]) -> Side:
    """Read a role's config, and import the locations of its registries.

    Args:
        task: The task; see ``role.prepare``.
    """
    from mmengine.config import Config
    from mmengine.registry import init_default_scope

    file = task['config'] or config_file(Path(task['out']))
    config = Config.fromfile(str(file))
    if task['options']:
        config.merge_from_dict({key: ast.literal_eval(text) for key, text in task['options'].items()})
    scope = config.get('default_scope') or task['scope'] or 'mmengine'
    init_default_scope(scope)
    _import_registered([scope, *_scopes(config)])
    return Side(task['role'], Path(task['folder']), Path(task['tiny']), config)


def _scopes(config: Any) -> Iterator[str]:
    """The scopes in ``type`` strings of a config."""
    for _, text in types(config.to_dict()):
        scope, dot, _ = text.partition('.')
        if dot:
            yield scope


def _import_registered(scopes: Sequence[str]) -> None:
    """Import the locations of registries, as the first look-up in each would, once for all steps."""
    from mmengine.registry import DATASETS, METRICS, MODELS, TRANSFORMS

    for scope in dict.fromkeys(scopes):
        for root in (MODELS, DATASETS, TRANSFORMS, METRICS):
            # A failure is reported when a step needs the entry.
            with contextlib.suppress(Exception), root.switch_scope_and_registry(scope) as registry:
                registry.import_from_location()
