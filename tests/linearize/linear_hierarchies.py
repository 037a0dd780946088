"""Class hierarchies that nobody wrote by hand: up to eight classes over three modules, with what real classes do."""

from __future__ import annotations

from linear_library import LIBRARY_CLASSES, LIBRARY_NAMES
from linear_sketches import Choices, Chooser, ClassSketch, Hierarchy
from linear_spellings import SpellingWriter


class Maker(Chooser):
    """Makes hierarchies.

    Args:
        choices: Where choices come from.
        prefix: The modules are named by it and a number; the library by it and ``lib``.
        hands_on: Whether most members are methods that hand on to another: what may be written out where it is called.
    """

    def __init__(self, choices: Choices, prefix: str, *, hands_on: bool = False) -> None:
        super().__init__(choices)
        self._hands_on = hands_on
        self._prefix = prefix
        self._classes: list[ClassSketch] = []
        self._dotted: list[bool] = []

    def make(self) -> Hierarchy:
        """Make one."""
        count = 2 + self._choices.below(7)
        modules = 1 + self._choices.below(3)
        self._dotted = [self._chance(3) for _ in range(modules)]
        for number in range(count):
            self._classes.append(self._sketch(number, number * modules // count))
        texts = [self._module(number) for number in range(modules)]
        return Hierarchy(texts, [(each.module, each.name) for each in self._classes])

    def _sketch(self, number: int, module: int) -> ClassSketch:
        # A leading underscore is not part of what private names are mangled with.
        name = ('_' if self._chance(8) else '') + f'K{number}'
        # In a class that is named so no name is private.
        name = '_' * (number + 2) if self._chance(250) else name
        bases = self._bases()
        ancestors: list[str] = []
        for base in bases:
            found = next((each for each in self._classes if each.name == base), None)
            for each in [found.name, *found.ancestors] if found else []:
                if each not in ancestors:
                    ancestors.append(each)
        sketch = ClassSketch(name, module, bases, ancestors)
        writer = SpellingWriter(self._choices, sketch, self._reference, self._classes)
        sketch.lines = writer.lines(self._hands_on)
        return sketch

    def _bases(self) -> list[str]:
        for _ in range(8):
            own = [each.name for each in self._classes[-4:]]
            bases: list[str] = []
            for _ in range(1 + (self._choices.below(3) if own else 0)):
                library = not own or self._chance(16)
                base = self._pick(
                    ('Base', 'Base', 'Base', 'Quiet', 'Quiet', 'Quiet', 'Switched', 'Coop') if library else own
                )
                if base not in bases:
                    bases.append(base)
            if own and not any(base in own for base in bases):
                bases.insert(0, own[-1])
            if not own and self._chance(3):
                bases = []
            if self._consistent(bases):
                return bases
        return [self._classes[-1].name] if self._classes else []

    def _consistent(self, bases: list[str]) -> bool:
        """Whether Python finds a method resolution order."""
        known: dict[str, type] = {name: type(name, (), {}) for name in LIBRARY_CLASSES}
        for each in self._classes:
            known[each.name] = type(each.name, tuple(known[base] for base in each.bases), {})
        try:
            type('candidate', tuple(known[base] for base in bases), {})
        except TypeError:
            return False
        return True

    def _reference(self, sketch: ClassSketch, name: str) -> str:
        """How a class's module names another class."""
        if name in LIBRARY_CLASSES:
            return name
        home = (
            sketch.module if name == sketch.name else next(each.module for each in self._classes if each.name == name)
        )
        return f'{self._prefix}{home}.{name}' if home != sketch.module and self._dotted[sketch.module] else name

    def _module(self, number: int) -> str:
        lines = ['from functools import cached_property, total_ordering']
        lines += [f'from {self._prefix}lib import {", ".join(LIBRARY_NAMES)}']
        for other in range(number):
            names = [each.name for each in self._classes if each.module == other]
            if self._dotted[number]:
                lines.append(f'import {self._prefix}{other}')
            elif names:
                lines.append(f'from {self._prefix}{other} import {", ".join(names)}')
        lines += [
            f'TAG = "tag of {number}"',
            'sup = super',
            '',
            'def helper(x):',
            f'    return trace("helper of {number}", x)',
        ]
        lines += ['', 'def up(cls, it):', '    return super(cls, it)', '']
        for each in self._classes:
            if each.module == number:
                lines += ['', *each.lines, '']
        return '\n'.join(lines) + '\n'
