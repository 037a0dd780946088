"""Time how fast exported packages start, those of one version of the program against those of another.

    python scripts/bench_start.py BEFORE AFTER [--runs 3] [--json FILE]

BEFORE and AFTER are folders of packages of the same names, as ``introspect-export batch … -o FOLDER`` writes them. Each
figure is the least processor time of a fresh process over the runs, in which the two versions and the kinds take turns;
what they were exported from cannot be imported in it:

- *import*: import the package;
- *model*: import the package and build its model by its registries;
- *all*: the same, and build every other section as far as that goes without data.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
from collections.abc import Sequence
from pathlib import Path

from bench_process import Cost, machine, run
from bench_programs import EVERYTHING, IMPORT, PACK

KINDS = {'import': IMPORT, 'model': PACK, 'all': EVERYTHING}


def started(package: Path, program: str, folder: Path) -> Cost:
    """What starting one package costs.

    Args:
        package: The folder with ``pack``.
        program: What is run.
        folder: Where to.

    Raises:
        SystemExit: It does not start.
    """
    config = next((package / 'pack' / 'configs').rglob('*.py'))
    cost = run(['-c', program, config.resolve(), package.resolve()], folder)
    if cost.error:
        raise SystemExit(f'error: {package}: {cost.error}')
    return cost


def measure(names: Sequence[str], folders: Sequence[Path], runs: int) -> dict[str, dict[str, list[float]]]:
    """The least seconds before and after, by package and kind."""
    found: dict[str, dict[str, list[float]]] = {}
    with tempfile.TemporaryDirectory() as where:
        for name in names:
            least = {kind: [float('inf')] * len(folders) for kind in KINDS}
            # The first run of each writes byte code.
            for count in range(runs + 1):
                for kind, program in KINDS.items():
                    for index, folder in enumerate(folders):
                        cost = started(folder / name, program, Path(where)).cpu
                        if count:
                            least[kind][index] = min(least[kind][index], cost)
            found[name] = least
            print(_line(name, least), flush=True)
    return found


def _line(name: str, least: dict[str, list[float]]) -> str:
    cells = [f'{before:.2f} | {after:.2f} | {after / before:.2f}' for before, after in least.values()]
    return f'| {name} | {" | ".join(cells)} |'


def main() -> None:
    """Read the command line, measure, print a table in Markdown."""
    parser = argparse.ArgumentParser(description=(__doc__ or '').partition('\n')[0])
    parser.add_argument('before', type=Path)
    parser.add_argument('after', type=Path)
    parser.add_argument('--runs', type=int, default=3)
    parser.add_argument('--json', type=Path, help='keep the figures here')
    options = parser.parse_args()
    folders = (options.before, options.after)
    names = sorted(
        str(file.parent.relative_to(options.before))
        for file in options.before.rglob('manifest.json')
        if (options.after / file.relative_to(options.before)).is_file()
    )
    print(f'On {machine()}.\n')
    print(f'| package | {" | ".join(f"{kind}, before | after | ratio" for kind in KINDS)} |')
    print(f'| --- |{" ---: |" * 3 * len(KINDS)}')
    found = measure(names, folders, options.runs)
    for kind in KINDS:
        ratios = [least[kind][1] / least[kind][0] for least in found.values()]
        print(f'{kind}: median {statistics.median(ratios):.3f}, most {max(ratios):.3f} of {len(ratios)}')
    if options.json:
        options.json.write_text(json.dumps({'machine': machine(), 'seconds': found}, indent=1) + '\n')


if __name__ == '__main__':
    main()
