"""Serialization of a config as Python source that evaluates to equal values."""

from __future__ import annotations

import ast
import keyword
import math
import unicodedata
from collections.abc import Iterable, Mapping
from typing import Any

from introspect_export.model import ExportError, InternalError
from introspect_export.model.config_values import Expression, Template

_WIDTH = 100
# Python converts no integers of more than 4300 decimal digits; hexadecimal ones have no limit:
# https://docs.python.org/3/library/stdtypes.html#integer-string-conversion-length-limitation
_LONGEST = 10**4000


def config_text(config: Mapping[str, Any]) -> str:
    """Return a config as Python source, ``dict(key=value)`` where the keys allow it.

    Args:
        config: Plain data, with ``Expression`` for other objects.

    Raises:
        ExportError: A key cannot be a variable of a config file.
        InternalError: A value has no source.
    """
    odd = [key for key in config if not _is_name(key) or key.startswith('__')]
    if odd:
        raise ExportError(*(f'{key!r}: a config file cannot hold a value under this name' for key in odd))
    writer = _ConfigWriter(config)
    return '\n'.join(f'{key} = {writer.value(value, 0, len(key) + 3)}' for key, value in config.items()) + '\n'


class _ConfigWriter:
    """Writes values as source.

    Args:
        taken: The config's variables; a builtin with the name of one is written so that the variable does not hide it.
    """

    def __init__(self, taken: Iterable[str]) -> None:
        self._taken = frozenset(taken)

    def value(self, value: Any, indent: int, used: int) -> str:
        """A value as source.

        Args:
            value: The value.
            indent: The indentation of the line that it starts in.
            used: The characters of that line before it, without the indentation.
        """
        flat = self.flat(value)
        if len(flat) + indent + used <= _WIDTH and not _is_deep(value):
            return flat
        inner = indent + 4
        pad = ' ' * inner
        if isinstance(value, Mapping) and value:
            plain = self._has_plain_keys(value)
            rows = [
                f'{k}={self.value(v, inner, len(k) + 2)}' if plain else self._entry(k, v, inner)
                for k, v in value.items()
            ]
            start, end = ('dict(', ')') if plain else ('{', '}')
        elif isinstance(value, (list, tuple)) and value:
            rows = [self.value(each, inner, 1) for each in value]
            start, end = ('[', ']') if isinstance(value, list) else ('(', ')')
        else:
            return flat
        return start + '\n' + ''.join(f'{pad}{row},\n' for row in rows) + ' ' * indent + end

    def flat(self, value: Any) -> str:
        """A value as source on one line."""
        if isinstance(value, Mapping):
            if self._has_plain_keys(value):
                return f'dict({", ".join(f"{k}={self.flat(v)}" for k, v in value.items())})'
            return f'{{{", ".join(f"{self.flat(k)}: {self.flat(v)}" for k, v in value.items())}}}'
        if isinstance(value, list):
            return f'[{self._row(value)}]'
        if isinstance(value, tuple):
            return f'({self._row(value)}{"," if len(value) == 1 else ""})'
        if isinstance(value, (set, frozenset)):
            return self._set(value)
        return self._scalar(value)

    def _entry(self, key: Any, value: Any, indent: int) -> str:
        text = self.flat(key)
        return f'{text}: {self.value(value, indent, len(text) + 3)}'

    def _row(self, values: Iterable[Any]) -> str:
        return ', '.join(self.flat(each) for each in values)

    def _set(self, value: set[Any] | frozenset[Any]) -> str:
        items = ', '.join(sorted(self.flat(each) for each in value))
        if isinstance(value, set):
            return f'{{{items}}}' if items else self._call('set')
        return self._call('frozenset', f'{{{items}}}' if items else '')

    def _scalar(self, value: Any) -> str:
        if isinstance(value, Expression):
            return self._own(value)
        if isinstance(value, bool) or value is None or value is ...:
            return '...' if value is ... else repr(value)
        if isinstance(value, int):
            return repr(value) if abs(value) < _LONGEST else hex(value)
        if isinstance(value, float):
            return repr(value) if math.isfinite(value) else self._call('float', repr(str(value)))
        if isinstance(value, complex):
            text = repr(value)
            same = math.isfinite(value.real) and math.isfinite(value.imag) and repr(ast.literal_eval(text)) == text
            return text if same else self._call('complex', self.flat(value.real), self.flat(value.imag))
        if isinstance(value, range):
            return self._call('range', *map(repr, (value.start, value.stop, value.step)))
        if isinstance(value, (str, bytes)):
            # mmengine substitutes ``{{ names }}`` when it reads a file, so other braces are escaped.
            text = repr(value)
            return text if isinstance(value, Template) else text.replace('{{', r'{\x7b')
        raise InternalError(f'a {type(value).__name__} in a config cannot be written')

    def _own(self, value: Expression) -> str:
        if not value.text:
            raise InternalError(f'a {value.kind} in a config cannot be written')
        name = value.text.partition('(')[0]
        return f"__import__('builtins').{value.text}" if name in self._taken else value.text

    def _call(self, function: str, *arguments: str) -> str:
        name = f"__import__('builtins').{function}" if function in self._taken else function
        return f'{name}({", ".join(arguments)})'

    def _has_plain_keys(self, value: Mapping[Any, Any]) -> bool:
        return 'dict' not in self._taken and all(_is_name(key) for key in value)


def _is_name(key: Any) -> bool:
    """Whether a key can be written as an identifier, which Python normalizes to NFKC."""
    return (
        isinstance(key, str)
        and key.isidentifier()
        and not keyword.iskeyword(key)
        and unicodedata.normalize('NFKC', key) == key
    )


def _is_deep(value: Any) -> bool:
    """Whether a value is written on several lines even if it fits on one: a dict or list that contains dicts."""
    if isinstance(value, Mapping):
        return len(value) > 1 and any(
            isinstance(each, (Mapping, list)) and each and _has_dict(each) for each in value.values()
        )
    return isinstance(value, (list, tuple)) and len(value) > 1 and _has_dict(value)


def _has_dict(value: Any) -> bool:
    if isinstance(value, Mapping):
        return True
    return isinstance(value, (list, tuple)) and any(isinstance(each, Mapping) for each in value)
