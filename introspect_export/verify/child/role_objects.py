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
        folder: Where both roles leave what the other reads.
        tiny: The folder of the code that makes data.
        loaded: The config as its file has it; nothing changes it.
    """

    role: str
    folder: Path
    tiny: Path
    loaded: Any

    def config(self, overrides: Sequence[Any] = ()) -> Any:
        """The config, with some of its values replaced.

        Args:
            overrides: Mappings of a ``path``, as a list of keys and indexes, and the ``value`` there; under the key
                ``inside`` of the value what was there goes on.
        """
        config = copy.deepcopy(self.loaded)
        for override in overrides:
            *above, last = override['path']
            holder = config
            for key in above:
                holder = holder[key]
            # Between the roles tuples travel as lists.
            listed = isinstance(override['value'], list) and last in _keys(holder) and isinstance(holder[last], tuple)
            value: Any = tuple(override['value']) if listed else copy.deepcopy(override['value'])
            inner = override.get('inside')
            holder[last] = {**value, inner: holder[last]} if inner else value
        return config

    def model(self, config: Any, checkpoint: str = '') -> Any:
        """Build the model, and load weights into it.

        Args:
            config: The config.
            checkpoint: The file with the weights, or nothing for those that building gives.
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
        """The model as mmengine's runner runs it in one process."""
        from mmengine.model import revert_sync_batchnorm

        return revert_sync_batchnorm(self.model(config, checkpoint))

    def loaders(self, config: Any, part: str) -> list[tuple[str, Any]]:
        """The data loaders of a part with their paths in the config, made as mmengine's runner makes them."""
        from mmengine.runner import Runner

        maker(self.tiny)  # Some data sets are of its making.
        value = config.get(f'{part}_dataloader')
        several = isinstance(value, (list, tuple))
        found = []
        for index, loader in enumerate(value if several else [value] if value is not None else []):
            seed_everything()
            made = Runner.build_dataloader(loader, seed=SEED)
            found.append((f'{part}[{index}]' if several else part, made))
        return found


def fill(model: Any, checkpoint: str) -> dict[str, list[str]]:
    """Load a checkpoint's weights into a model: strictly, or else as far as it takes them.

    Hooks of some models take entries out of a checkpoint, so that they cannot load strictly even what they saved.

    Args:
        model: The model.
        checkpoint: The file.

    Returns:
        The keys that it then finds ``missing`` from the checkpoint, and ``unexpected`` in it.

    Raises:
        RuntimeError: What is there does not fit.
    """
    import torch

    entries = torch.load(checkpoint, weights_only=False)  # Loading copies them before hooks take any out.
    try:
        model.load_state_dict(entries, strict=True)
    except RuntimeError:
        left = model.load_state_dict(entries, strict=False)
        return {'missing': list(left.missing_keys), 'unexpected': list(left.unexpected_keys)}
    return {'missing': [], 'unexpected': []}


def _keys(holder: Any) -> Any:
    return holder if isinstance(holder, dict) else range(len(holder))


def side(task: Mapping[str, Any]) -> Side:
    """Read the role's config and import what its registries and the config itself name."""
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
    """The scopes that types of a config name."""
    for _, text in types(config.to_dict()):
        scope, dot, _ = text.partition('.')
        if dot:
            yield scope


def _import_registered(scopes: Sequence[str]) -> None:
    """Import what mmengine would import at the first look into each registry, once for all steps."""
    from mmengine.registry import DATASETS, METRICS, MODELS, TRANSFORMS

    for scope in dict.fromkeys(scopes):
        for root in (MODELS, DATASETS, TRANSFORMS, METRICS):
            # What fails here fails again, and is told then, where it is needed.
            with contextlib.suppress(Exception), root.switch_scope_and_registry(scope) as registry:
                registry.import_from_location()
