"""Print as JSON, for each symbol of a package's manifest that is a class: the modules and names of its bases.

python classes_of.py OUT BLOCKED...
"""

from __future__ import annotations

import importlib
import inspect
import json
import sys
from pathlib import Path
from typing import Any


class Blocked:
    """Refuses the origins, in front of all other finders."""

    def __init__(self, packages: list[str]) -> None:
        self.packages = packages

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> None:
        if name.partition('.')[0] in self.packages:
            raise ModuleNotFoundError(f'blocked: {name}')


def main(out: str, *blocked: str) -> None:
    sys.meta_path.insert(0, Blocked([*blocked, 'introspect_export']))  # type: ignore[arg-type]
    sys.path.insert(0, out)
    found = {}
    for each in json.loads((Path(out) / 'manifest.json').read_text())['symbols']:
        module = importlib.import_module(each['in'].removesuffix('.py').removesuffix('/__init__').replace('/', '.'))
        value = getattr(module, each['symbol'].partition(':')[2], None)
        if inspect.isclass(value):
            found[each['symbol']] = [f'{base.__module__}:{base.__qualname__}' for base in value.__bases__]
    print(json.dumps(found))


if __name__ == '__main__':
    main(*sys.argv[1:])
