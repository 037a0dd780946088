"""Effects of class creation: whether a metaclass or ``__init_subclass__`` could distinguish a flattened class.

A metaclass's ``__init__`` cannot if it only reads attributes of the class, sets others on it, and checks values, since
every attribute of the flattened class equals the original's. It may also create a helper class from the class and its
name: the flattened class gets an equal one. The same holds for ``__init_subclass__``.
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

# The metaclass of Protocol only inspects protocols: https://docs.python.org/3/library/typing.html#typing.Protocol.
PLAIN_METACLASSES = (type, ABCMeta, type(Protocol), object)
# https://docs.python.org/3/reference/datamodel.html#customizing-class-creation
HOOK = '__init_subclass__'
_HOOKS = ('__new__', '__init__', '__prepare__', 'mro')
# Functions that read from a class no more than attribute access does, and store no reference to it.
_READING = (
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
_STRING_METHODS = tuple(name for name in vars(str) if not name.startswith('_'))
_ALLOWED_DUNDERS = ('__name__', '__qualname__', '__module__', '__doc__', '__init__', '__call__')


@dataclass(frozen=True)
class ClassCreation:
    """The effects of a metaclass, or of ``__init_subclass__``, when a class is created.

    Attributes:
        acts: The hooks that may depend on more of the class than its attributes.
        sets: The attributes that they set on every created class.
        reads: The attributes that they read.
    """

    acts: frozenset[str]
    sets: frozenset[str]
    reads: frozenset[str] = frozenset()


def making_of(metaclass: type) -> ClassCreation:
    """Return the effects of a metaclass when it creates a class."""
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
    """Return the effects of the ``__init_subclass__`` that a class itself defines on each subclass."""
    found = class_namespace(cls).get(HOOK)
    hook = found.__func__ if is_a(found, classmethod) else None
    node = text_of(hook, 'classmethod')
    arguments = [*node.args.posonlyargs, *node.args.args] if node else []
    if node is None or not arguments:
        return ClassCreation(frozenset({HOOK}), frozenset())
    # Other parameters have their defaults: no class of a flattened chain is created with keyword arguments.
    assert isinstance(hook, types.FunctionType)
    reader = _EffectReader(node, [arguments[0].arg], hook, type(cls), HOOK)
    acts = () if reader.allows_all() else (HOOK,)
    return ClassCreation(frozenset(acts), frozenset(reader.sets), frozenset(reader.reads))


def text_of(function: Any, decorator: str = '') -> ast.FunctionDef | None:
    """Return the statement of a function; None without text, or where it has decorators other than the given one."""
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
    """Analyze a metaclass's ``__init__``; None where it may depend on more than attributes."""
    node = text_of(function)
    arguments = [*node.args.posonlyargs, *node.args.args] if node else []
    if node is None or not arguments:
        return None
    reader = _EffectReader(node, [each.arg for each in arguments], function, metaclass)
    return reader if reader.allows_all() else None


class _EffectReader:
    """Analyzes a metaclass's ``__init__``, or an ``__init_subclass__``.

    Args:
        node: The function.
        arguments: Its positional parameters: the class; for ``__init__``, also name, bases and namespace.
        function: The live function, whose globals its names are resolved in.
        metaclass: The metaclass.
        hook: The name of the function.
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
        self._has_set_name = any('__set_name__' in class_namespace(each) for each in mro_of(metaclass))
        self._created: set[str] = set()
        self._first = first
        self._globals = function.__globals__
        self.sets: set[str] = set()
        self.reads: set[str] = set()

    def allows_all(self) -> bool:
        """Whether the function only reads attributes of the class and sets others."""
        return all(self.allows(each) for each in self._body) and not self.sets & self.reads

    def allows(self, node: ast.AST) -> bool:
        """Whether a statement only reads and sets attributes of the class."""
        if self._calls_super(node):
            return True
        if isinstance(node, (ast.Assign, ast.AnnAssign)):
            targets: list[ast.expr] = list(node.targets) if isinstance(node, ast.Assign) else [node.target]
            if node.value is not None and self._creates_class(node.value):
                return self._add_created(targets)
            if node.value is not None and self._is_class(node.value):
                return all(self._is_of_created(each) for each in targets)
            return all(self._target(each) for each in targets) and (node.value is None or self._expression(node.value))
        if not isinstance(node, _STATEMENTS):
            return False
        inner = [each for each in ast.iter_child_nodes(node) if isinstance(each, ast.stmt)]
        # An attribute that is set under a condition may be set on a parent only.
        below = [each for part in inner for each in ast.walk(part) if isinstance(each, ast.Attribute)]
        if any(isinstance(each.ctx, ast.Store) for each in below):
            return False
        outer = [each for each in ast.iter_child_nodes(node) if isinstance(each, ast.expr)]
        return all(self.allows(each) for each in inner) and all(self._expression(each) for each in outer)

    def _calls_super(self, node: ast.AST) -> bool:
        """Whether a statement is ``super().__init__(…)`` with the function's own parameters, unchanged."""
        call = node.value if isinstance(node, ast.Expr) else None
        if not isinstance(call, ast.Call) or ast.unparse(call.func) != f'super().{self._hook}':
            return False
        values = [each.value if isinstance(each, ast.Starred) else each for each in call.args]
        values += [each.value for each in call.keywords]
        positional = [ast.unparse(each) for each in call.args if not isinstance(each, ast.Starred)]
        if positional != self._arguments[1 : len(positional) + 1]:
            return False
        return all(isinstance(each, ast.Name) and each.id in self._others - self._locals for each in values)

    def _target(self, node: ast.expr) -> bool:
        """Whether an assignment to a target is allowed: a local, or an attribute of the class, which is recorded."""
        if isinstance(node, ast.Name):
            return node.id != self._first and node.id not in self._others
        if self._is_of_created(node):
            return True
        if not isinstance(node, ast.Attribute) or not self._is_class(node.value):
            return False
        self.sets.add(node.attr)
        return not node.attr.startswith('__')

    def _creates_class(self, node: ast.expr) -> bool:
        """Whether an expression is ``type(name + '…', (Base, …), {'…': cls})``, and no hook runs that receives ``cls``.

        Such hooks are those of the bases' metaclasses, ``__init_subclass__`` and ``__set_name__``.
        """
        if not isinstance(node, ast.Call) or self._value(node.func) is not type or len(node.args) != 3 or node.keywords:
            return False
        name, bases, namespace = node.args
        if not isinstance(bases, ast.Tuple) or not isinstance(namespace, ast.Dict) or self._has_set_name:
            return False
        plain = all(_runs_no_hooks(self._value(each)) for each in bases.elts)
        keys = [each.value if isinstance(each, ast.Constant) else None for each in namespace.keys]
        named = all(isinstance(each, str) and not each.startswith('__') for each in keys)
        held = all(self._is_class(each) or isinstance(each, ast.Constant) for each in namespace.values)
        return plain and named and held and self._expression(name)

    def _add_created(self, targets: list[ast.expr]) -> bool:
        """Record the variable that a created class is assigned to; False unless that is one local, assigned once."""
        names = [each.id for each in targets if isinstance(each, ast.Name) and self._stored.count(each.id) == 1]
        self._created.update(names)
        return len(names) == len(targets) == 1 and names[0] not in {*self._others, self._first}

    def _is_of_created(self, node: ast.expr) -> bool:
        """Whether an expression is an attribute of a class that the function has created."""
        owner = node.value if isinstance(node, ast.Attribute) and not node.attr.startswith('__') else None
        return isinstance(owner, ast.Name) and owner.id in self._created

    def _expression(self, node: ast.AST) -> bool:
        if not isinstance(node, _EXPRESSIONS):
            return False
        if isinstance(node, ast.Name):
            # The name is allowed as a value: the flattened class has that of the original.
            return node.id == self._name or (node.id != self._first and self._is_same(node.id))
        if isinstance(node, ast.FormattedValue) and isinstance(node.value, ast.Name):
            return node.value.id == self._name or self._is_same(node.value.id)
        if isinstance(node, ast.Attribute):
            self.reads.add(node.attr)
            if node.attr.startswith('__') and node.attr not in _ALLOWED_DUNDERS:
                return False
            if node.attr == '__module__' and self._hook == HOOK:
                return False
            return self._is_class(node.value) or self._expression(node.value)
        if isinstance(node, ast.Call):
            return self._call(node)
        return all(self._expression(each) for each in ast.iter_child_nodes(node))

    def _is_same(self, name: str) -> bool:
        """Whether a variable has the same value for another class of the same name.

        The parameters of ``__init_subclass__`` have their defaults; those of ``__init__`` depend on the class.
        """
        return name not in self._others or self._hook == HOOK

    def _is_text(self, node: ast.expr) -> bool:
        """Whether an expression is a string: the name of a class, a literal, or the result of a string method."""
        if isinstance(node, ast.Call):
            return (
                isinstance(node.func, ast.Attribute)
                and node.func.attr in _STRING_METHODS
                and self._is_text(node.func.value)
            )
        named = isinstance(node, ast.Attribute) and node.attr in ('__name__', '__qualname__')
        return named or isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and type(node.value) is str)

    def _call(self, node: ast.Call) -> bool:
        """Whether a call is allowed: of a known function without side effects, whose arguments may include the class.

        Constructors of containers are allowed too, but not with the class as an argument.
        """
        called = self._value(node.func)
        if called is next and len(node.args) == 1 and type(self._value(node.args[0])) is itertools.count:
            # A counter gives every created class another number anyway.
            return not node.keywords
        if (
            isinstance(node.func, ast.Attribute)
            and node.func.attr in _STRING_METHODS
            and self._is_text(node.func.value)
        ):
            return all(self._expression(each) for each in (node.func.value, *node.args, *node.keywords))
        reads_only = any(called is each for each in _READING) or (is_a(called, type) and issubclass(called, Exception))
        if not reads_only and not any(called is each for each in _CONTAINERS):
            return False
        if (called is getattr or called is hasattr) and not all(
            isinstance(each, ast.Constant) for each in node.args[1:2]
        ):
            return False
        self.reads |= {str(each.value) for each in node.args if isinstance(each, ast.Constant)}
        arguments = [*node.args, *(each.value for each in node.keywords)]
        return all((reads_only and self._is_class(each)) or self._expression(each) for each in arguments)

    def _is_class(self, node: ast.expr) -> bool:
        return is_name(node, self._first)

    def _value(self, node: ast.expr) -> Any:
        if isinstance(node, ast.Name):
            return None if node.id in self._locals else self._globals.get(node.id, getattr(builtins, node.id, None))
        if isinstance(node, ast.Attribute):
            module = self._value(node.value)
            return module_namespace(module).get(node.attr) if is_a(module, types.ModuleType) else None
        return None


def _runs_no_hooks(base: Any) -> bool:
    """Whether creating a subclass of a class runs no code of it: no metaclass, no ``__init_subclass__``."""
    return type(base) is type and all('__init_subclass__' not in class_namespace(each) for each in mro_of(base)[:-1])


def is_name(node: ast.expr, name: str) -> bool:
    """Whether an expression is a given name."""
    return isinstance(node, ast.Name) and node.id == name
