"""Code that reads all local variables of a function: ``locals()``, ``vars()`` and frame objects.

They include the implicit closure variable ``__class__`` of a method that uses ``super`` or ``__class__``
(https://docs.python.org/3/reference/datamodel.html#creating-the-class-object).
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator

Builtin = Callable[[ast.Name], bool] | None

_READING = ('locals', 'vars', 'dir')
_FRAMES = ('currentframe', '_getframe')
# Attributes and functions that lead from a frame to its caller's.
_OUTER = ('f_back', 'stack', 'getouterframes', 'walk_stack', 'trace')
_EVALUATING = ('eval', 'exec')
# Builtins that use only the keys of a dictionary.
_LISTING = ('sorted', 'list', 'tuple', 'set', 'frozenset', 'len')
_CELL = ('super', '__class__')


def variables_read(node: ast.AST, *, of_callers: bool = False, is_builtin: Builtin = None) -> ast.expr | None:
    """Return the first expression in a function that reads all variables of a frame, or None.

    An access to a single variable by a constant name (``locals()['x']``, ``'x' in locals()``) does not count.

    Args:
        node: The function.
        of_callers: Search only for reads of other functions' frames.
        is_builtin: A predicate that tells whether a name refers to the builtin of that name. If it is passed,
            expressions that read only the names of variables (``sorted(locals())``, ``dir()``) do not count.
    """
    if of_callers and _only_own(node):
        return None
    single = {*_single(node), *(_listing(node, is_builtin) if is_builtin else ())}
    followed = {id(each.value) for each in ast.walk(node) if isinstance(each, ast.Attribute)}
    for each in ast.walk(node):
        if not isinstance(each, (ast.Attribute, ast.Call)) or id(each) in single:
            continue
        if isinstance(each, ast.Attribute):
            if each.attr == 'f_locals' or (each.attr == 'getargvalues' and of_callers):
                return each
            continue
        called = getattr(each.func, 'attr', getattr(each.func, 'id', ''))
        if of_callers:
            continue
        if isinstance(each.func, ast.Name) and (called in _EVALUATING or (called in _READING and not each.args)):
            return each
        if called in _FRAMES and id(each) not in followed:
            return each
    return None


def _single(node: ast.AST) -> Iterator[int]:
    """The ids of the expressions of which only one variable is used, by a constant name."""
    for each in ast.walk(node):
        if isinstance(each, ast.Subscript) and _is_plain(each.slice):
            yield id(each.value)
        elif isinstance(each, ast.Compare) and _is_plain(each.left) and len(each.ops) == 1:
            yield from (id(other) for other in each.comparators if isinstance(each.ops[0], (ast.In, ast.NotIn)))
        elif isinstance(each, ast.Call) and isinstance(each.func, ast.Attribute) and each.func.attr == 'get':
            yield from {id(each.func.value)} if each.args and _is_plain(each.args[0]) else ()


def _listing(node: ast.AST, is_builtin: Callable[[ast.Name], bool]) -> Iterator[int]:
    """The ids of the expressions of which only the variables' names are used."""
    for each in ast.walk(node):
        if isinstance(each, ast.Call) and isinstance(each.func, ast.Name) and not each.keywords:
            if each.func.id == 'dir' and not each.args and is_builtin(each.func):
                yield id(each)
            elif each.func.id in _LISTING and len(each.args) == 1 and is_builtin(each.func):
                yield id(each.args[0])


def _only_own(node: ast.AST) -> bool:
    """Whether a function reads its own frame and reaches no other one from it."""
    own = False
    for each in ast.walk(node):
        if getattr(each, 'attr', getattr(each, 'id', '')) in _OUTER:
            return False
        if isinstance(each, ast.Call) and getattr(each.func, 'attr', getattr(each.func, 'id', '')) in _FRAMES:
            if each.args:
                return False
            own = True
    return own


def reaches_far(node: ast.AST) -> bool:
    """Whether a function may read frames beyond that of its direct caller."""
    steps = 0
    for each in ast.walk(node):
        name = getattr(each, 'attr', getattr(each, 'id', ''))
        if isinstance(each, (ast.While, ast.For)) or name in _OUTER[1:]:
            return True
        if isinstance(each, ast.Call) and getattr(each.func, 'attr', getattr(each.func, 'id', '')) in _FRAMES:
            far = [argument for argument in each.args if getattr(argument, 'value', None) not in (0, 1)]
            if far:
                return True
            steps += len(each.args)
        steps += name == 'f_back'
    return steps > 1


def has_class_variable(node: ast.AST) -> bool:
    """Whether a function defined in a class body has the implicit closure variable ``__class__``."""
    return any(isinstance(each, ast.Name) and each.id in _CELL for each in ast.walk(node))


def _is_plain(node: ast.expr) -> bool:
    """Whether an expression is a constant other than ``'__class__'``, the variable that callers look for."""
    return isinstance(node, ast.Constant) and node.value != '__class__'
