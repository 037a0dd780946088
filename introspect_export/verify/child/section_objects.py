"""What all sections of a config hold once they are built, and what the schedulers do over time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from .determinism import seed_everything
from .object_contents import Portrait, own_packages
from .role_objects import PARTS, Side
from .tiny_data_import import maker
from .training_steps import in_float32, optimizers

_STEPS = 64
_GIVEN = ('_runner', 'dataloader', 'evaluator')
"""What every loop is given."""


def objects(side: Side, overrides: Sequence[Any], origins: Sequence[str]) -> dict[str, Any]:
    """Build every section and describe it.

    Args:
        side: The role.
        overrides: What to replace in the config: files that are here, for what reads some while it is made.
        origins: The packages that the pack came from.

    Returns:
        ``values``: what objects hold, as text by path; ``built``: the sections that could be; ``errors``: for each
        other one why not.
    """
    from mmengine.runner import BaseLoop
    from torch.utils.data import DataLoader

    from ...sandbox.building import build_model, build_rest
    from ...sandbox.no_data import no_data
    from .section_report import reported

    maker(side.tiny)  # Some data sets are of its making.
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
    """What the loops hold beside what they are given; none of them runs."""
    for path in (f'{part}_cfg' for part in PARTS):
        if path in products:
            held = {name: value for name, value in vars(products[path]).items() if name not in _GIVEN}
            yield f'{path}: the loop', [type(products[path]), held]


def _hooks(runner: Any, products: Mapping[str, Any], config: Any) -> Iterator[tuple[str, Any]]:
    """The hooks in the order in which they are called: a runner sorts them by their priority."""
    runner._hooks = []
    for path, hook in products.items():
        if path.startswith(('default_hooks.', 'custom_hooks.')):
            group, _, name = path.partition('.')
            given = config.get(group) or {}
            options = given[name] if isinstance(given, dict) else given[int(name)]
            runner.register_hook(hook, options.get('priority'))
    yield 'the order of hooks', [(type(hook), str(hook.priority)) for hook in runner._hooks]


def _groups(products: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """What each parameter is updated with."""
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
    """What the schedulers set, step by step."""
    made = products.get('param_scheduler')
    for name, schedulers in made.items() if isinstance(made, dict) else [('', made)]:
        for index, scheduler in enumerate(schedulers or ()):
            values = []
            for _ in range(_STEPS):
                values.append(list(scheduler.get_last_value()))
                try:
                    scheduler.step()
                except Exception as error:  # Some want what only training gives.
                    values.append([type(error).__name__])
                    break
            yield (
                f'param_scheduler{f".{name}" if name else ""}[{index}] over time',
                [repr(each) for each in _changes(values)],
            )


def _changes(values: Sequence[Any]) -> list[Any]:
    """The values with the step they begin at."""
    return [(step, value) for step, value in enumerate(values) if step == 0 or value != values[step - 1]]
