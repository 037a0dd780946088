"""Files that a project reads from its working folder: the package finds them wherever it is run from."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from introspect_export import verify

sys.path.insert(0, str(Path(__file__).parent.parent / 'reach'))
from small_projects import Small, small

HEAD = """
import json
import os
import os.path as osp
from pathlib import Path

import mmengine.fileio
from mmengine.config import Config
from mmengine.model import BaseModule
from NAME.registry import MODELS

@MODELS.register_module()
class Inner(BaseModule):
    pass

@MODELS.register_module()
class Net(BaseModule):
    def __init__(self, **kwargs):
        super().__init__()
        self.found = self.find(**kwargs)

"""


def clone(
    folder: Path, monkeypatch: pytest.MonkeyPatch, files: Mapping[str, str], net: str, model: str = '', more: str = ''
) -> Small:
    """Export from a folder that holds the package and other files; then take all of it away, and move the package."""
    root = folder / 'clone'
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    monkeypatch.chdir(root)
    project = small(root, {'net.py': net}, model=f"dict(type='Net', {model.replace('ROOT', str(root))})", more=more)
    moved = folder / 'moved'
    (root / 'out').rename(moved)
    monkeypatch.chdir(folder)
    shutil.rmtree(root)
    object.__setattr__(project.result, 'out', moved)
    return project


def carried(project: Small) -> list[str]:
    """The files that came along."""
    folder = project.result.out / 'pack' / 'files'
    found = [one.relative_to(folder).as_posix() for one in folder.rglob('*') if one.suffix not in ('.pyc', '')]
    return sorted(one for one in found if one != '__init__.py')


READING = {
    'open': 'open(table).read()',
    'pathlib': 'Path(table).read_text()',
    'mmengine': 'mmengine.fileio.get_text(table)',
    'only_if_there': "open(table).read() if osp.exists(table) else 'gone'",
}


@pytest.mark.parametrize('named', ['tables/a.txt', './tables/a.txt', 'ROOT/tables/a.txt'])
@pytest.mark.parametrize('how', ['open', 'only_if_there'])
def test_a_file_that_the_config_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, named: str, how: str) -> None:
    net = HEAD + f'    def find(self, table):\n        return {READING[how]}\n'
    project = clone(tmp_path, monkeypatch, {'tables/a.txt': 'A', 'tables/b.txt': 'B'}, net, f"table='{named}'")
    assert carried(project) == ['tables/a.txt']
    assert project.run('net.found') == 'A'
    assert project.codes() == set()


def test_files_that_the_text_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = {f'tables/{name}.txt': name.upper() for name in 'abcdefghi'}
    net = (
        HEAD.replace('@MODELS', "with open('tables/a.txt') as file:\n    A = file.read()\n\n@MODELS", 1)
        + """    B = 'tables/b.txt'
    '''tables/c.txt is only told of.'''

    def find(self, root, name, carried='no name of ours'):
        where = ROOT / 'tables' / 'g.txt'
        late = Path(root) / name
        return [A, Path(self.B).read_text(), mmengine.fileio.get_text('tables/d.txt'),
                open(osp.join('tables', 'e.txt')).read(), open(f'tables/{name[0]}.txt').read(),
                where.read_text(), late.read_text(), carried]
""".replace("    '''", '    """').replace("of.'''", 'of."""')
    )
    net = net.replace('from NAME', 'ROOT = Path(__file__).resolve().parents[1]\nfrom NAME', 1)
    project = clone(tmp_path, monkeypatch, files, net, "root='tables', name='h.txt'")
    assert carried(project) == [f'tables/{name}.txt' for name in 'abdegh']
    assert project.run('net.found') == "['A', 'B', 'D', 'E', 'H', 'G', 'H', 'no name of ours']"
    assert 'tables/c.txt is only told of.' in project.text('net')


def test_a_config_that_is_read_is_merged_and_means_what_is_in_the_package(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = {
        'configs/_base_/inner.py': "model = dict(type='Inner')\n",
        'configs/teacher.py': "_base_ = ['./_base_/inner.py']\ntable = 'tables/a.txt'\n",
        'configs/info.json': '{"classes": ["x"]}',
        'tables/a.txt': 'A',
    }
    net = (
        HEAD
        + """    INFO = dict(from_file='configs/info.json')
    def find(self, teacher):
        config = Config.fromfile(teacher)
        self.teacher = MODELS.build(config.model)
        return open(config.table).read(), Config.fromfile(self.INFO['from_file']).classes, type(self.teacher).__name__
"""
    )
    project = clone(tmp_path, monkeypatch, files, net, "teacher='configs/teacher.py'")
    assert carried(project) == ['configs/info.json', 'configs/teacher.py', 'tables/a.txt']
    assert '_base_' not in (project.result.out / 'pack/files/configs/teacher.py').read_text()
    assert project.run('net.found') == "('A', ['x'], 'Inner')"


def test_data_stays_where_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = {'data/shapes/a.txt': 'A', 'tables/large.txt': 'L' * (1 << 21), 'tables/small.txt': 'S'}
    net = HEAD + "    def find(self, large, small, shapes):\n        import torch\n        torch.save({}, 'w.pth')\n"
    net += "        torch.load('w.pth')\n        return [open(each).read() for each in (large, small, shapes)]\n"
    project = clone(
        tmp_path,
        monkeypatch,
        files,
        net,
        "large='tables/large.txt', small='tables/small.txt', shapes='data/shapes/a.txt'",
        "train_dataloader = dict(batch_size=1, sampler=dict(type='DefaultSampler'), "
        "dataset=dict(type='BaseDataset', data_root='data/shapes', ann_file='a.txt'))\n",
    )
    assert carried(project) == ['tables/small.txt']
    assert [each.subject for each in project.result.diagnostics if each.code == 'IE-FILE-NOT-CARRIED'] == [
        'tables/large.txt'
    ]


def test_what_nothing_names_is_found_where_it_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    net = HEAD + "    def find(self, root):\n        parts = [root, 'a' + chr(46) + 'txt']\n"
    net += '        return open(chr(47).join(parts)).read()\n'
    project = clone(tmp_path, monkeypatch, {'tables/a.txt': 'A'}, net, "root='tables'")
    assert project.codes() == {'IE-FILE-AT-READER'}
    assert project.run('net.found') == 'A'


def test_the_original_is_compared_with_its_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / 'tables').mkdir()
    (tmp_path / 'tables/a.json').write_text('[1, 2]')
    monkeypatch.chdir(tmp_path)
    net = HEAD + '    def find(self, table):\n        import torch\n'
    net += '        self.path = table\n'
    net += '        self.weight = torch.nn.Parameter(torch.tensor(json.load(open(table)), dtype=torch.float32))\n'
    project = small(tmp_path, {'net.py': net}, model="dict(type='Net', table='tables/a.json')")
    monkeypatch.syspath_prepend(tmp_path)
    found = verify(project.result.out, 'objects')
    assert [each.outcome for each in found.levels if each.name in ('state', 'objects')] == ['shown'] * 2, found


def test_what_only_unused_code_reads_stays_out(tmp_path: Path) -> None:
    files = {
        'words.py': "import os.path as osp\nwith open(osp.join(osp.dirname(__file__), 'words.txt')) as file:\n"
        '    WORDS = file.read()\n',
        'words.txt': 'many',
        'used.py': "import os.path as osp\nwith open(osp.join(osp.dirname(__file__), 'used.txt')) as file:\n"
        '    USED = file.read()\n',
        'used.txt': 'few',
        'net.py': 'from NAME.used import USED\nfrom NAME.words import WORDS\n'
        + HEAD
        + '    def find(self):\n        return USED\n',
    }
    project = small(tmp_path, files)
    found = sorted(one.name for one in (project.result.out / 'pack').rglob('*.txt'))
    assert found == ['used.txt']
    assert project.run('net.found') == 'few'
