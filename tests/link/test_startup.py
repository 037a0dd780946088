"""What a package imports when it is imported, and what waits until a registry is asked."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / 'reach'))
from small_projects import Small, small

from introspect_export.verify import verify

REGISTRY = """
from mmengine.registry import HOOKS as HOOKS_PARENT, MODELS as PARENT
from mmengine.registry import Registry

MODELS = Registry('model', parent=PARENT, locations=['NAME.net'])
HOOKS = Registry('hook', parent=HOOKS_PARENT, locations=['NAME.hooks'])
PARTS = Registry('part', scope='NAME', locations=['NAME.parts'])
"""
NET = """
from mmengine.model import BaseModule
from NAME.registry import MODELS

@MODELS.register_module()
class Net(BaseModule):
    def go(self):
        return 1
"""
HOOK = """
from mmengine.hooks import Hook
from NAME.registry import HOOKS

@HOOKS.register_module()
class Greet(Hook):
    pass
"""
HOOKED = "custom_hooks = [dict(type='Greet')]\n"
LOADED = '[each[5:] for each in sorted(sys.modules) if each.startswith("pack.")]'


def project(folder: Path, more: str = HOOKED, **files: str) -> Small:
    """A small project with a model and a hook; more files by module, or others of these."""
    given = {'registry': REGISTRY, 'net': NET, 'hooks': HOOK, **files}
    return small(folder, {f'{name}.py': text for name, text in given.items()}, more=more)


def first(one: Small) -> list[str]:
    """The modules that importing a package imports."""
    lines = one.text('__init__').splitlines()
    return [line.split()[3] for line in lines if line.startswith('from ')]


def script(folder: Path, *lines: str) -> str:
    """The last line that a script prints."""
    command = [sys.executable, '-W', 'ignore', '-c', '\n'.join(lines)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=folder)
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout.splitlines()[-1]


def test_a_registry_imports_what_registers_in_it_when_it_is_asked(tmp_path: Path) -> None:
    one = project(tmp_path)
    assert first(one) == ['registry']
    assert "locations=[\n        f'{__package__}.net',\n    ],\n)" in one.text('registry')
    assert one.run(LOADED) == "['net', 'registry']"
    assert one.run('__import__("mmengine").registry.HOOKS.build(dict(type="Greet")).__module__') == 'pack.hooks'
    assert one.run('__import__("mmengine").registry.HOOKS.get("pack.Greet").__module__') == 'pack.hooks'


def test_a_renamed_and_an_embedded_package_fill_their_registries(tmp_path: Path) -> None:
    one = project(tmp_path)
    out = one.result.out
    host = tmp_path / 'host'
    shutil.copytree(out / 'pack', host / 'mine')
    shutil.copytree(out / 'pack', host / 'deep' / 'pack')
    asked = "print(MODELS.get('Net').__module__, HOOKS.build(dict(type='Greet')).__module__)"
    assert script(host, 'from mine.registry import HOOKS, MODELS', asked) == 'mine.net mine.hooks'
    assert script(host, 'from deep.pack.registry import HOOKS, MODELS', asked) == 'deep.pack.net deep.pack.hooks'
    lines = [
        'import mmengine.registry, deep.pack',
        "mmengine.registry.init_default_scope('pack')",
        "print(type(mmengine.registry.MODELS.build(dict(type='Net'))).__module__)",
    ]
    assert script(host, *lines) == 'deep.pack.net'


def test_what_a_module_does_to_others_is_done_with_the_package(tmp_path: Path) -> None:
    one = project(
        tmp_path,
        tables='names = []\n\ndef note(cls):\n    names.append(cls.__name__)\n    return cls\n',
        hooks=HOOK.replace('@HOOKS', 'from NAME.tables import note\n\n@note\n@HOOKS'),
        net=NET.replace('@MODELS', 'from NAME.tables import names\n\n@MODELS').replace('return 1', 'return names'),
    )
    assert first(one) == ['registry', 'hooks']
    assert one.run('net.go()') == "['Greet']"


def test_a_class_body_may_ask_a_registry(tmp_path: Path) -> None:
    one = project(
        tmp_path,
        registry=REGISTRY.replace("'NAME.net'", "'NAME.models'"),
        **{
            'models/__init__': 'from . import z_part, asks, net\n',
            'models/z_part': NET.replace('Net', 'Part').replace('def go', 'x = 1\n\n    def go'),
            'models/asks': NET.replace('Net', 'Asks').replace('def go', "part = MODELS.get('NAME.Part')\n\n    def go"),
            'models/net': NET.replace('@MODELS', 'from NAME.models.asks import Asks\n\n@MODELS').replace(
                '1', 'Asks.part.x'
            ),
        },
    )
    # Asking imports what else registers; who needs the class that asks must not be among it.
    assert first(one) == ['registry', 'asks', 'net']
    assert "locations=[\n        f'{__package__}.models.z_part',\n    ]" in one.text('registry')
    assert one.run('net.go()') == '1'
    assert script(one.result.out, 'import pack.models.net as net', 'print(net.Net().go())') == '1'


def test_a_module_that_is_looked_up_through_its_package_is_there(tmp_path: Path) -> None:
    one = project(
        tmp_path,
        base='from mmengine.model import BaseModule\nfrom NAME.sub import b\n\n'
        'class Base(BaseModule):\n    def low(self):\n        return b.once(2), b.count\n',
        net=NET.replace('from mmengine.model import BaseModule', 'from NAME.base import Base')
        .replace('(BaseModule)', '(Base)')
        .replace('return 1', 'return self.low()'),
        **{'sub/b': 'count = 0\n\ndef once(x):\n    global count\n    count += 1\n    return x\n'},
    )
    assert first(one) == ['registry', 'b']
    assert one.run('net.go()') == '(2, 1)'


def test_a_registry_whose_content_is_read_without_asking_is_full(tmp_path: Path) -> None:
    reads = 'def go(self):\n        return list(MODELS.module_dict)'
    one = project(tmp_path, hooks=HOOK.replace('HOOKS\n', 'HOOKS, MODELS\n').replace('pass', reads))
    assert first(one) == ['registry', 'net']


def test_a_registry_of_another_class_is_filled_with_the_package(tmp_path: Path) -> None:
    kinds = 'class Kinds(Registry):\n    pass\n\nMODELS = Kinds'
    one = project(tmp_path, registry=REGISTRY.replace('MODELS = Registry', kinds))
    assert first(one) == ['registry', 'net']
    assert 'net' not in one.text('registry')


def test_a_registry_finds_what_its_parent_in_the_package_holds(tmp_path: Path) -> None:
    one = project(
        tmp_path,
        registry=REGISTRY + "HEADS = Registry('head', parent=MODELS, scope='NAME_heads', locations=['NAME.heads'])\n",
        net=NET.replace('import MODELS', 'import HEADS, MODELS')
        + '    def __init__(self):\n        super().__init__()\n'
        + "        self.head = HEADS.get('NAME_heads.Head')()\n",
        heads=NET.replace('MODELS', 'HEADS').replace('Net', 'Head'),
    )
    assert one.run('type(net.head).__module__') == 'pack.heads'
    # One of a family has the package's scope, and its own name; the other is named after its scope.
    heads = f'{one.name}_heads_HEADS'.upper()
    asked = f"from pack.registry import {heads} as HEADS\nprint(HEADS.get('Net').__module__)"
    assert script(one.result.out, asked) == 'pack.net'


DRIVEN = """
import no_such_driver
from NAME.registry import MODELS

no_such_driver.start()

@MODELS.register_module()
class Driven:
    pass
"""


def test_what_only_functions_import_waits_for_them(tmp_path: Path) -> None:
    quick = '    def quick(self):\n        from NAME.driven import Driven\n        return Driven()\n'
    one = project(tmp_path, net=NET + quick, driven=DRIVEN)
    assert first(one) == ['registry']
    assert 'driven' not in one.text('registry')
    assert 'from .driven import Driven' in one.text('net')
    assert one.run('net.go()') == '1'


def test_what_only_functions_import_may_fail_as_in_the_original(tmp_path: Path) -> None:
    quick = '    def quick(self):\n        from NAME.driven import Driven\n        return Driven()\n'
    one = project(tmp_path, net=NET + quick, driven=DRIVEN)
    sys.path.insert(0, str(tmp_path))
    try:
        found = verify(one.result.out, 'import')
    finally:
        sys.path.remove(str(tmp_path))
    reason = "ModuleNotFoundError: No module named 'no_such_driver'"
    told = f'pack/driven.py cannot be imported here, nor can {one.name}.driven: {reason}'
    assert (found.problems, found.notes) == ((), (told,))
    # Where the original is not, nobody can say whether it would fail, too.
    assert [(level.name, level.outcome) for level in verify(one.result.out, 'import').levels][-1] == (
        'import',
        'not shown',
    )


def test_a_default_that_nobody_has_and_nobody_uses_is_no_fault(tmp_path: Path) -> None:
    init = "    def __init__(self, loss=dict(type='NAME.GoneLoss'), other=dict(type='NAME.Late')):\n"
    one = project(
        tmp_path,
        net=NET + init + '        super().__init__()\n\n    def later(self):\n        from NAME.late import Late\n',
        late='from NAME.registry import MODELS\n\n@MODELS.register_module()\nclass Late:\n    pass\n',
    )
    problems = verify(one.result.out, 'static').problems
    # What a function's import may still register must be found by its name in the package.
    assert len(problems) == 1
    assert f"names the type '{one.name}.Late'" in problems[0]
