"""The text of a package's documents: what it is made of, and that nothing else comes into it."""

from __future__ import annotations

import ast
import dataclasses
import email.message
import subprocess
import sys
from typing import Any

import pytest

from introspect_export.documents import EXECUTABLE, Distribution, DocumentFacts, Installed, documents, installed
from introspect_export.documents.installed_distributions import licence
from introspect_export.documents.module_outline import outline
from introspect_export.documents.requirements import requirements

HERE = Installed(
    {
        'torch': Distribution('torch', '2.9.0'),
        'mmengine': Distribution('mmengine', '0.10.7'),
        'numpy': Distribution('numpy', '1.26.4'),
        'cv2': Distribution('opencv-python', '4.11.0'),
        'origin_lib': Distribution('origin-lib', '3.0.0', 'Apache-2.0', 'https://origin.org'),
    }
)

FACTS = DocumentFacts(
    config_name='net_r50',
    config={
        'model': {'type': 'Net', 'neck': {'type': 'Conv2d'}, 'head': {'type': 'pack.Head'}},
        'train_dataloader': {'dataset': {'type': 'Things', 'data_root': 'data/a|b/'}},
        'optim_wrapper': {'optimizer': {'type': 'SGD'}},
        'test_dataloader': {'dataset': {'type': 'Things', 'data_root': 'data/a|b/'}},
        'auto_scale_lr': {'base_batch_size': 16},
    },
    config_path="pack/configs/gn+ws/net's r50.py",
    code={
        'pack/__init__.py': '',
        'pack/registry.py': 'from mmengine.registry import Registry\n',
        'pack/models/net.py': 'import torch\nimport numpy as np\nfrom .head import Head\n\n\nclass Net:\n    pass\n',
        'pack/models/head.py': 'class Head:\n    pass\n',
        'pack/models/other/head.py': 'class Twice:\n    pass\n',
        'pack/datasets/things.py': 'class Things:\n    pass\n',
    },
    origins=('origin_lib', 'my_project'),
    versions={'origin-lib': '3.3.0', 'torch': '2.9.0+cpu'},
)


@pytest.fixture(scope='module')
def texts() -> dict[str, str]:
    return documents(FACTS, HERE)


def test_all_documents_are_there(texts: dict[str, str]) -> None:
    assert sorted(texts) == [
        'NOTICE',
        'README.md',
        'pack/data/README.md',
        'pack/demo/image_demo.py',
        'requirements.txt',
        'tools/dist_test.sh',
        'tools/dist_train.sh',
        'tools/slurm_test.sh',
        'tools/slurm_train.sh',
        'tools/test.py',
        'tools/train.py',
    ]
    assert {path for path in texts if path.endswith('.sh')} == EXECUTABLE


def test_the_same_facts_give_the_same_text(texts: dict[str, str]) -> None:
    assert documents(dataclasses.replace(FACTS, code=dict(reversed(list(FACTS.code.items())))), HERE) == texts


@pytest.mark.parametrize('path', ['tools/train.py', 'tools/test.py', 'pack/demo/image_demo.py'])
def test_scripts_are_python_that_imports_libraries_only(texts: dict[str, str], path: str) -> None:
    tree = ast.parse(texts[path])
    found = {module.partition('.')[0] for _, module in outline(texts[path]).imports}
    standard = {'argparse', 'inspect', 'os', 're', 'sys', 'pathlib'}
    assert found - standard <= {'pack', 'mmengine', 'torch', 'numpy', 'cv2'}
    strings = [node.value for node in ast.walk(tree) if isinstance(node, ast.Constant)]
    assert FACTS.config_path in strings


@pytest.mark.parametrize('path', sorted(EXECUTABLE))
def test_shell_scripts_parse_and_say_how_to_be_used(texts: dict[str, str], path: str) -> None:
    assert subprocess.run(['bash', '-n'], input=texts[path], text=True, check=False).returncode == 0
    done = subprocess.run(['bash', '-s'], input=texts[path], text=True, capture_output=True, check=False)
    assert done.returncode != 0
    assert 'usage: ' in done.stderr


def test_every_text_ends_with_one_newline(texts: dict[str, str]) -> None:
    for path, text in texts.items():
        assert text.endswith('\n'), path
        assert not text.endswith('\n\n'), path
        assert not any(line != line.rstrip() for line in text.splitlines()), path
        assert '\n\n\n' not in text or path.endswith('.py'), path


def test_requirements_are_what_is_imported(texts: dict[str, str]) -> None:
    lines = [line for line in texts['requirements.txt'].splitlines() if not line.startswith('#')]
    assert lines == ['mmengine==0.10.7', 'numpy==1.26.4', 'opencv-python==4.11.0', 'torch==2.9.0']


def test_a_library_that_is_not_installed_is_a_comment() -> None:
    files = {'pack/a.py': 'import os\n\ntry:\n    import fast_lib.x\nexcept ImportError:\n    fast_lib = None\n'}
    (found,) = requirements(files, 'pack', {}, HERE)
    assert found.line == '# fast_lib: imported by pack/a.py:4, not installed where this was written'


def test_imports_for_types_only_are_no_requirements() -> None:
    text = 'from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import numpy\nelse:\n    import torch\n'
    assert [one.name for one in requirements({'a.py': text}, 'pack', {}, HERE)] == ['torch']


def test_modules_of_one_distribution_are_one_requirement() -> None:
    both = Installed({'a': Distribution('A', '1'), 'b': Distribution('A', '1')})
    (found,) = requirements({'x.py': 'import b\nfrom a import c\n'}, 'pack', {}, both)
    assert (found.line, found.modules, found.where) == ('A==1', ('a', 'b'), 'x.py:2')


def test_the_notice_names_each_origin_with_its_licence(texts: dict[str, str]) -> None:
    notice = texts['NOTICE']
    assert 'origin_lib 3.3.0\n    distribution: origin-lib\n    licence:      Apache-2.0\n' in notice
    assert 'my_project\n    not an installed distribution; no licence was found\n' in notice


def test_the_readme_tells_where_things_are(texts: dict[str, str]) -> None:
    readme = texts['README.md']
    assert '| `model` | `Net` | [pack/models/net.py](pack/models/net.py) |' in readme
    assert '| `model.head` | `Head` | [pack/models/head.py](pack/models/head.py) |' in readme
    assert 'Conv2d' not in readme  # A library's.
    assert '| `pack/models/` | 3 files, 11 lines: `Head`, `Net`, `Twice` |' in readme
    assert '--auto-scale-lr' in readme
    assert '--tta' not in readme
    assert 'origin_lib 3.3.0' in readme


def test_a_model_alone_has_no_scripts_and_tells_of_none() -> None:
    config: dict[str, Any] = {'model': {'type': 'Net'}}
    written = documents(dataclasses.replace(FACTS, config=config), HERE)
    assert sorted(written) == ['NOTICE', 'README.md', 'pack/data/README.md', 'requirements.txt']
    readme = written['README.md']
    assert 'This config has no training section.' in readme
    assert 'This config has no test section.' in readme
    assert 'tools/' not in readme
    assert 'image_demo' not in readme


def test_where_a_name_is_defined_twice_the_given_file_counts() -> None:
    code = {**FACTS.code, 'pack/models/other/head.py': 'class Head:\n    pass\n'}
    twice = dataclasses.replace(FACTS, code=code)
    assert '`model.head`' not in documents(twice, HERE)['README.md']
    found = dataclasses.replace(twice, types={'pack.Head': 'pack/models/other/head.py'})
    assert '| `model.head` | `Head` | [pack/models/other/head.py]' in documents(found, HERE)['README.md']


def test_missing_compiled_extensions_are_told(texts: dict[str, str]) -> None:
    found = documents(dataclasses.replace(FACTS, placeholders=('fast_lib._ext',)), HERE)
    assert '`fast_lib._ext`, a compiled extension' in found['README.md']
    assert '# fast_lib._ext is a compiled extension' in found['requirements.txt']
    assert 'compiled' not in texts['README.md']


def test_the_data_readme_is_a_table(texts: dict[str, str]) -> None:
    row = '| `data/a\\|b/` | folder | `train_dataloader.dataset.data_root`<br>`test_dataloader.dataset.data_root` |'
    assert row in texts['pack/data/README.md']
    assert '--cfg-options train_dataloader.dataset.data_root=/my/data/' in texts['pack/data/README.md']


@pytest.mark.parametrize(
    ('fields', 'expected'),
    [
        ({'License-Expression': 'MIT', 'License': 'other'}, 'MIT'),
        ({'License': 'Apache License 2.0'}, 'Apache License 2.0'),
        ({'License': 'whole\ntext', 'Classifier': 'License :: OSI Approved :: MIT License'}, 'MIT License'),
        ({'License': 'UNKNOWN'}, ''),
        ({}, ''),
    ],
)
def test_the_licence_of_a_distribution(fields: dict[str, str], expected: str) -> None:
    message: Any = email.message.Message()
    for name, value in fields.items():
        message[name] = value
    assert licence(message) == expected


def test_what_is_installed_is_found_by_module() -> None:
    here = installed()
    torch, jinja = here.of('torch.nn'), here.of('jinja2')
    assert torch is not None and jinja is not None
    assert torch.name == 'torch'
    assert '+' not in torch.version
    assert jinja.name.lower() == 'jinja2'
    assert here.of('no_such_module') is None


def test_the_backport_of_the_standard_library_changes_nothing() -> None:
    pytest.importorskip('importlib_metadata')
    code = (
        'import importlib_metadata, sys\n'
        'from introspect_export.documents import installed\n'
        'sys.meta_path[:] = [one for one in sys.meta_path if "importlib_metadata" not in type(one).__module__]\n'
        'print(installed().of("torch").name, installed().of("jinja2").licence != "")\n'
    )
    done = subprocess.run([sys.executable, '-c', code], capture_output=True, text=True, check=False)
    assert done.stdout == 'torch True\n', done.stderr
