"""Chooses names for kept definitions, several of which may have the same original name."""

from __future__ import annotations

import ast
from collections.abc import Container

from introspect_export.linearize.class_body import Chunk, When
from introspect_export.linearize.decisions import KeptName, Member
from introspect_export.linearize.fields import field_name
from introspect_export.linearize.flatten_context import FlattenContext
from introspect_export.model import Diagnostic, SourceModule

# Decorators that do not depend on the name of the function that they decorate.
_BLIND_BUILTINS = ('property', 'classmethod', 'staticmethod')
_BLIND = {
    ('abc', 'abstractmethod'), ('typing', 'overload'), ('typing', 'final'), ('typing_extensions', 'overload'),
    ('functools', 'lru_cache'), ('functools', 'cache'), ('contextlib', 'contextmanager'),
}  # fmt: skip


class NamePlanner:
    """Names definitions: those that the MRO finds first keep their name, the others become ``_<Owner>_<name>``.

    Args:
        context: The chain with its texts.
        reserved: Names that no new member may have.
    """

    def __init__(self, context: FlattenContext, reserved: Container[str]) -> None:
        self._context = context
        self._reserved = reserved
        self._taken = {name for facts in context.chain.mro for name in facts.members}
        self._taken.update(*(body.identifiers for body in context.bodies.values()))
        self._tags = _tags(context)
        # ABCMeta sets this on every class; only in these does an abstract method prevent instantiation.
        self._abstract_counts = '__abstractmethods__' in context.facts(0).members

    def names(
        self, reached: dict[Member, None], aliased: set[Member]
    ) -> tuple[dict[Member, KeptName], list[Diagnostic]]:
        """Name every reached definition.

        Args:
            reached: The definitions to keep.
            aliased: Those that need a second name even if the MRO finds them first.

        Returns:
            The names, and the refusals of definitions that cannot be named.
        """
        found: dict[Member, KeptName] = {}
        refused: list[Diagnostic] = []
        for member in sorted(reached):
            result = self._name(member, member in aliased)
            if isinstance(result, Diagnostic):
                refused.append(result)
            else:
                found[member] = result
        return found, refused

    def _name(self, member: Member, aliased: bool) -> KeptName | Diagnostic:
        index, name = member
        wins = self._context.lineage.first(name) == index
        if not aliased and (wins or index == 0 or self._is_free(member) or self._is_field(member)):
            return KeptName(name)
        if name not in self._context.bodies[index].binders:
            return self._refusal(member, 'IE-LIN-NO-TEXT', f'{name} is called through super and has no text of its own')
        abstract = name in self._context.facts(index).abstract and self._abstract_counts
        alias = self._alias(member)
        if wins:
            if abstract:
                return self._refusal(member, 'IE-LIN-ABSTRACT', f'the abstract {name} is also called through super')
            return KeptName(name, alias)
        chunks = self._chunks(member)
        if abstract and not all(_has_abstract(each) for each in chunks):
            return self._refusal(member, 'IE-LIN-ABSTRACT', f'where {name} is made abstract cannot be told')
        if not self._is_field(member) and all(self._may_rename(index, each) for each in chunks):
            return KeptName(alias, bare=abstract)
        return KeptName(name, alias, bare=abstract)

    def _is_free(self, member: Member) -> bool:
        """Whether a name that its class body deletes again is bound by no other class."""
        index, name = member
        if name in self._context.facts(index).members or name in self._context.lineage.definers:
            return False
        return all(name not in body.binders for other, body in self._context.bodies.items() if other != index)

    def _is_field(self, member: Member) -> bool:
        """Whether a definition is a field of a dataclass, whose name must not change."""
        if 'dataclass' not in self._context.facts(0).traits:
            return False
        return any(field_name(chunk) for chunk in self._chunks(member))

    def _chunks(self, member: Member) -> list[Chunk]:
        body = self._context.bodies[member[0]]
        return [body.chunks[each] for each in body.binders.get(member[1], ())]

    def _may_rename(self, index: int, chunk: Chunk) -> bool:
        """Whether the object that a statement creates does not depend on the name that it is bound to."""
        if chunk.kind == 'class' or any(hazard.when is When.NEVER for hazard in chunk.hazards):
            return False
        module = self._context.statements[index].module
        functions = [
            inner
            for node in chunk.nodes
            for inner in (ast.walk(node) if chunk.kind == 'compound' else [node])
            if isinstance(inner, (ast.FunctionDef, ast.AsyncFunctionDef))
        ]
        decorators = [each for function in functions for each in function.decorator_list]
        return all(_is_blind(module, each) for each in decorators)

    def _alias(self, member: Member) -> str:
        """An unused name ``_<Owner>_<name>``, with a number if necessary."""
        index, name = member
        plain = name.strip('_') if name.startswith('__') and name.endswith('__') else name.lstrip('_')
        alias = f'_{self._tags[index]}_{plain or name}'
        candidate, number = alias, 2
        while candidate in self._taken or candidate in self._reserved:
            candidate, number = f'{alias}_{number}', number + 1
        self._taken.add(candidate)
        return candidate

    def _refusal(self, member: Member, code: str, message: str) -> Diagnostic:
        owner = self._context.facts(member[0]).symbol
        where = self._context.statements[member[0]]
        subject = str(self._context.chain.symbol)
        return Diagnostic(code, subject, f'{message} (in {owner.name})', str(where.module.place(where.statement.start)))


def _tags(context: FlattenContext) -> dict[int, str]:
    """A unique short name for every class of the MRO.

    Classes with the same name are numbered from the end of the MRO, so that a class has the same short name when one of
    its ancestors is flattened by itself.
    """
    tags: dict[int, str] = {}
    seen: dict[str, int] = {}
    for index in reversed(range(len(context.chain.mro))):
        name = context.facts(index).symbol.name.strip('_') or 'Base'
        seen[name] = seen.get(name, 0) + 1
        tags[index] = name if seen[name] == 1 else f'{name}{seen[name]}'
    return tags


def _is_blind(module: SourceModule, decorator: ast.expr) -> bool:
    """Whether a decorator is known not to depend on the name of the decorated function."""
    if isinstance(decorator, ast.Call):
        decorator = decorator.func
    if isinstance(decorator, ast.Attribute):
        if decorator.attr in ('setter', 'getter', 'deleter'):
            return True
        path = (decorator.value.id, decorator.attr) if isinstance(decorator.value, ast.Name) else None
        return path is not None and path in _BLIND and imports_of_name(module, path[0]) == (path[0], None)
    if not isinstance(decorator, ast.Name):
        return False
    if decorator.id in _BLIND_BUILTINS:
        return decorator.id not in module.definitions
    return imports_of_name(module, decorator.id) in _BLIND


def imports_of_name(module: SourceModule, name: str) -> tuple[str, str | None] | None:
    """Return the module and attribute that a module imports under a name; None unless exactly one import binds it."""
    parts = module.definitions.get(name, ())
    if len(parts) != 1:
        return None
    found = [each for each in module.parts[parts[0]].imports if each.name == name]
    return (found[0].module, found[0].attribute) if len(found) == 1 else None


def _has_abstract(chunk: Chunk) -> bool:
    return any(is_abstract(each) for node in chunk.nodes for each in getattr(node, 'decorator_list', []))


def is_abstract(decorator: ast.expr) -> bool:
    """Whether a decorator is named ``abstractmethod``; callers know from the facts that the member is abstract."""
    name = decorator.attr if isinstance(decorator, ast.Attribute) else getattr(decorator, 'id', '')
    return name == 'abstractmethod'
