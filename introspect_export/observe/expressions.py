"""Objects in a config as Python source that makes the same again; tried, not assumed."""

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
    """A part of an object cannot be written."""


def expression(value: Any) -> Expression:
    """What stands for an object of a config."""
    kind = type(value)
    name = f'{module_of(kind)}.{stored(kind, "__qualname__")}'
    try:
        shown = repr(value)
    except Exception:  # Whatever the object's own code raises.
        return Expression(f'<{name}>', name, '', ())
    if is_a(value, (dict, list, tuple, set, frozenset)):  # mmengine takes its class off when it reads a file.
        return Expression(shown, name, '', ())
    modules: set[str] = set()
    for text in _tries(value, shown, modules):
        if _makes(text, value, shown):
            return Expression(shown, name, text, tuple(sorted(each for each in modules if f"'{each}'" in text)))
    return Expression(shown, name, '', ())


def _tries(value: Any, shown: str, modules: set[str]) -> Iterator[str]:
    """Sources that may make an object; what its own code raises means that there is one less."""
    if re.fullmatch(r'\w+(\.\w+)+', shown):  # An object that is shown as where it is found.
        module, _, attribute = shown.rpartition('.')
        modules.add(module)
        yield f'{_module(module, attribute)}.{attribute}'
    for maker in (_of_scalar, _reduced, _of_text):
        try:
            yield from [_call(function, arguments, modules) for function, arguments in maker(value)]
        except Exception:  # It has none of these, or they are the object's own code.
            continue


def _of_scalar(value: Any) -> list[_Call]:
    """A number of a library knows its Python value."""
    return [(type(value), (value.item(),))] if value.shape == () else []


def _of_text(value: Any) -> list[_Call]:
    return [(kind, (str(value),)) for kind in type(value).__mro__[:2]]


def _reduced(value: Any) -> list[_Call]:
    """The call that makes an object, as pickling has it, if it is nothing but a call."""
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
    # With a list of names it is the module itself, and not the package that it is in.
    return f'__import__({name!r}, fromlist=[{attribute!r}])' if '.' in name else f'__import__({name!r})'


def _makes(text: str, value: Any, shown: str) -> bool:
    """Whether a source makes an object that nobody can tell from another, and that is not the object's own state."""
    try:
        made = eval(text, {'__builtins__': builtins})
        return type(made) is type(value) and repr(made) == shown and (made is value or bool(made == value))
    except Exception:  # It is tried, and may be anything.
        return False
