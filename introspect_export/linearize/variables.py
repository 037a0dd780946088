"""Methods whose variables are read all at once: they must go on having ``__class__`` among them, or not having it.

``locals()``, ``vars()`` and frames show it where a method uses ``super`` or names it; flattening takes ``super`` away,
and brings ``__class__`` in. The class's own methods keep it by reaching members through it, and so do those of parents
where only names are read.
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
    """The place that reads the variables of a method of a statement, or an empty text.

    Args:
        context: The chain with its texts.
        index: The position of the class.
        chunk: The statement.
        values: Whether only what reads their values is looked for, and not what reads their names alone.
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
    """Refuse a parent's method whose variables are read: its ``__class__`` would be the flattened class.

    Raises:
        Refused: It is one.
    """
    if index and any(map(has_class_variable, chunk.nodes)) and where_read(context, index, chunk, values=True):
        raise Refused(_CODE, 'its variables are read, and __class__, the class it stands in, is one of them')


def keeping_variables(context: FlattenContext, index: int, chunk: Chunk, access: Access, target: Target) -> Target:
    """Return what an access becomes where the variables of its method may be read.

    Raises:
        Refused: The method would have ``__class__`` where it had not, or no more.
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
    # The object's own class is a subclass of it: the same attribute, bound to the same object.
    return Target('class' if kind in ('staticmethod', 'data', 'class') else 'bound', target.member)
