"""Keeps the set of local variables of methods that read all of them at once.

``locals()``, ``vars()`` and frames include ``__class__`` if a method uses ``super`` or ``__class__``. Flattening
removes uses of ``super`` and adds uses of ``__class__``. To keep the variable, members are accessed through
``__class__`` in the class's own methods, and in those of parents of which only the names of variables are read.
"""

from __future__ import annotations

import ast

from introspect_export.linearize.class_body import Access, Chunk
from introspect_export.linearize.decisions import Target
from introspect_export.linearize.flatten_context import FlattenContext
from introspect_export.linearize.locate import index_of
from introspect_export.linearize.resolve import Refused
from introspect_export.read.bindings import FUNCTIONS
from introspect_export.read.frame_readers import has_class_variable, variables_read

_CODE = 'IE-LIN-LOCALS'
_BRINGING = ('class', 'bound', 'super-call')
_TAKING = ('instance', 'instance-call', 'constant', 'asked')


def where_read(context: FlattenContext, index: int, chunk: Chunk, *, values: bool = False) -> str:
    """The place that reads all variables of a method, or an empty text.

    Args:
        context: The chain with its texts.
        index: The position of the class.
        chunk: The chunk that defines the method.
        values: Search only for code that reads the values of the variables, not only their names.
    """
    module = context.statements[index].module

    def is_builtin(name: ast.Name) -> bool:
        return module.positions.span(name).start in index_of(module).uses and name.id not in module.definitions

    known = is_builtin if values else None
    for node in (each for top in chunk.nodes for each in ast.walk(top)):
        found = variables_read(node, is_builtin=known) if isinstance(node, FUNCTIONS) else None
        if found is not None:
            return context.where(index, module.positions.span(found).start)
    looks = context.facts(index).looks
    seen = ('variables',) if values else ('variables', 'variable names')
    return next((each.place for name in chunk.binds for each in looks.get(name, ()) if each.sees in seen), '')


def check_variables(context: FlattenContext, index: int, chunk: Chunk) -> None:
    """Refuse a parent's method whose variables are read, since its ``__class__`` would be the flattened class.

    Raises:
        Refused: The chunk defines such a method.
    """
    if index and any(map(has_class_variable, chunk.nodes)) and where_read(context, index, chunk, values=True):
        raise Refused(_CODE, 'its variables are read, and __class__, the class it stands in, is one of them')


def keeping_variables(context: FlattenContext, index: int, chunk: Chunk, access: Access, target: Target) -> Target:
    """Return the replacement of an access, changed if needed to keep the variables of a method that reads them.

    Raises:
        Refused: The method would get or lose the variable ``__class__``.
    """
    if target.kind not in (*_BRINGING, *_TAKING) or not where_read(context, index, chunk):
        return target
    if access.form in ('two', 'type') and not access.asked:
        module = context.statements[index].module
        if not module.text.startswith('super', access.span.start):
            raise Refused(_CODE, 'its variables are read, and __class__ would be one of them')
    written = target.kind in ('constant', 'asked') or (access.form == 'cell' and target.kind in _TAKING)
    if written and access.form != 'name':
        raise Refused(_CODE, 'its variables are read, and __class__ would no longer be one of them')
    if access.form not in ('zero', 'two'):
        if access.form == 'dotted' and target.kind in _BRINGING:
            raise Refused(_CODE, 'its variables are read, and __class__ would be one of them')
        return target
    if target.kind != 'instance' or target.member is None:
        return target
    kind = context.facts(target.member[0]).members.get(target.member[1], '')
    if access.receiver.kind != 'first' or access.level != 'function' or access.asked or kind == 'classmethod':
        raise Refused(_CODE, 'its variables are read, and __class__ would no longer be one of them')
    # The object is an instance of ``__class__``, so this is the same attribute, bound to the same object.
    return Target('class' if kind in ('staticmethod', 'data', 'class') else 'bound', target.member)
