"""The step *objects*: the contents of all built sections, and the values that schedulers set over time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from .determinism import seed_everything
from .object_contents import Portrait, own_packages
from .role_objects import PARTS, Side
from .tiny_data_import import maker
from .training_steps import in_float32, optimizers

_STEPS = 64
_SHARED = ('_runner', 'dataloader', 'evaluator')
"""The attributes of a loop that are other sections."""


def objects(side: Side, overrides: Sequence[Any], origins: Sequence[str]) -> dict[str, Any]:
    """Build every section and describe it.

    Args:
        side: The role.
        overrides: The overrides of the config, with generated files for constructors that read some.
        origins: The origins of the package.

    Returns:
        ``values``: the contents of objects, as text by path; ``built``: the sections that could be built; ``errors``:
        the reason for each other section.
    """
    from mmengine.runner import BaseLoop
    from torch.utils.data import DataLoader

    from ...sandbox.building import build_model, build_rest
    from ...sandbox.no_data import no_data
    from .section_report import reported

    maker(side.tiny)  # Overrides may name data set classes of ``tiny_data``.
    config = side.config(overrides)
    if isinstance(config.get('optim_wrapper'), dict):
        config['optim_wrapper'] = in_float32(config['optim_wrapper'], [])
    begin = reported(lambda: config._cfg_dict, {})
    seed_everything()
    places = {str(side.folder / f'{side.role}.work'): 'WORK'}
    portrait = Portrait(own_packages(side.role, frozenset(origins)), places)
    with no_data():
        sections = build_rest(begin, build_model(begin, 'cpu')).sections
        products = dict(sections.products)
        for path, product in products.items():
            if not isinstance(product, (DataLoader, BaseLoop)):
                portrait.add(path, product)
        hooks = _hooks(sections.runner, products, config)
        for path, value in [*hooks, *_groups(products), *_over_time(products), *_loops(products)]:
            portrait.add(path, value)
    facts = sections.listener.sections
    return {
        'values': portrait.values,
        'built': [one['path'] for one in facts if one['built']],
        'errors': {one['path']: one['reason'] for one in facts if not one['built']},
    }


def _loops(products: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """The attributes of the loops, without those that are other sections; no loop is run."""
    for path in (f'{part}_cfg' for part in PARTS):
        if path in products:
            attributes = {name: value for name, value in vars(products[path]).items() if name not in _SHARED}
            yield f'{path}: the loop', [type(products[path]), attributes]


def _hooks(runner: Any, products: Mapping[str, Any], config: Any) -> Iterator[tuple[str, Any]]:
    """The hooks in the order in which a runner calls them, by priority."""
    runner._hooks = []
    for path, hook in products.items():
        if path.startswith(('default_hooks.', 'custom_hooks.')):
            group, _, name = path.partition('.')
            hooks = config.get(group) or {}
            options = hooks[name] if isinstance(hooks, dict) else hooks[int(name)]
            runner.register_hook(hook, options.get('priority'))
    yield 'the order of hooks', [(type(hook), str(hook.priority)) for hook in runner._hooks]


def _groups(products: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """The optimizer's options for each parameter."""
    wrapper, model = products.get('optim_wrapper'), products.get('model')
    if wrapper is None or model is None:
        return
    named = {id(parameter): name for name, parameter in model.named_parameters()}
    for name, optimizer in optimizers(wrapper):
        for index, group in enumerate(optimizer.param_groups):
            options = {key: value for key, value in group.items() if key != 'params'}
            for parameter in group['params']:
                yield f'optim_wrapper: {name} of {named.get(id(parameter), f"group {index}")}', options


def _over_time(products: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """The values that the schedulers set in each step."""
    made = products.get('param_scheduler')
    for name, schedulers in made.items() if isinstance(made, dict) else [('', made)]:
        for index, scheduler in enumerate(schedulers or ()):
            values = []
            for _ in range(_STEPS):
                values.append(list(scheduler.get_last_value()))
                try:
                    scheduler.step()
                except Exception as error:  # Some need metrics that only training provides.
                    values.append([type(error).__name__])
                    break
            yield (
                f'param_scheduler{f".{name}" if name else ""}[{index}] over time',
                [repr(each) for each in _changes(values)],
            )


def _changes(values: Sequence[Any]) -> list[Any]:
    """The values at which a sequence changes, each with its step."""
    return [(step, value) for step, value in enumerate(values) if step == 0 or value != values[step - 1]]
