"""Modules cut into parts."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest

from introspect_export.model import ExportError, PartKind, SourceModule
from introspect_export.read import read_module


def read(source: str, name: str = 'pkg.mod', is_package: bool = False) -> SourceModule:
    return read_module(name, f'{name}.py', is_package, textwrap.dedent(source))


def uses(module: SourceModule, index: int = -1) -> list[str]:
    return [use.name for use in module.parts[index].uses]


def test_comments_belong_to_the_statement_they_lead_or_follow() -> None:
    module = read("""\
        # Copyright of somebody.
        '''What it is.'''
        import os

        # one leads
        # two

        # three after a blank line
        x = 1  # ends the line

        def f():
            return x
            # indented comment at the end


        # leads g
        def g(): pass
        """)
    cut = [module.cut(part.span) for part in module.parts]
    assert module.cut(module.header) == '# Copyright of somebody.'
    assert cut[2] == '# one leads\n# two\n\n# three after a blank line\nx = 1  # ends the line'
    assert cut[3] == 'def f():\n    return x\n    # indented comment at the end'
    assert cut[4] == '# leads g\ndef g(): pass'


def test_statements_on_one_line_stay_apart() -> None:
    module = read('a = 1; b = 2  # both\nc = 3\n')
    assert [module.cut(part.span) for part in module.parts] == ['a = 1', 'b = 2  # both', 'c = 3']


def test_a_semicolon_that_ends_a_line_is_no_comment() -> None:
    module = read('a = 1;  # no more\nb = 2\n')
    assert [module.cut(part.span) for part in module.parts] == ['a = 1', 'b = 2']


@pytest.mark.parametrize(
    ('statement', 'names'),
    [
        ('a, (b, *c) = 1, (2, 3)', {'a', 'b', 'c'}),
        ('try:\n    import x\nexcept ImportError as e:\n    x = None', {'x', 'e'}),
        ('for i in range(3):\n    y = [k for k in (1, 2)]', {'i', 'y'}),
        ('with open("f") as f: pass', {'f'}),
        ('z = [w := 1 for _ in (1,)]', {'z', 'w'}),
        ('import a.b.c, d as e', {'a', 'e'}),
        ('class A:\n    inner = 1', {'A'}),
        ('class A:\n    global late\n    late = 1', {'A', 'late'}),
        ('del gone', {'gone'}),
    ],
)
def test_a_part_defines_what_it_binds(statement: str, names: set[str]) -> None:
    assert set(read(statement).parts[0].defines) == names


def test_uses_are_globals_only_and_know_when_they_run() -> None:
    module = read("""\
        def f(a, b=DEFAULT):
            local = a
            def inner():
                return local + GLOBAL
            return [x for x in ITEMS if (lambda y: y + x)(a)]
        """)
    found = {use.name: use.deferred for use in module.parts[0].uses}
    assert found == {'DEFAULT': False, 'GLOBAL': True, 'ITEMS': True}


def test_class_bodies_read_globals_until_they_bind_the_name() -> None:
    module = read("""\
        class C(Base, metaclass=Meta):
            size = size + 1
            again = size
            def method(self):
                return size
        """)
    found = [(use.name, use.in_class_scope, use.deferred) for use in module.parts[0].uses]
    assert found == [
        ('Base', False, False),
        ('Meta', False, False),
        ('size', True, False),
        ('size', False, True),
    ]


@pytest.mark.parametrize('binds', ['import os', 'os = os', 'def os(): pass', 'os: int = 1', 'del os'])
def test_class_bodies_read_globals_until_any_form_binds_the_name(binds: str) -> None:
    module = read(f'class C:\n    before = os\n    {binds}\n    after = os\n')
    assert uses(module).count('os') == 1 + (binds == 'os = os')


@pytest.mark.parametrize(
    ('binds', 'inside'),
    [
        ('try: pass\n    except E as os: pass', 0),
        ('if x:\n        def os(): pass', 0),
        ('for os in os: y = os', 2),
        ('while os: os += 1', 2),
    ],
)
def test_after_a_statement_that_may_bind_a_name_class_bodies_may_read_the_global(binds: str, inside: int) -> None:
    module = read(f'class C:\n    {binds}\n    after = os\n    os = after\n    last = os\n')
    found = [use.rebound for use in module.parts[0].uses if use.name == 'os']
    assert found == [True] * (inside + 1)


def test_an_augmented_name_is_read() -> None:
    module = read('size += 1\nclass C:\n    size += 1\n    size *= 2\n    other.x += 1\ndef f():\n    size += 1\n')
    found = [(use.name, use.role, use.deferred) for part in module.parts for use in part.uses]
    assert found == [('size', 'augmented', False), ('size', 'augmented', False), ('other', 'value', False)]


def test_a_comprehension_of_a_class_body_binds_nothing_there() -> None:
    module = read('class C:\n    before = [os for os in ()]\n    after = os\n')
    assert uses(module) == ['os']


def test_private_names_are_mangled_as_python_does() -> None:
    module = read('class _C:\n    def f(self):\n        return __secret, __dunder__\n')
    assert uses(module) == ['_C__secret', '__dunder__']


def test_attributes_follow_with_their_ends_and_roles() -> None:
    module = read('x = pkg.util.run(y.z)\n')
    called, argument = module.parts[0].uses[1:]
    assert (called.attributes, called.role) == (('util', 'run'), 'call')
    assert [module.text[called.span.start : end] for end in called.ends] == ['pkg.util', 'pkg.util.run']
    assert (argument.attributes, argument.role) == (('z',), 'argument')


def test_lazy_annotations_are_marked() -> None:
    module = read('from __future__ import annotations\ndef f(a: Kind) -> Other[x]: ...\nv: Third = 1\n')
    marked = {use.name: use.annotation for part in module.parts for use in part.uses}
    assert marked == {'Kind': True, 'Other': True, 'x': True, 'v': False, 'Third': True}
    assert module.future == ('annotations',)


def test_relative_imports_become_absolute_at_every_depth() -> None:
    module = read(
        """\
        from . import a
        from ..up.x import y as z
        import torch.nn as nn
        import os.path
        def f():
            from .deep import thing
        """,
        name='top.pkg.mod',
    )
    found = [(each.name, each.module, each.attribute, each.deferred) for part in module.parts for each in part.imports]
    assert found == [
        ('a', 'top.pkg', 'a', False),
        ('z', 'top.up.x', 'y', False),
        ('nn', 'torch.nn', None, False),
        ('os', 'os.path', None, False),
        ('thing', 'top.pkg.deep', 'thing', True),
    ]
    assert read('from . import a', 'top.pkg', is_package=True).parts[0].imports[0].module == 'top.pkg'


def test_statements_that_change_objects_say_whose() -> None:
    module = read("""\
        TABLE['a'] = 1
        table.x.y = 2
        REGISTRY.register(Thing)
        for n in names:
            TABLE[n] = make(n)
        COUNT += 1
        """)
    assert [set(part.mutates) for part in module.parts] == [
        {'TABLE'}, {'table'}, {'REGISTRY', 'Thing'}, {'TABLE'}, {'COUNT'},
    ]  # fmt: skip


def test_type_names_know_their_role_and_default() -> None:
    module = read("""\
        class Head:
            '''Docstring.'''
            def __init__(self, loss=dict(type='FocalLoss', mode='mean'), **kw):
                self.x = build({'type': 'lib.Coder'})
                kw.setdefault('type', 'Default')
                kw['type'] = 'Other'
                if kw['type'] == 'Compared' or kw.get('type', 'Asked'):
                    pass
        """)
    found = {(use.value, use.role, use.default) for use in module.parts[0].strings}
    assert found == {
        ('FocalLoss', 'type', 'Head.__init__'),
        ('mean', 'value', 'Head.__init__'),
        ('type', 'key', ''),
        ('type', 'value', ''),
        ('lib.Coder', 'type', ''),
        ('Default', 'type', ''),
        ('Other', 'type', ''),
        ('Compared', 'value', ''),
        ('Asked', 'value', ''),
    }


def test_bad_source_is_an_error_with_its_place(tmp_path: Path) -> None:
    bad = tmp_path / 'bad.py'
    bad.write_text('x = 1\ny = = 2\n')
    with pytest.raises(ExportError, match=r'bad\.py:2'):
        read_module('bad', str(bad), False)


def test_kinds() -> None:
    module = read("'''Doc.'''\nimport a\nx = 1\nif x: y = 2\nprint(x)\nclass C: pass\ndef f(): pass\n")
    assert [part.kind for part in module.parts] == [
        PartKind.DOCSTRING,
        PartKind.IMPORT,
        PartKind.ASSIGN,
        PartKind.COMPOUND,
        PartKind.EFFECT,
        PartKind.CLASS,
        PartKind.FUNCTION,
    ]
