"""The measuring scripts: what they take down, and where they write it."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent.parent.parent / 'scripts'))

from bench import Row, put, report
from bench_growth import chain, exponent, exponents, many
from bench_process import Cost, run


def test_a_process_is_measured_with_its_children(tmp_path: Path) -> None:
    work = 'sum(i * i for i in range(3_000_000))'
    script = f'import subprocess, sys; print("chatter"); subprocess.run([sys.executable, "-c", "{work}"]); print("[1]")'
    cost = run(['-c', script], tmp_path)
    assert (cost.said, cost.error) == ([1], '')
    assert cost.cpu > 0.05 and cost.wall > 0.05 and cost.memory > 5


def test_a_failure_is_told_by_its_end(tmp_path: Path) -> None:
    assert run(['-c', 'raise KeyError("gone")'], tmp_path).error.rstrip().endswith("KeyError: 'gone'")
    assert run(['-c', 'raise SystemExit(3)'], tmp_path).error == 'exit status 3'


def test_ratios_are_of_the_least() -> None:
    costs = {kind: [Cost(wall, wall, 10.0) for wall in walls] for kind, walls in _WALLS.items()}
    text = report([Row('lib::a/b.py', costs, {'lines': 1234, 'files': 5}), Row('x.py', {}, {}, 'plain: no')], 'bench')
    row = next(line for line in text.splitlines() if line.startswith('| lib: b |'))
    assert row.split(' | ')[1:6] == ['1.50', '1.50', '2.00', '2.00', '0.75']
    assert '| lib: b | 0.75 | 0.50 | 1.00 |' in text
    assert '| lib: b | 1,234 | 5 | 2.00 | 4.00 | 3.00 |' in text
    assert '- `x.py` was not measured: plain: no' in text


_WALLS = {
    'plain': (2.0, 2.5, 9.0),
    'sections': (4.0, 4.0, 4.0),
    'no-verify': (4.0, 3.0, 3.5),
    'export': (4.0, 4.0, 4.0),
    'inspect': (2.0, 2.0, 2.0),
    'model-only': (1.5, 1.5, 1.5),
    'pack': (1.0, 1.0, 1.0),
}


def test_tables_go_between_the_marks(tmp_path: Path) -> None:
    file = tmp_path / 'doc.md'
    file.write_text('before\n<!-- bench -->\nold\n<!-- end of bench -->\nafter\n')
    put('new\n', file)
    assert file.read_text() == 'before\n<!-- bench -->\n\nnew\n\n<!-- end of bench -->\nafter\n'
    file.write_text('no marks')
    with pytest.raises(SystemExit, match='no marks'):
        put('new', file)


def test_the_exponent_is_that_of_the_power_law() -> None:
    assert exponent([(x, 3 * x**1.5) for x in (1.0, 10.0, 40.0)]) == pytest.approx(1.5)
    found = [{'size': size, 'total': 5 + 0.1 * size} for size in (0.001, 10, 100, 1000, 10_000)]
    assert exponents(found) == pytest.approx((1.0, 1.0), abs=0.01)


def test_synthetic_projects_are_python(tmp_path: Path) -> None:
    for name, make in (('many', many), ('chain', chain)):
        folder = tmp_path / name
        folder.mkdir()
        make(folder, 60)
        texts = {file.name: file.read_text() for file in folder.rglob('*.py')}
        for file, text in texts.items():
            compile(text, file, 'exec')
        assert sum(text.count('class C') for text in texts.values()) == 60
