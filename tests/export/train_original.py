"""Train, and test, an original config on data that was made for its package: run as a script.

train_original.py CONFIG LIBRARY TINY_DATA.json WORK_DIR KEY=VALUE...
"""

from __future__ import annotations

import importlib
import json
import os
import sys
from pathlib import Path

os.environ.setdefault('TORCH_FORCE_NO_WEIGHTS_ONLY_LOAD', '1')

from mmengine.config import Config, DictAction
from mmengine.registry import RUNNERS, init_default_scope
from mmengine.runner import Runner

from introspect_export.load.config_location import config_roots
from introspect_export.tiny_data import TinyData, apply


def main(name: str, library: str, tiny: str, work_dir: str, *options: str) -> None:
    """Train, then test the checkpoint."""
    package, _, path = name.partition('::')
    config = Config.fromfile(config_roots(package)[0] / path)
    importlib.import_module(f'{library}.utils').register_all_modules(init_default_scope=True)
    apply(config, TinyData.from_json(json.loads(Path(tiny).read_text())).overrides)
    pairs = (option.partition('=') for option in options)
    config.merge_from_dict({key: DictAction._parse_iterable(value) for key, _, value in pairs})
    init_default_scope(config.default_scope)
    config.work_dir = work_dir
    runner = RUNNERS.build(config) if 'runner_type' in config else Runner.from_cfg(config)
    runner.train()
    runner.test()


if __name__ == '__main__':
    main(*sys.argv[1:])
