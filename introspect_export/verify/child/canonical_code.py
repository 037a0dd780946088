"""A canonical form of code, as a sequence of words, that is invariant under flattening and linking.

Whatever these change has the same words in the original and in the package: a global name by the object it is bound to,
access to a parent's method as such, a private name with its class's. Imports and annotations are left out. All else is
written in the order of the syntax tree, with the ends of lists, so that two pieces of code with the same words have the
same tree.
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
"""The prefixes of words for a member of a parent and for a module's name, and the word for ``hasattr(super(), …)``."""

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
    """The context of a piece of code.

    Attributes:
        meanings: The globals of its module.
        own: The packages that are not libraries.
        owner: The class whose name mangles its private names; empty outside of classes.
        parents: The names of the class and its bases; in the package also of those merged into them.
        kinds: The classes among these that exist.
        outer: The local variables of enclosing functions.
        broken: Whether the code contains an import that fails in the original; the package raises the error instead.
    """

    meanings: Meanings
    own: frozenset[str]
    owner: str = ''
    parents: frozenset[str] = frozenset()
    kinds: tuple[type, ...] = ()
    outer: frozenset[str] = frozenset()
    broken: bool = False


class Words:
    """The visitor that generates the words of a piece of code.

    Args:
        node: The piece.
        place: Its context.
    """

    def __init__(self, node: ast.AST, place: CodePlace) -> None:
        self.words: list[Word] = []
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

    def _add(self, text: str, node: ast.AST | None = None) -> None:
        self._line = getattr(node, 'lineno', self._line)
        self.words.append((text, self._line))

    def _function(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        """A function without its name, which differs if a subclass overrides it."""
        parameters = [*node.args.posonlyargs, *node.args.args]
        self._first.update(each.arg for each in parameters[:1])
        for each in node.decorator_list:
            if self._decorates(each):
                self._add('@', each)
                self._visit(each)
        self._add('async def' if isinstance(node, ast.AsyncFunctionDef) else 'def', node)
        self._visit(node.args)
        self._all(node.body)

    def _decorates(self, decorator: ast.expr) -> bool:
        """Whether a decorator is included: not one that registers, is a class's attribute, or sets a method's kind."""
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
            self._add(type(node).__name__.lower(), node)
        self._operators(node)
        self._fields(node)

    def _operators(self, node: ast.AST) -> None:
        several = getattr(node, 'ops', None)
        for each in several if isinstance(several, list) else [getattr(node, 'op', None)]:
            if each is not None:
                self._add(_SIGNS[type(each)], node)

    def _fields(self, node: ast.AST) -> None:
        for name, value in ast.iter_fields(node):
            if name in _LEFT_OUT:
                continue
            if isinstance(value, list):
                self._all(value)
            elif isinstance(value, ast.AST):
                self._visit(value)
            else:
                self._add('nothing' if value is None else str(value), node)

    def _all(self, several: Sequence[Any]) -> None:
        """The items of a list, and the word for its end."""
        for each in several:
            if not isinstance(each, ast.AST):
                self._add('nothing' if each is None else str(each))
            elif not is_import(each) and not self._raises_for_import(each):
                self._visit(each)
        self._add('the end')

    def _raises_for_import(self, node: ast.AST) -> bool:
        call = node.exc if self._place.broken and isinstance(node, ast.Raise) else None
        return isinstance(call, ast.Call) and len(call.args) == 1 and isinstance(call.args[0], ast.Constant)

    def _mangled(self, name: str) -> str:
        """A private name after mangling: https://docs.python.org/3/reference/expressions.html#private-name-mangling."""
        owner = self._owner.lstrip('_')
        return f'_{owner}{name}' if owner and name.startswith('__') and not name.endswith('__') else name

    def _Constant(self, node: ast.Constant) -> None:
        self._add(repr(node.value), node)

    def _Global(self, node: ast.Global) -> None:
        self._add(f'{len(node.names)} globals', node)  # Linking may rename globals.

    def _ClassDef(self, node: ast.ClassDef) -> None:
        self._add(f'class {node.name}', node)
        before, self._owner = self._owner, node.name
        self._fields(node)
        self._owner = before

    def _FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        self._add('async def' if isinstance(node, ast.AsyncFunctionDef) else 'def', node)
        self._fields(node)

    _AsyncFunctionDef = _FunctionDef

    def _BinOp(self, node: ast.BinOp) -> None:
        module = _own_module(node)
        if module:
            self._add(MODULE + module, node)
            return
        self._operators(node)
        self._fields(node)

    def _Name(self, node: ast.Name) -> None:
        self._dotted([node.id], node)

    def _Attribute(self, node: ast.Attribute) -> None:
        member = self._of_parent(node)
        chain = _chain(node)
        if member:
            self._add(PARENT + member, node)
        elif chain and chain[0] not in self._local:
            self._dotted(chain, node)
        else:
            self._visit(node.value)
            self._add(f'.{self._mangled(node.attr)}', node)

    def _dotted(self, chain: Sequence[str], node: ast.AST) -> None:
        root = self._mangled(chain[0])
        if root in self._local or chain[0] in self._local or chain[0] in ('self', 'cls'):
            text, used = root, 1
        elif chain[0] in self._ours:
            text, used = UNKNOWN, len(chain)
        else:
            text, used = self._place.meanings.of(chain)
        self._add(text, node)
        for name in chain[used:]:
            self._add(f'.{self._mangled(name)}', node)

    def _of_parent(self, node: ast.Attribute) -> str:
        """The member that an attribute accesses in a parent, or empty."""
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
        """Whether an expression may be the instance or its class: a name, or ``type`` of one."""
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == 'type':
            return all(isinstance(each, ast.Name) for each in node.args)
        return isinstance(node, ast.Name)

    def _is_parent(self, node: ast.AST) -> bool:
        """Whether an expression is the class itself or one of its bases."""
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
                self._add(ASKED if function.id == 'hasattr' else PARENT + plain(str(name)), node)
                return
        if self._is_carried(function) and len(node.args) == 1:
            self._visit(node.args[0])
            return
        of_parent = isinstance(function, ast.Attribute) and bool(self._of_parent(function))
        if isinstance(function, ast.Attribute) and function.attr == '__get__' and self._binds(function.value):
            self._visit(function.value)
            return
        self._add('call', node)
        self._visit(function)
        # ``Base.run(self, x)`` and ``super().run(x)`` have the same words.
        arguments = node.args[1:] if of_parent and node.args and self._is_first(node.args[0]) else node.args
        self._all(arguments)
        self._all(node.keywords)

    def _is_first(self, node: ast.AST) -> bool:
        return isinstance(node, ast.Name) and node.id in self._first

    def _binds(self, node: ast.AST) -> bool:
        return isinstance(node, ast.Attribute) and bool(self._of_parent(node))

    def _is_carried(self, node: ast.AST) -> bool:
        """Whether a function is the one by which a package finds its copied files."""
        chain = _chain(node)
        value = self._place.meanings.value(chain)[0] if chain and chain[0] not in self._local else None
        return getattr(value, '__module__', '') == 'pack.files' and getattr(value, '__qualname__', '') == 'carried'


@functools.cache
def kept_names(parents: frozenset[str]) -> re.Pattern[str] | None:
    """Return a pattern for the names under which flattening keeps members of parents; its group is the member's name.

    Args:
        parents: The qualified names of the parents.
    """
    tags = sorted((each.rpartition('.')[2].strip('_') or 'Base' for each in parents), key=len, reverse=True)
    return re.compile(rf'_(?:{"|".join(map(re.escape, tags))})\d*_([^_].*)') if tags else None


def plain(name: str) -> str:
    """Return a member's name as it appears in the name under which flattening keeps it."""
    bare = name.strip('_') if name.startswith('__') and name.endswith('__') else name.lstrip('_')
    return bare or name


def _chain(node: ast.AST) -> list[str]:
    """The components of a dotted name; empty for another expression."""
    names: list[str] = []
    while isinstance(node, ast.Attribute):
        names.append(node.attr)
        node = node.value
    return [node.id, *reversed(names)] if isinstance(node, ast.Name) else []


def _own_module(node: ast.BinOp) -> str:
    """The relative part of a module's name that is computed from ``__package__``; empty for another expression."""
    if not isinstance(node.op, ast.Add) or not isinstance(node.right, ast.Constant):
        return ''
    named = any(isinstance(each, ast.Name) and each.id in _LEVELS for each in ast.walk(node.left))
    return str(node.right.value) if named else ''


def words(node: ast.AST, place: CodePlace) -> list[Word]:
    """Return the words of a piece of code, each with its line.

    Args:
        node: A function, or an expression.
        place: Its context.
    """
    return Words(node, place).words


__all__ = ['ASKED', 'MODULE', 'PARENT', 'CodePlace', 'Word', 'kept_names', 'plain', 'words']
