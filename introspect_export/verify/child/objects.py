"""What all sections of a config hold once they are built, and what the schedulers do over time."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Sequence
from typing import Any

from .faults import sentence
from .maker import maker
from .portrait import Portrait, own_packages
from .sections import Builder, read_no_data
from .settle import sow
from .side import Side
from .train import in_float32, optimizers

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
    maker(side.tiny)  # Some data sets are of its making.
    config = side.config(overrides)
    if isinstance(config.get('optim_wrapper'), dict):
        config['optim_wrapper'] = in_float32(config['optim_wrapper'], [])
    read_no_data()
    sow()
    builder = Builder(config, {})
    builder.build()
    places = {str(side.folder / f'{side.role}.work'): 'WORK'}
    portrait = Portrait(own_packages(side.role, frozenset(origins)), places)
    for path, product in builder.products.items():
        portrait.add(path, product)
    loops, lacking = _loops(builder)
    for path, value in [*_hooks(builder), *_groups(builder), *_over_time(builder), *loops]:
        portrait.add(path, value)
    failed = {one['path']: one['reason'] for one in builder.sections if not one['built']}
    return {
        'values': portrait.values,
        'built': [one['path'] for one in builder.sections if one['built'] and one['path'] not in lacking],
        'errors': {**failed, **lacking},
    }


def _loops(builder: Builder) -> tuple[list[tuple[str, Any]], dict[str, str]]:
    """What the loops hold beside what they are given, and why some cannot be made; none of them runs."""
    from mmengine.evaluator import Evaluator

    runner = builder.runner
    found: list[tuple[str, Any]] = []
    lacking: dict[str, str] = {}
    runner._val_evaluator = runner._test_evaluator = Evaluator([])
    makers = {'train': runner.build_train_loop, 'val': runner.build_val_loop, 'test': runner.build_test_loop}
    for part, make in makers.items():
        path = f'{part}_cfg'
        if path not in builder.products:
            continue
        try:
            loop = make(copy.deepcopy(dict(builder.given[path])))
        except (Exception, SystemExit) as error:  # Libraries' code fails in its own ways.
            lacking[path] = sentence(error)
            continue
        held = {name: value for name, value in vars(loop).items() if name not in _GIVEN}
        found.append((f'{path}: the loop', [type(loop), held]))
    return found, lacking


def _hooks(builder: Builder) -> Iterator[tuple[str, Any]]:
    """The hooks in the order in which they are called: a runner sorts them by their priority."""
    runner = builder.runner
    runner._hooks = []
    for path, hook in builder.products.items():
        if path.startswith(('default_hooks.', 'custom_hooks.')):
            group, _, name = path.partition('.')
            given = builder.given.get(group) or {}
            options = given[name] if isinstance(given, dict) else given[int(name)]
            runner.register_hook(hook, options.get('priority'))
    yield 'the order of hooks', [(type(hook), str(hook.priority)) for hook in runner._hooks]


def _groups(builder: Builder) -> Iterator[tuple[str, Any]]:
    """What each parameter is updated with."""
    wrapper, model = builder.products.get('optim_wrapper'), builder.products.get('model')
    if wrapper is None or model is None:
        return
    named = {id(parameter): name for name, parameter in model.named_parameters()}
    for name, optimizer in optimizers(wrapper):
        for index, group in enumerate(optimizer.param_groups):
            options = {key: value for key, value in group.items() if key != 'params'}
            for parameter in group['params']:
                yield f'optim_wrapper: {name} of {named.get(id(parameter), f"group {index}")}', options


def _over_time(builder: Builder) -> Iterator[tuple[str, Any]]:
    """What the schedulers set, step by step."""
    made = builder.products.get('param_scheduler')
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
