"""Uses of a container that only write to it: ``TABLE.add(cls)`` in a decorator that registers classes.

The content of such a container does not matter as long as nothing else in the package reads it: a decorator does not
make everything live that it was applied to.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from introspect_export.model import Part, SourceModule

_MAKERS = frozenset(('dict', 'list', 'set'))
_WRITERS = frozenset(('add', 'append', 'discard', 'extend', 'insert', 'setdefault', 'update'))


def is_table(module: SourceModule, name: str) -> bool:
    """Whether a global is bound once, to a new dict, list or set."""
    indices = module.definitions.get(name, ())
    node = module.tree.body[indices[0]] if len(indices) == 1 else None
    value = node.value if isinstance(node, (ast.Assign, ast.AnnAssign)) else None
    if isinstance(value, ast.Call):
        return isinstance(value.func, ast.Name) and value.func.id in _MAKERS
    return isinstance(value, (ast.Dict, ast.List, ast.Set))


def writes(module: SourceModule, part: Part) -> frozenset[int]:
    """Return the offsets of the names in a part whose use only writes to the object they refer to.

    A membership test counts as a write if the same part stores under the same key: that is how a registration makes
    sure that the key is new.
    """
    tree = module.tree.body[part.index]
    names = list(_written(tree))
    stored = {(name.id, ast.dump(each.slice)) for name, each in _stores(tree)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Compare) and len(node.ops) == 1 and isinstance(node.ops[0], (ast.In, ast.NotIn)):
            table = node.comparators[0]
            if isinstance(table, ast.Name) and (table.id, ast.dump(node.left)) in stored:
                names.append(table)
    return frozenset(module.positions.span(each).start for each in names)


def _stores(tree: ast.AST) -> Iterator[tuple[ast.Name, ast.Subscript]]:
    """The subscripts of names that are assigned to, with the names; ``x[k] += …`` reads the item and is left out."""
    augmented = {id(node.target) for node in ast.walk(tree) if isinstance(node, ast.AugAssign)}
    for node in ast.walk(tree):
        stored = isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store) and id(node) not in augmented
        if stored and isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name):
            yield node.value, node


def _written(tree: ast.AST) -> Iterator[ast.Name]:
    """The names whose items are assigned to, or on which a method is called that adds or discards items."""
    yield from (name for name, _ in _stores(tree))
    for node in ast.walk(tree):
        call = node.value if isinstance(node, ast.Expr) else None
        function = call.func if isinstance(call, ast.Call) else None
        if isinstance(function, ast.Attribute) and function.attr in _WRITERS and isinstance(function.value, ast.Name):
            yield function.value
