"""Use two exported packages, renamed, in one process: ``python packages_together.py FOLDER_OF_BOTH DATA``.

``one`` and ``two`` lie in the folder, ``inner/three`` too, and ``four`` in ``four.zip``.
"""

from __future__ import annotations

import copy
import importlib
import io
import os
import pickle
import sys
import tempfile
import warnings
from typing import Any

import torch
from mmengine.config import Config
from mmengine.dataset import pseudo_collate
from mmengine.registry import DATASETS, MODELS, DefaultScope, init_default_scope
from torch.utils.data import DataLoader


def config_of(name: str) -> Config:
    folder = os.path.join(*name.split('.'), 'configs')
    (file,) = [os.path.join(at, one) for at, _, files in os.walk(folder) for one in files if one.endswith('.py')]
    return Config.fromfile(file)


def of_package(model: torch.nn.Module, name: str) -> bool:
    own = [
        type(each).__module__ for each in model.modules() if not type(each).__module__.startswith(('torch', 'mmengine'))
    ]
    return len(own) > 2 and all(each.startswith(f'{name}.') for each in own)


def forward(model: torch.nn.Module) -> torch.Tensor:
    return model(torch.arange(192.0).reshape(1, 3, 8, 8) / 192)


def same(model: torch.nn.Module, name: str) -> bool:
    """Whether a model survives being copied, pickled and saved."""
    stream = io.BytesIO()
    torch.save(model, stream)
    stream.seek(0)
    others = [copy.deepcopy(model), pickle.loads(pickle.dumps(model)), torch.load(stream, weights_only=False)]
    return all(of_package(each, name) and torch.equal(forward(each), forward(model)) for each in others)


def only_one(name: str) -> None:
    """A package that is alone answers to the scope that its config names, and to its own name."""
    registry = importlib.import_module(f'{name}.registry')
    for scope in (config_of(name).default_scope, name):
        init_default_scope(scope)
        for asked in (MODELS, registry.MODELS):
            assert of_package(asked.build(copy.deepcopy(config_of(name).model)), name), (scope, asked)


def both(name: str, head: str) -> None:
    """One of several is used by its own registries whatever the scope, and from mmengine's by its own name only."""
    registry, config = importlib.import_module(f'{name}.registry'), config_of(name)
    init_default_scope(config.default_scope)
    model = registry.MODELS.build(copy.deepcopy(config.model))
    assert of_package(model, name) and type(model.head).__name__ == head
    assert same(model, name)
    try:
        MODELS.build(copy.deepcopy(config.model))
    except KeyError as error:
        assert 'Detector is not in the' in str(error)
    else:
        raise AssertionError(f'whose Detector is that? {name}')
    init_default_scope(name)
    assert of_package(MODELS.build(copy.deepcopy(config.model)), name)


def workers(name: str, data: str) -> list[float]:
    """What two spawned workers read."""
    init_default_scope(name)
    dataset = DATASETS.build({**config_of(name).train_dataloader.dataset, 'data_root': data})
    loader = DataLoader(dataset, 1, num_workers=2, collate_fn=pseudo_collate, multiprocessing_context='spawn')
    return [float(batch['inputs'][0].mean()) for batch in loader]


def replica(rank: int, name: str, file: str) -> None:
    """Train a step in one of two processes."""
    import torch.distributed

    torch.distributed.init_process_group('gloo', init_method=f'file://{file}', rank=rank, world_size=2)
    registry: Any = importlib.import_module(f'{name}.registry')
    torch.manual_seed(0)
    module = registry.MODELS.build(copy.deepcopy(config_of(name).model))
    model = torch.nn.parallel.DistributedDataParallel(module, find_unused_parameters=True)
    model(torch.full((1, 3, 8, 8), float(rank)), mode='loss')['loss'].backward()
    total = torch.stack([p.grad.sum() for p in module.parameters() if p.grad is not None])
    gathered = [torch.zeros_like(total) for _ in range(2)]
    torch.distributed.all_gather(gathered, total)
    assert torch.equal(gathered[0], gathered[1])
    torch.distributed.destroy_process_group()


def main(folder: str, data: str) -> None:
    os.chdir(folder)
    sys.path.insert(0, folder)
    # What torch and mmengine warn of is theirs.
    warnings.filterwarnings('error', module=r'(one|two|inner|four)\b')
    only_one('inner.three')
    for name in ('one', 'two'):
        importlib.import_module(name)
    for name, head in (('one', 'FancyHead'), ('two', 'DenseHead'), ('inner.three', 'FancyHead')):
        both(name, head)
    sys.path.insert(0, os.path.join(folder, 'four.zip'))
    four = importlib.import_module('four.registry')
    init_default_scope('four')
    assert of_package(four.MODELS.build(copy.deepcopy(config_of('one').model)), 'four')
    both('one', 'FancyHead')
    print('workers', workers('two', data))
    DefaultScope._instance_dict.clear()
    with tempfile.TemporaryDirectory() as meeting:
        torch.multiprocessing.spawn(replica, ('one', os.path.join(meeting, 'file')), nprocs=2)
    print('done')


if __name__ == '__main__':
    main(*sys.argv[1:])
