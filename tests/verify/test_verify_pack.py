"""A pack made by hand, whole and with one fault of each kind."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from introspect_export.model import ExportError
from introspect_export.verify import Verification, verify

MakePack = Callable[..., Path]

# Each starts an interpreter that imports torch.
pytestmark = pytest.mark.slow


def failed(result: Verification, level: str) -> str:
    """The reason why ``level`` fails; it is the last level tried and the only one that fails."""
    assert not result.ok
    assert [check.name for check in result.levels if check.failed] == [level]
    assert result.levels[-1].name == level
    return result.levels[-1].reason


def section(result: Verification, path: str) -> tuple[bool, bool, str]:
    found = {one.path: (one.ok, one.built, one.reason) for one in result.sections}
    return found[path]


def test_a_whole_pack_holds_up_at_every_level(make_pack: MakePack) -> None:
    result = verify(make_pack())
    assert result.problems == ()
    assert [(level.name, level.outcome) for level in result.levels] == [
        ('static', 'shown'),
        ('config', 'not shown'),
        ('import', 'shown'),
        ('build', 'shown'),
    ]
    assert result.levels[1].reason == "the manifest has no record of the original config's values"
    assert result.summary == (
        'static, import, build (13 of 14 sections built; 1 run by no level: val_evaluator.1); config not shown'
    )
    assert result.blocked == ('origin_lib', 'introspect_export')
    assert {one.path: one.built for one in result.sections} == {
        'model': True,
        'visualizer': True,
        'train_dataloader': True,
        'train_dataloader.dataset': True,
        'train_dataloader.sampler': True,
        'train_dataloader.collate_fn': True,
        'val_evaluator.0': True,
        'val_evaluator.1': False,
        'default_hooks.timer': True,
        'default_hooks.mine': True,
        'log_processor': True,
        'optim_wrapper': True,
        'param_scheduler': True,
        'train_cfg': True,
    }
    assert section(result, 'val_evaluator.1')[2].startswith('needs a file: ')
    assert result.notes == ("model.test_cfg.nms.type 'nms' is no registered name",)


def test_levels_stop_where_they_were_asked_to(make_pack: MakePack) -> None:
    result = verify(make_pack(), 'static')
    assert [level.name for level in result.levels] == ['static']
    assert result.sections == ()


def test_an_import_of_an_origin_is_found_in_the_text(make_pack: MakePack) -> None:
    out = make_pack({'pack/more.py': 'import origin_lib\n'})
    assert failed(verify(out), 'static') == 'pack/more.py:1: imports origin_lib, of a package the pack must not need'


def test_a_package_blocked_by_hand_counts_as_an_origin(make_pack: MakePack) -> None:
    out = make_pack({'pack/more.py': 'import other_lib\n'})
    assert 'imports other_lib' in failed(verify(out, 'import', ['other_lib']), 'static')


def test_a_hidden_import_of_an_origin_fails_when_it_runs(
    make_pack: MakePack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / 'lib' / 'origin_lib').mkdir(parents=True)
    (tmp_path / 'lib' / 'origin_lib' / '__init__.py').write_text('')
    monkeypatch.syspath_prepend(str(tmp_path / 'lib'))
    out = make_pack({'pack/more.py': "import importlib\nimportlib.import_module('origin' + '_lib')\n"})
    reason = failed(verify(out, 'import'), 'import')
    assert reason.startswith('ModuleNotFoundError: origin_lib is not to be imported by the pack')
    assert reason.endswith('more.py:2)')


def test_the_exporter_itself_is_blocked(make_pack: MakePack) -> None:
    out = make_pack({'pack/more.py': "import importlib\nimportlib.import_module('introspect' + '_export')\n"})
    assert 'introspect_export is not to be imported' in failed(verify(out, 'import'), 'import')


def test_a_module_that_nobody_imports_is_imported_too(make_pack: MakePack) -> None:
    out = make_pack({'pack/deep/__init__.py': '', 'pack/deep/broken.py': 'undefined_name\n'})
    assert failed(verify(out, 'import'), 'import').startswith("NameError: name 'undefined_name' is not defined")


def test_the_demo_and_resources_are_not_run(make_pack: MakePack) -> None:
    stop = 'raise SystemExit(3)\n'
    out = make_pack({'pack/demo/image_demo.py': stop, 'pack/.extra/a.py': stop, 'pack/parts/a-b.py': stop})
    assert verify(out, 'import').ok


def test_every_section_that_fails_is_named(make_pack: MakePack) -> None:
    out = make_pack(swap=('pack/configs/net/net.py', "type='MyHook'", "type='NoHook'"))
    out = make_pack(
        {
            'pack/configs/net/net.py': (out / 'pack/configs/net/net.py')
            .read_text()
            .replace("type='Halve'", "type='NoHalve'")
        }
    )
    lines = failed(verify(out), 'build').splitlines()
    assert [line.partition(': ')[0] for line in lines] == ['train_dataloader.dataset', 'default_hooks.mine']
    assert 'NoHalve is not in the pack::transform registry' in lines[0]
    assert 'NoHook is not in the pack::hook registry' in lines[1]


def test_what_registers_must_be_imported_by_the_package_itself(make_pack: MakePack) -> None:
    result = verify(make_pack({'pack/__init__.py': ''}))
    assert [level.name for level in result.levels if level.ok] == ['static', 'import']
    assert 'is not in the pack::model registry' in failed(result, 'build').splitlines()[0]
    filled = "scope='pack', locations=['pack.parts'])"
    located = {'pack/registry.py': (make_pack() / 'pack/registry.py').read_text().replace("scope='pack')", filled)}
    assert verify(make_pack({'pack/__init__.py': '', **located})).ok


def test_a_model_that_cannot_be_built_is_named_with_its_place(make_pack: MakePack) -> None:
    out = make_pack(swap=('pack/parts.py', 'torch.nn.Linear(width, width)', 'torch.nn.Linear(width)'))
    result = verify(out)
    reason = failed(result, 'build')
    assert reason.startswith('model: TypeError')
    assert 'parts.py:' in reason
    # The other sections were tried all the same.
    assert section(result, 'default_hooks.mine') == (True, True, '')


@pytest.mark.parametrize(
    ('sections', 'ok'),
    [
        ([{'path': 'default_hooks.mine', 'built': False, 'reason': 'RuntimeError: no device'}], True),
        ([{'path': 'default_hooks.mine', 'built': True, 'reason': ''}], False),
        ([], False),
    ],
)
def test_a_failure_that_the_original_shares_is_no_fault(make_pack: MakePack, sections: Any, ok: bool) -> None:
    out = make_pack(
        swap=('pack/parts.py', 'class MyHook(Hook):\n    pass', 'class MyHook(Hook):\n    device = property()\n'),
        sections=sections,
    )
    text = (out / 'pack/parts.py').read_text()
    broken = "device = property()\n\n    def __init__(self):\n        raise RuntimeError('no device')\n"
    (out / 'pack/parts.py').write_text(text.replace('device = property()\n', broken))
    result = verify(out)
    assert result.ok is ok
    assert section(result, 'default_hooks.mine')[:2] == (ok, False)


def test_a_type_that_is_missing_is_a_fault_whatever_the_original_did(make_pack: MakePack) -> None:
    out = make_pack(
        swap=('pack/configs/net/net.py', "type='MyHook'", "type='NoHook'"),
        sections=[{'path': 'default_hooks.mine', 'built': False, 'reason': 'RuntimeError: no device'}],
    )
    assert failed(verify(out), 'build') == ('default_hooks.mine: KeyError: NoHook is not in the pack::hook registry.')


def test_a_missing_file_is_a_fault_where_the_original_was_built(make_pack: MakePack) -> None:
    out = make_pack(sections=[{'path': 'val_evaluator.1', 'built': True, 'reason': ''}])
    assert failed(verify(out), 'build').startswith('val_evaluator.1: FileNotFoundError')


@pytest.mark.parametrize(('plain', 'ok'), [(['nms'], True), ([], False)])
def test_a_type_that_nobody_knows_must_have_been_unknown_before(
    make_pack: MakePack, plain: list[str], ok: bool
) -> None:
    result = verify(make_pack(plain_types=plain))
    assert result.ok is ok
    if not ok:
        assert failed(result, 'build') == "model.test_cfg.nms: no registry knows the type 'nms'"


def test_nothing_is_downloaded(make_pack: MakePack) -> None:
    call = "import urllib.request\nurllib.request.urlopen('http://127.0.0.1:9')\n"
    reason = failed(verify(make_pack({'pack/more.py': call}), 'import'), 'import')
    assert 'no network while a pack is verified' in reason


def test_weights_that_are_not_here_are_no_fault(make_pack: MakePack) -> None:
    fetched = "load_state_dict(torch.hub.load_state_dict_from_url('http://weights.example/w-x.pth'))"
    layer = 'self.layer = torch.nn.Linear(width, width)'
    result = verify(make_pack(swap=('pack/parts.py', layer, f'{layer}\n        self.layer.{fetched}')))
    assert result.problems == ()
    assert section(result, 'model') == (True, True, '')
    assert 'built without these weights, which are not here: http://weights.example/w-x.pth' in result.notes


LIBRARY = {
    'hard': 'from small_lib import _ext\n\ndef op(x):\n    return _ext.op(x)\n',
    'careful': 'try:\n    from small_lib import _ext\nexcept ImportError:\n    _ext = None\n',
}


@pytest.mark.parametrize('kind', LIBRARY)
def test_a_compiled_extension_that_is_missing_gets_a_placeholder_only_where_it_is_needed(
    make_pack: MakePack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    folder = tmp_path / 'lib' / 'small_lib'
    folder.mkdir(parents=True)
    (folder / '__init__.py').write_text(LIBRARY[kind])
    monkeypatch.syspath_prepend(str(folder.parent))
    result = verify(make_pack({'pack/more.py': 'import small_lib\n'}), 'import')
    assert result.problems == ()
    notes = ('small_lib._ext is not installed: a placeholder stood in for it',)
    assert result.notes == (notes if kind == 'hard' else ())


def test_a_pack_that_needs_a_library_without_its_extension_is_built(
    make_pack: MakePack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / 'lib' / 'lean_lib'
    folder.mkdir(parents=True)
    (folder / '__init__.py').write_text('from . import ops\n')
    (folder / 'ops.py').write_text("import importlib\next = importlib.import_module('lean_lib.' + '_ext')\n")
    monkeypatch.syspath_prepend(str(folder.parent))
    result = verify(
        make_pack({'pack/more.py': 'import lean_lib\n', 'pack/__init__.py': 'from . import more\n'}), 'import'
    )
    assert result.problems == ()
    assert result.notes == ('lean_lib._ext is not installed: a placeholder stood in for it',)


def test_a_private_module_that_the_pack_lacks_is_a_fault(make_pack: MakePack) -> None:
    reason = failed(verify(make_pack({'pack/more.py': 'from . import _ext\n'}), 'import'), 'import')
    assert '_ext' in reason


def test_two_configs_are_a_fault(make_pack: MakePack) -> None:
    out = make_pack({'pack/configs/net/other.py': 'a = 1\n'})
    assert 'expected one config below pack/configs' in failed(verify(out), 'build')


def test_a_folder_without_a_pack_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ExportError, match='holds no pack'):
        verify(tmp_path)


def test_an_unknown_level_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ExportError, match="no such level 'moon'"):
        verify(tmp_path, 'moon')


def test_a_broken_manifest_is_an_error(make_pack: MakePack) -> None:
    with pytest.raises(ExportError, match='is not JSON'):
        verify(make_pack({'manifest.json': '{'}))


def test_a_module_that_fails_where_the_original_does_not_is_a_fault(
    make_pack: MakePack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / 'lib' / 'origin_lib').mkdir(parents=True)
    (tmp_path / 'lib' / 'origin_lib' / '__init__.py').write_text('')
    (tmp_path / 'lib' / 'origin_lib' / 'late.py').write_text("raise RuntimeError('no driver')\n")
    monkeypatch.syspath_prepend(str(tmp_path / 'lib'))
    symbols = [{'symbol': 'origin_lib.late:f', 'in': 'pack/late.py'}]
    same = make_pack({'pack/late.py': "raise RuntimeError('no driver')\n"}, symbols=symbols)
    assert verify(same, 'import').problems == ()
    other = make_pack({'pack/late.py': "raise RuntimeError('other')\n"}, symbols=symbols)
    assert 'RuntimeError: other' in failed(verify(other, 'import'), 'import')
