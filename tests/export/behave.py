"""Print as JSON how a toylib detector behaves: the original's, or a package's in which toylib cannot be imported.

python behave.py CONFIG [OUT]
"""

from __future__ import annotations

import importlib
import json
import sys
from typing import Any


class Blocked:
    """Refuses the origin, in front of all other finders."""

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> None:
        if name.partition('.')[0] in ('toylib', 'introspect_export'):
            raise ModuleNotFoundError(f'blocked: {name}')


def main(config: str, out: str | None = None) -> None:
    if out is not None:
        sys.meta_path.insert(0, Blocked())  # type: ignore[arg-type]
        sys.path.insert(0, out)
        importlib.import_module('pack')
    import torch
    from mmengine.config import Config
    from mmengine.registry import DATASETS, HOOKS, METRICS, MODELS, TRANSFORMS, init_default_scope

    cfg = Config.fromfile(config)
    init_default_scope(cfg.default_scope)
    torch.manual_seed(0)
    model = MODELS.build(cfg.model)
    image = torch.arange(192.0).reshape(1, 3, 8, 8) / 192
    loss = model(image, mode='loss')['loss']
    loss.backward()
    head = model.head
    print(
        json.dumps(
            dict(
                keys=list(model.state_dict()),
                classes={name: type(module).__name__ for name, module in model.named_modules()},
                output=model(image).flatten().tolist(),
                predicted=model(image, mode='predict'),
                loss=loss.item(),
                last=head.last.item(),
                gradients={name: p.grad.sum().item() for name, p in model.named_parameters() if p.grad is not None},
                described=head.describe(),
                bound=head.bound,
                pairs=head.pairs([1, 2]),
                calls=head.calls,
                noted=head.noted,
                version=model.version,
                dataset=DATASETS.build({**cfg.train_dataloader.dataset, 'lazy_init': True}).metainfo['classes'],
                sample=TRANSFORMS.build(cfg.pipeline[0])(dict(index=3))['inputs'].sum().item(),
                hook=type(HOOKS.build(cfg.custom_hooks[0])).__name__,
                metric=METRICS.build(cfg.val_evaluator).compute_metrics([1, 2]),
                bases=[base.__name__ for base in type(head).__bases__],
            )
        )
    )


if __name__ == '__main__':
    main(*sys.argv[1:])
