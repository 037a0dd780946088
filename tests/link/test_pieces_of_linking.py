"""Layout, names, circles of imports, and config text."""

from __future__ import annotations

import pytest

from introspect_export.link.config_source import config_text
from introspect_export.link.cycles import components, import_order, late_pairs
from introspect_export.link.layout import lay_out, relative
from introspect_export.link.namespace import Namespace
from introspect_export.model import ExportError, Symbol
from introspect_export.model.liveset import Builtin, Defined, Library
from introspect_export.model.output_package import Layout
from introspect_export.read import read_module


def layout_of(*names: str, origins: tuple[str, ...] = ('one', 'two')) -> Layout:
    """The layout of modules; a name that ends with a dot is a package's."""
    return lay_out([read_module(n.rstrip('.'), f'{n}.py', n.endswith('.'), 'x = 1\n') for n in names], origins)


def test_modules_keep_their_paths_below_the_top() -> None:
    layout = layout_of('one.models.heads.base', 'one.utils.', 'plugin')
    assert layout.modules == {'one.models.heads.base': 'models.heads.base', 'one.utils': 'utils', 'plugin': 'plugin'}
    assert layout.file('models.heads') == 'pack/models/heads/__init__.py'
    assert layout.file('utils') == 'pack/utils/__init__.py'
    assert layout.file('plugin') == 'pack/plugin.py'


def test_the_second_origin_and_reserved_names_give_way() -> None:
    layout = layout_of('two.models.net', 'one.models.net', 'one.registry', 'one.')
    assert layout.modules == {
        'one.models.net': 'models.net',
        'two.models.net': 'models.net_two',
        'one.registry': 'registry_one',
        'one': 'package_one',
    }
    folders = layout_of('one.registry.', 'one.registry.nodes', 'one.data.loading')
    assert set(folders.modules.values()) == {'registry_one', 'registry_one.nodes', 'data.loading'}
    assert folders.file('registry_one') == 'pack/registry_one/__init__.py'


@pytest.mark.parametrize(
    ('source', 'target', 'expected'),
    [
        ('models.heads.a', 'models.heads.b', '.b'),
        ('models.heads.a', 'models.layers.b', '..layers.b'),
        ('models.heads.a', 'registry', '...registry'),
        ('models', 'models.heads.a', '.heads.a'),
        ('version', 'models.heads.a', '.models.heads.a'),
        ('models.heads.a', '', '...'),
        ('', 'registry', '.registry'),
    ],
)
def test_relative_names(source: str, target: str, expected: str) -> None:
    layout = layout_of('one.models.', 'one.models.heads.a', 'one.models.layers.b', 'one.version')
    assert relative(layout, source, target) == expected


def test_a_name_keeps_its_spelling_until_another_thing_has_it() -> None:
    names = Namespace(frozenset({'INF', 'np', 'b_INF'}), lambda target: target)
    names.define('INF', Symbol('a', 'INF'))
    numpy = Library('numpy', None)
    assert names.name(numpy, 'np', eager=True, origin='a', fits=True) == 'np'
    assert names.name(numpy, 'np', eager=False, origin='b', fits=True) == 'np'
    assert names.name(Library('numpy', 'inf'), 'np', eager=False, origin='m.c', fits=True) == 'c_np'
    # The alias meets no word of the text.
    assert names.name(Defined(Symbol('m.b', 'INF')), 'INF', eager=False, origin='m.b', fits=True) == 'b_INF_2'
    assert names.name(Builtin('max'), 'max', eager=False, origin='m.b', fits=True) == 'max'
    assert names.name(Library('x', 'max'), 'max', eager=False, origin='m.b', fits=True) == 'b_max'


def test_submodules_that_were_imported_stay_imported() -> None:
    names = Namespace(frozenset(), lambda target: Library(target.module, target.attribute))  # type: ignore[union-attr]
    names.name(Library('torch', None), 'torch', eager=True, origin='a', fits=True)
    names.name(Library('torch', None, ('torch.distributed',)), 'torch', eager=True, origin='b', fits=True)
    assert names.bound['torch'].target == Library('torch', None, ('torch.distributed',))


def test_circles_wait_where_nothing_is_needed_at_once() -> None:
    edges = {'a': {'b': False, 'c': True}, 'b': {'a': True}, 'c': {}}
    assert late_pairs(edges) == {'a': frozenset({'b'})}


def test_a_circle_of_needs_is_refused() -> None:
    with pytest.raises(ExportError, match='a, b'):
        late_pairs({'a': {'b': True}, 'b': {'a': True}})


def test_components_come_dependencies_first() -> None:
    edges: dict[str, dict[str, bool]] = {'a': {'b': True}, 'b': {'c': True, 'd': True}, 'c': {'b': True}, 'd': {}}
    assert components(edges) == [frozenset('d'), frozenset('bc'), frozenset('a')]


def test_a_long_chain_needs_no_recursion() -> None:
    edges = {str(n): {str(n + 1): True} for n in range(5000)} | {'5000': {}}
    assert len(components(edges)) == 5001


def test_what_fills_a_table_is_imported_before_its_readers() -> None:
    edges = {'boxes': ['table'], 'reader': ['table'], 'table': [], 'base': ['reader']}
    order = import_order(edges, {'table': ['boxes']})
    assert order.index('boxes') < order.index('reader') < order.index('base')
    # What the filling module needs itself cannot come after it.
    order = import_order({'boxes': ['table', 'reader'], 'reader': ['table'], 'table': []}, {'table': ['boxes']})
    assert order == ['table', 'reader', 'boxes']


def test_config_text_reads_back_as_it_was() -> None:
    config = {
        'model': {'type': 'Net', 'sizes': [(1, 2), (3,)], 'nested': {'a': [{'type': 'X'}, {'type': 'Y'}]}},
        'odd': {'with space': 1, 'class': None, 3: True},
        'numbers': [1.5, -2, float('inf'), 1e-8],
        'text': 'it\'s "quoted"\n',
        'empty': [{}, [], ()],
        'long': ['a' * 40, 'b' * 40, 'c' * 40],
    }
    text = config_text(config)
    scope: dict[str, object] = {}
    exec(text, scope)
    assert {key: scope[key] for key in config} == config
    assert "model = dict(\n    type='Net',\n" in text
