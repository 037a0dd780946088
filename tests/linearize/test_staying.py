"""An ancestor of which something is refused stays, and all others are merged; what stays goes on as it was."""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest

from introspect_export.live_class.flatten_class import StandaloneClass, flatten_class

Make = Callable[[str, str], ModuleType]
Run = Callable[[StandaloneClass], Any]

# A method or a statement of the ancestor, and the code of what it keeps the chain for.
STAYING = {
    'variables': (
        'def f(self, x):\n    super().__init__()\n    return sorted(map(str, locals().values()))[:1]',
        'LOCALS',
    ),
    'cell': ('def f(self, x):\n    return __class__', 'CLASS-CELL'),
    'statement': ('SEEN.append(1)', 'CLASS-EFFECT'),
    'scope': ('place = __module__', 'CLASS-SCOPE'),
    'state': ('table = {}\n\ndef f(self, x):\n    self.table[x] = 1\n    return len(self.table)', 'CLASS-STATE'),
    'value': ('def f(self, x):\n    above = super()\n    return above.low(x)', 'SUPER'),
}
TEXT = """
    SEEN = []

    class Low:
        def low(self, x):
            return 'low', x

    class Stays(Low):
        {body}

    class Middle(Stays):
        def f(self, x):
            return 'middle', super().f(x) if hasattr(Stays, 'f') else x

        def low(self, x):
            return 'above', super().low(x)

    class Leaf(Middle):
        def f(self, x):
            return 'leaf', super().f(x)
    """


@pytest.mark.parametrize('case', sorted(STAYING))
def test_the_others_are_merged(make: Make, run: Run, case: str) -> None:
    body, code = STAYING[case]
    text = textwrap.dedent(TEXT).format(body=body.replace('\n', '\n    '))
    module = make(f'staying_{case}', text)
    result = flatten_class(module.Leaf)
    assert [each.qualname for each in result.merged] == ['Middle']
    assert [each.qualname for each in result.bases] == ['Stays']
    assert {each.code for each in result.diagnostics} == {'IE-KEPT-BASE'}
    assert all(f'(IE-LIN-{code})' in each.message for each in result.diagnostics)
    leaf = run(result)
    assert [leaf().f(3), leaf().low(4)] == [
        module.Leaf().f(3) if case != 'state' else leaf().f(3),
        module.Leaf().low(4),
    ]
    assert not flatten_class(module.Middle).merged


def test_a_class_that_stays_and_asks_for_a_merged_one_keeps_it(make: Make, run: Run) -> None:
    text = """
        class Stays:
            def f(self):
                return isinstance(self, Middle), __class__

        class Middle(Stays):
            pass

        class Leaf(Middle):
            pass
        """
    module = make('staying_asks', textwrap.dedent(text))
    result = flatten_class(module.Leaf)
    assert not result.merged
    assert run(result)().f() == (True, module.Stays)


def test_a_class_that_stays_and_calls_a_merged_one_by_name_keeps_it(make: Make, run: Run) -> None:
    text = """
        class Stays:
            def f(self):
                return Middle.g(self), __class__

            def g(self):
                return 'stays'

        class Middle(Stays):
            def g(self):
                return 'middle', super().g()

        class Leaf(Middle):
            pass
        """
    module = make('staying_calls', textwrap.dedent(text))
    result = flatten_class(module.Leaf)
    assert not result.merged
    assert run(result)().f() == (('middle', 'stays'), module.Stays)


def test_a_name_that_a_class_which_stays_shows_is_kept(make: Make, run: Run) -> None:
    text = """
        class Stays:
            def f(self):
                return self.g.__qualname__, __class__

        class Middle(Stays):
            def g(self):
                return 1

        class Leaf(Middle):
            pass
        """
    module = make('staying_shows', textwrap.dedent(text))
    result = flatten_class(module.Leaf)
    assert result.merged
    assert run(result)().f() == module.Leaf().f() == ('Middle.g', module.Stays)


def test_frames_that_a_class_which_stays_looks_at_keep_the_chain(make: Make) -> None:
    text = """
        import inspect

        class Stays:
            place = __module__

            def f(self):
                return inspect.stack()[1].function

        class Middle(Stays):
            def f(self):
                return super().f()

        class Leaf(Middle):
            def f(self):
                return super().f()
        """
    module = make('staying_frames', textwrap.dedent(text))
    assert module.Leaf().f() == 'f'
    assert not flatten_class(module.Leaf).merged


def test_the_constructor_that_an_instance_of_a_parent_keeps_is_the_same(make: Make, run: Run) -> None:
    text = """
        from typing import Protocol

        class Asks(Protocol):
            x = 1

        class Middle(Asks):
            def f(self):
                return 1

        class Takes:
            def __init__(self, x):
                self.x = x

        class Low(Middle):
            pass

        class Leaf(Low, Takes):
            pass
        """
    module = make('staying_protocol', textwrap.dedent(text))
    module.Middle()
    result = flatten_class(module.Leaf)
    for each in (module.Leaf, run(result)):
        with pytest.raises(TypeError):
            each(3)
    assert not {'Middle', 'Low'} & {each.qualname for each in result.merged}
