"""Small hierarchies by kind: the class and what it becomes answer a probe alike, or it is refused at the right line.

A file of ``pairs`` has cases under ``#### name`` or ``#### name: refused CODE at line N`` (counted from the case's
first line); the last line of a case is what ``C``, its last class, is asked.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from test_form import flattened

from introspect_export.live_class.flatten_class import StandaloneClass, flatten_class

PAIRS = Path(__file__).parent / 'pairs'
HEAD = re.compile(r'(?m)^#### (\w+)(?:: refused ([\w-]+) at line (\d+))?\n')


@dataclass(frozen=True)
class Case:
    name: str
    text: str
    question: str
    code: str
    line: str


def cases() -> Iterator[Case]:
    for path in sorted(PAIRS.glob('*.txt')):
        _, *found = HEAD.split(path.read_text())
        for name, code, line, body in zip(*(found[each::4] for each in range(4)), strict=True):
            text, _, question = body.strip('\n').rpartition('\n')
            yield Case(f'{path.stem}_{name}', text + '\n', question, code or '', line or '')


def answer(module: ModuleType, cls: Any, question: str) -> Any:
    """What a class is asked, in the words of its module."""
    try:
        return eval(question, {**vars(module), 'C': cls})
    except Exception as error:
        return f'{type(error).__name__}: {error}'


@pytest.mark.parametrize('case', cases(), ids=lambda case: case.name)
def test_pair(
    case: Case, make: Callable[[str, str], ModuleType], run: Callable[[StandaloneClass], Any], tmp_path: Path
) -> None:
    module = make(case.name, case.text)
    cls = [each for each in vars(module).values() if isinstance(each, type) and each.__module__ == case.name][-1]
    result = flatten_class(cls)
    in_package = flattened(case.name, case.text, str(tmp_path / f'{case.name}.py'))
    if case.code:
        for found in (''.join(f'# {each}\n' for each in result.diagnostics), in_package):
            assert re.search(rf'{case.code} .*\.py:{case.line}\b', found), found
            # No other reason that would mislead.
            assert {each.split()[1] for each in found.splitlines() if each} <= {case.code}, found
        return
    assert result.merged, result.diagnostics
    expected = answer(module, cls, case.question)
    assert answer(module, run(result), case.question) == expected, result.text
    assert not in_package.startswith('# IE-'), in_package
    # In a package the class stands in its module's place.
    again = sys.modules[case.name]
    exec(compile(in_package, '<in a package>', 'exec', dont_inherit=True), vars(again))
    assert answer(again, vars(again)[cls.__name__], case.question) == expected, in_package
