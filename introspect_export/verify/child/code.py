"""The code of functions and methods, as far as flattening and linking never change it.

Those change names of globals, calls of a parent's method, imports inside of functions, types named by text, and where a
line ends. All else is the original's: numbers and texts, operators, keywords, local names in their order and their
attributes, and how statements are nested. That is what is read here, from the files.
"""

from __future__ import annotations

import ast
import builtins
import functools
import importlib
import inspect
import io
import keyword
import re
import tokenize
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import BuiltinFunctionType, CodeType, FunctionType, ModuleType
from typing import Any

from .portrait import Portrait, own_packages
from .side import Side

_SOFT = frozenset({'.', '(', ')', ',', ':'})
_KEYWORDS = frozenset(keyword.kwlist)
_LAYOUT = (tokenize.COMMENT, tokenize.NL, tokenize.ENCODING, tokenize.ENDMARKER, tokenize.TYPE_COMMENT)
_FIRST = ('self', 'cls')
_REPLACED = frozenset({'super', 'getattr', 'type', '__class__', '__import__'})
"""Builtin names that ask for parents, which a pack does otherwise."""
_KEPT = re.compile(r'_[A-Za-z]\w*?_\w+')
"""A member of a parent that is kept, and a private one."""
_DOTTED = re.compile(r'\w+(\.\w+)+')
_PLAIN = (bool, int, float, complex, str, bytes, type(None), list, tuple, dict, set, frozenset)


def code(side: Side, symbols: Sequence[Sequence[str]], origins: Sequence[str]) -> dict[str, Any]:
    """Read the code of functions, and of all methods of classes that are no library's; and the values of other globals.

    Args:
        side: The role.
        symbols: For each thing what it is told as, its module and its name in that.
        origins: The packages that the pack came from.

    Returns:
        ``functions``: for each function its tokens, each with its line; ``values``: of globals, as text by path;
        ``files``: of each function; ``as_they_are``: those that ask no parent; ``failed``: what is not there.
    """
    own = own_packages(side.role, frozenset(origins))
    reader = _Reader(own)
    portrait = Portrait(frozenset(), {})
    failed: dict[str, str] = {}
    for told, module, name in symbols:
        try:
            value: Any = functools.reduce(getattr, name.split('.'), importlib.import_module(module))
        except (Exception, SystemExit) as error:  # Libraries' code fails in its own ways.
            failed[told] = type(error).__name__
            continue
        if isinstance(value, type):
            reader.add_class(told, value)
        elif _unwrapped(value) is not None:
            reader.add(told, value)
        elif isinstance(value, _PLAIN):
            portrait.add(told, value)
    return {
        'functions': reader.functions,
        'as_they_are': reader.as_they_are,
        'values': portrait.values,
        'files': reader.files,
        'failed': failed,
    }


class _Reader:
    """Reads functions.

    Args:
        own: The packages whose classes are read.
    """

    def __init__(self, own: frozenset[str]) -> None:
        self.functions: dict[str, list[list[Any]]] = {}
        self.files: dict[str, str] = {}
        self.as_they_are: list[str] = []
        self._own = own

    def add_class(self, told: str, kind: type) -> None:
        """Every method of a class, and those of its ancestors that others hide, by the names that are given to them."""
        owners = [each for each in kind.__mro__ if each.__module__.partition('.')[0] in self._own]
        found: set[str] = set()
        for owner in owners:
            for name, value in list(vars(owner).items()):
                for member, function in _members(name, value):
                    if member not in found:
                        found.add(member)
                        self.add(f'{told}.{member}', function)
                    if owner is not kind:
                        self.add(f'{told}._{owner.__name__.lstrip("_")}_{member}', function)

    def add(self, told: str, value: Any) -> None:
        """One function, where its text is to be had."""
        function = _unwrapped(value)
        if function is None or told in self.functions:
            return
        file = inspect.getsourcefile(function)
        lines = _text(file) if file else None
        node = lines.node(function) if lines is not None else None
        if lines is None or node is None:
            return
        self.files[told] = str(file)
        tokens = lines.tokens(node)
        names = _Names(function, _locals(function.__code__), _imported(node), self._own)
        self.functions[told] = list(_hard(tokens, names))
        if _as_it_is(tokens):
            self.as_they_are.append(told)


def _members(name: str, value: Any) -> Iterator[tuple[str, Any]]:
    """The functions in a member of a class."""
    if isinstance(value, property):
        for kind in ('fget', 'fset', 'fdel'):
            if getattr(value, kind) is not None:
                yield name if kind == 'fget' else f'{name}.{kind}', getattr(value, kind)
    elif isinstance(value, (staticmethod, classmethod)):
        yield name, value.__func__
    elif callable(value) and not isinstance(value, type):
        yield name, value


def _unwrapped(value: Any) -> FunctionType | None:
    """The function that a decorator has wrapped, which says so."""
    try:
        inner = inspect.unwrap(value)
    except ValueError:
        return None
    return inner if isinstance(inner, FunctionType) and inner.__name__ != '<lambda>' else None


def _locals(content: CodeType) -> frozenset[str]:
    """The local names of a function and those in it, but for what its first parameter is called."""
    names: set[str] = set()
    pending = [content]
    while pending:
        one = pending.pop()
        names.update(one.co_varnames, one.co_cellvars, one.co_freevars)
        pending += [each for each in one.co_consts if isinstance(each, CodeType)]
    return frozenset(names - {'__class__', 'self', 'cls'})


def _imported(node: ast.AST) -> frozenset[str]:
    """What the imports inside of a function bind."""
    found: set[str] = set()
    for each in ast.walk(node):
        if isinstance(each, (ast.Import, ast.ImportFrom)):
            found.update(alias.asname or alias.name.partition('.')[0] for alias in each.names)
        elif isinstance(each, ast.Assign) and _imports(each):
            found.update(target.id for target in each.targets if isinstance(target, ast.Name))
    return frozenset(found)


def _imports(node: ast.AST) -> bool:
    """Whether a statement imports, or sets what ``import_module`` gives: a pack does so for a whole package."""
    if not isinstance(node, ast.Assign):
        return isinstance(node, (ast.Import, ast.ImportFrom))
    function = node.value.func if isinstance(node.value, ast.Call) else None
    return isinstance(function, ast.Attribute) and function.attr == 'import_module'


class _Text:
    """A file, read once."""

    def __init__(self, content: str) -> None:
        self._tokens = list(tokenize.generate_tokens(io.StringIO(content).readline))
        self._nodes: dict[tuple[str, int], ast.AST] = {}
        for node in ast.walk(ast.parse(content)):
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                line = min([node.lineno, *(each.lineno for each in node.decorator_list)])
                self._nodes[node.name, line] = node

    def node(self, function: FunctionType) -> Any:
        """The statement that a function came from."""
        return self._nodes.get((function.__code__.co_name, function.__code__.co_firstlineno))

    def tokens(self, node: Any) -> list[tokenize.TokenInfo]:
        """Its tokens, without decorators, parameters' types and imports."""
        skipped: list[Any] = []
        for each in ast.walk(node):
            skipped += [each] if _imports(each) else []
            skipped += [one for name in ('annotation', 'returns') if (one := getattr(each, name, None)) is not None]
        spans = [((each.lineno, each.col_offset), (each.end_lineno, each.end_col_offset)) for each in skipped]
        return [
            token
            for token in self._tokens
            if (node.lineno, node.col_offset) <= token.start
            and token.end[0] <= node.end_lineno
            and token.type not in _LAYOUT
            and (token.start[0] > node.lineno or token.type != tokenize.DEDENT)
            and not any(start <= token.start < end for start, end in spans)
        ]


@functools.cache
def _text(file: str) -> _Text | None:
    try:
        return _Text(Path(file).read_text(encoding='utf-8'))
    except (OSError, SyntaxError, ValueError, tokenize.TokenError):
        return None


class _Names:
    """What names in a function mean.

    Args:
        function: The function.
        local: Its local names.
        imported: Those that it imports.
        own: The packages that are no libraries.
    """

    def __init__(
        self, function: FunctionType, local: frozenset[str], imported: frozenset[str], own: frozenset[str]
    ) -> None:
        self.local = local - imported
        self._other = local | imported | set(_FIRST) | _REPLACED
        self._globals = {**vars(builtins), **function.__globals__}
        self._own = own

    def meant(self, chain: Sequence[str]) -> str:
        """The function that a dotted name means, or the class of a library; or nothing."""
        if chain[0] in self._other or chain[0] not in self._globals:
            return ''
        value = self._globals[chain[0]]
        for name in chain[1:]:
            if not isinstance(value, ModuleType):
                break
            value = vars(value).get(name)
        called = getattr(value, '__qualname__', None)
        if not isinstance(value, (type, FunctionType, BuiltinFunctionType)) or not isinstance(called, str):
            return ''
        if str(value.__module__).partition('.')[0] not in self._own:
            return f'{value.__module__}.{called}'
        return f'the function {called}' if isinstance(value, FunctionType) else ''


def _chain(tokens: Sequence[tokenize.TokenInfo], index: int) -> list[str]:
    """The dotted name that begins at a token."""
    found = [tokens[index].string]
    while [each.string for each in tokens[index + 1 : index + 2]] == ['.'] and index + 2 < len(tokens):
        index += 2
        found.append(tokens[index].string)
    return found


def _hard(tokens: Sequence[tokenize.TokenInfo], names: _Names) -> Iterator[list[Any]]:
    """What nothing changes, with its line; an attribute of the first parameter as a third one says, which is one."""
    named, root = False, ''
    for index, (before, token, after) in enumerate(zip([None, *tokens], tokens, [*tokens[1:], None])):
        attribute = before is not None and before.string == '.'
        line = token.start[0]
        if token.type in (tokenize.INDENT, tokenize.DEDENT):
            yield [tokenize.tok_name[token.type], line]
        elif token.type == tokenize.NUMBER or (token.type == tokenize.OP and token.string not in _SOFT):
            yield [token.string, line]
        elif token.type == tokenize.STRING:
            yield [_string(token.string), line]
        elif token.type == tokenize.NAME:
            if not named and before is not None and before.string == 'def':
                named = True  # Its own name is another one where a class below has its own.
                continue
            if not attribute:
                root = 'local' if token.string in names.local else 'self' if token.string in _FIRST else ''
            keyword_of_call = after is not None and after.string == '=' and not attribute
            if token.string in _KEYWORDS or (root == 'local') or keyword_of_call:
                yield [token.string, line]
            elif attribute and root == 'self' and not _KEPT.match(token.string):
                yield [token.string, line, 'self']
            elif not attribute and (meant := names.meant(_chain(tokens, index))):
                yield [meant, line]
            continue
        if token.string != '.':
            root = ''


def _as_it_is(tokens: Sequence[tokenize.TokenInfo]) -> bool:
    """Whether a method asks no parent: neither by ``super`` nor by handing itself to anybody."""
    texts = [token.string for token in tokens]
    handed = any(pair[0] in ('(', ',') and pair[1] in _FIRST for pair in zip(texts[3:], texts[4:]))
    return 'super' not in texts and not handed


def _string(text: str) -> str:
    """A text; of one that may name a type, or in which names are put, what is not changed."""
    prefix = text[: len(text) - len(text.lstrip('rRbBuUfF'))].lower()
    if 'f' in prefix:
        return re.sub(r'\{[^{}]*\}', '{}', text)
    try:
        value = ast.literal_eval(text)
    except (SyntaxError, ValueError):
        return text
    return repr(value.rpartition('.')[2]) if isinstance(value, str) and _DOTTED.fullmatch(value) else repr(value)
