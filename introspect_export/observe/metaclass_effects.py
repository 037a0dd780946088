"""What runs when a class is made: whether it could tell a flattened class from the original.

A metaclass's ``__init__`` cannot, where it only reads attributes of the class, sets others on it, and checks values:
every attribute of the flattened class is that of the original. It may also make a class of its own for it, which knows
the name and the class: the flattened class gets one like it. Nor can an ``__init_subclass__`` that does the same.
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
from dataclasses import dataclass
from typing import Any, Protocol

from introspect_export.observe.raw import class_namespace, is_a, module_namespace, mro_of
from introspect_export.read.bindings import bound_inside, parameters
from introspect_export.read.constant_text import one_of

# That of Protocol looks at classes that are one: https://docs.python.org/3/library/typing.html#typing.Protocol.
PLAIN_METACLASSES = (type, ABCMeta, type(Protocol), object)
# https://docs.python.org/3/reference/datamodel.html#customizing-class-creation
HOOK = '__init_subclass__'
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
_OF_TEXT = tuple(name for name in vars(str) if not name.startswith('_'))
_SHOWN = ('__name__', '__qualname__', '__module__', '__doc__', '__init__', '__call__')


@dataclass(frozen=True)
class ClassCreation:
    """What a metaclass does when a class is made.

    Attributes:
        acts: The hooks that may see more of the class than its attributes.
        sets: The attributes that it sets on every class it makes.
        reads: The attributes that it asks for.
    """

    acts: frozenset[str]
    sets: frozenset[str]
    reads: frozenset[str] = frozenset()


def making_of(metaclass: type) -> ClassCreation:
    """Return what a metaclass does when it makes a class."""
    acts: set[str] = set()
    sets: set[str] = set()
    reads: set[str] = set()
    for each in mro_of(metaclass):
        if one_of(each, PLAIN_METACLASSES):
            continue
        for name in _HOOKS:
            if name in class_namespace(each):
                found = _read_init(class_namespace(each)[name], metaclass) if name == '__init__' else None
                acts.update({name} if found is None else ())
                sets |= found.sets if found else set()
                reads |= found.reads if found else set()
    return ClassCreation(frozenset(acts), frozenset(sets), frozenset(reads))


def subclassing_of(cls: type) -> ClassCreation:
    """Return what a class's own ``__init_subclass__`` does to each subclass."""
    found = class_namespace(cls).get(HOOK)
    hook = found.__func__ if is_a(found, classmethod) else None
    node = text_of(hook, 'classmethod')
    arguments = [*node.args.posonlyargs, *node.args.args] if node else []
    if node is None or not arguments:
        return ClassCreation(frozenset({HOOK}), frozenset())
    # Its other parameters have their defaults, for no class of the chain is made with keyword arguments.
    assert isinstance(hook, types.FunctionType)
    reader = _EffectReader(node, [arguments[0].arg], hook, type(cls), HOOK)
    acts = () if reader.allows_all() else (HOOK,)
    return ClassCreation(frozenset(acts), frozenset(reader.sets), frozenset(reader.reads))


def text_of(function: Any, decorator: str = '') -> ast.FunctionDef | None:
    """Return the statement of a function that has no decorator but perhaps one."""
    if type(function) is not types.FunctionType:
        return None
    try:
        node = ast.parse(textwrap.dedent(inspect.getsource(function))).body[0]
    except (OSError, SyntaxError):
        return None
    if not isinstance(node, ast.FunctionDef) or node.name != function.__name__:
        return None
    return node if all(decorator and is_name(each, decorator) for each in node.decorator_list) else None


def _read_init(function: Any, metaclass: type) -> _EffectReader | None:
    """Read a metaclass's ``__init__``; None where it may depend on more than attributes."""
    node = text_of(function)
    arguments = [*node.args.posonlyargs, *node.args.args] if node else []
    if node is None or not arguments:
        return None
    reader = _EffectReader(node, [each.arg for each in arguments], function, metaclass)
    return reader if reader.allows_all() else None


class _EffectReader:
    """Reads a metaclass's ``__init__``, or an ``__init_subclass__``.

    Args:
        node: The function.
        arguments: Its positional parameters: the class, and what makes one is called with, its name first.
        function: The live function, for what its globals are.
        metaclass: The metaclass.
        hook: Which of the two it is.
    """

    def __init__(
        self,
        node: ast.FunctionDef,
        arguments: list[str],
        function: types.FunctionType,
        metaclass: type,
        hook: str = '__init__',
    ) -> None:
        first = arguments[0]
        self._hook = hook
        self._body = node.body
        self._arguments = arguments
        self._others = {each.arg for each in parameters(node)} - {first}
        self._stored = list(bound_inside(node.body))
        self._locals = set(self._stored)
        self._name = arguments[1] if len(arguments) > 1 and arguments[1] not in self._locals else ''
        self._told = any('__set_name__' in class_namespace(each) for each in mro_of(metaclass))
        self._fresh: set[str] = set()
        self._first = first
        self._globals = function.__globals__
        self.sets: set[str] = set()
        self.reads: set[str] = set()

    def allows_all(self) -> bool:
        """Whether all it does is to read attributes of the class and to set others."""
        return all(self.allows(each) for each in self._body) and not self.sets & self.reads

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
        if not isinstance(call, ast.Call) or ast.unparse(call.func) != f'super().{self._hook}':
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
            return node.id == self._name or (node.id != self._first and self._is_same(node.id))
        if isinstance(node, ast.FormattedValue) and isinstance(node.value, ast.Name):
            return node.value.id == self._name or self._is_same(node.value.id)
        if isinstance(node, ast.Attribute):
            self.reads.add(node.attr)
            if node.attr.startswith('__') and node.attr not in _SHOWN:
                return False
            if node.attr == '__module__' and self._hook == HOOK:
                return False
            return self._is_class(node.value) or self._expression(node.value)
        if isinstance(node, ast.Call):
            return self._call(node)
        return all(self._expression(each) for each in ast.iter_child_nodes(node))

    def _is_same(self, name: str) -> bool:
        """Whether a variable, or a parameter that has its default, is the same for another class of the same name."""
        return name not in self._others or self._hook == HOOK

    def _is_text(self, node: ast.expr) -> bool:
        """Whether an expression is a string: the name of the class, or what a method of one makes."""
        if isinstance(node, ast.Call):
            return (
                isinstance(node.func, ast.Attribute) and node.func.attr in _OF_TEXT and self._is_text(node.func.value)
            )
        named = isinstance(node, ast.Attribute) and node.attr in ('__name__', '__qualname__')
        return named or isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and type(node.value) is str)

    def _call(self, node: ast.Call) -> bool:
        """A call of a function that only looks; what it is given may be the class."""
        called = self._value(node.func)
        if called is next and len(node.args) == 1 and type(self._value(node.args[0])) is itertools.count:
            # Another number than before, as it is for every class that is made.
            return not node.keywords
        if isinstance(node.func, ast.Attribute) and node.func.attr in _OF_TEXT and self._is_text(node.func.value):
            return all(self._expression(each) for each in (node.func.value, *node.args, *node.keywords))
        looks = any(called is each for each in _LOOKING) or (is_a(called, type) and issubclass(called, Exception))
        if not looks and not any(called is each for each in _CONTAINERS):
            return False
        if (called is getattr or called is hasattr) and not all(
            isinstance(each, ast.Constant) for each in node.args[1:2]
        ):
            return False
        self.reads |= {str(each.value) for each in node.args if isinstance(each, ast.Constant)}
        given = [*node.args, *(each.value for each in node.keywords)]
        return all((looks and self._is_class(each)) or self._expression(each) for each in given)

    def _is_class(self, node: ast.expr) -> bool:
        return is_name(node, self._first)

    def _value(self, node: ast.expr) -> Any:
        if isinstance(node, ast.Name):
            return None if node.id in self._locals else self._globals.get(node.id, getattr(builtins, node.id, None))
        if isinstance(node, ast.Attribute):
            module = self._value(node.value)
            return module_namespace(module).get(node.attr) if is_a(module, types.ModuleType) else None
        return None


def _makes_plainly(base: Any) -> bool:
    """Whether making a subclass of a class runs nothing of it."""
    return type(base) is type and all('__init_subclass__' not in class_namespace(each) for each in mro_of(base)[:-1])


def is_name(node: ast.expr, name: str) -> bool:
    """Whether an expression is a certain name."""
    return isinstance(node, ast.Name) and node.id == name
