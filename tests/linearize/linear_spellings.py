"""What is seldom written in generated classes: the same things said in other words of the language."""

from __future__ import annotations

from linear_sketches import CLASS_METHODS, METHODS, ClassWriter

COMPARISONS = ('__lt__', '__le__', '__gt__', '__ge__')
# One name for Python: https://docs.python.org/3/reference/lexical_analysis.html#identifiers
SPELLINGS = ('fi', 'ﬁ', '\uff46i')


class SpellingWriter(ClassWriter):
    """Writes one class, with other words for what classes do."""

    def lines(self, hands_on: bool) -> list[str]:
        lines = super().lines(hands_on)
        ordered = any(f'def {name}(' in line for line in lines for name in COMPARISONS)
        return ['@total_ordering', *lines] if ordered and self._chance(2) else lines

    def _bases_text(self) -> str:
        bases = [self._ref(base) + self._arguments(base) for base in self._sketch.bases]
        if not bases and self._chance(6):
            self._sketch.generic = True
            bases = ['Generic[T]']
        elif not bases and self._chance(30):
            bases = ['Protocol']
        return ', '.join(bases)

    def _arguments(self, base: str) -> str:
        """Type arguments for a base that takes some; with the parameter itself the class is generic again."""
        sketches = [each for each in self._known if each.name == base and each.generic]
        if not sketches or len(self._sketch.bases) > 1 or self._chance(3):
            return ''
        self._sketch.generic = self._chance(3)
        return '[T]' if self._sketch.generic else '[int]'

    def _member(self) -> list[str]:
        if not self._chance(12):
            return super()._member()
        kinds = (self._spelled, self._compared, self._cached, self._named_by_body, self._borrowing, self._hook)
        return ['', *self._pick(kinds)()]

    def _spelled(self) -> list[str]:
        """A method whose name is written in several ways."""
        body = [f'trace({self._label("fi")}, x)', f'trace(super().{self._pick(SPELLINGS)}(x))']
        return [f'def {self._pick(SPELLINGS)}(self, x=0):', *self._indented(body[: 1 + self._choices.below(2)])]

    def _compared(self) -> list[str]:
        # What is made from another comparison than an ancestor's is refused.
        name = self._pick(COMPARISONS) if self._chance(12) else '__lt__'
        body = [f'trace({self._label(name)})']
        if self._chance(4):
            body.append(f'trace(super().{name}(other))')
        return [f'def {name}(self, other):', *self._indented([*body, 'return True'])]

    def _cached(self) -> list[str]:
        body = [f'trace({self._label("w")}, "made")', f'return [{self._label("w")}, super().w]']
        if self._chance(2):
            body[1] = f'return {self._label("w")}'
        return [
            self._pick(('@cached_property', '@cached_property', '@property')),
            'def w(self):',
            *self._indented(body),
        ]

    def _named_by_body(self) -> list[str]:
        return [f'other = __qualname__ + {self._label("other")}']

    def _hook(self) -> list[str]:
        """What is set on every subclass when it is made."""
        values = ("f'{cls.__name__}!'", 'cls.__name__.lower() + TAG', '[]', "getattr(cls, 'attr', None)")
        sets = [f'cls.{name} = {self._pick(values)}' for name in ('made', 'born') if self._chance(2)]
        passed = [] if self._chance(6) else ['super().__init_subclass__(**kwargs)']
        text = [f'"""Mark subclasses of {self._sketch.name}."""'] if self._chance(3) else []
        return ['def __init_subclass__(cls, **kwargs):', *self._indented([*text, *passed, *(sets or ['cls.made = 0'])])]

    def _borrowing(self) -> list[str]:
        """What may not be flattened: ``super`` that goes from hand to hand, and text that looks at functions."""
        kind = self._choices.below(80)
        if self._chance(6):
            target, start = self._pick(('f', 'g', 'h')), self._pick(('type(self)', 'self.__class__'))
            call = f'super({start}, self).{target}(x)'
            return ['def k(self, x=0):', *self._indented([f'trace({self._label("k")}, x)', f'return trace({call})'])]
        call = ('up(type(self), self).f(x)', 'sup(type(self), self).f(x)')[kind % 2]
        if kind == 2 and self._sketch.ancestors:
            asked = self._ref(self._pick(self._sketch.ancestors))
            form = self._pick(('isinstance(self, {})', 'issubclass(type(self), ({}, int))', 'type(self) is {}'))
            return ['def f(self, x=0):', f'    return trace({self._label("f")}, {form.format(asked)})']
        if kind > 1:
            return self._asking()
        return ['def f(self, x=0):', *self._indented([f'trace({self._label("f")}, x)', f'return {call}'])]

    def _asking(self) -> list[str]:
        name = self._pick(('f', 'g', 'h'))
        body = [f'trace({self._label(name)}, __class__.__name__, __class__.__qualname__)']
        body += [f'trace({each})' for each in self._of_functions() if self._chance(6)]
        return [f'def {name}(self, x=0):', *self._indented([*body, 'return x'])]

    def _of_functions(self) -> tuple[str, ...]:
        return ('self.g.__qualname__', 'self.g.__name__', 'str(self.h)', "f'{self.g}'", 'type(self).f.__qualname__')

    def _access(self, name: str, first: str, x: str) -> str:
        if not self._chance(8):
            return super()._access(name, first, x)
        target = self._pick((*METHODS[:4], *CLASS_METHODS))
        call = self._pick(('super()', f'super({self._sketch.name}, {first})'))
        forms = (
            f'getattr({call}, {target!r})({x})',
            f'getattr({call}, {target!r}, helper)({x})',
            f'getattr({call}, "attr", None)',
            f'getattr({call}, "p", None)' if self._chance(4) else 'TAG',
            f'hasattr({call}, {target!r})',
            f"f'{{super().{self._use(target, x)}=}}'",
            f"f'{{{call}.{self._use(target, x)} = !s:>30}}'",
            "f'{self.__a=}'" if first == 'self' else 'TAG',
        )
        return self._pick(forms)
