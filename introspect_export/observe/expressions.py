"""Objects in a config as Python expressions that recreate them; each expression is verified by evaluating it."""

from __future__ import annotations

import builtins
import re
from collections.abc import Iterator
from typing import Any

from introspect_export.model.config_values import Expression
from introspect_export.observe.raw import is_a, module_of, stored
from introspect_export.observe.symbol_lookup import find, named

_Call = tuple[Any, tuple[Any, ...]]
_LITERALS = (str, int, float, bool, type(None), complex, bytes)


class _NoSourceError(Exception):
    """No expression is known for a part of an object."""


def expression(value: Any) -> Expression:
    """The expression of an object of a config; without text where none recreates the object."""
    kind = type(value)
    name = f'{module_of(kind)}.{stored(kind, "__qualname__")}'
    try:
        shown = repr(value)
    except Exception:  # ``__repr__`` may raise anything.
        return Expression(f'<{name}>', name, '', ())
    # mmengine turns subclasses of containers into its own or plain ones when it reads a config.
    if is_a(value, (dict, list, tuple, set, frozenset)):
        return Expression(shown, name, '', ())
    modules: set[str] = set()
    for text in _candidates(value, shown, modules):
        if _recreates(text, value, shown):
            return Expression(shown, name, text, tuple(sorted(each for each in modules if f"'{each}'" in text)))
    return Expression(shown, name, '', ())


def _candidates(value: Any, shown: str, modules: set[str]) -> Iterator[str]:
    """Candidate expressions for an object. Its methods run here: where one raises, that candidate is left out."""
    if re.fullmatch(r'\w+(\.\w+)+', shown):  # The ``repr`` is a dotted name, like ``torch.float32``.
        module, _, attribute = shown.rpartition('.')
        modules.add(module)
        yield f'{_module(module, attribute)}.{attribute}'
    for maker in (_of_scalar, _of_reduce, _of_text):
        try:
            yield from [_call(function, arguments, modules) for function, arguments in maker(value)]
        except Exception:  # The object lacks the method, or its code raises.
            continue


def _of_scalar(value: Any) -> list[_Call]:
    """The call that makes a scalar of an array library from its Python value."""
    return [(type(value), (value.item(),))] if value.shape == () else []


def _of_text(value: Any) -> list[_Call]:
    """Calls of the class of an object, and of its first base, with the string of the object."""
    return [(kind, (str(value),)) for kind in type(value).__mro__[:2]]


def _of_reduce(value: Any) -> list[_Call]:
    """The call that pickling would store for an object, if no state is set after it."""
    function, arguments, *more = value.__reduce_ex__(2)
    if any(each is not None for each in more):
        raise _NoSourceError
    return [(function, arguments)]


def _call(function: Any, arguments: tuple[Any, ...], modules: set[str]) -> str:
    texts = ', '.join(_source(each, modules) for each in arguments)
    return f'{_name(function, modules)}({texts})'


def _source(value: Any, modules: set[str]) -> str:
    if type(value) in _LITERALS:
        return repr(value)
    if type(value) in (tuple, list):
        items = ', '.join(_source(each, modules) for each in value)
        return f'[{items}]' if type(value) is list else f'({items}{"," if len(value) == 1 else ""})'
    made = expression(value)
    if not made.text:
        raise _NoSourceError
    modules.update(made.modules)
    return made.text


def _name(value: Any, modules: set[str]) -> str:
    symbol = named(value)
    if symbol is None or find(symbol) is not value:
        raise _NoSourceError
    modules.add(symbol.module)
    return f'{_module(symbol.module, symbol.top)}.{symbol.qualname}'


def _module(name: str, attribute: str) -> str:
    # Without ``fromlist``, ``__import__`` returns the top-level package.
    return f'__import__({name!r}, fromlist=[{attribute!r}])' if '.' in name else f'__import__({name!r})'


def _recreates(text: str, value: Any, shown: str) -> bool:
    """Whether an expression evaluates to an object of the same class and ``repr`` that is, or equals, the original."""
    try:
        made = eval(text, {'__builtins__': builtins})
        return type(made) is type(value) and repr(made) == shown and (made is value or bool(made == value))
    except Exception:  # The expression calls foreign code, which may raise anything.
        return False
