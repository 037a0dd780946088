"""Small hierarchies, each in words of our own, after public reports of tools that rewrite or rebuild classes.

Each has the address of the report, what it is about, a module with a class ``Leaf``, and an expression over ``C``, that
class or the flattened one.
"""

from __future__ import annotations

from typing import NamedTuple

GITHUB = 'https://github.com/'


class Report(NamedTuple):
    """One report, tried."""

    where: str
    about: str
    text: str
    probe: str
    kept: bool = False
    """Whether it is refused: the chain stays as it is."""


REPORTS = (
    Report(
        'python/cpython/issues/90562',
        'a dataclass with slots is made anew, and super() without arguments means the class thrown away',
        """
from dataclasses import dataclass

class Base:
    def area(self): return 2

@dataclass
class Leaf(Base):
    side: int = 3
    def area(self): return self.side * super().area()
""",
        'C(5).area(), C()',
    ),
    Report(
        'python/cpython/issues/111500',
        'super().__post_init__() in a dataclass',
        """
from dataclasses import dataclass

@dataclass
class Base:
    low: int = 0
    def __post_init__(self): self.seen = ['base']

@dataclass
class Leaf(Base):
    high: int = 9
    def __post_init__(self):
        super().__post_init__()
        self.seen.append(self.high - self.low)
""",
        '(C(1).seen, C(1), C(1) == C(1, 9))',
    ),
    Report(
        'python-attrs/attrs/issues/1038',
        'super() in a method behind a decorator that wraps it without functools.wraps',
        """
def doubled(method):
    def call(self, *given):
        return method(self, *given) * 2
    return call

class Base:
    def name(self): return 'b'

class Middle(Base):
    @doubled
    def name(self): return 'm' + super().name()

class Leaf(Middle):
    @doubled
    def name(self): return 'l' + super().name()
""",
        'C().name()',
    ),
    Report(
        'python-attrs/attrs/issues/102',
        'a class that has slots calls its parent',
        """
class Base:
    __slots__ = ('one',)
    def set(self, value): self.one = value

class Leaf(Base):
    __slots__ = ('two',)
    def set(self, value):
        super().set(value)
        self.two = value + 1
""",
        '(lambda x: (x.set(1), x.one, x.two, hasattr(x, "__dict__")))(C())',
        kept=True,
    ),
    Report(
        'python-attrs/attrs/issues/1332',
        'making a class anew calls __init_subclass__ of the parent a second time',
        """
class Base:
    made = []
    def __init_subclass__(cls, **more):
        super().__init_subclass__(**more)
        Base.made.append(cls.__name__)

class Middle(Base):
    pass

class Leaf(Middle):
    def count(self): return list(self.made)
""",
        'C().count()',
        kept=True,
    ),
    Report(
        'python-attrs/attrs/issues/269',
        'super().__init_subclass__ within the own __init_subclass__',
        """
class Root:
    def __init_subclass__(cls, **more):
        super().__init_subclass__(**more)
        cls.level = getattr(cls, 'level', 0) + 1

class Middle(Root):
    def __init_subclass__(cls, **more):
        super().__init_subclass__(**more)
        cls.level *= 10

class Leaf(Middle):
    pass
""",
        'C.level',
        kept=True,
    ),
    Report(
        'asottile/pyupgrade/issues/50',
        'super() inside of a comprehension has another first argument',
        """
class Base:
    def at(self, index): return index + 1

class Middle(Base):
    def at(self, index): return 10 * super().at(index)

class Leaf(Middle):
    def all(self): return [super(Leaf, self).at(each) for each in (1, 2)]
    def at(self, index): return -1
    def some(self): return {key: super(Middle, self).at(key) for key in 'a' if False} or sorted(
        super(Leaf, self).at(each) for each in (3, 4))
""",
        'C().all(), C().some(), C().at(0)',
    ),
    Report(
        'asottile/pyupgrade/issues/544',
        "a static method calls its parent's by the class's name",
        """
class Base:
    @staticmethod
    def scale(value): return value * 2

class Leaf(Base):
    @staticmethod
    def scale(value): return Base.scale(value) + 1
""",
        'C.scale(4), C().scale(5)',
    ),
    Report(
        'asottile/pyupgrade/issues/696',
        'super() of a class inside of a class',
        """
class Base:
    def f(self): return 'base'
    class Inner:
        def f(self): return 'inner base'

class Leaf(Base):
    def f(self): return super(Leaf, self).f() + self.Inner().f()
    class Inner(Base.Inner):
        def f(self): return 'own ' + super(Leaf.Inner, self).f()
""",
        'C().f(), C.Inner().f()',
    ),
    Report(
        'asottile/pyupgrade/issues/305',
        'a parent is called by its name with another object than the own one',
        """
class Base:
    def show(self): return type(self).__name__[:1] + 'shown'

class Leaf(Base):
    other = None
    def show(self): return 'leaf'
    def both(self): return Base.show(self), Base.show(self.other), [Base.show(each) for each in (self, self.other)]
""",
        '(lambda x: (setattr(x, "other", C()), x.both()))(C())[1]',
    ),
    Report(
        'asottile/pyupgrade/issues/810',
        'what a zero-argument super() is turned into must be right in the class that there will be',
        """
class Base:
    def method(self): return ['base']

class Middle(Base):
    def method(self): return super(Middle, self).method() + ['middle']

class Leaf(Middle):
    def method(self): return super().method() + ['leaf']
""",
        'C().method()',
    ),
    Report(
        'davidhalter/jedi/issues/1311',
        'super() finds a method of the second parent',
        """
class One:
    def one(self): return 1
class Two:
    def two(self): return 2
class Leaf(One, Two):
    def one(self): return super().one() + super().two()
    def two(self): return 20
""",
        'C().one(), C().two()',
    ),
    Report(
        'microsoft/pyright/issues/5299',
        'super with two arguments, whose first is not the class it is written in',
        """
class A:
    def f(self): return ['A']
class B(A):
    def f(self): return ['B', *super().f()]
class D(B):
    def f(self): return ['D', *super(B, self).f()]
class Leaf(D):
    def f(self): return ['L', *super(D, self).f(), *super().f()]
""",
        'C().f()',
    ),
    Report(
        'microsoft/pyright/issues/151',
        'only the first parent is looked at for a call of super()',
        """
class Plain:
    def other(self): return 0
class Counting:
    def count(self): return 1
class Leaf(Plain, Counting):
    def count(self): return super().count() + 1
""",
        'C().count(), C().other()',
    ),
    Report(
        'python-rope/rope/issues/49',
        'a diamond: the next class is that of the object, not that of the text',
        """
class Top:
    def who(self): return 'top'
class Left(Top):
    pass
class Right(Top):
    def who(self): return 'right'
class Leaf(Left, Right):
    def who(self): return super(Leaf, self).who() + ' leaf'
""",
        'C().who()',
    ),
    Report(
        'eclipse-jdt/eclipse.jdt.ui/issues/3007',
        'a method that calls super is inlined where super means another class',
        """
class A:
    def g(self): return 1
class B(A):
    def f(self): return super().g() + 1
class Mid(B):
    def g(self): return 100
class Leaf(Mid):
    def g(self): return 1000
    def test(self): return super().f()
""",
        'C().test(), C().f()',
    ),
    Report(
        'cython/cython/issues/7721',
        'super() goes by the class of the object instead of the class of the text, and never ends',
        """
class Parent:
    def __init__(self): self.x = [1]
class Child(Parent):
    def __init__(self):
        super().__init__()
        self.x.append(2)
class Leaf(Child):
    pass
""",
        'C().x, type("More", (C,), {})().x',
    ),
    Report(
        'cython/cython/issues/3246',
        'a class made in a function, whose super() is its own',
        """
class Base:
    def f(self): return 'f'
def make(value, base):
    class Made(base):
        def f(self): return super().f() + value
    return Made
Near = make('1', Base)
class Leaf(Near):
    def f(self): return super().f() + 'leaf'
""",
        'C().f()',
        kept=True,
    ),
    Report(
        'cython/cython/issues/1127',
        'two levels of super() call each other without end',
        """
class A:
    def foo(self): return 'a'
class B(A):
    def foo(self): return super(B, self).foo() + 'b'
class Leaf(B):
    def foo(self): return super(Leaf, self).foo() + 'c'
""",
        'C().foo()',
    ),
    Report(
        'cython/cython/issues/2912',
        '__class__ by itself in a method',
        """
class Base:
    def f(self): return __class__.__name__, self.__class__.__name__
    def g(self): return __class__ is type(self)
class Leaf(Base):
    def f(self): return __class__.__name__, super().f()
""",
        'C().f(), C().g()',
        kept=True,
    ),
    Report(
        'cython/cython/issues/1380',
        'the metaclass of a parent is inherited',
        """
class Meta(type):
    def __call__(cls, *given):
        made = super().__call__(*given)
        made.by = 'meta'
        return made
class Base(metaclass=Meta):
    pass
class Leaf(Base):
    pass
""",
        'C().by, type(C).__name__',
    ),
    Report(
        'cython/cython/issues/1828',
        'super() without arguments in a generator inside of a property',
        """
class Base:
    def items(self): return range(3)
class Leaf(Base):
    @property
    def wow(self):
        found = super().items()
        return [each for each in found]
    def items(self): return ()
""",
        'C().wow',
    ),
    Report(
        'cython/cython/pull/7716',
        'calls of super() made quick are wrong where a sibling comes between',
        """
class Base:
    def f(self): return ['base']
class Left(Base):
    def f(self): return ['left', *super().f()]
class Right(Base):
    def f(self): return ['right', *super().f()]
class Leaf(Left, Right):
    def f(self): return ['leaf', *super().f()]
""",
        'C().f()',
    ),
    Report(
        'cython/cython/pull/3123',
        'a parameter with two leading underscores is mangled, too',
        """
class Base:
    def f(self, __value=1): return __value
    def g(self): return self.f(_Base__value=3)
class Leaf(Base):
    def h(self): return self.f(_Base__value=4)
""",
        'C().f(2), C().g(), C().h()',
    ),
    Report(
        'python/cpython/issues/120452',
        'a class named with underscores only mangles nothing; of others the leading ones are dropped',
        """
class __:
    __a = 1
    def a(self): return self.__a
class __B(__):
    __a = 2
    def b(self): return self.__a, super().a()
class Leaf(__B):
    __a = 3
    def c(self): return self.__a, self.b(), self.a()
""",
        'C().c(), sorted(name for name in dir(C) if name.endswith("__a"))',
        kept=False,
    ),
    Report(
        'klen/mixer/issues/74',
        'private methods of two classes of one hierarchy do not override each other',
        """
class Base:
    def load(self): return self.__fields()
    def __fields(self): return 'base'
class Leaf(Base):
    def own(self): return self.__fields()
    def __fields(self): return 'leaf'
""",
        'C().load(), C().own()',
    ),
    Report(
        'SUSE/DeepSea/pull/109',
        'a global function whose name is mangled inside of a class',
        """
def __helper(): return 'plain'
_Base__helper = lambda: 'mangled'
class Base:
    def f(self): return __helper()
class Leaf(Base):
    def g(self): return self.f()
""",
        'C().g()',
        kept=True,
    ),
    Report(
        'cloudpipe/cloudpickle/issues/367',
        'abstract properties, class methods and static methods, each overridden',
        """
import abc
class Base(abc.ABC):
    _value = 'first'
    @abc.abstractmethod
    def method(self): ...
    @classmethod
    @abc.abstractmethod
    def of_class(cls): ...
    @property
    @abc.abstractmethod
    def prop(self): ...
class Leaf(Base):
    def method(self): return 'm'
    @classmethod
    def of_class(cls): return cls._value
    @property
    def prop(self): return self._value
    @prop.setter
    def prop(self, value): self._value = value
""",
        '(lambda x: (x.method(), x.of_class(), setattr(x, "prop", 5), x.prop, C.__abstractmethods__))(C())',
    ),
    Report(
        'cloudpipe/cloudpickle/issues/244',
        'an enumeration cannot be made by type()',
        """
import enum
class Base(enum.Enum):
    def label(self): return self.name.lower()
class Leaf(Base):
    RED = 1
    BLUE = 2
    def label(self): return super().label() + str(self.value)
""",
        '[each.label() for each in C], C(1).name',
        kept=True,
    ),
    Report(
        'cloudpipe/cloudpickle/pull/246',
        'an enumeration with classes mixed in',
        """
import enum
class Named:
    def a(self): return 'a'
class Leaf(Named, enum.Enum):
    ONE = 1
    def b(self): return self.a() + 'b'
""",
        'C.ONE.b(), C.ONE.value, len(C)',
        kept=True,
    ),
    Report(
        'cloudpipe/cloudpickle/issues/328',
        'a constructor behind a decorator calls super() without arguments',
        """
import functools
def checked(function):
    @functools.wraps(function)
    def call(*given, **named):
        return function(*given, **named)
    return call
class Base:
    def __init__(self, foo): self.foo = [foo]
class Leaf(Base):
    @checked
    def __init__(self, foo):
        super().__init__(foo)
        self.foo.append('leaf')
""",
        'C("x").foo, C.__init__.__name__',
    ),
    Report(
        'cloudpipe/cloudpickle/issues/99',
        'a subclass is made in a function that is sent away',
        """
class Base:
    def __init__(self, first): self.first = first
class Leaf(Base):
    def __init__(self, second, first):
        super().__init__(first)
        self.second = second
    def like(self): return type(self)(self.second, self.first).__dict__ == self.__dict__
""",
        'vars(C(1, 2)), C(1, 2).like()',
    ),
    Report(
        'uqfoundation/dill/issues/26',
        'a list with append overridden, which calls super()',
        """
class Checked(list):
    def append(self, value):
        super(Checked, self).append(value)
        super(Checked, self).append(value)
class Leaf(Checked):
    def append(self, value): super().append(value + 1)
""",
        '(lambda x: (x.append(1), list(x), isinstance(x, list), x == [2, 2]))(C())',
    ),
    Report(
        'uqfoundation/dill/issues/300',
        'super names the class by a global, which is another object where it is loaded',
        """
class A:
    def __init__(self): self.x = 1
class B(A):
    def __init__(self): super(B, self).__init__()
class Leaf(B):
    pass
A = None
""",
        'C().x',
    ),
    Report(
        'uqfoundation/dill/issues/75',
        'super() is made and thrown away',
        """
class Base:
    def __init__(self): self.x = 1
class Leaf(Base):
    def __init__(self):
        super()
        super().__init__()
""",
        'C().x',
        kept=True,
    ),
    Report(
        'uqfoundation/dill/issues/239',
        'the class itself is named in its own method',
        """
class A:
    pass
class B(A):
    def foo(self): return [A().__class__.__name__, B().__class__.__name__]
class Leaf(B):
    def foo(self): return super().foo() + [isinstance(self, A), isinstance(self, B)]
""",
        'C().foo()',
        kept=True,
    ),
    Report(
        'python/cpython/issues/88771',
        'functools.total_ordering on a parent',
        """
import functools
@functools.total_ordering
class Base:
    def __init__(self, value=0): self.value = value
    def __eq__(self, other): return self.value == other.value
    def __lt__(self, other): return self.value < other.value
class Leaf(Base):
    def __lt__(self, other): return self.value > other.value
""",
        'C(1) < C(2), C(1) >= C(2), C(1) <= C(1), C(2) > C(1), C.__hash__',
    ),
    Report(
        'inducer/pytools/pull/9',
        '__eq__ and __hash__ come from two parents, and their order matters',
        """
class Equal:
    def __eq__(self, other): return True
class Hashed:
    def __hash__(self): return 7
class Leaf(Hashed, Equal):
    pass
""",
        'hash(C()), C() == C()',
    ),
    Report(
        'python/cpython/issues/110645',
        'a class without __hash__ is inherited from second',
        """
class Sized:
    def __len__(self): return 0
class Equal:
    def __eq__(self, other): return self is other
class Leaf(Sized, Equal):
    pass
""",
        'C.__hash__ is None, len(C())',
    ),
    Report(
        'hearsaycorp/richenum/pull/37',
        'a child that defines __eq__ is not hashable, and its child is not either',
        """
class Base:
    def __hash__(self): return 3
class Middle(Base):
    def __eq__(self, other): return type(other) is type(self)
class Leaf(Middle):
    def f(self): return super().__hash__
""",
        'C.__hash__, C() == C(), C().f()',
        kept=True,
    ),
    Report(
        'mypyc/mypyc/issues/1173',
        'ordering methods alone do not make a class unhashable',
        """
class Base:
    def __lt__(self, other): return True
class Leaf(Base):
    def __gt__(self, other): return False
""",
        'isinstance(hash(C()), int), C() < 1, C() > 1',
    ),
    Report(
        'astral-sh/ruff/issues/27603',
        'a dataclass hides the __hash__ that it inherits',
        """
from dataclasses import dataclass
class Base:
    def __hash__(self): return 42
@dataclass
class Middle(Base):
    value: int = 1
class Leaf(Middle):
    pass
""",
        'C.__hash__, C(3)',
        kept=True,
    ),
    Report(
        'python/cpython/issues/77356',
        'descriptors that learn their name',
        """
class Field:
    def __set_name__(self, owner, name): self.name = name
    def __get__(self, held, owner=None): return self.name
class Base:
    width = Field()
    height = Field()
class Leaf(Base):
    height = Field()
    def both(self): return self.width, self.height
""",
        'C().both()',
    ),
    Report(
        'python/cpython/issues/86941',
        '__init_subclass__ takes an argument of the class statement',
        """
class Base:
    def __init_subclass__(cls, tag='none', **more):
        super().__init_subclass__(**more)
        cls.tag = tag
class Leaf(Base, tag='leaf'):
    pass
""",
        'C.tag',
        kept=True,
    ),
    Report(
        'cython/cython/issues/3274',
        "a grandparent's method by the parent's name, which only inherits it",
        """
class A:
    def over(self): return 'A'
class B(A):
    pass
class Leaf(B):
    def over(self): return B.over(self) + A.over(self)
""",
        'C().over()',
    ),
    Report(
        'microsoft/pyright/pull/5304',
        'super of a class and a class, in a class method',
        """
class A:
    @classmethod
    def make(cls): return [cls.__name__[:1]]
class B(A):
    @classmethod
    def make(cls): return ['B', *super(B, cls).make()]
class Leaf(B):
    @classmethod
    def make(cls): return ['L', *super().make()]
""",
        'C.make(), C().make()',
    ),
)
