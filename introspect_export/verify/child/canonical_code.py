"""A piece of code in words that flattening and linking never change.

What those change is said in the same words for both roles: a global name by what it means, a call of a parent's method
as such, a private name with its class's. Imports and annotations are left out. All else is said as it is, in the
order of the syntax tree, with the ends of lists, so that two pieces of code with the same words have the same tree.
"""

from __future__ import annotations

import ast
import functools
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from .meanings import UNKNOWN, Meanings, imported_names, is_import, local_names

Word = tuple[str, int]

PARENT, MODULE, ASKED = 'parent ', 'module ', 'whether a parent has it'
"""What the words begin with, or are: a member of a parent; a module of the package by name; ``hasattr(super(), …)``."""

_SIGNS: dict[type, str] = {
    ast.Add: '+', ast.Sub: '-', ast.Mult: '*', ast.Div: '/', ast.FloorDiv: '//', ast.Mod: '%', ast.Pow: '**',
    ast.MatMult: '@', ast.LShift: '<<', ast.RShift: '>>', ast.BitOr: '|', ast.BitAnd: '&', ast.BitXor: '^',
    ast.Lt: '<', ast.LtE: '<=', ast.Gt: '>', ast.GtE: '>=', ast.Eq: '==', ast.NotEq: '!=', ast.Is: 'is',
    ast.IsNot: 'is not', ast.In: 'in', ast.NotIn: 'not in', ast.And: 'and', ast.Or: 'or', ast.Not: 'not',
    ast.USub: 'minus', ast.UAdd: 'plus', ast.Invert: '~',
}  # fmt: skip
_LEFT_OUT = frozenset({'annotation', 'returns', 'type_comment', 'ctx', 'type_params', 'op', 'ops'})
_KINDS = frozenset({'staticmethod', 'classmethod', 'abstractmethod', 'overload'})
_LEVELS = ('__package__',)


@dataclass(frozen=True)
class CodePlace:
    """Where a piece of code stands.

    Attributes:
        meanings: What globals of its module mean.
        own: The packages that are no libraries.
        owner: The class whose private names it uses; nothing outside of classes.
        parents: What the class, and those it derives from, are called; in a pack with those merged into it.
        kinds: These classes, as far as they are there.
        outer: Variables of functions around it.
        broken: Whether an import in it fails in the original, too; the pack raises the error where it stood.
    """

    meanings: Meanings
    own: frozenset[str]
    owner: str = ''
    parents: frozenset[str] = frozenset()
    kinds: tuple[type, ...] = ()
    outer: frozenset[str] = frozenset()
    broken: bool = False


class Words:
    """Says pieces of code.

    Args:
        node: The piece.
        place: Where it stands.
    """

    def __init__(self, node: ast.AST, place: CodePlace) -> None:
        self.said: list[Word] = []
        self._place = place
        ours, libraries = imported_names(node, place.own)
        bound = local_names(node) | place.outer
        self._ours = ours - bound
        self._local = (bound | libraries) - self._ours - {'__class__'}
        self._owner = place.owner
        self._line = getattr(node, 'lineno', 0)
        self._first = {'self', 'cls'}
        self._kept = kept_names(place.parents)
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            self._function(node)
        else:
            self._visit(node)

    def _say(self, text: str, node: ast.AST | None = None) -> None:
        self._line = getattr(node, 'lineno', self._line)
        self.said.append((text, self._line))

    def _function(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        """A function by itself: its name is another one where a class below has its own."""
        given = [*node.args.posonlyargs, *node.args.args]
        self._first.update(each.arg for each in given[:1])
        for each in node.decorator_list:
            if self._decorates(each):
                self._say('@', each)
                self._visit(each)
        self._say('async def' if isinstance(node, ast.AsyncFunctionDef) else 'def', node)
        self._visit(node.args)
        self._all(node.body)

    def _decorates(self, decorator: ast.expr) -> bool:
        """Whether a decorator is said: not one that registers, is taken from a class, or says the kind of a method."""
        chain = _chain(decorator.func if isinstance(decorator, ast.Call) else decorator)
        if not chain or chain[0] in self._local or chain[-1] in _KINDS:
            return False
        value, used = self._place.meanings.value(chain)
        return callable(value) and used == len(chain) and hasattr(value, '__qualname__') and value is not property

    def _visit(self, node: ast.AST) -> None:
        special = getattr(self, f'_{type(node).__name__}', None)
        if special is not None:
            special(node)
            return
        if not isinstance(node, (ast.UnaryOp, ast.BinOp, ast.BoolOp, ast.Compare)):
            self._say(type(node).__name__.lower(), node)
        self._operators(node)
        self._fields(node)

    def _operators(self, node: ast.AST) -> None:
        several = getattr(node, 'ops', None)
        for each in several if isinstance(several, list) else [getattr(node, 'op', None)]:
            if each is not None:
                self._say(_SIGNS[type(each)], node)

    def _fields(self, node: ast.AST) -> None:
        for name, value in ast.iter_fields(node):
            if name in _LEFT_OUT:
                continue
            if isinstance(value, list):
                self._all(value)
            elif isinstance(value, ast.AST):
                self._visit(value)
            else:
                self._say('nothing' if value is None else str(value), node)

    def _all(self, several: Sequence[Any]) -> None:
        """A list, and where it ends."""
        for each in several:
            if not isinstance(each, ast.AST):
                self._say('nothing' if each is None else str(each))
            elif not is_import(each) and not self._raises_for_import(each):
                self._visit(each)
        self._say('the end')

    def _raises_for_import(self, node: ast.AST) -> bool:
        call = node.exc if self._place.broken and isinstance(node, ast.Raise) else None
        return isinstance(call, ast.Call) and len(call.args) == 1 and isinstance(call.args[0], ast.Constant)

    def _mangled(self, name: str) -> str:
        """A private name as it is in its class: https://docs.python.org/3/reference/expressions.html#private-name-mangling."""
        owner = self._owner.lstrip('_')
        return f'_{owner}{name}' if owner and name.startswith('__') and not name.endswith('__') else name

    def _Constant(self, node: ast.Constant) -> None:
        self._say(repr(node.value), node)

    def _Global(self, node: ast.Global) -> None:
        self._say(f'{len(node.names)} globals', node)  # These have other names in a pack, where two are the same.

    def _ClassDef(self, node: ast.ClassDef) -> None:
        self._say(f'class {node.name}', node)
        before, self._owner = self._owner, node.name
        self._fields(node)
        self._owner = before

    def _FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        self._say('async def' if isinstance(node, ast.AsyncFunctionDef) else 'def', node)
        self._fields(node)

    _AsyncFunctionDef = _FunctionDef

    def _BinOp(self, node: ast.BinOp) -> None:
        module = _own_module(node)
        if module:
            self._say(MODULE + module, node)
            return
        self._operators(node)
        self._fields(node)

    def _Name(self, node: ast.Name) -> None:
        self._dotted([node.id], node)

    def _Attribute(self, node: ast.Attribute) -> None:
        asked = self._of_parent(node)
        chain = _chain(node)
        if asked:
            self._say(PARENT + asked, node)
        elif chain and chain[0] not in self._local:
            self._dotted(chain, node)
        else:
            self._visit(node.value)
            self._say(f'.{self._mangled(node.attr)}', node)

    def _dotted(self, chain: Sequence[str], node: ast.AST) -> None:
        root = self._mangled(chain[0])
        if root in self._local or chain[0] in self._local or chain[0] in ('self', 'cls'):
            text, used = root, 1
        elif chain[0] in self._ours:
            text, used = UNKNOWN, len(chain)
        else:
            text, used = self._place.meanings.of(chain)
        self._say(text, node)
        for name in chain[used:]:
            self._say(f'.{self._mangled(name)}', node)

    def _of_parent(self, node: ast.Attribute) -> str:
        """The member of a parent that an attribute asks for, or nothing."""
        receiver = node.value
        if self._is_super(receiver):
            return plain(node.attr)
        kept = self._kept.fullmatch(node.attr) if self._kept else None
        if kept is not None and self._is_object(receiver):
            return kept[1]
        return plain(node.attr) if self._is_parent(receiver) else ''

    def _is_super(self, node: ast.AST) -> bool:
        return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == 'super'

    def _is_object(self, node: ast.AST) -> bool:
        """Whether something can be the object, or its class: a name, or ``type`` of one."""
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == 'type':
            return all(isinstance(each, ast.Name) for each in node.args)
        return isinstance(node, ast.Name)

    def _is_parent(self, node: ast.AST) -> bool:
        """Whether an expression is the class, or one that it derives from."""
        chain = _chain(node)
        if not chain or not self._place.parents or chain[0] in self._local:
            return False
        if chain == ['__class__']:
            return True
        value, used = self._place.meanings.value(chain)
        if used != len(chain) or not isinstance(value, type):
            return False
        ours = value.__module__.partition('.')[0] in self._place.own
        return any(value is each for each in self._place.kinds) or (ours and value.__qualname__ in self._place.parents)

    def _Call(self, node: ast.Call) -> None:
        function = node.func
        if isinstance(function, ast.Name) and node.args and self._is_super(node.args[0]) and len(node.args) > 1:
            name = node.args[1].value if isinstance(node.args[1], ast.Constant) else ''
            if function.id in ('getattr', 'hasattr'):
                self._say(ASKED if function.id == 'hasattr' else PARENT + plain(str(name)), node)
                return
        if self._is_carried(function) and len(node.args) == 1:
            self._visit(node.args[0])
            return
        asked = isinstance(function, ast.Attribute) and bool(self._of_parent(function))
        if isinstance(function, ast.Attribute) and function.attr == '__get__' and self._binds(function.value):
            self._visit(function.value)
            return
        self._say('call', node)
        self._visit(function)
        # A parent's method is given the object where it is taken from the class, and not where from the object.
        given = node.args[1:] if asked and node.args and self._is_first(node.args[0]) else node.args
        self._all(given)
        self._all(node.keywords)

    def _is_first(self, node: ast.AST) -> bool:
        return isinstance(node, ast.Name) and node.id in self._first

    def _binds(self, node: ast.AST) -> bool:
        return isinstance(node, ast.Attribute) and bool(self._of_parent(node))

    def _is_carried(self, node: ast.AST) -> bool:
        """Whether a function is that by which a pack finds the files that came along."""
        chain = _chain(node)
        value = self._place.meanings.value(chain)[0] if chain and chain[0] not in self._local else None
        return getattr(value, '__module__', '') == 'pack.files' and getattr(value, '__qualname__', '') == 'carried'


@functools.cache
def kept_names(parents: frozenset[str]) -> re.Pattern[str] | None:
    """What the names are like under which flattening keeps members of parents; the group is a member's name.

    Args:
        parents: What the parents are called.
    """
    tags = sorted((each.rpartition('.')[2].strip('_') or 'Base' for each in parents), key=len, reverse=True)
    return re.compile(rf'_(?:{"|".join(map(re.escape, tags))})\d*_([^_].*)') if tags else None


def plain(name: str) -> str:
    """A member's name as it is a part of a longer one."""
    bare = name.strip('_') if name.startswith('__') and name.endswith('__') else name.lstrip('_')
    return bare or name


def _chain(node: ast.AST) -> list[str]:
    """A dotted name, or nothing."""
    names: list[str] = []
    while isinstance(node, ast.Attribute):
        names.append(node.attr)
        node = node.value
    return [node.id, *reversed(names)] if isinstance(node, ast.Name) else []


def _own_module(node: ast.BinOp) -> str:
    """The end of the name of a module of the pack, which it puts together from its own; or nothing."""
    if not isinstance(node.op, ast.Add) or not isinstance(node.right, ast.Constant):
        return ''
    named = any(isinstance(each, ast.Name) and each.id in _LEVELS for each in ast.walk(node.left))
    return str(node.right.value) if named else ''


def words(node: ast.AST, place: CodePlace) -> list[Word]:
    """Say a piece of code.

    Args:
        node: A function, or an expression.
        place: Where it stands.
    """
    return Words(node, place).said


__all__ = ['ASKED', 'MODULE', 'PARENT', 'CodePlace', 'Word', 'kept_names', 'plain', 'words']
