"""Who made an object, and with which arguments: seen as it happens, or not known."""

from __future__ import annotations

import copy
import functools
import gc
import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib.machinery import SourceFileLoader
from pathlib import Path
from typing import Any

import pytest
from torch import nn

from introspect_export.observe.arguments import Arguments
from introspect_export.observe.construction_trace import Makings, makings


class Slotted:
    __slots__ = ('size',)

    def __init__(self, size: int, colour: str = 'red') -> None:
        self.size = size


@dataclass
class Record:
    first: int
    second: str = 'none'


def checked(function: Callable[..., None]) -> Callable[..., None]:
    """A wrapper that does not say what it wraps."""

    def wrapper(*args: Any, **kwargs: Any) -> None:
        function(*args, **kwargs)

    return wrapper


class Base:
    def __init__(self, width: int, *layers: int, depth: int = 1) -> None:
        width = 0  # What it was given stays known.
        self.width = width


class Wrapped(Base):
    @checked
    def __init__(self, width: int = 5, *layers: int, **options: Any) -> None:
        super().__init__(width * 2, *layers, depth=3)
        self.options = options


class Keeper:
    def __init__(self, *parts: int, **names: int) -> None:
        self.parts, self.names = parts, names


class Holder(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.helper = make_keeper(1)
        layer = nn.Linear(2, 3)
        self.layers = nn.ModuleList([copy.deepcopy(layer) for _ in range(2)])


def make_keeper(part: int) -> Keeper:
    return Keeper(part, 2, other=4)


def told(found: Makings, value: Any) -> dict[str, tuple[str, str]]:
    """Each argument of an object: its value and who gave it."""
    making = found.of(value)
    assert making is not None
    return {each.name: (each.text, each.source) for each in Arguments({}, '').of_making(making, type(value))}


def test_the_arguments_are_those_given() -> None:
    with makings() as found:
        slotted, record, keeper = Slotted(3), Record(4, second='some'), Keeper(1, 2, other=3)
    assert told(found, slotted) == {'size': ('3', 'code'), 'colour': ("'red'", 'default')}
    assert told(found, record) == {'first': ('4', 'code'), 'second': ("'some'", 'code')}
    assert told(found, keeper) == {'*parts': ('(1, 2)', 'code'), 'other': ('3', 'code')}


def test_constructors_that_call_others() -> None:
    with makings() as found:
        wrapped = Wrapped(7, 8, more=9)
    assert told(found, wrapped) == {
        'width': ('7', 'code'),
        'depth': ('3', 'code'),
        '*layers': ('(8,)', 'code'),
        'more': ('9', 'code'),
    }
    making = found.of(wrapped)
    assert making is not None and making.maker is not None
    assert making.maker.qualname == 'test_constructors_that_call_others'
    assert [(call.arguments['width'], call.caller and call.caller.qualname) for call in making.calls] == [
        ('7', 'checked.<locals>.wrapper'),
        ('14', 'Wrapped.__init__'),
    ]


def test_a_copy_is_like_its_original_which_may_be_gone() -> None:
    with makings() as found:
        holder = Holder()
        again = copy.deepcopy(copy.copy(holder.layers[0]))
        gc.collect()
    for layer, maker in ((holder.layers[1], 'Holder.__init__'), (again, 'test_a_copy_is_like')):
        making = found.of(layer)
        assert making is not None and making.maker is not None and making.copied is not None
        assert making.maker.qualname.startswith(maker)
        assert making.copied() is None
        assert told(found, layer)['in_features'] == ('2', 'code')
    helper = found.of(holder.helper)
    assert helper is not None and helper.maker is not None and helper.within is not None
    assert (helper.maker.qualname, helper.within.qualname) == ('make_keeper', 'Holder.__init__')


def test_what_was_there_before_or_made_by_nobody_is_not_known() -> None:
    before = Slotted(1)
    with makings() as found:
        unmade = Slotted.__new__(Slotted)
        copied = copy.copy(before)
        kept = [found.of(Slotted(number)) for number in range(100)]
    assert found.of(before) is None and found.of(unmade) is None
    assert all(each is not None for each in kept)
    making = found.of(copied)
    assert making is not None and making.calls == []


class _Unbound:
    """A stand-in for an object that is not there yet."""

    @property
    def __class__(self) -> Any:
        raise RuntimeError('asked')


def test_no_code_of_an_argument_runs() -> None:
    with makings() as found:
        slotted = Slotted(_Unbound())  # type: ignore[arg-type]
    assert told(found, slotted)['size'] == (f'<{__name__}._Unbound>', 'code')


def test_an_id_that_was_another_object_s() -> None:
    with makings() as found:
        for number in range(100):
            assert told(found, Keeper(number)) == {'*parts': (f'({number},)', 'code')}
        again = Keeper(1)
        again.__init__(2)  # type: ignore[misc]
    assert told(found, again) == {'*parts': ('(2,)', 'code')}


def test_the_process_is_as_before() -> None:
    before = sys.getprofile(), SourceFileLoader.exec_module, nn.Module.__init__
    with pytest.raises(ZeroDivisionError), makings():
        assert sys.getprofile() is not None
        1 / 0  # noqa: B018
    assert (sys.getprofile(), SourceFileLoader.exec_module, nn.Module.__init__) == before
    assert 'exec_module' not in vars(SourceFileLoader)


def test_who_else_stands_in_the_loader_s_place_stays_there(monkeypatch: pytest.MonkeyPatch) -> None:
    original = SourceFileLoader.exec_module
    monkeypatch.setattr(SourceFileLoader, 'exec_module', lambda self, module: original(self, module))
    own = vars(SourceFileLoader)['exec_module']
    with makings():
        assert vars(SourceFileLoader)['exec_module'] is not own
    assert vars(SourceFileLoader)['exec_module'] is own


def test_who_measures_this_thread_goes_on(small_project: Callable[[Any], Path]) -> None:
    seen: list[str] = []

    def profile(frame: Any, event: str, argument: Any) -> None:
        seen.append(frame.f_code.co_name)

    sys.setprofile(profile)
    try:
        with makings() as found:
            slotted = Slotted(1)
            mine = sys.getprofile()
    finally:
        sys.setprofile(None)
    assert mine is profile and '__init__' in seen
    assert found.of(slotted) is None and not found.watched


def test_nothing_is_noted_while_a_module_is_imported(small_project: Callable[[Any], Path]) -> None:
    small_project({'prunes.py': 'import stones\nclass A:\n    def __init__(self):\n        pass\nONE = A()\n',
                   'stones.py': 'NUMBER = 1\n'})  # fmt: skip
    with makings() as found:
        import prunes  # type: ignore[import-not-found]

        after = prunes.A()
        profile = functools.reduce(lambda first, _: first, [sys.getprofile()])
    assert found.of(prunes.ONE) is None
    assert found.of(after) is not None and profile is not None
