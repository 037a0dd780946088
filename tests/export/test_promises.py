"""Real configs of real libraries, exported by the command line and compared with the original."""

from __future__ import annotations

import ast
import importlib.util
import io
import json
import subprocess
import sys
import tokenize
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from introspect_export.model import PartKind, SourceModule
from introspect_export.read import read_module

ROOT = Path(__file__).parents[2]
HERE = Path(__file__).parent
ORIGINS = ('mmdet', 'mmseg', 'mmpose', 'mmagic', 'mmpretrain')
CONFIGS = {
    'mask-rcnn': 'mmdet::mask_rcnn/mask-rcnn_r50_fpn_1x_coco.py',
    'condinst': 'mmdet::condinst/condinst_r50_fpn_ms-poly-90k_coco_instance.py',
    'vfnet': 'mmdet::configs/vfnet/vfnet_r50_fpn_1x_coco.py',
    'gn+ws': 'mmdet::gn+ws/faster-rcnn_r101_fpn_gn-ws-all_1x_coco.py',
    'two-origins': 'mmdet::convnext/mask-rcnn_convnext-t-p4-w7_fpn_amp-ms-crop-3x_coco.py',
}
pytestmark = pytest.mark.corpus


def run(*command: object, cwd: Path) -> str:
    """The standard output of a command that must succeed."""
    words = [sys.executable, '-W', 'ignore', *map(str, command)]
    done = subprocess.run(words, capture_output=True, text=True, cwd=cwd, check=False)
    assert done.returncode == 0, f'{words}\n{done.stdout[-2000:]}\n{done.stderr[-4000:]}'
    return done.stdout


@dataclass(frozen=True)
class Exported:
    """An export and what the command line said of it."""

    name: str
    config: str
    out: Path
    result: dict[str, Any]

    @property
    def manifest(self) -> dict[str, Any]:
        """The package's manifest."""
        loaded: dict[str, Any] = json.loads((self.out / 'manifest.json').read_text())
        return loaded

    @property
    def observed(self) -> list[str]:
        """The symbols that were observed, not only reached."""
        return [each['symbol'] for each in self.manifest['symbols'] if len(each['why']) == 1]


# One process a config, so that each is exported once.
@pytest.fixture(scope='module', params=[pytest.param(name, marks=pytest.mark.xdist_group(name)) for name in CONFIGS])
def exported(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Exported:
    """A config, exported from an empty folder."""
    folder = tmp_path_factory.mktemp('corpus')
    config = CONFIGS[request.param]
    printed = run('-m', 'introspect_export', config, '-o', 'out', '--json', cwd=folder)
    return Exported(request.param, config, folder / 'out', json.loads(printed))


def test_it_builds_the_same_model_without_the_origins(exported: Exported, tmp_path: Path) -> None:
    script = ROOT / 'scripts' / 'describe_model.py'
    config = exported.config.replace('::configs/', '::')
    blocks = [word for origin in (*ORIGINS, 'introspect_export') for word in ('--block', origin)]
    run(script, 'original', config, tmp_path / 'original.json', cwd=tmp_path)
    run(script, 'pack', exported.out, tmp_path / 'pack.json', *blocks, cwd=tmp_path)
    original = json.loads((tmp_path / 'original.json').read_text())
    packed = json.loads((tmp_path / 'pack.json').read_text())
    assert packed['leaked'] == []
    for what in ('classes', 'weights', 'features', 'parameters'):
        assert packed[what] == original[what], what


def test_every_section_resolves_in_the_package(exported: Exported) -> None:
    verification = exported.result['verification']
    assert verification['ok'], verification
    shown = [level['name'] for level in verification['levels'] if level['outcome'] == 'shown']
    assert shown == ['static', 'config', 'import', 'build']


def test_observed_classes_have_only_library_bases_or_a_diagnostic(exported: Exported) -> None:
    bases = json.loads(run(HERE / 'classes_of.py', exported.out, *ORIGINS, cwd=exported.out.parent).splitlines()[-1])
    explained = {each['subject'] for each in exported.manifest['diagnostics']}
    observed = [symbol for symbol in exported.observed if symbol in bases]
    assert len(observed) > 10
    for symbol in observed:
        own = [base for base in bases[symbol] if base.startswith('pack.')]
        assert not own or symbol in explained, (symbol, bases[symbol])
    if exported.name == 'condinst':
        assert bases['mmdet.models.dense_heads.condinst_head:CondInstBboxHead'] == [
            'mmengine.model.base_module:BaseModule'
        ]
    if exported.name == 'vfnet':
        assert len(bases['mmdet.models.dense_heads.vfnet_head:VFNetHead']) == 1


def test_no_text_names_an_origin(exported: Exported) -> None:
    for path in exported.out.rglob('*.py'):
        for node in ast.walk(ast.parse(path.read_text())):
            names: list[str] = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and not node.level:
                names = [node.module or '']
            elif isinstance(node, (ast.keyword, ast.Dict)):
                names = types_in(node)
            assert not any(name.partition('.')[0] in ORIGINS for name in names), (path, names)


def types_in(node: ast.keyword | ast.Dict) -> list[str]:
    """The strings that stand as a ``type``."""
    if isinstance(node, ast.keyword):
        pairs = [(node.arg, node.value)]
    else:
        keys = [key.value if isinstance(key, ast.Constant) else None for key in node.keys]
        pairs = list(zip(keys, node.values, strict=True))
    return [
        value.value
        for key, value in pairs
        if key in ('type', '_scope_') and isinstance(value, ast.Constant) and isinstance(value.value, str)
    ]


def test_every_symbol_has_the_chain_that_pulled_it_in(exported: Exported) -> None:
    for each in exported.manifest['symbols']:
        assert ' at ' in each['why'][0], each
        assert each['why'][-1].startswith(each['symbol']), each


def original_module(symbol: str) -> SourceModule:
    """The module of a symbol as the library has it."""
    name = symbol.partition(':')[0]
    spec = importlib.util.find_spec(name)
    assert spec is not None and spec.origin is not None
    return read_module(name, spec.origin, spec.submodule_search_locations is not None)


def comments(text: str) -> list[str]:
    """The comments of a text, in order."""
    return [
        token.string for token in tokenize.generate_tokens(io.StringIO(text).readline) if token.type == tokenize.COMMENT
    ]


def test_comments_and_docstrings_of_what_is_kept_are_there(exported: Exported) -> None:
    seen = 0
    for each in exported.manifest['symbols']:
        module = original_module(each['symbol'])
        text = (exported.out / each['in']).read_text()
        for index in module.definitions.get(each['symbol'].partition(':')[2], ()):
            part = module.parts[index]
            if part.kind is PartKind.IMPORT:
                continue
            original = module.cut(part.span)
            # Flattening drops members that nothing can reach; the class's own docstring stays in any case.
            kept = docstrings(original)[:1] if 'merged' in each else [*comments(original), *docstrings(original)]
            seen += len(kept)
            missing = [comment for comment in kept if comment not in text]
            assert not missing, (each['symbol'], missing)
    assert seen > 300


def docstrings(text: str) -> list[str]:
    """The docstrings of a text as they are written, in order."""
    found = []
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)) and ast.get_docstring(node) is not None:
            segment = ast.get_source_segment(text, node.body[0])
            assert segment is not None
            found.append(segment)
    return found


def test_condinst_stays_small(exported: Exported) -> None:
    if exported.name != 'condinst':
        return
    lines = sum(path.read_text().count('\n') for path in exported.out.rglob('*.py'))
    assert lines < 13_000
