"""Resolves each access through ``super`` or a parent's name, and decides how it is replaced in the flattened class."""

from __future__ import annotations

import ast
from collections.abc import Container, Iterator
from dataclasses import replace

from introspect_export.linearize.accessed import Accessed
from introspect_export.linearize.class_body import Access, Chunk
from introspect_export.linearize.decisions import KEEP, Target
from introspect_export.linearize.flatten_context import FlattenContext
from introspect_export.linearize.super_starts import start_behind
from introspect_export.model import SourceModule, Span

CLASS_FIRST = ('__new__', '__init_subclass__', '__class_getitem__')
# Attributes of type objects, which no class namespace overrides: https://docs.python.org/3/reference/datamodel.html#type
_TYPE_ATTRIBUTES = frozenset(
    {'__name__', '__qualname__', '__module__', '__doc__', '__dict__', '__bases__', '__mro__', '__class__', '__base__',
     '__abstractmethods__', '__annotations__', '__type_params__', '__subclasses__', 'mro'}
)  # fmt: skip
# Kinds of members that have no getter, which could raise AttributeError; so they are found if their class has them.
_THERE = ('function', 'classmethod', 'staticmethod', 'data', 'class')
_PROPERTY_PARTS = ('fget', 'fset', 'fdel', '__get__', '__call__')


class Refused(Exception):
    """An access has no equivalent in the flattened class.

    Args:
        code: The diagnostic's code.
        message: The diagnostic's message.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


class AccessResolver:
    """Decides how the accesses of one context are replaced.

    Args:
        context: The chain with its texts.
    """

    def __init__(self, context: FlattenContext) -> None:
        self._context = context
        self._lineage = context.lineage
        self._accessed = Accessed(context.lineage, context.statements, context.resolver)
        members = [facts.members for facts in context.chain.mro]
        # The last class is object, which has a __getattribute__ that does not count.
        self._own_getattribute = any('__getattribute__' in each for each in members[:-1])
        self._own_getattr = any('__getattr__' in each for each in members[:-1])
        self._names = {context.facts(each).symbol.name for each in context.merged}
        self._first_standing: dict[str, int | None] = {}

    def resolve(self, index: int, access: Access) -> Target:
        """Return the replacement of an access in the body of the class at ``index``.

        Raises:
            Refused: The access has no equivalent.
        """
        if access.form in ('zero', 'two'):
            target = self._super(index, access)
            return self._by_getattr(index, access, target) if access.asked else target
        if access.form == 'type':
            return self._super_of_type(index, access)
        if access.form == 'name':
            return self._constant(index, access, self._context.facts(index).symbol.qualname) if index else KEEP
        return self._dotted(index, access)

    def _by_getattr(self, index: int, access: Access, target: Target) -> Target:
        """Replace ``getattr(super(), 'x')`` and ``hasattr(super(), 'x')``.

        The former is ``super().x``; but ``hasattr``, and a default of ``getattr``, suppress an AttributeError.
        """
        if target is KEEP or target.kind == 'super' or access.asked == 'getattr':
            return target
        sure = target.member is not None and self._kind(*target.member) in _THERE
        hooks = self._own_getattribute or self._own_getattr
        if not sure and target.kind == 'instance' and access.receiver.kind == 'first' and not hooks:
            module, name = self._context.statements[index].module, Span(*access.ends[2:])
            # A getter that raises an AttributeError does so for the object too, as long as no __getattr__ handles it.
            if module.cut(name)[1:-1] == access.attribute and not self._gets_class(index, access):
                return Target('asked', target.member)
        if not sure:
            raise Refused('IE-LIN-SUPER', f'super().{access.attribute} may be missing, and is asked for')
        return target if access.asked != 'hasattr' else Target('constant', text='True')

    def _constant(self, index: int, access: Access, value: str, length: int = 0) -> Target:
        """Replace an access by a string literal; inside of an f-string, with other quotes than the f-string's."""
        module = self._context.statements[index].module
        around = ''.join(
            module.cut(span)
            for chunk in self._context.bodies[index].chunks
            if chunk.core.holds(access.span)
            for span in _fstrings(module, chunk)
            if span.holds(access.span)
        )
        quote = next((each for each in '\'"' if each not in around), '')
        if not quote:
            raise Refused('IE-LIN-CLASS-CELL', f'{".".join(access.path)} stands in a string of both quotes')
        return Target('constant', length=length, text=f'{quote}{value}{quote}')

    def _super(self, index: int, access: Access) -> Target:
        """Replace ``super().x`` and ``super(P, self).x``."""
        start = index if access.form == 'zero' else self._class_named(index, access.path)
        if start is None:
            if access.receiver.kind in ('first', 'type'):
                raise Refused(
                    'IE-LIN-DYNAMIC-SUPER', f'super starts at {".".join(access.path)}, which is no known ancestor'
                )
            return KEEP
        if access.receiver.kind == 'class':
            return self._super_of_class(index, access, start)
        found = self._lineage.after(access.attribute, start)
        if found is None or not self._context.is_merged(found):
            return self._super_standing(index, access, start, found)
        if access.receiver.kind == 'other' or self._in_static(index, access):
            raise Refused(
                'IE-LIN-SUPER', f'super().{access.attribute} is bound to something other than the first argument'
            )
        if access.context != 'load':
            raise Refused('IE-LIN-SUPER', f'super().{access.attribute} is assigned to')
        return self._bound(index, access, found)

    def _super_of_type(self, index: int, access: Access) -> Target:
        """Replace ``super(type(self), self).x``.

        For instances of a subclass it finds the member of the class, as before. For instances of the exact class it
        finds the next definition after the class, which is merged into it.
        """
        found = self._lineage.after(access.attribute, 0)
        if found is None or not self._context.is_merged(found):
            return KEEP
        lying = self._own_getattribute or any('__class__' in facts.members for facts in self._context.chain.mro[:-1])
        method = access.level == 'function' and not self._gets_class(index, access)
        if lying or not method or access.context != 'load' or self._in_static(index, access):
            raise Refused('IE-LIN-DYNAMIC-SUPER', f'super(…).{access.attribute} starts at what it is bound to')
        return replace(self._bound(index, access, found), guarded=True)

    def _super_standing(self, index: int, access: Access, start: int, found: int | None) -> Target:
        """Replace an access through ``super`` that finds a definition in an unmerged class, or none."""
        if not self._standing_order_holds(access.attribute, start, found):
            return self._skipping(index, access, start)
        if access.form == 'zero' or start == 0 or not self._context.is_merged(start):
            return KEEP
        if access.level != 'function' or access.receiver.kind == 'other':
            raise Refused(
                'IE-LIN-SUPER', f'super(…).{access.attribute} is bound to something other than the first argument'
            )
        return Target('super')

    def _skipping(self, index: int, access: Access, start: int) -> Target:
        """Replace an access through ``super`` that skips unmerged classes with such a member: start at the last one."""
        if access.receiver.kind == 'other' or access.level != 'function' or self._in_static(index, access):
            raise Refused(
                'IE-LIN-SUPER', f'super().{access.attribute} is bound to something other than the first argument'
            )
        if access.context != 'load':
            raise Refused('IE-LIN-SUPER', f'super().{access.attribute} is assigned to')
        behind = start_behind(self._context, index, access.span, start)
        if behind is None:
            message = f'super().{access.attribute} skips a class that stays and defines it, and nothing there names it'
            raise Refused('IE-LIN-LIBRARY-ORDER', message)
        return Target('super', start=behind)

    def _standing_order_holds(self, name: str, start: int, found: int | None) -> bool:
        """Whether ``super()`` in the flattened class, which starts at its first base, finds the same definition."""
        if start and not self._context.is_merged(start):
            return True
        if name not in self._first_standing:
            self._first_standing[name] = self._context.first_standing(name)
        return self._first_standing[name] == found

    def _super_of_class(self, index: int, access: Access, start: int) -> Target:
        """Replace ``super(P, K).x`` with a class ``K``: https://docs.python.org/3/library/functions.html#super."""
        bound = self._class_named(index, access.receiver.path)
        if bound is None:
            if self._context.is_merged(start):
                raise Refused('IE-LIN-SUPER', f'super(…).{access.attribute} is bound to something unknown')
            return KEEP
        found = self._lineage.between(access.attribute, start, bound)
        if found is None or not self._context.is_merged(found):
            if self._context.is_merged(start) or self._context.is_merged(bound):
                raise Refused('IE-LIN-SUPER', f'super(…).{access.attribute} is bound to an ancestor')
            return self._super_standing(index, access, start, found)
        kind = self._kind(found, access.attribute)
        if kind == 'classmethod' and bound != 0:
            raise Refused('IE-LIN-SUPER', f'super(…).{access.attribute} is a class method bound to an ancestor')
        if access.level != 'function' or access.context != 'load':
            raise Refused('IE-LIN-SUPER', f'super(…).{access.attribute} stands where there is no class cell')
        self._check_kind(found, access.attribute)
        return Target('class', (found, access.attribute))

    def _bound(self, index: int, access: Access, found: int) -> Target:
        """Replace an access by one to a merged member, bound to the first argument or to its class."""
        plain = access.receiver.kind == 'first' and not self._gets_class(index, access)
        kind = self._check_kind(found, access.attribute, ('cached',) if plain else ())
        member = (found, access.attribute)
        # An attribute of the instance runs __getattribute__, and __getattr__ where a getter raises AttributeError;
        # super() runs neither.
        hooked = self._own_getattribute or (self._own_getattr and kind in ('property', 'descriptor', 'cached'))
        if hooked and access.receiver.kind == 'first' and not self._gets_class(index, access):
            return self._without_hooks(access, kind, member)
        return Target('instance', member)

    def _without_hooks(self, access: Access, kind: str, member: tuple[int, str]) -> Target:
        """Replace an access so that no attribute hooks of the instance run: through ``__class__``."""
        if access.level != 'function' or kind == 'classmethod':
            raise Refused(
                'IE-LIN-GETATTRIBUTE', f'super().{access.attribute} would run the attribute hooks of the class'
            )
        return Target('class' if kind in ('staticmethod', 'data', 'class') else 'bound', member)

    def _dotted(self, index: int, access: Access) -> Target:
        """Replace an access through a dotted name, ``P.x`` or ``__class__.x``."""
        found = self._find(index, access.path)
        if found is None or found[1] == len(access.path):
            return KEEP
        position, used = found
        if not self._context.is_merged(position):
            return KEEP
        name = self._accessed.member(index, access, used)
        last = used == len(access.path) - 1
        definer = None if name in _TYPE_ATTRIBUTES else self._lineage.own(name, position)
        if last and access.context != 'load':
            raise Refused(
                'IE-LIN-CLASS-STATE', f'{".".join(access.path)} is assigned to, and would be no longer shared'
            )
        if definer is None or not self._context.is_merged(definer):
            return self._dotted_standing(index, access, used, name, definer)
        return self._dotted_merged(index, access, used, (definer, name))

    def _dotted_standing(self, index: int, access: Access, used: int, name: str, definer: int | None) -> Target:
        """Replace an access through a merged class's name to a member of an unmerged class."""
        if definer is not None and used == len(access.path) - 1 and access.level == 'function':
            plain = self._kind(definer, name) == 'function' and self._context.first_standing(name) == definer
            if plain and self._calls_with_self(index, access):
                return Target('super-call', length=used + 1)
        if access.form == 'cell' and name in ('__name__', '__qualname__') and index:
            symbol = self._context.facts(index).symbol
            return self._constant(index, access, symbol.name if name == '__name__' else symbol.qualname, used + 1)
        if access.form == 'cell':
            raise Refused('IE-LIN-CLASS-CELL', f'__class__.{name} asks the class it stands in')
        return KEEP

    def _dotted_merged(self, index: int, access: Access, used: int, member: tuple[int, str]) -> Target:
        """Replace an access through a merged class's name to a member of a merged class."""
        kind = self._kind(*member)
        if kind == 'classmethod':
            if access.form == 'cell':
                raise Refused('IE-LIN-CLASS-CELL', f'__class__.{member[1]} is bound to the class it stands in')
            # It is bound to the parent itself, which the kept text names.
            return KEEP
        if access.path[used + 1 : used + 2] in (('__name__',), ('__qualname__',), ('__code__',)):
            raise Refused('IE-LIN-INTROSPECTION', f'{".".join(access.path)} may be another one')
        self._check_kind(*member, ('cached',) if access.path[used + 1 :] == ('__get__',) else ())
        last = used == len(access.path) - 1
        if access.level == 'class':
            return self._in_class_body(index, access, member, used)
        if last and kind == 'function' and self._calls_with_self(index, access) and not self._own_getattribute:
            return Target('instance-call', member, used + 1)
        needs_instance = self._needs_instance(member)
        part = last or (used == len(access.path) - 2 and access.path[-1] in _PROPERTY_PARTS)
        first = access.call.first if access.call else None
        bound_to_self = part and first is not None and first.kind == 'first'
        if needs_instance and not bound_to_self:
            raise Refused('IE-LIN-PARENT-ACCESS', f'{".".join(access.path)} uses super and may be given any object')
        if access.level == 'function':
            return Target('class', member, used + 1)
        if needs_instance or access.form == 'cell' or kind in ('data', 'class'):
            raise Refused('IE-LIN-PARENT-ACCESS', f'{".".join(access.path)} stands where there is no class cell')
        return KEEP

    def _in_class_body(self, index: int, access: Access, member: tuple[int, str], used: int) -> Target:
        """Replace a parent's member in a class body by its bare name, which must be bound above."""
        if member[0] > index:
            return Target('namespace', member, used + 1)
        # A class may name one that comes before it in the MRO, from which it does not derive; then the access is kept.
        if self._needs_instance(member):
            raise Refused('IE-LIN-PARENT-ACCESS', f'{".".join(access.path)} uses super and is named in a class body')
        return KEEP

    def _needs_instance(self, member: tuple[int, str]) -> bool:
        """Whether a member only works for instances of the class, since it uses ``super`` or ``__class__``."""
        body = self._context.bodies[member[0]]
        return any(body.chunks[each].uses_super for each in body.binders.get(member[1], ()))

    def _calls_with_self(self, index: int, access: Access) -> bool:
        first = access.call.first if access.call else None
        if first is None or first.kind != 'first' or not access.method:
            return False
        return not self._gets_class(index, access) and not self._in_static(index, access)

    def _gets_class(self, index: int, access: Access) -> bool:
        """Whether the first argument of the method that contains an access is a class."""
        return access.method in CLASS_FIRST or self._kind(index, access.method) == 'classmethod'

    def _in_static(self, index: int, access: Access) -> bool:
        return access.method != '__new__' and self._kind(index, access.method) == 'staticmethod'

    def _kind(self, index: int, name: str) -> str:
        return self._context.facts(index).members.get(name, '')

    def _check_kind(self, index: int, name: str, allowed: Container[str] = ()) -> str:
        kind = self._kind(index, name)
        if kind in ('slot', 'cached', 'named', 'told') and kind not in allowed:
            raise Refused('IE-LIN-DESCRIPTOR', f'{name} is a descriptor that knows its own name')
        return kind

    def _class_named(self, index: int, path: tuple[str, ...]) -> int | None:
        found = self._find(index, path)
        return found[0] if found is not None and found[1] == len(path) else None

    def _find(self, index: int, path: tuple[str, ...]) -> tuple[int, int] | None:
        """The position of the class that a dotted name starts with, and how many of its names it takes."""
        found = self._accessed.class_at(index, path)
        if found is not None:
            if path[0] != '__class__' and 'replaced' in self._context.facts(found[0]).traits:
                name = '.'.join(path[: found[1]])
                raise Refused('IE-LIN-UNRESOLVED', f'{name} may be the class that has replaced the one of its name')
            return found
        if any(name in self._names for name in path[:-1]) and not self._context.resolver.is_known(
            self._context.statements[index].module.name, path
        ):
            raise Refused('IE-LIN-UNRESOLVED', f'{".".join(path)} may be an ancestor, and it cannot be told')
        return None


def _fstrings(module: SourceModule, chunk: Chunk) -> Iterator[Span]:
    for node in chunk.nodes:
        yield from (module.positions.span(each) for each in ast.walk(node) if isinstance(each, ast.JoinedStr))
