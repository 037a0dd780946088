"""Classes inside of classes and functions: modules that run, or refusals where they see what is around them."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from introspect_export.live_class.flatten_class import StandaloneClass, flatten_class
from introspect_export.model import ExportError

MakeModule = Callable[[str, str], ModuleType]
Run = Callable[[StandaloneClass], Any]

NESTED = '''
def mark(cls):
    cls.marks = getattr(cls, 'marks', 0) + 1
    return cls


class Base:
    def f(self):
        return ['Base']


class P:
    def f(self):
        return ['another P']


class Outer:
    class P(Base):
        text = """one
    two
            three"""

        def f(self):
            return ['P', *super().f()]

    @mark
    # In between.
    @mark
    class Inner(P):
        def f(self):
            """Say it.

            All of it."""
            return ['Inner', *super().f(), *P.f(self)]

        def g(self):
            return super(Outer.Inner, self).f(), isinstance(self, Outer.Inner)
'''


def test_a_class_in_a_class(make: MakeModule, run: Run) -> None:
    inner = make('nested', NESTED).Outer.Inner
    result = flatten_class(inner)
    flat = run(result)
    assert [each.qualname for each in result.merged] == ['Outer.P', 'Base']
    assert flat.__bases__ == (object,)
    assert flat().f() == inner().f() == ['Inner', 'P', 'Base', 'another P']
    assert flat().g() == inner().g() == (['P', 'Base'], True)
    assert (flat.text, flat.marks) == (inner.text, inner.marks) == ('one\n    two\n            three', 2)
    assert flat.f.__doc__ == inner.f.__doc__
    assert '\nclass Inner:\n    def f(self):\n' in result.text


def test_a_class_in_a_class_that_stays_as_it_is(make: MakeModule, run: Run) -> None:
    outer = make('nested', NESTED).Outer
    result = flatten_class(outer.Inner, keep=[outer.P])
    flat = run(result)
    assert flat.__bases__ == (outer.P,)
    assert (flat().f(), flat.__doc__, flat.marks) == (outer.Inner().f(), outer.Inner.__doc__, 2)


def test_the_command_prints_what_runs(tmp_path: Path) -> None:
    (tmp_path / 'nested.py').write_text(NESTED)
    command = [sys.executable, '-m', 'introspect_export', 'flatten', 'nested:Outer.Inner']
    printed = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True).stdout
    (tmp_path / 'alone.py').write_text(printed)
    program = 'import alone, nested; print(alone.Inner().f() == nested.Outer.Inner().f())'
    shown = subprocess.run([sys.executable, '-c', program], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert shown.stdout == 'True\n'


def test_registration_of_a_class_in_a_class(make: MakeModule, run: Run) -> None:
    text = (
        'from abc import ABC\n\n\nclass Top(ABC):\n    pass\n\n\nclass Superclass (Top):\n'
        '    class Inner(Top):\n        x = 1\n'
    )
    module = make('nested_abstract', text)
    flat = run(flatten_class(module.Superclass.Inner, register=True))
    assert issubclass(flat, module.Top)
    assert flat.__bases__ == module.Top.__bases__


def test_a_decorator_that_knows_a_class_in_a_class(make: MakeModule, run: Run) -> None:
    text = (
        'class Table(dict):\n    def add(self, cls):\n        assert cls.__name__ not in self\n'
        '        self[cls.__name__] = cls\n        return cls\n\n\nTABLE = Table()\n\n\n'
        'def same(cls):\n    return cls\n\n\n'
        'class Base:\n    x = 1\n\n\nclass Outer:\n    @same\n    @TABLE.add\n    @same\n    class Inner(Base):\n'
        '        y = 2\n'
    )
    module = make('nested_decorator', text)
    result = flatten_class(module.Outer.Inner)
    assert [each.code for each in result.diagnostics] == ['IE-LIN-DECORATOR']
    assert (run(result).x, run(result).y) == (1, 2)
    assert module.TABLE['Inner'] is module.Outer.Inner


LOCAL = '''
from collections import UserDict, OrderedDict

size = 1


class Base:
    def f(self):
        return ['Base', size]


def lower(base):
    """Makes two classes."""

    class Parent(base):
        def f(self):
            return ['Parent', *super().f()]

    class Leaf(Parent):
        text = """a
    b"""

        def f(self):
            def inner(self):
                return super().f()

            return ['Leaf', size, *inner(self)]

    return Leaf


Merged = lower(Base)
Stays = lower(OrderedDict)


def upper(kind):
    class Leaf(Merged):
        def f(self):
            return ['other Leaf', *super().f()]

    class Named(kind):
        def size(self):
            return len(self)

    return Leaf, Named


Upper, Named = upper(UserDict)
'''


def test_classes_in_functions(make: MakeModule, run: Run) -> None:
    module = make('local', LOCAL)
    for cls, count in ((module.Merged, 2), (module.Upper, 3)):
        result = flatten_class(cls)
        flat = run(result)
        assert [each.code for each in result.diagnostics] == []
        assert len(result.merged) == count
        assert flat.__bases__ == (object,)
        assert flat().f() == cls().f()
        assert flat.text == 'a\n    b'


def test_bases_that_variables_hold(make: MakeModule, run: Run) -> None:
    module = make('local', LOCAL)
    flat = run(flatten_class(module.Named))
    assert flat.__bases__ == module.Named.__bases__
    assert flat(a=1).size() == 1
    result = flatten_class(module.Stays)
    assert [each.qualname for each in result.merged] == ['lower.<locals>.Parent']
    assert run(result).__bases__ == (module.OrderedDict,)


SEES = """
def deco(cls):
    return cls


class Base:
    def f(self):
        return 1


def make(k, deco=deco, kind=type):
    class Stranger:
        def f(self):
            return k

    class Leaf(Base):
        def g(self):
            return 2
{body}
    return Leaf


Leaf = make(3)
"""


@pytest.mark.parametrize(
    ('body', 'name'),
    [
        ('        def h(self):\n            return k\n', 'k'),
        ('        def h(self):\n            return [k for _ in (1,)]\n', 'k'),
        ('        def h(self, size=k):\n            return size\n', 'k'),
        ('        h = k\n', 'k'),
        ('        class Inner:\n            def h(self):\n                return k\n', 'k'),
        ('        k = 1\n        def h(self):\n            return k\n', 'k'),
        ('        def h(self):\n            nonlocal k\n            k += 1\n', 'k'),
        ('        def h(self):\n            return Leaf()\n\n    Leaf = deco(Leaf)\n', 'Leaf'),
        ('    @deco\n    class Sub(Leaf):\n        pass\n    Leaf = Sub\n', 'deco'),
        ('    class Sub(Leaf, metaclass=kind):\n        pass\n    Leaf = Sub\n', 'kind'),
        ('    class Sub(Stranger, Leaf):\n        pass\n    Leaf = Sub\n', 'k'),
    ],
)
def test_classes_that_see_variables(make: MakeModule, body: str, name: str) -> None:
    module = make('sees', SEES.replace('{body}', body))
    with pytest.raises(ExportError, match=f'IE-LIN-LOCAL.* {name}, a variable of '):
        flatten_class(module.Leaf)


def test_what_only_dropped_methods_see(make: MakeModule, run: Run) -> None:
    body = '    class Sub(Stranger, Leaf):\n        def f(self):\n            return 5\n    Leaf = Sub\n'
    leaf = make('sees_not', SEES.replace('{body}', body)).Leaf
    flat = run(flatten_class(leaf))
    assert (flat().f(), flat().g()) == (leaf().f(), leaf().g()) == (5, 2)


SAME = """
def make(wide):
    if wide:
        class Parent:
            def f(self):
                return 'wide'
    else:
        class Parent:
            def f(self):
                return 'narrow'

    class Leaf(Parent):
        def f(self):
            return 'Leaf ' + super().f()

    return Leaf, Parent


Wide, WideParent = make(True)
Narrow, NarrowParent = make(False)
Again, AgainParent = make(False)


class Crossed(NarrowParent):
    def f(self):
        return AgainParent.f, NarrowParent.f(self), isinstance(self, AgainParent)


class Both(Wide, NarrowParent):
    pass
"""


def test_local_classes_of_one_name(make: MakeModule, run: Run) -> None:
    module = make('same', SAME)
    for cls in (module.Wide, module.Narrow):
        assert run(flatten_class(cls))().f() == cls().f()
    crossed = flatten_class(module.Crossed)
    assert crossed.merged
    assert run(crossed)().f() == module.Crossed().f() == (module.AgainParent.f, 'narrow', False)
    both = flatten_class(module.Both)
    assert not both.merged and [each.code for each in both.diagnostics] == ['IE-LIN-SAME-NAME']
    assert run(both)().f() == module.Both().f() == 'Leaf wide'


def test_members_put_on_a_local_class(make: MakeModule) -> None:
    text = SEES.replace('{body}', '    Leaf.extra = 5\n')
    result = flatten_class(make('put_on', text).Leaf)
    assert {each.code for each in result.diagnostics} == {'IE-LIN-PATCHED'}


OWN = """
class Base:
    def f(self):
        return ['Base']


def make():
    class Leaf(Base):
        def f(self):
            return [type(self) is Leaf, isinstance(Leaf(), Leaf), *super().f()]

    class Sub(Leaf):
        def f(self):
            return super().f()

    return Leaf, Sub


Leaf, Sub = make()
"""


def test_a_class_in_a_function_that_names_itself(make: MakeModule, run: Run) -> None:
    module = make('own_name', OWN)
    result = flatten_class(module.Leaf)
    assert [each.qualname for each in result.merged] == ['Base']
    assert run(result)().f() == module.Leaf().f() == [True, True, 'Base']
    with pytest.raises(ExportError, match=r'IE-LIN-LOCAL.* Leaf'):
        flatten_class(module.Sub)


HIDING = """
class Base:
    def f(self):
        return 'Base'


class Outer:
    class Inner(Base):
        def f(self, Inner=4):
            return type(self) is Outer.Inner, Inner, super().f()


class Leaf(Base):
    def f(self, Leaf=5):
        return type(self) is Alias, Leaf, super().f()


Alias = Leaf
"""


def test_functions_that_hide_the_name_of_the_class(make: MakeModule, run: Run) -> None:
    module = make('hiding', HIDING)
    for cls, value in ((module.Outer.Inner, 4), (module.Leaf, 5)):
        assert run(flatten_class(cls))().f() == cls().f() == (True, value, 'Base')
