"""Strings of a config that are an entry's name by chance."""

from __future__ import annotations

import sys
from pathlib import Path

from mmengine.hooks import EMAHook
from mmengine.model.weight_init import XavierInit

from introspect_export.observe.registry_callers import asks_registries

sys.path.insert(0, str(Path(__file__).parent.parent / 'reach'))
from small_projects import small


def test_who_asks_a_registry() -> None:
    assert asks_registries(EMAHook)
    assert not asks_registries(XavierInit)


def test_the_layer_of_an_initializer_is_no_entry(tmp_path: Path) -> None:
    net = """
    from mmengine.model import BaseModule
    from NAME.registry import MODELS

    @MODELS.register_module()
    class Linear(BaseModule):
        pass

    @MODELS.register_module()
    class Average(BaseModule):
        pass

    @MODELS.register_module()
    class Net(BaseModule):
        pass
    """
    project = small(
        tmp_path,
        {'net.py': net},
        model="dict(type='Net', init_cfg=dict(type='Xavier', layer='Linear'))",
        more="custom_hooks = [dict(type='EMAHook', ema_type='Average')]\n",
    )
    assert 'class Linear' not in project.text('net')
    assert 'class Average' in project.text('net')
