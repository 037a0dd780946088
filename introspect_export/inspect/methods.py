"""The method table of a class: the definitions of each member in the MRO, and their callers through ``super``."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from introspect_export.inspect.class_places import ClassTexts
from introspect_export.linearize.accessed import Accessed
from introspect_export.linearize.body_chunks import body_of
from introspect_export.linearize.flatten_context import base_hints
from introspect_export.linearize.global_names import Resolver, world_binding
from introspect_export.linearize.locate import ClassStatement, find_class
from introspect_export.linearize.mro import Lineage
from introspect_export.model import Chain, Place, Symbol, World
from introspect_export.read.origin_modules import SourceTree

_IMPLICIT = {
    '__module__',
    '__doc__',
    '__dict__',
    '__weakref__',
    '__abstractmethods__',
    '_abc_impl',
    '__parameters__',
}
_ACCESS = {'property': 'property', 'classmethod': 'classmethod', 'staticmethod': 'staticmethod', 'function': 'method'}


@dataclass(frozen=True)
class MethodDefinition:
    """One class's definition of a member.

    Attributes:
        owner: The class.
        place: The place of the definition, or None for a class without Python source.
        state: ``runs`` (the name resolves to it), ``super`` (a method of a class before it in the method resolution
            order calls it) or ``shadowed`` (no call to it was found in the classes' text).
        callers: The methods that call it through ``super`` or by its class's name.
    """

    owner: Symbol
    place: Place | None
    state: str
    callers: tuple[str, ...] = ()


@dataclass(frozen=True)
class Member:
    """A method or attribute of a class.

    Attributes:
        name: Its name.
        kind: ``method``, ``property``, ``classmethod``, ``staticmethod``, ``class`` or ``attribute``.
        definitions: Every definition in the method resolution order, the one that runs first.
    """

    name: str
    kind: str
    definitions: tuple[MethodDefinition, ...]

    @property
    def owner(self) -> Symbol:
        """The class whose definition runs."""
        return self.definitions[0].owner


@dataclass(frozen=True)
class MethodTable:
    """The members of a class that origins' classes in its MRO define.

    Attributes:
        symbol: The class.
        place: The place of its class statement.
        chain: Its method resolution order without ``object``.
        members: The members, ordered by the class whose definition runs.
    """

    symbol: Symbol
    place: Place | None
    chain: tuple[Symbol, ...]
    members: tuple[Member, ...]


def method_table(chain: Chain, world: World) -> MethodTable:
    """Compute the method table of a class.

    Args:
        chain: The class with its ancestors.
        world: Has the files of their modules, and the bindings of globals.
    """
    return _Chain(chain, world).table()


class _Chain:
    """A class with its ancestors, and the class statements of all that have one."""

    def __init__(self, chain: Chain, world: World) -> None:
        self._chain = chain
        self._classes = {index: each for index, each in enumerate(chain.mro) if each.symbol.module != 'builtins'}
        # Only modules of the ancestors themselves are read, also those of libraries.
        modules = SourceTree(world, {each.symbol.module for each in self._classes.values()})
        self._statements: dict[int, ClassStatement] = {}
        for index, facts in self._classes.items():
            module = modules(facts.symbol.module)
            statement = find_class(module, facts) if module is not None else None
            if statement is not None:
                self._statements[index] = statement
        self._bodies = {index: body_of(each) for index, each in self._statements.items()}
        symbols = {each.symbol for each in chain.mro}
        resolver = Resolver(modules, symbols, world_binding(world), base_hints(chain, self._statements))
        self._accessed = Accessed(Lineage(chain), self._statements, resolver)
        self._place = ClassTexts(world).place(chain.symbol)

    def table(self) -> MethodTable:
        own = [each for each in self._classes.values() if each.origin] or [self._chain.mro[0]]
        names = dict.fromkeys(name for facts in own for name in facts.members if name not in _IMPLICIT)
        reached = self._reached()
        members = [self._member(name, reached) for name in names]
        order = {facts.symbol: index for index, facts in self._classes.items()}
        members.sort(key=lambda member: order[member.owner])
        return MethodTable(self._chain.symbol, self._place, tuple(order), tuple(members))

    def _member(self, name: str, reached: dict[tuple[int, str], dict[str, None]]) -> Member:
        owners = [(index, facts) for index, facts in self._classes.items() if name in facts.members]
        definitions: list[MethodDefinition] = []
        for index, facts in owners:
            callers = tuple(reached.get((index, name), ()))
            state = 'runs' if not definitions else 'super' if callers else 'shadowed'
            definitions.append(MethodDefinition(facts.symbol, self._where(index, name), state, callers))
        kind = owners[0][1].members[name]
        return Member(name, _ACCESS.get(kind, kind if kind == 'class' else 'attribute'), tuple(definitions))

    def _where(self, index: int, name: str) -> Place | None:
        body = self._bodies.get(index)
        for chunk in (body.chunks[each] for each in body.binders.get(name, ())) if body is not None else ():
            bound = [each.span.start for each in chunk.occurrences if each.binds and each.name == name]
            return self._statements[index].module.place(bound[0])
        return None

    def _reached(self) -> dict[tuple[int, str], dict[str, None]]:
        """The definitions that methods call through ``super`` or by a class's name, each with these methods.

        Only calls from methods that run, or are called in this way themselves, count.
        """
        calls: dict[tuple[int, str], list[tuple[int, str]]] = {}
        for index in self._statements:
            for caller, called in self._calls(index):
                calls.setdefault((index, caller), []).append(called)
        firsts = {name: index for index, facts in reversed(self._classes.items()) for name in facts.members}
        pending = [(index, name) for name, index in firsts.items()]
        found: dict[tuple[int, str], dict[str, None]] = {}
        while pending:
            index, name = pending.pop()
            for called in calls.pop((index, name), ()):
                found.setdefault(called, {})[f'{self._classes[index].symbol.name}.{name}'] = None
                pending.append(called)
        return found

    def _calls(self, index: int) -> Iterator[tuple[str, tuple[int, str]]]:
        """The members of a class, each with a definition that it refers to."""
        for chunk in self._bodies[index].chunks:
            for access in chunk.accesses:
                found = self._accessed.definition(index, access)
                for caller in (access.method,) if access.method else chunk.binds:
                    if found is not None and found != (index, caller):
                        yield caller, found
