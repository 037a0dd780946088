"""Uses of a table that only write to it: ``TABLE.add(cls)`` in a decorator that registers.

What such a table holds is of no matter where nothing else in the package asks it: a decorator does not pull in all
that it was ever put on.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from introspect_export.model import Part, SourceModule

_MAKERS = frozenset(('dict', 'list', 'set'))
_WRITERS = frozenset(('add', 'append', 'discard', 'extend', 'insert', 'setdefault', 'update'))


def is_table(module: SourceModule, name: str) -> bool:
    """Whether a global is made as one of Python's own containers, once."""
    indices = module.definitions.get(name, ())
    node = module.tree.body[indices[0]] if len(indices) == 1 else None
    value = node.value if isinstance(node, (ast.Assign, ast.AnnAssign)) else None
    if isinstance(value, ast.Call):
        return isinstance(value.func, ast.Name) and value.func.id in _MAKERS
    return isinstance(value, (ast.Dict, ast.List, ast.Set))


def writes(module: SourceModule, part: Part) -> frozenset[int]:
    """The offsets of the names in a part whose use only writes to what they mean.

    A test whether a key is there counts as writing where the same part stores under the same key: that is how a
    registration makes sure that it is the first.
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
    """The subscripts of names that are assigned to, with the names."""
    augmented = {id(node.target) for node in ast.walk(tree) if isinstance(node, ast.AugAssign)}
    for node in ast.walk(tree):
        stored = isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store) and id(node) not in augmented
        if stored and isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name):
            yield node.value, node


def _written(tree: ast.AST) -> Iterator[ast.Name]:
    yield from (name for name, _ in _stores(tree))
    for node in ast.walk(tree):
        call = node.value if isinstance(node, ast.Expr) else None
        function = call.func if isinstance(call, ast.Call) else None
        if isinstance(function, ast.Attribute) and function.attr in _WRITERS and isinstance(function.value, ast.Name):
            yield function.value
