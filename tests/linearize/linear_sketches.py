"""One generated class: where its choices come from, and its text."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

from linear_library import LIBRARY_CLASSES

T = TypeVar('T')


class Choices(Protocol):
    """Where choices come from: hypothesis, or a seeded generator."""

    def below(self, limit: int) -> int:
        """A number from 0 to ``limit - 1``."""


class Seeded:
    """Choices from a seed: the same ones every time."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)

    def below(self, limit: int) -> int:
        """A number from 0 to ``limit - 1``."""
        return self._random.randrange(limit)


class Chooser:
    """Draws from choices.

    Args:
        choices: Where choices come from.
    """

    def __init__(self, choices: Choices) -> None:
        self._choices = choices

    def _chance(self, one_in: int) -> bool:
        return self._choices.below(one_in) == one_in - 1

    def _pick(self, options: Sequence[T]) -> T:
        return options[self._choices.below(len(options))]


METHODS = ('f', 'g', 'h', '_i', '__m', 'run', '__call__', '__len__')
CLASS_METHODS = ('c', 'd')
STATIC_METHODS = ('s', 't')
PROPERTIES = ('p', 'q')
ATTRIBUTES = ('attr', 'data', '__a', 'other', 'TAG')


@dataclass
class ClassSketch:
    """A generated class.

    Attributes:
        name: Its name.
        module: The number of its module.
        bases: Its bases by name.
        ancestors: Its generated ancestors.
        lines: Its text.
        defines: Its members.
        generic: Whether it has a type parameter.
    """

    name: str
    module: int
    bases: list[str]
    ancestors: list[str]
    lines: list[str] = field(default_factory=list)
    defines: set[str] = field(default_factory=set)
    generic: bool = False


@dataclass
class Hierarchy:
    """Generated classes.

    Attributes:
        texts: The text of each module.
        classes: The classes as (module number, name), bases first.
    """

    texts: list[str]
    classes: list[tuple[int, str]]


Reference = Callable[[ClassSketch, str], str]


class ClassWriter(Chooser):
    """Writes one class."""

    def __init__(self, choices: Choices, sketch: ClassSketch, reference: Reference, known: list[ClassSketch]) -> None:
        super().__init__(choices)
        self._sketch = sketch
        self._reference = reference
        self._known = known
        self._names = sketch.defines

    def _ref(self, name: str) -> str:
        return self._reference(self._sketch, name)

    def lines(self, hands_on: bool) -> list[str]:
        bases = self._bases_text()
        body: list[str] = []
        if self._chance(3):
            body.append(f'"""Docstring of {self._sketch.name}."""')
        for _ in range(1 + self._choices.below(5)):
            body += ['', *self._handing_on()] if hands_on and not self._chance(4) else self._member()
        if not bases and self._chance(3):
            bases, body = 'metaclass=Meta', ['kinds = {1}', '', *body]
        head = f'class {self._sketch.name}({bases}):' if bases else f'class {self._sketch.name}:'
        return [head, *('    ' + line if line else '' for line in (body if any(body) else ['pass']))]

    def _bases_text(self) -> str:
        return ', '.join(self._ref(base) for base in self._sketch.bases)

    def _member(self) -> list[str]:
        often = [self._method] * 6 + [self._attribute] * 3
        often += [each for each in (self._init, self._property, self._class_method) for _ in range(2)]
        seldom = [self._static_method, self._new, self._getattr, self._alias, self._equality, self._inner]
        seldom += [self._coroutine, self._generator, self._conditional, self._extended_property, self._named_method]
        seldom += [self._passing, self._handing_on, self._handing_on, self._rare]
        kinds = often + seldom
        lines = self._pick(kinds)()
        return (
            ['', f'# about the next member of {self._sketch.name}', *lines]
            if lines and self._chance(4)
            else ['', *lines]
        )

    def _label(self, name: str) -> str:
        return f"'{self._sketch.name}.{name}'"

    def _method(self) -> list[str]:
        name = self._pick(METHODS)
        self._names.add(name)
        first = 'me' if self._chance(6) else 'self'
        arguments = f'{first}' if name == '__len__' else f'{first}, x=0'
        x = '0' if name == '__len__' else 'x'
        body = self._actions(name, first, x)
        result = '7' if name == '__len__' else self._result(name, first, x)
        return [f'def {name}({arguments}):', *self._indented([*body, f'return {result}'])]

    def _named_method(self) -> list[str]:
        name = self._pick(('f', 'g', 'h'))
        return ['@named', f'def {name}(self, x=0):', *self._indented([*self._actions(name, 'self', 'x'), 'return x'])]

    def _passing(self) -> list[str]:
        return ['def r(self):', f'    {self._pick(("super().r()", f"super({self._sketch.name}, self).r()"))}']

    def _rare(self) -> list[str]:
        """What is refused, or is seldom flattened."""
        kind = self._choices.below(60)
        if kind == 0:
            return ['def __init_subclass__(cls, **kwargs):', f'    trace({self._label("made")}, cls)']
        if kind < 5:
            return ['switch = True'] if kind < 2 else ['kinds = {1, 2}']
        if kind < 12:
            name = self._pick(('k', 'l', 'm'))
            return ['@told', f'def {name}(self, x=0):', f'    return trace({self._label(name)}, x)']
        if kind < 14:
            return ['switch = False', 'r = None']
        return self._looking(kind) if kind < 20 else self._method()

    def _looking(self, kind: int) -> list[str]:
        """Methods that look at the class, or read all of their variables."""
        if kind == 14 and self._chance(2):
            spelled = '[each.__name__ for each in type(self).mro()]'
            looks = ('walked(type(self))', 'walked(self.__class__)', 'vars(type(self)).get("attr")', spelled)
            if self._chance(4):
                return ['@classmethod', 'def d(cls, x=0):', f'    return trace({self._label("d")}, walked(cls))']
            return ['def look(self, x=0):', f'    return trace({self._label("look")}, {self._pick(looks)})']
        if kind < 16:
            return ['def look(self, x=0):', f'    return trace({self._label("look")}, first_hit(self, "attr"))']
        reads = ('sorted(locals())', 'sorted(vars())', 'seen_of_caller()', 'dir()', '"x" in locals()', 'locals()["x"]')
        name = self._pick(('seen', 'f', 'g', 'h'))
        ends = ('return x', f'return {self._access(name, "self", "x")}', f'return {self._access(name, "self", "x")}')
        read = f'trace({self._label(name)}, {self._pick(reads)})'
        return [f'def {name}(self, x=0):', *self._indented([read, self._pick(ends)])]

    def _handing_on(self) -> list[str]:
        """A method with variables of its own that hands on to another: what may be written out in its place."""
        name, local = self._pick(('f', 'g', 'h', 'n')), self._pick(('v', 'w', 'z', 't', 'x', 'TAG'))
        target = name if self._chance(2) else self._pick(('f', 'g', 'h', 'n', 'r'))
        given = self._pick(('x', 'x', 'x', 'x', 'x=x', '(x, 1)', '3', '', 'v', 'x, 2', 'y=x', '*[x]', 'y=1, x=2'))
        call = f'super().{target}({"" if target == "r" else given})'
        forms = (
            [call], [f'return {call}'], [f'{local} = {call}', f'trace({local})'], ['if x:', f'    return {call}'],
            ['try:', f'    {call}', 'finally:', '    trace(x)'], ['for i in range(2):', f'    {call}'],
            [f'trace((lambda: x)(), {local})', call], [call, f'return trace({local}, x)'],
            ['with watched:', f'    {local} = {call}'], ['if x:', '    pass', 'else:', f'    {local} = {call}'],
        )  # fmt: skip
        y = self._pick((', y=1', '', '', ', *, y=None'))
        before = [f'{local} = ({self._label(local)}, x)'] if local != 'TAG' or self._chance(2) else []
        after = self._pick(([], ['return x'], [f'return {local}'], ['x = [x, TAG]', 'return x'], ['return helper(x)']))
        body = [f'trace({self._label(name)}, x, TAG{", y" if y else ""})', *before, *self._pick(forms), *after]
        text = [f'"""{self._sketch.name}.{name}."""'] if self._chance(3) else []
        return [f'def {name}(self, x=0{y}):', *self._indented([*text, *body])]

    def _coroutine(self) -> list[str]:
        body = self._actions('a', 'self', 'x')
        if self._sketch.bases and self._chance(2):
            body.append('await super().a(x)')
        return ['async def a(self, x=0):', *self._indented([*body, 'return x'])]

    def _generator(self) -> list[str]:
        tail = ['yield from super().y(x)'] if self._chance(2) else []
        return ['def y(self, x=0):', *self._indented([*self._actions('y', 'self', 'x'), 'yield x', *tail])]

    def _init(self) -> list[str]:
        calls = ['super().__init__(x, **kwargs)', f'super({self._sketch.name}, self).__init__(x)']
        calls += [f'{self._ref(each)}.__init__(self, x)' for each in (*self._sketch.ancestors, *self._library_bases())]
        chosen = [self._pick(calls) for _ in range(self._choices.below(3))]
        extra = 'self.__v = x' if self._chance(3) else 'self.v = x'
        trace = f'trace({self._label("__init__")}, x, sorted(kwargs), TAG)'
        return ['def __init__(self, x=0, **kwargs):', *self._indented([trace, *chosen, extra])]

    def _library_bases(self) -> list[str]:
        return [base for base in self._sketch.bases if base in LIBRARY_CLASSES]

    def _new(self) -> list[str]:
        call = self._pick(
            ('super().__new__(cls)', f'super({self._sketch.name}, cls).__new__(cls)', 'object.__new__(cls)')
        )
        return ['def __new__(cls, *args, **kwargs):', f'    trace({self._label("__new__")}, cls)', f'    return {call}']

    def _getattr(self) -> list[str]:
        return [
            'def __getattr__(self, name):',
            f'    trace({self._label("__getattr__")}, name)',
            "    if name.startswith('dyn'):",
            '        return name',
            self._pick(('    raise AttributeError(name)', '    return super().__getattr__(name)')),
        ]

    def _property(self) -> list[str]:
        name = self._pick(PROPERTIES)
        self._names.add(name)
        lines = ['@property', f'def {name}(self):']
        lines += self._indented([*self._actions(name, 'self', '1'), f'return {self._result(name, "self", "1")}'])
        if self._chance(2):
            setters = ['self.stored = value', f'super({self._sketch.name}, type(self)).{name}.fset(self, value)']
            setters += [f'{self._ref(each)}.{name}.fset(self, value)' for each in self._sketch.ancestors]
            lines += [f'@{name}.setter', f'def {name}(self, value):', f'    trace({self._label(name + "=")}, value)']
            lines += ['    ' + self._pick(setters)]
        return lines

    def _extended_property(self) -> list[str]:
        name = self._pick(PROPERTIES)
        parents = [each for each in self._sketch.ancestors if self._provides(each, name)]
        if not parents:
            return []
        lines = [f'@{self._ref(self._pick(parents))}.{name}.setter', f'def {name}(self, value):']
        return [*lines, f'    trace({self._label(name + "=")}, value, TAG)']

    def _class_method(self) -> list[str]:
        name = self._pick(CLASS_METHODS)
        actions = [f'trace({self._label(name)}, cls, x, TAG)']
        calls = [
            f'super().{name}(x)',
            f'super({self._sketch.name}, cls).{name}(x)',
            'super().d(x)',
            'cls.s(x)',
            'super().attr',
        ]
        calls += [f'{self._ref(each)}.{name}(x)' for each in self._sketch.ancestors]
        calls += [f'{self._ref(each)}.s(x)' for each in self._sketch.ancestors]
        actions += [f'trace({self._pick(calls)})' for _ in range(self._choices.below(3))]
        return ['@classmethod', f'def {name}(cls, x=0):', *self._indented([*actions, 'return x'])]

    def _static_method(self) -> list[str]:
        name = self._pick(STATIC_METHODS)
        actions = [f'trace({self._label(name)}, x, TAG)']
        if self._sketch.ancestors and self._chance(2):
            actions.append(f'{self._ref(self._pick(self._sketch.ancestors))}.{name}(x)')
        return ['@staticmethod', f'def {name}(x=0):', *self._indented([*actions, 'return x'])]

    def _attribute(self) -> list[str]:
        name = self._pick(ATTRIBUTES)
        values = [f"'{self._sketch.name}.{name}'", 'TAG', f"'{self._sketch.name}' + TAG"]
        if 'attr' in self._names:
            values.append("attr + '!'")
        values += [f"getattr({self._ref(each)}, 'attr', None)" for each in self._sketch.ancestors]
        values += [f'{self._ref(each)}.attr' for each in self._sketch.ancestors if self._provides(each, 'attr')]
        self._names.add(name)
        annotation = ': str' if self._chance(3) else ''
        return [f'{name}{annotation} = {self._pick(values)}']

    def _provides(self, parent: str, name: str) -> bool:
        """Whether an ancestor surely has an attribute."""
        sketches = [each for each in self._known if each.name == parent]
        related = [each for each in self._known for sketch in sketches if each.name in (parent, *sketch.ancestors)]
        if any(name in each.defines for each in related):
            return True
        return name in ('attr', 'p') and any('Base' in each.bases for each in related)

    def _alias(self) -> list[str]:
        if '_i' in self._names:
            return ['run = _i']
        self._names.add('_i')
        return ['def _i(self, x=0):', f'    return trace({self._label("_i")}, x)', '', 'run = _i']

    def _equality(self) -> list[str]:
        return ['def __eq__(self, other):', f'    return trace({self._label("__eq__")}, True)']

    def _inner(self) -> list[str]:
        return [
            'class Inner:',
            f"    tag = '{self._sketch.name}.Inner' + TAG",
            '',
            '    def go(self):',
            '        return TAG',
        ]

    def _conditional(self) -> list[str]:
        name = self._pick(('f', 'g', 'u'))
        return [
            f'if {self._pick(("True", "TAG", "not TAG"))}:',
            f'    def {name}(self, x=0):',
            *self._indented(self._indented([*self._actions(name, 'self', 'x'), 'return x'])),
            'else:',
            f'    {name} = lambda self, x=0: trace({self._label(name)}, "lambda", x)',
        ]

    def _indented(self, lines: Sequence[str]) -> list[str]:
        return ['    ' + line for line in lines]

    def _actions(self, name: str, first: str, x: str) -> list[str]:
        actions = [f'trace({self._label(name)}, {x}, TAG)']
        for _ in range(self._choices.below(3)):
            actions.append(self._action(name, first, x))
        return actions

    def _result(self, name: str, first: str, x: str) -> str:
        return self._access(name, first, x) if self._chance(3) else x

    def _action(self, name: str, first: str, x: str) -> str:
        access = self._access(name, first, x)
        forms = (
            f'trace({access})',
            f'trace({access})',
            f'trace([{self._closed(name, first, "i")} for i in range(2)])',
            f'trace((lambda: {self._closed(name, first, x)})())',
            f"trace(f'{{{self._quoted(access)}}} {{TAG}}')",
            f'helper({access})',
            f'trace(self_made({first}, {x}))'.replace('self_made', f'(lambda {first}, x: {access})')
            if x == 'x'
            else 'pass',
        )
        return self._pick(forms)

    @staticmethod
    def _quoted(access: str) -> str:
        return access if "'" not in access else '0'

    def _closed(self, name: str, first: str, x: str) -> str:
        """An access inside of another function: super needs its arguments there."""
        target = self._target(name)
        forms = [f'super({self._sketch.name}, {first}).{self._use(target, x)}', f'{first}.{self._use(target, x)}']
        forms += [self._parent(each, target, first, x) for each in self._sketch.ancestors[:2]]
        return self._pick(forms)

    def _access(self, name: str, first: str, x: str) -> str:
        target = self._target(name)
        use = self._use(target, x)
        forms = [f'super().{use}'] * 4 + [f'super({self._sketch.name}, {first}).{use}', f'{first}.{use}']
        for each in self._sketch.ancestors:
            forms += [self._parent(each, target, first, x), f'super({self._ref(each)}, {first}).{use}']
        forms.append(f'{first}.dyn_{target.strip("_")}')
        return self._pick(forms)

    def _target(self, name: str) -> str:
        if name not in ('__call__', '__len__', 'a', 'y') and not self._chance(3):
            return name
        pool = (*METHODS, *CLASS_METHODS, *STATIC_METHODS, *PROPERTIES, 'attr', 'data', '__a', 'other')
        return self._pick(pool)

    @staticmethod
    def _use(target: str, x: str) -> str:
        if target in (*PROPERTIES, *ATTRIBUTES):
            return target
        return f'{target}()' if target == '__len__' else f'{target}({x})'

    def _parent(self, parent: str, target: str, first: str, x: str) -> str:
        name = self._ref(parent)
        if target in PROPERTIES:
            return self._pick((f'{name}.{target}.fget({first})', f'{name}.{target}.__get__({first})'))
        if target in ATTRIBUTES:
            return f'{name}.{target}'
        if target in CLASS_METHODS or target in STATIC_METHODS:
            return f'{name}.{target}({x})'
        return f'{name}.{target}({first})' if target == '__len__' else f'{name}.{target}({first}, {x})'
