"""What runs when a class is made: whether it could tell a flattened class from the original.

A metaclass's ``__init__`` cannot, where it only reads attributes of the class, sets others on it, and checks values:
every attribute of the flattened class is that of the original. It may also make a class of its own for it, which knows
the name and the class: the flattened class gets one like it. An object's ``__set_name__`` cannot, where it only
remembers its name, or adds it to a list that the class has for that.
"""

from __future__ import annotations

import ast
import builtins
import collections
import inspect
import itertools
import textwrap
import types
from abc import ABCMeta
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

PLAIN_METACLASSES = (type, ABCMeta, object)
# https://docs.python.org/3/reference/datamodel.html#customizing-class-creation
_HOOKS = ('__new__', '__init__', '__prepare__', 'mro')
# Functions that see of a class what attribute access sees, and keep nothing.
_LOOKING = (
    isinstance, callable, len, hasattr, getattr, sorted, any, all, min, max, sum, repr, str, bool, int,
    inspect.signature, inspect.getfullargspec, inspect.isabstract,
)  # fmt: skip
_CONTAINERS = (list, dict, set, tuple, frozenset, collections.OrderedDict, collections.defaultdict, collections.deque)
_STATEMENTS = (ast.Assign, ast.AnnAssign, ast.Expr, ast.If, ast.Assert, ast.Raise, ast.Pass, ast.Return)
_EXPRESSIONS = (
    ast.Name, ast.Attribute, ast.Constant, ast.Call, ast.BinOp, ast.BoolOp, ast.UnaryOp, ast.Compare, ast.Subscript,
    ast.IfExp, ast.List, ast.Tuple, ast.Set, ast.Dict, ast.JoinedStr, ast.FormattedValue, ast.Starred, ast.keyword,
    ast.operator, ast.boolop, ast.unaryop, ast.cmpop, ast.expr_context,
)  # fmt: skip
_SHOWN = ('__name__', '__qualname__', '__module__', '__doc__', '__init__', '__call__')


@dataclass(frozen=True)
class Making:
    """What a metaclass does when a class is made.

    Attributes:
        acts: The hooks that may see more of the class than its attributes.
        sets: The attributes that it sets on every class it makes.
    """

    acts: frozenset[str]
    sets: frozenset[str]


def making_of(metaclass: type) -> Making:
    """Return what a metaclass does when it makes a class."""
    acts: set[str] = set()
    sets: set[str] = set()
    for each in type.mro(metaclass):
        if each in PLAIN_METACLASSES:
            continue
        for name in _HOOKS:
            if name in vars(each):
                found = _attributes_set(vars(each)[name], metaclass) if name == '__init__' else None
                acts.update({name} if found is None else ())
                sets |= found or set()
    return Making(frozenset(acts), frozenset(sets))


def list_of_names(value: Any) -> str | None:
    """What an object's ``__set_name__`` does: the attribute of the class to whose list it adds its name.

    Returns:
        An empty string where it only remembers the name; None where it does more, or where its text is not known.
    """
    function = getattr(type(value), '__set_name__', None)
    node = _text_of(function)
    hooked = any('__setattr__' in vars(each) for each in type(value).__mro__[:-1])
    if node is None or hooked or len(node.args.args) != 3:
        return None
    own, owner, name = (each.arg for each in node.args.args)
    lists: set[str] = set()
    for statement in node.body:
        found = _listing(statement, owner, name)
        if found:
            lists.add(found)
        elif not _remembers(statement, own, name):
            return None
    return '' if not lists else lists.pop() if len(lists) == 1 else None


def _text_of(function: Any) -> ast.FunctionDef | None:
    if type(function) is not types.FunctionType:
        return None
    try:
        node = ast.parse(textwrap.dedent(inspect.getsource(function))).body[0]
    except (OSError, SyntaxError):
        return None
    plain = isinstance(node, ast.FunctionDef) and not node.decorator_list and node.name == function.__name__
    return node if isinstance(node, ast.FunctionDef) and plain else None


def _attributes_set(function: Any, metaclass: type) -> set[str] | None:
    """The attributes that a metaclass's ``__init__`` sets; None where it may depend on more than attributes."""
    node = _text_of(function)
    arguments = [*node.args.posonlyargs, *node.args.args] if node else []
    if node is None or not arguments:
        return None
    reader = _Reader(node, [each.arg for each in arguments], function, metaclass)
    return reader.sets if all(reader.allows(each) for each in node.body) and not reader.sets & reader.reads else None


class _Reader:
    """Reads a metaclass's ``__init__``.

    Args:
        node: The function.
        arguments: Its positional parameters: the class, and what makes one is called with, its name first.
        function: The live function, for what its globals are.
        metaclass: The metaclass.
    """

    def __init__(
        self, node: ast.FunctionDef, arguments: list[str], function: types.FunctionType, metaclass: type
    ) -> None:
        first = arguments[0]
        self._arguments = arguments
        every = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
        every += [each for each in (node.args.vararg, node.args.kwarg) if each is not None]
        self._others = {each.arg for each in every} - {first}
        stores = (each for each in ast.walk(node) if isinstance(each, ast.Name) and not isinstance(each.ctx, ast.Load))
        self._stored = [each.id for each in stores]
        self._locals = set(self._stored)
        self._name = arguments[1] if len(arguments) > 1 and arguments[1] not in self._locals else ''
        self._told = any('__set_name__' in vars(each) for each in metaclass.__mro__)
        self._fresh: set[str] = set()
        self._first = first
        self._globals = function.__globals__
        self.sets: set[str] = set()
        self.reads: set[str] = set()

    def allows(self, node: ast.AST) -> bool:
        """Whether a statement reads and sets attributes of the class alone."""
        if self._passes_on(node):
            return True
        if isinstance(node, (ast.Assign, ast.AnnAssign)):
            targets: list[ast.expr] = list(node.targets) if isinstance(node, ast.Assign) else [node.target]
            if node.value is not None and self._makes_class(node.value):
                return self._remembers_fresh(targets)
            if node.value is not None and self._is_class(node.value):
                return all(self._is_of_fresh(each) for each in targets)
            return all(self._target(each) for each in targets) and (node.value is None or self._expression(node.value))
        if not isinstance(node, _STATEMENTS):
            return False
        inner = [each for each in ast.iter_child_nodes(node) if isinstance(each, ast.stmt)]
        # What is set under a condition may be set for a parent only.
        below = [each for part in inner for each in ast.walk(part) if isinstance(each, ast.Attribute)]
        if any(isinstance(each.ctx, ast.Store) for each in below):
            return False
        outer = [each for each in ast.iter_child_nodes(node) if isinstance(each, ast.expr)]
        return all(self.allows(each) for each in inner) and all(self._expression(each) for each in outer)

    def _passes_on(self, node: ast.AST) -> bool:
        """``super().__init__(...)`` with the parameters as they came."""
        call = node.value if isinstance(node, ast.Expr) else None
        if not isinstance(call, ast.Call) or ast.unparse(call.func) != 'super().__init__':
            return False
        values = [each.value if isinstance(each, ast.Starred) else each for each in call.args]
        values += [each.value for each in call.keywords]
        given = [ast.unparse(each) for each in call.args if not isinstance(each, ast.Starred)]
        if given != self._arguments[1 : len(given) + 1]:
            return False
        return all(isinstance(each, ast.Name) and each.id in self._others - self._locals for each in values)

    def _target(self, node: ast.expr) -> bool:
        if isinstance(node, ast.Name):
            return node.id != self._first and node.id not in self._others
        if self._is_of_fresh(node):
            return True
        if not isinstance(node, ast.Attribute) or not self._is_class(node.value):
            return False
        self.sets.add(node.attr)
        return not node.attr.startswith('__')

    def _makes_class(self, node: ast.expr) -> bool:
        """``type(name + '…', (Base, …), {'…': cls})``, where nothing acts that is told of the class."""
        if not isinstance(node, ast.Call) or self._value(node.func) is not type or len(node.args) != 3 or node.keywords:
            return False
        name, bases, namespace = node.args
        if not isinstance(bases, ast.Tuple) or not isinstance(namespace, ast.Dict) or self._told:
            return False
        plain = all(_makes_plainly(self._value(each)) for each in bases.elts)
        keys = [each.value if isinstance(each, ast.Constant) else None for each in namespace.keys]
        named = all(isinstance(each, str) and not each.startswith('__') for each in keys)
        held = all(self._is_class(each) or isinstance(each, ast.Constant) for each in namespace.values)
        return plain and named and held and self._expression(name)

    def _remembers_fresh(self, targets: list[ast.expr]) -> bool:
        names = [each.id for each in targets if isinstance(each, ast.Name) and self._stored.count(each.id) == 1]
        self._fresh.update(names)
        return len(names) == len(targets) == 1 and names[0] not in {*self._others, self._first}

    def _is_of_fresh(self, node: ast.expr) -> bool:
        """Whether this is an attribute of a class that was made here."""
        owner = node.value if isinstance(node, ast.Attribute) and not node.attr.startswith('__') else None
        return isinstance(owner, ast.Name) and owner.id in self._fresh

    def _expression(self, node: ast.AST) -> bool:
        if not isinstance(node, _EXPRESSIONS):
            return False
        if isinstance(node, ast.Name):
            # The flattened class has the original's name.
            return node.id == self._name or (node.id != self._first and node.id not in self._others)
        if isinstance(node, ast.FormattedValue) and isinstance(node.value, ast.Name):
            return node.value.id == self._name or node.value.id not in self._others
        if isinstance(node, ast.Attribute):
            self.reads.add(node.attr)
            if node.attr.startswith('__') and node.attr not in _SHOWN:
                return False
            return self._is_class(node.value) or self._expression(node.value)
        if isinstance(node, ast.Call):
            return self._call(node)
        return all(self._expression(each) for each in ast.iter_child_nodes(node))

    def _call(self, node: ast.Call) -> bool:
        """A call of a function that only looks; what it is given may be the class."""
        called = self._value(node.func)
        if called is next and len(node.args) == 1 and type(self._value(node.args[0])) is itertools.count:
            # Another number than before, as it is for every class that is made.
            return not node.keywords
        looks = any(called is each for each in _LOOKING) or (isinstance(called, type) and issubclass(called, Exception))
        if not looks and not any(called is each for each in _CONTAINERS):
            return False
        if called in (getattr, hasattr) and not all(isinstance(each, ast.Constant) for each in node.args[1:2]):
            return False
        self.reads |= {str(each.value) for each in node.args if isinstance(each, ast.Constant)}
        given = [*node.args, *(each.value for each in node.keywords)]
        return all((looks and self._is_class(each)) or self._expression(each) for each in given)

    def _is_class(self, node: ast.expr) -> bool:
        return _is_name(node, self._first)

    def _value(self, node: ast.expr) -> Any:
        if isinstance(node, ast.Name):
            return None if node.id in self._locals else self._globals.get(node.id, getattr(builtins, node.id, None))
        if isinstance(node, ast.Attribute):
            module = self._value(node.value)
            return getattr(module, node.attr, None) if isinstance(module, types.ModuleType) else None
        return None


def _makes_plainly(base: Any) -> bool:
    """Whether making a subclass of a class runs nothing of it."""
    return type(base) is type and all('__init_subclass__' not in vars(each) for each in base.__mro__[:-1])


def _remembers(node: ast.stmt, own: str, name: str) -> bool:
    """``self.x = name``, a check of the name, or nothing at all."""
    if isinstance(node, ast.Pass) or (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)):
        return True
    if isinstance(node, ast.If):
        # It was let pass when the original was made: the same name is again.
        checks = all(isinstance(each, ast.Raise) for each in node.body) and not node.orelse
        return checks and _is_made_of(node.test, name)
    if not isinstance(node, ast.Assign):
        return False
    targets = all(isinstance(each, ast.Attribute) and _is_name(each.value, own) for each in node.targets)
    return targets and _is_made_of(node.value, name)


def _is_made_of(node: ast.expr, name: str) -> bool:
    """Whether an expression depends on a string alone: on its methods, constants and parts of it."""
    parts = (
        ast.Name, ast.Constant, ast.JoinedStr, ast.FormattedValue, ast.BinOp, ast.Add, ast.UnaryOp, ast.Not,
        ast.BoolOp, ast.boolop, ast.Compare, ast.cmpop, ast.Call, ast.Attribute, ast.expr_context,
    )  # fmt: skip
    values = list(ast.walk(node))
    called = [each.func for each in values if isinstance(each, ast.Call)]
    return all(isinstance(each, parts) and getattr(each, 'id', name) == name for each in values) and all(
        isinstance(each, ast.Attribute) for each in called
    )


def _listing(node: ast.stmt, owner: str, name: str) -> str:
    """The attribute in ``owner.x.append(name)``, and in the statement that makes the list where there is none."""
    text = ast.unparse(node)
    for attribute in _attributes_of(node, owner):
        append = f'{owner}.{attribute}.append({name})'
        makes = (f'setattr({owner}, {attribute!r}, [])', f'{owner}.{attribute} = []')
        if text == append or text in [f'if not hasattr({owner}, {attribute!r}):\n    {each}' for each in makes]:
            return attribute
    return ''


def _attributes_of(node: ast.stmt, owner: str) -> Iterator[str]:
    for each in ast.walk(node):
        if isinstance(each, ast.Attribute) and _is_name(each.value, owner):
            yield each.attr
        elif isinstance(each, ast.Constant) and isinstance(each.value, str):
            yield each.value


def _is_name(node: ast.expr, name: str) -> bool:
    return isinstance(node, ast.Name) and node.id == name
