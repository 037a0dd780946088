"""Resolves attribute accesses through ``super`` or a class's name to the class whose definition they find."""

from __future__ import annotations

from collections.abc import Mapping

from introspect_export.linearize.class_body import Access
from introspect_export.linearize.global_names import Resolver
from introspect_export.linearize.locate import ClassStatement
from introspect_export.linearize.mro import Lineage
from introspect_export.read import mangle

_CELL = '__class__'


class Accessed:
    """Resolves the accesses in the class statements of one chain; positions are those in its MRO.

    Args:
        lineage: The chain's MRO.
        statements: The known class statements, by position.
        resolver: Resolves dotted names to classes of the chain.
    """

    def __init__(self, lineage: Lineage, statements: Mapping[int, ClassStatement], resolver: Resolver) -> None:
        self._lineage = lineage
        self._statements = statements
        self._resolver = resolver

    def class_at(self, index: int, path: tuple[str, ...]) -> tuple[int, int] | None:
        """The class that a dotted name in the class at ``index`` starts with, and how many of its names it takes."""
        if path[0] == _CELL:
            return index, 1
        found = self._resolver.find(self._statements[index].module.name, path)
        return (self._lineage.position[found[0]], found[1]) if found is not None else None

    def member(self, index: int, access: Access, used: int) -> str:
        """The attribute after the first ``used`` names of a path, mangled."""
        # A private name in a nested class is not one of this class's: left as it is, it matches no member.
        owner = '' if access.level == 'nested' else self._lineage.mro[index].symbol.name
        return mangle(access.path[used], owner)

    def definition(self, index: int, access: Access) -> tuple[int, str] | None:
        """The class whose definition an access in the class at ``index`` finds, with the member's name.

        None if the access is not known to lead to a member of a class of the chain.
        """
        if access.form in ('zero', 'two'):
            found = self._behind_super(index, access)
            return (found, access.attribute) if found is not None else None
        named = self.class_at(index, access.path) if access.form in ('dotted', 'cell') else None
        if named is None or named[1] == len(access.path):
            return None
        name = self.member(index, access, named[1])
        found = self._lineage.own(name, named[0])
        return (found, name) if found is not None else None

    def _behind_super(self, index: int, access: Access) -> int | None:
        """The class whose definition an access through ``super`` finds."""
        start = index if access.form == 'zero' else self._whole(index, access.path)
        if start is None:
            return None
        if access.receiver.kind != 'class':
            return self._lineage.after(access.attribute, start)
        bound = self._whole(index, access.receiver.path)
        return self._lineage.between(access.attribute, start, bound) if bound is not None else None

    def _whole(self, index: int, path: tuple[str, ...]) -> int | None:
        """The class that an entire dotted name refers to."""
        found = self.class_at(index, path)
        return found[0] if found is not None and found[1] == len(path) else None
