"""The input of planning: the classes of a chain, which of them are merged, and their source."""

from __future__ import annotations

import ast
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from introspect_export.linearize.body_chunks import body_of
from introspect_export.linearize.class_body import Body, When
from introspect_export.linearize.global_names import Binding, Modules, Resolver
from introspect_export.linearize.locate import ClassStatement, find_class, index_of
from introspect_export.linearize.mro import IMPLICIT, Lineage
from introspect_export.model import Chain, ClassFacts, Diagnostic, SuperLookup, Symbol
from introspect_export.read.bindings import DEFINITIONS, FUNCTION_STATEMENTS


@dataclass(frozen=True)
class FlattenContext:
    """The classes of a chain, divided into merged and remaining ones.

    Attributes:
        chain: The chain.
        lineage: Lookups in its MRO.
        merged: The positions of the ancestors to merge, nearest first.
        standing: The positions of the ancestors that are not merged: those of libraries and those that must be kept.
        statements: The class statement of the class itself (position 0) and of every merged ancestor.
        bodies: Their bodies; empty if nothing is merged.
        resolver: Resolves names to classes of the chain.
        modules: The source of a module by name.
        alone: Whether the class will be in a module of its own, outside of any function or class.
    """

    chain: Chain
    lineage: Lineage
    merged: tuple[int, ...]
    standing: tuple[int, ...]
    statements: Mapping[int, ClassStatement]
    bodies: Mapping[int, Body]
    resolver: Resolver
    modules: Modules
    alone: bool = False

    def facts(self, index: int) -> ClassFacts:
        """The facts of a class by position."""
        return self.chain.mro[index]

    def is_merged(self, index: int) -> bool:
        """Whether the class at a position is an ancestor that is merged."""
        return index != 0 and index in self.statements

    def where(self, index: int, offset: int) -> str:
        """``file:line`` of an offset in the module of a class."""
        return str(self.statements[index].module.place(offset))

    def text_of(self, index: int) -> ClassStatement | None:
        """The class statement of an origin class that is not merged, if it is found."""
        facts = self.facts(index)
        module = self.modules(facts.symbol.module) if facts.origin else None
        return find_class(module, facts) if module is not None else None

    def standing_texts(self) -> Iterator[tuple[int, ClassStatement]]:
        """The positions and class statements of the origin classes that are not merged."""
        for index in self.standing:
            statement = self.text_of(index)
            if statement is not None:
                yield index, statement

    def looked_up(self, index: int) -> frozenset[SuperLookup] | None:
        """The attributes that a class which is not merged looks up through ``super``; None if unknown."""
        if not self.facts(index).origin:
            return self.facts(index).supers
        statement = self.text_of(index)
        if statement is None:
            return None
        chunks = body_of(statement).chunks
        if any(hazard.when is When.MERGED for chunk in chunks for hazard in chunk.hazards):
            return None
        return frozenset(SuperLookup(each.attribute) for chunk in chunks for each in chunk.accesses if each.attribute)

    def first_standing(self, name: str) -> int | None:
        """The first ancestor that defines a name and is not merged: ``super()`` finds it in the flattened class."""
        return next((i for i in self.lineage.definers.get(name, []) if i and not self.is_merged(i)), None)


def make_context(
    chain: Chain,
    modules: Modules,
    binding: Binding,
    until: Symbol | None,
    keep: Container[Symbol],
    alone: bool = False,
) -> FlattenContext | Diagnostic:
    """Decide which classes of a chain are merged, and find their source.

    Args:
        chain: The class with its MRO.
        modules: The source of a module by name.
        binding: What a module's global is bound to in the running program.
        until: An ancestor to stop at.
        keep: Classes that are not merged.
        alone: Whether the class will be in a module of its own.

    Returns:
        The context, or a diagnostic if the class itself has no source or is not identified by its name.
    """
    lineage = Lineage(chain)
    source = modules(chain.symbol.module)
    own = find_class(source, chain.mro[0]) if source else None
    if own is None:
        return Diagnostic(
            'IE-LIN-NO-SOURCE', str(chain.symbol), 'its class statement is not in the text of its module', ''
        )
    if len(lineage.position) < len(chain.mro):
        message = 'two classes of its MRO have the same module and qualified name'
        return Diagnostic('IE-LIN-SAME-NAME', str(chain.symbol), message, str(own.module.place(own.statement.start)))
    statements = {0: own}
    stays = 0
    for index, facts in enumerate(chain.mro[1:], 1):
        statement = None
        if facts.origin and facts.symbol != until and facts.symbol not in keep and not stays >> index & 1:
            module = modules(facts.symbol.module)
            movable = 'no-source' not in facts.traits and not made_in_its_own_way(facts, chain)
            statement = find_class(module, facts) if module and movable else None
        if statement is None or _comes_after(until, index, lineage):
            stays |= lineage.ancestors_mask(index)
            continue
        statements[index] = statement
    # The ancestors of a class that is not merged cannot be merged either; in the MRO, some may come before it.
    for index in [each for each in statements if each and stays >> each & 1]:
        del statements[index]
    merged = tuple(sorted(index for index in statements if index))
    chain = _before_it_ran(chain, statements)
    lineage = Lineage(chain)
    symbols = {facts.symbol for facts in chain.mro}
    return FlattenContext(
        chain=chain,
        lineage=lineage,
        merged=merged,
        standing=tuple(index for index in range(1, len(chain.mro)) if index not in statements),
        statements=statements,
        bodies={index: body_of(statement) for index, statement in statements.items()} if merged else {},
        modules=modules,
        resolver=Resolver(modules, symbols, binding, base_hints(chain, statements)),
        alone=alone,
    )


def made_in_its_own_way(facts: ClassFacts, chain: Chain) -> bool:
    """Whether an ancestor was created in a way that merging its body cannot reproduce.

    ``isinstance`` with a Protocol depends on the members of its own class statement, a named tuple is created from its
    fields, and the ``dataclass`` decorator generates members without source.
    """
    data = 'dataclass' in facts.traits and 'dataclass' not in chain.mro[0].traits
    return data or bool(facts.traits & {'protocol-class', 'namedtuple'})


def _before_it_ran(chain: Chain, statements: Mapping[int, ClassStatement]) -> Chain:
    """The chain without members that methods have set on the class at run time: ``type(self).count += 1``."""
    facts, node = chain.mro[0], statements[0].node
    bound = body_of(statements[0]).binders
    later = {name for name, kind in facts.members.items() if kind == 'data' and name not in bound} - IMPLICIT
    later -= {*chain.sets, *(name for each in chain.mro for name in each.lists.values())}
    if not later or node.decorator_list or 'dataclass' in facts.traits:
        return chain
    walked = (ast.walk(statement.node) for statement in statements.values())
    inside = _assigned([each for nodes in walked for each in nodes if isinstance(each, FUNCTION_STATEMENTS)])
    top = statements[0].module.tree.body
    state = (later & inside) - _assigned([each for each in top if not isinstance(each, DEFINITIONS)])
    members = {name: kind for name, kind in facts.members.items() if name not in state}
    return Chain((replace(facts, members=members), *chain.mro[1:])) if state else chain


def _assigned(nodes: Sequence[ast.AST]) -> set[str]:
    """The names of the attributes that are assigned or deleted below nodes."""
    every = (each for node in nodes for each in ast.walk(node))
    return {each.attr for each in every if isinstance(each, ast.Attribute) and not isinstance(each.ctx, ast.Load)}


def _comes_after(until: Symbol | None, index: int, lineage: Lineage) -> bool:
    return until is not None and until in lineage.position and index >= lineage.position[until]


def base_hints(chain: Chain, statements: Mapping[int, ClassStatement]) -> dict[tuple[str, tuple[str, ...]], Symbol]:
    """The classes that the base expressions of class statements refer to, by module and dotted name.

    Expressions and live bases are matched by position, so no name has to be resolved.
    """
    found: dict[tuple[str, tuple[str, ...]], Symbol] = {}
    for index, statement in statements.items():
        bases = chain.mro[index].bases
        if len(bases) == len(statement.node.bases):
            for expression, symbol in zip(statement.node.bases, bases, strict=True):
                path = dotted(expression)
                # A variable of an enclosing function or class may have the name of a global, which is not meant then.
                is_global = statement.module.positions.span(expression).start in index_of(statement.module).uses
                if path and is_global:
                    found[statement.module.name, path] = symbol
    return found


def decorator_path(decorator: ast.expr) -> tuple[str, ...]:
    """The names of a decorator, or of the function that makes it: ``@lib.mark`` and ``@lib.mark(1)`` alike."""
    return dotted(decorator.func if isinstance(decorator, ast.Call) else decorator)


def dotted(node: ast.AST) -> tuple[str, ...]:
    """The names of a dotted expression; empty for anything else."""
    names: list[str] = []
    while isinstance(node, ast.Attribute):
        names.insert(0, node.attr)
        node = node.value
    return (node.id, *names) if isinstance(node, ast.Name) else ()
