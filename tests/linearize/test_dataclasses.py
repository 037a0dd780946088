"""Chains of dataclasses: the same fields in the same order, the same signature, representation and comparison."""

from __future__ import annotations

import dataclasses
import inspect
import random
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from introspect_export.live_class.flatten_class import flatten_class

DEFAULTS = (
    '1',
    "'text'",
    'field(default=3)',
    'field(default_factory=list)',
    'field(default=4, repr=False, compare=False)',
)


def hierarchy(choices: random.Random) -> str:
    options = choices.choice(['', '', '(eq=False)', '(frozen=True)', '(kw_only=True)', '(order=True)'])
    lines = ['from dataclasses import dataclass, field', 'from typing import ClassVar', '']
    for number in range(choices.randrange(2, 5)):
        plain = choices.random() < 0.1
        lines += [] if plain else [f'@dataclass{options}']
        lines.append(f'class K{number}' + (f'(K{number - 1}):' if number else ':'))
        body = []
        for name in choices.sample('abcdef', choices.randrange(4)):
            if plain:
                continue
            body.append(f'    {name}: {choices.choice(["int", "str", "list"])} = {choices.choice(DEFAULTS)}')
        if choices.random() < 0.3:
            body.append(f"    shared: ClassVar[str] = 'K{number}'")
        if choices.random() < 0.4:
            call = "\n        getattr(super(), '__post_init__', lambda: None)()" if choices.random() < 0.1 else ''
            super_call = '\n        super().__post_init__()' if number and choices.random() < 0.3 else ''
            body.append(
                f'    def __post_init__(self):{call or super_call}\n        object.__setattr__(self, "z{number}", 1)'
            )
        if choices.random() < 0.3:
            body.append(f'    def show(self):\n        return K{number}.__name__, self.shared if False else 0')
        if choices.random() < 0.2:
            body.append('    a = 5')
        lines += body or ['    pass']
        lines.append('')
    return '\n'.join(lines)


def described(cls: Any) -> list[Any]:
    found: list[Any] = [str(inspect.signature(cls)), [each.name for each in dataclasses.fields(cls)]]
    found += [[each.type, each.repr, each.compare, each.init, each.kw_only] for each in dataclasses.fields(cls)]
    try:
        one, two = cls(), cls()
        found += [repr(one), sorted(vars(one).items(), key=str), one == two, dataclasses.asdict(one)]
        found += [cls.__hash__ is None, getattr(cls, 'shared', None), getattr(cls, '__match_args__', None)]
        found.append(one < two if hasattr(cls, '__lt__') and cls.__lt__ is not object.__lt__ else None)
    except Exception as error:
        found.append(type(error).__name__)
    return found


@pytest.mark.parametrize('first', range(0, 300, 50))
def test_chains_of_dataclasses(first: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    flattened = 0
    for seed in range(first, first + 50):
        text = hierarchy(random.Random(seed))
        file = tmp_path / 'chain_of_dataclasses.py'
        file.write_text(text)
        module = ModuleType('chain_of_dataclasses')
        module.__file__ = str(file)
        monkeypatch.setitem(sys.modules, module.__name__, module)
        try:
            exec(compile(text, str(file), 'exec', dont_inherit=True), module.__dict__)
        except TypeError:
            continue
        for cls in [each for name, each in vars(module).items() if name.startswith('K')]:
            result = flatten_class(cls)
            if not result.merged or not dataclasses.is_dataclass(cls):
                continue
            flattened += 1
            flat = ModuleType('flattened')
            monkeypatch.setitem(sys.modules, 'flattened', flat)
            exec(compile(result.text, '<flattened>', 'exec', dont_inherit=True), flat.__dict__)
            assert described(getattr(flat, cls.__name__)) == described(cls), f'{text}\n{result.text}'
    assert flattened


def test_fields_of_a_library_class_in_front_keep_the_chain(make: Callable[[str, str], ModuleType]) -> None:
    head = 'from dataclasses import dataclass\n'
    make('field_library', f'{head}@dataclass\nclass Far:\n    a: int = 1\n')
    text = 'from field_library import Far\n@dataclass\nclass Near:\n    b: int = 2\n@dataclass\n'
    module = make('field_classes', f'{head}{text}class Leaf(Far, Near):\n    c: int = 3\n')
    assert str(inspect.signature(module.Leaf)) == '(b: int = 2, a: int = 1, c: int = 3) -> None'
    result = flatten_class(module.Leaf)
    assert not result.merged
    assert {each.code for each in result.diagnostics} == {'IE-LIN-DATACLASS'}
