"""Each trap of following names from module to module, in the smallest project that has it."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from small_projects import HEAD, small

from introspect_export import ExportError

OWN_BUILD = """
from mmengine.registry import MODELS as PARENT
from mmengine.registry import Registry, build_model_from_cfg

def build(cfg, registry, default_args=None):
    made = build_model_from_cfg(cfg, registry, default_args)
    made.built_here = True
    return made

MODELS = Registry('model', parent=PARENT, build_func=build, locations=['NAME.net'])
"""
"""A registry with a build function of its own."""


def test_only_what_is_named_comes_along(tmp_path: Path) -> None:
    project = small(
        tmp_path,
        {
            'tools.py': 'B = 2\n# leads\nA = 1  # ends\n\n\ndef used():\n    return A\n\n\ndef unused():\n    return B\n',
            'net.py': HEAD
            + 'from NAME.tools import unused, used\n\n@MODELS.register_module()\nclass Net(BaseModule):\n'
            + '    def go(self):\n        return used()\n',
        },
    )
    assert project.text('tools') == '# leads\nA = 1  # ends\n\n\ndef used():\n    return A\n'
    assert 'from .tools import used\n' in project.text('net')
    assert project.run('net.go()') == '1'


def test_star_imports_aliases_and_reexports_lead_to_the_definition(tmp_path: Path) -> None:
    project = small(
        tmp_path,
        {
            'deep/values.py': "__all__ = ['one']\none = 1\ntwo = 2\n",
            'deep/__init__.py': 'from .values import *\nfrom .values import two as zwei\n',
            'net.py': HEAD
            + 'from NAME import deep as d\nfrom NAME.deep import one as eins, zwei\n\n@MODELS.register_module()\n'
            + 'class Net(BaseModule):\n    def go(self):\n        return eins, zwei, d.one, d.values.two\n',
        },
    )
    assert not project.has('deep/__init__')
    assert 'd.' not in project.text('net')
    assert project.run('net.go()') == '(1, 2, 1, 2)'


def test_a_dotted_name_made_plain_does_not_meet_a_local(tmp_path: Path) -> None:
    project = small(
        tmp_path,
        {
            'tools.py': 'def scale(x):\n    return 10 * x\n',
            'net.py': HEAD
            + 'from NAME import tools\n\n@MODELS.register_module()\nclass Net(BaseModule):\n'
            + '    def go(self):\n        scale = 3\n        return tools.scale(scale)\n',
        },
    )
    assert project.run('net.go()') == '30'


def test_two_things_of_one_name_are_told_apart_where_text_meets(tmp_path: Path) -> None:
    project = small(
        tmp_path,
        {
            'base.py': 'from mmengine.model import BaseModule\nimport math as m\nINF = 1\n\n'
            'def max(x):\n    return -x\n\n'
            'class Base(BaseModule):\n    def low(self):\n        return INF, m.floor(2.5), max(4)\n',
            'net.py': 'import operator as m\nfrom NAME.registry import MODELS\nfrom NAME.base import Base\nINF = 100\n\n'
            '@MODELS.register_module()\nclass Net(Base):\n'
            '    def go(self):\n        return self.low(), INF, m.add(1, 2), max(5, 6)\n',
        },
    )
    assert project.run('net.go(), type(net).__bases__[0].__name__') == "(((1, 2, -4), 100, 3, 6), 'BaseModule')"


def test_imports_inside_of_functions_follow(tmp_path: Path) -> None:
    project = small(
        tmp_path,
        {
            'tools.py': 'def used():\n    return 7\n',
            'net.py': HEAD
            + '\n@MODELS.register_module()\nclass Net(BaseModule):\n    def go(self):\n'
            + '        from NAME.tools import used as u; import NAME\n'
            + '        return u(), NAME.__file__.endswith("__init__.py")\n'
            + '    def broken(self):\n        try:\n            from NAME.gone import x\n'
            + '        except ImportError as error:\n            return type(error).__name__\n',
        },
    )
    assert project.run('net.go(), net.broken()') == "((7, True), 'ModuleNotFoundError')"
    assert project.codes() == {'IE-BROKEN-IMPORT'}


def test_a_library_name_that_the_origin_hands_on_is_imported_from_the_library(tmp_path: Path) -> None:
    project = small(
        tmp_path,
        {
            '__init__.py': 'from mmengine.utils import digit_version\nimport json as coder\n',
            'net.py': HEAD
            + '\n@MODELS.register_module()\nclass Net(BaseModule):\n    def go(self):\n'
            + '        from NAME import digit_version\n        from NAME import coder as c, digit_version as d\n'
            + '        return d is digit_version, c.dumps([1])\n',
        },
    )
    assert project.run('net.go()') == "(True, '[1]')"
    assert 'from mmengine.utils import digit_version' in project.text('net')


def test_a_folder_of_the_origin_does_not_hide_a_module_that_is_written(tmp_path: Path) -> None:
    project = small(
        tmp_path,
        {
            'registry/__init__.py': 'from .nodes import MODELS\n',
            'registry/nodes.py': OWN_BUILD,
            'net.py': HEAD + '\n@MODELS.register_module()\nclass Net(BaseModule):\n    pass\n',
        },
    )
    assert project.run('net.built_here') == 'True'
    assert not (project.result.out / 'pack' / 'registry').exists()


def test_a_build_function_beside_what_registers_is_imported_when_it_is_called(tmp_path: Path) -> None:
    project = small(
        tmp_path,
        {
            'registry.py': f'{OWN_BUILD}\n@MODELS.register_module()\ndef sub_model(cfg):\n    return MODELS.build(cfg)\n',
            'net.py': HEAD + '\n@MODELS.register_module()\nclass Net(BaseModule):\n    pass\n',
        },
        model="dict(type='sub_model', cfg=dict(type='Net'))",
    )
    assert project.run('type(net).__name__, net.built_here') == "('Net', True)"


def test_optional_imports_stay_optional(tmp_path: Path) -> None:
    project = small(
        tmp_path,
        {
            'net.py': HEAD
            + 'try:\n    import no_such_library\nexcept ImportError:\n    no_such_library = None\n\n'
            + '@MODELS.register_module()\nclass Net(BaseModule):\n    def go(self):\n        return no_such_library\n',
        },
    )
    assert project.run('net.go()') == 'None'


def test_a_class_may_take_the_name_of_its_base(tmp_path: Path) -> None:
    project = small(
        tmp_path,
        {
            'net.py': 'from mmengine.model import BaseModule as Net\nfrom NAME.registry import MODELS\n\n'
            '@MODELS.register_module()\nclass Net(Net):\n    def go(self):\n        return Net.__name__\n',
        },
    )
    assert project.run('net.go(), type(net).__bases__[0].__name__') == "('Net', 'BaseModule')"


def test_tables_filled_elsewhere_are_full_before_they_are_read(tmp_path: Path) -> None:
    project = small(
        tmp_path,
        {
            'table.py': 'kinds = {}\n\ndef kind(name):\n    def put(cls):\n        kinds[name] = cls\n        return cls\n'
            '    return put\n\ndef default(name):\n    return kinds[name]\n',
            'a_reader.py': 'from NAME import z_kinds\nfrom NAME.table import default\nDEFAULT = default("plain")\n',
            'z_kinds.py': 'from NAME.table import kind\n\n@kind("plain")\nclass Plain:\n    pass\n',
            'net.py': HEAD
            + 'from NAME.a_reader import DEFAULT\n\n@MODELS.register_module()\nclass Net(BaseModule):\n'
            + '    def go(self):\n        return DEFAULT.__name__\n',
        },
    )
    assert project.run('net.go()') == 'Plain'


def test_statements_that_change_what_is_live_come_along(tmp_path: Path) -> None:
    project = small(
        tmp_path,
        {
            'tools.py': 'live = {}\ndead = {}\nlive["a"] = 1\ndead["a"] = 1\nfor k in "bc":\n    live[k] = 2\n',
            'net.py': HEAD
            + 'from NAME.tools import live\n\n@MODELS.register_module()\nclass Net(BaseModule):\n'
            + '    def go(self):\n        return live\n',
        },
    )
    assert project.run('net.go()') == "{'a': 1, 'b': 2, 'c': 2}"
    assert 'dead' not in project.text('tools')


def test_modules_that_come_to_need_each_other_look_names_up_late(tmp_path: Path) -> None:
    project = small(
        tmp_path,
        {
            'sub/a.py': 'def twice(x):\n    from NAME.sub.b import once\n    return 2 * once(x)\n',
            'sub/b.py': 'from NAME.sub.a import twice\n\nFOUR = twice\n\ndef once(x):\n    return x\n',
            'sub/base.py': 'from mmengine.model import BaseModule\nfrom NAME.sub.b import FOUR\n\n'
            'class Base(BaseModule):\n    def low(self):\n        return FOUR(2)\n',
            'net.py': 'from NAME.registry import MODELS\nfrom NAME.sub.base import Base\n\n'
            '@MODELS.register_module()\nclass Net(Base):\n    def go(self):\n        return self.low()\n',
        },
    )
    assert project.run('net.go()') == '4'


def test_types_are_followed_from_text_and_lose_their_scope(tmp_path: Path) -> None:
    project = small(
        tmp_path,
        {
            'parts.py': HEAD
            + ''.join(
                f'\n@MODELS.register_module()\nclass {name}(BaseModule):\n    pass\n' for name in ('A', 'B', 'C')
            ),
            'net.py': HEAD
            + 'from NAME import parts\n\n@MODELS.register_module()\nclass Net(BaseModule):\n'
            + "    def __init__(self, a=dict(type='NAME.A'), b=dict(type='B')):\n        super().__init__()\n"
            + "        self.a = MODELS.build(a)\n    def late(self):\n        return MODELS.build(dict(type='NAME.C'))\n",
        },
        model="dict(type='NAME.Net', b=None)",
    )
    # What the default of a constructor names that ran was seen being built, or was not needed.
    assert 'class A' in project.text('parts')
    assert 'class B' not in project.text('parts')
    assert "type='A'" in project.text('net')
    assert project.run('type(net.a).__name__, type(net.late()).__name__') == "('A', 'C')"


@pytest.mark.parametrize(
    ('metaclass', 'bases', 'code'), [('metaclass=ABCMeta', 'object', set()), ('', 'Asked', {'IE-KEPT-BASE'})]
)
def test_isinstance_keeps_its_answers(tmp_path: Path, metaclass: str, bases: str, code: set[str]) -> None:
    project = small(
        tmp_path,
        {
            'parts.py': f'from abc import ABCMeta\nfrom NAME.registry import MODELS\n\nclass Asked({metaclass}):\n'
            '    def low(self):\n        return 1\n\n@MODELS.register_module()\nclass Part(Asked):\n    pass\n',
            'net.py': HEAD
            + 'from NAME.parts import Asked\n\n@MODELS.register_module()\nclass Net(BaseModule):\n'
            + "    def __init__(self):\n        super().__init__()\n        self.part = MODELS.build(dict(type='Part'))\n"
            + '    def go(self):\n        return isinstance(self.part, Asked), issubclass(type(self.part), Asked)\n',
        },
    )
    assert project.run('net.go(), net.part.low()') == '((True, True), 1)'
    assert project.run('type(net.part).__bases__[0].__name__') == bases
    assert project.codes() == code


def test_entries_that_libraries_provide_are_registered(tmp_path: Path) -> None:
    project = small(
        tmp_path,
        {
            'registry.py': 'from mmengine.registry import MODELS as PARENT\nfrom mmengine.registry import Registry\n'
            "MODELS = Registry('model', parent=PARENT, locations=['NAME.net'])\nOPS = Registry('op', scope='NAME')\n",
            'net.py': HEAD
            + 'import operator\nfrom NAME.registry import OPS\nfor op in (operator.itemgetter, operator.attrgetter):\n'
            + '    OPS.register_module(module=op)\n\n@MODELS.register_module()\nclass Net(BaseModule):\n'
            + "    def __init__(self):\n        super().__init__()\n        self.op = OPS.get('itemgetter')(1)\n",
        },
    )
    assert project.run('net.op([5, 6])') == '6'
    assert 'attrgetter' not in project.text('registry')


def test_names_made_up_by_eval_are_all_there(tmp_path: Path) -> None:
    project = small(
        tmp_path,
        {
            'names.py': "def a_classes():\n    return ['a']\n\ndef b_classes():\n    return ['b']\n\n"
            "def classes(name):\n    return eval(name + '_classes()')\n",
            'net.py': HEAD
            + 'from NAME.names import classes\n\n@MODELS.register_module()\nclass Net(BaseModule):\n'
            + "    def go(self):\n        return classes('b')\n",
        },
    )
    assert project.run('net.go()') == "['b']"
    assert project.codes() == {'IE-DYNAMIC-NAMES'}


def test_text_that_makes_up_names_stays_in_its_module(tmp_path: Path) -> None:
    project = small(
        tmp_path,
        {
            'base.py': 'from mmengine.model import BaseModule\nSECRET = 5\n\nclass Base(BaseModule):\n'
            "    def low(self):\n        return globals()['SEC' + 'RET']\n",
            'net.py': 'from NAME.registry import MODELS\nfrom NAME.base import Base\n\n@MODELS.register_module()\n'
            'class Net(Base):\n    def go(self):\n        return self.low()\n',
        },
    )
    assert project.run('net.go(), type(net).__bases__[0].__name__') == "(5, 'Base')"
    assert 'IE-DYNAMIC-NAMES' in project.codes()


def test_an_ancestor_handed_to_a_function_stays_one(tmp_path: Path) -> None:
    project = small(
        tmp_path,
        {
            'parts.py': 'from abc import ABCMeta\nfrom NAME.registry import MODELS\n\nclass Asked(metaclass=ABCMeta):\n'
            '    def low(self):\n        return 1\n\n@MODELS.register_module()\nclass Part(Asked):\n    pass\n',
            'net.py': HEAD
            + 'from mmengine.utils import is_method_overridden\nfrom NAME.parts import Asked\n\n'
            + '@MODELS.register_module()\nclass Net(BaseModule):\n'
            + "    def __init__(self):\n        super().__init__()\n        self.part = MODELS.build(dict(type='Part'))\n"
            + "    def go(self):\n        return is_method_overridden('low', Asked, type(self.part))\n",
        },
    )
    assert project.run('net.go()') == 'False'
    assert project.codes() == {'IE-KEPT-BASE'}


def test_a_helper_that_skips_an_ancestor_finds_what_comes_after_it(tmp_path: Path) -> None:
    project = small(
        tmp_path,
        {
            'parts.py': "from NAME.registry import MODELS\n\nclass P:\n    def low(self):\n        return 'P'\n\n"
            "@MODELS.register_module()\nclass A(P):\n    def low(self):\n        return 'A' + super().low()\n\n"
            "class K(A):\n    def low(self):\n        return 'K' + super(A, self).low()\n",
            'net.py': HEAD
            + 'from NAME.parts import K\n\n@MODELS.register_module()\nclass Net(BaseModule):\n'
            + "    def __init__(self):\n        super().__init__()\n        self.part = MODELS.build(dict(type='A'))\n"
            + '    def go(self):\n        return K().low(), self.part.low()\n',
        },
    )
    assert project.run('net.go()') == "('KP', 'AP')"


def test_a_helper_over_a_diamond_keeps_its_order(tmp_path: Path) -> None:
    project = small(
        tmp_path,
        {
            'parts.py': "from NAME.registry import MODELS\n\nclass P:\n    def low(self):\n        return 'P'\n\n"
            "@MODELS.register_module()\nclass A(P):\n    def low(self):\n        return 'A' + super().low()\n\n"
            "class B(P):\n    def low(self):\n        return 'B' + super().low()\n\n"
            'class K(A, B):\n    pass\n',
            'net.py': HEAD
            + 'from NAME.parts import K\n\n@MODELS.register_module()\nclass Net(BaseModule):\n'
            + "    def __init__(self):\n        super().__init__()\n        self.part = MODELS.build(dict(type='A'))\n"
            + '    def go(self):\n        return K().low(), self.part.low()\n',
        },
    )
    assert project.run('net.go()') == "('ABP', 'AP')"


def test_comments_around_a_flattened_class_are_there_once(tmp_path: Path) -> None:
    project = small(
        tmp_path,
        {
            'base.py': 'from mmengine.model import BaseModule\n\n# leads Base\nclass Base(BaseModule):\n'
            '    # leads low\n    def low(self):\n        return 1  # ends low\n',
            'net.py': 'from NAME.registry import MODELS\nfrom NAME.base import Base\n\n# leads Net\n'
            '@MODELS.register_module()\nclass Net(Base):  # ends the header\n    # leads go\n    def go(self):\n'
            '        return self.low()\n    # trails Net\n',
        },
    )
    text = project.text('net')
    for comment in ('leads Net', 'ends the header', 'leads go', 'trails Net', 'leads low', 'ends low'):
        assert text.count(f'# {comment}\n') == 1, comment
    assert 'leads Base' not in text
    assert project.run('net.go()') == '1'


def test_data_paths_are_moved_with_their_root(tmp_path: Path) -> None:
    project = small(
        tmp_path,
        {'net.py': HEAD + '@MODELS.register_module()\nclass Net(BaseModule):\n    pass\n'},
        more="a = dict(data_root='data/coco/', ann_file='data/coco/x.json', other='data/cocoa', names=['data/coco'])\n",
        data_roots={'data/coco/': '/mnt/coco'},
    )
    (config,) = (project.result.out / 'pack' / 'configs').rglob('*.py')
    text = config.read_text()
    assert "data_root='/mnt/coco/'" in text
    assert "ann_file='/mnt/coco/x.json'" in text
    assert "other='data/cocoa'" in text
    assert "names=['/mnt/coco']" in text


def test_what_a_statement_elsewhere_registers_is_registered_by_itself(tmp_path: Path) -> None:
    project = small(
        tmp_path,
        {
            'registry.py': 'from mmengine.registry import MODELS as PARENT\nfrom mmengine.registry import Registry\n'
            "MODELS = Registry('model', parent=PARENT, locations=['NAME.net', 'NAME.parts'])\n",
            'parts/__init__.py': 'from mmengine.registry import MODELS as ROOT\nfrom NAME.registry import MODELS\n'
            'try:\n    from NAME.parts.a import A, B\n    for each in (A, B):\n        MODELS.register_module()(each)\n'
            "    ROOT.register_module(name='A_of_NAME', module=A)\nexcept ImportError:\n    pass\n",
            'parts/a.py': 'from mmengine.model import BaseModule\n\nclass A(BaseModule):\n    pass\n\nclass B(A):\n    pass\n',
            'net.py': HEAD
            + '@MODELS.register_module()\nclass Net(BaseModule):\n    def __init__(self, parts):\n'
            + '        super().__init__()\n        self.parts = [MODELS.build(each) for each in parts]\n',
        },
        model="dict(type='Net', parts=[dict(type='A'), dict(type='A_of_NAME')])",
    )
    assert project.run('[type(each).__name__ for each in net.parts]') == "['A', 'A']"
    assert 'class B' not in project.text('parts/a')
    assert project.codes() == set()


def test_a_class_that_stays_an_ancestor_keeps_its_chain_where_a_merged_one_stood_in_it(tmp_path: Path) -> None:
    project = small(
        tmp_path,
        {
            'net.py': HEAD
            + """
class Low(BaseModule):
    def x(self):
        return 'Low'

@MODELS.register_module()
class One(Low):
    def low(self):
        return self.x()

class Other(Low):
    def x(self):
        return 'Other' + super().x()

class Both(One, Other):
    def both(self):
        return super().x()

@MODELS.register_module()
class Net(Both):
    def __init__(self):
        super().__init__()
        self.part = MODELS.build(dict(type='One'))

    def go(self):
        return repr(One) and issubclass(Net, One), self.x(), self.both(), self.low(), self.part.low()
""",
        },
    )
    # One stays, since it is handed to a function: with Low merged into it, it would hide what Other has.
    assert project.run('net.go()') == "(True, 'OtherLow', 'OtherLow', 'OtherLow', 'Low')"
    assert project.codes() == {'IE-KEPT-BASE'}


AUGMENTED = """
from NAME import more
from NAME.values import number, table, text, size, other

text += ' and more'
table += [3]
if table:
    number += 1; number *= 10
for each in (1, 2):
    size = size + each
    other, twice = other + each, other * 2
more = more.size

@MODELS.register_module()
class Net(BaseModule):
    table += [4]
    if more:
        size = size + more
    grown = size
    def go(self):
        return text, table, number, size, other, twice, more, self.table, self.size, self.grown
"""


def test_an_imported_name_that_is_bound_again(tmp_path: Path) -> None:
    files = {
        'values.py': "text = 'some'\ntable = [1, 2]\nnumber = 1\nsize = 10\nother = 5\n",
        'more.py': 'size = 100\n',
        'net.py': HEAD + AUGMENTED,
    }
    project = small(tmp_path, files)
    wanted = "('some and more', [1, 2, 3, 4], 20, 13, 8, 12, 100, [1, 2, 3, 4], 113, 113)"
    assert project.run('net.go()') == wanted
    values = 'pack.values.text, pack.values.table, pack.values.number, pack.values.size'
    assert project.run(values) == "('some', [1, 2, 3, 4], 1, 10)"
    assert 'import number, other, size, table, text\n' in project.text('net')
    assert 'if table:\n    number += 1; number *= 10\n' in project.text('net')


def test_a_class_that_has_the_name_of_its_imported_base(tmp_path: Path) -> None:
    project = small(
        tmp_path,
        {
            'base.py': 'from mmengine.model import BaseModule\n\n\nclass Part(BaseModule):\n    size = 3\n',
            'net.py': HEAD
            + 'from NAME.base import Part\n\nclass Part(Part):\n    more = Part.size\n\n@MODELS.register_module()\n'
            + 'class Net(BaseModule):\n    def __init__(self):\n        super().__init__()\n        self.part = Part()\n'
            + '    def go(self):\n        return self.part.more, len(type(self.part).__mro__)\n',
        },
        flatten='none',
    )
    assert project.run('net.go()')[:3] == '(3,'
    assert 'class Part(Part):\n' in project.text('net')


def test_an_alias_of_a_name_that_a_class_body_may_have_bound_is_refused(tmp_path: Path) -> None:
    merged = (
        'from NAME.values import size\nfrom mmengine.model import BaseModule\n\n\nclass Base(BaseModule):\n'
        '    if size:\n        size = size + 1\n    grown = size\n'
    )
    files = {
        'values.py': 'size = 1\n',
        'base.py': merged,
        'net.py': HEAD
        + 'from NAME.base import Base\n\nsize = 7\n\n@MODELS.register_module()\nclass Net(Base):\n'
        + '    def go(self):\n        return size, self.size, self.grown\n',
    }
    with pytest.raises(ExportError, match=r'base\.py:6: size may be bound again before this use'):
        small(tmp_path, files)


def test_a_merged_class_augments_a_name_that_means_something_else_there(tmp_path: Path) -> None:
    base = (
        'from NAME.values import size\nfrom mmengine.model import BaseModule\n\n\nclass Base(BaseModule):\n'
        '    size += 1\n    grown = size\n'
    )
    files = {
        'values.py': 'size = 1\n',
        'base.py': base,
        'net.py': HEAD
        + 'from NAME.base import Base\n\nsize = 7\n\n@MODELS.register_module()\nclass Net(Base):\n'
        + '    def go(self):\n        return size, self.size, self.grown\n',
    }
    project = small(tmp_path, files)
    assert 'class Base' not in project.text('net')
    assert project.run('net.go()') == '(7, 2, 2)'


def test_an_augmented_import_changes_the_list_that_others_use(tmp_path: Path) -> None:
    project = small(
        tmp_path,
        {
            'values.py': 'table = [1, 2]\n',
            'more.py': 'from .values import table\n\ntable += [3]\n\n\ndef one():\n    return 1\n',
            'net.py': HEAD
            + 'from NAME.more import one\nfrom NAME.values import table\n\n@MODELS.register_module()\n'
            + 'class Net(BaseModule):\n    def go(self):\n        return table[one() :]\n',
        },
    )
    assert project.run('net.go()') == '[2, 3]'
