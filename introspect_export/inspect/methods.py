"""The method table of a class: which class defines what, whom that overrides, and who calls it through ``super``."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from introspect_export.inspect.classes import ClassTexts
from introspect_export.model import Chain, ClassFacts, Place, Symbol

_OF_EVERY_CLASS = {
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
class Definition:
    """One class's definition of a member.

    Attributes:
        owner: The class.
        place: Where, if the class is of Python text.
        state: ``runs`` (what the class sees under the name), ``super`` (a definition before it in the method resolution
            order calls it) or ``shadowed`` (nothing in the class's own text reaches it).
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
    definitions: tuple[Definition, ...]

    @property
    def owner(self) -> Symbol:
        """The class whose definition runs."""
        return self.definitions[0].owner


@dataclass(frozen=True)
class MethodTable:
    """The members of a class that its origin's classes define.

    Attributes:
        symbol: The class.
        place: Its class statement.
        chain: Its method resolution order without ``object``.
        members: The members, in the order of the classes that define what runs.
    """

    symbol: Symbol
    place: Place | None
    chain: tuple[Symbol, ...]
    members: tuple[Member, ...]


@dataclass(frozen=True)
class _Reference:
    """A mention of a parent's member: ``super().name``, ``super(Class, self).name`` or ``Class.name``."""

    caller: str
    named: str
    name: str


def method_table(chain: Chain, texts: ClassTexts) -> MethodTable:
    """Make the table of a class.

    Args:
        chain: The class with its ancestors.
        texts: The text of their modules.
    """
    classes = [each for each in chain.mro if each.symbol.module != 'builtins']
    own = [each for each in classes if each.origin] or classes[:1]
    names = dict.fromkeys(name for facts in own for name in facts.members if name not in _OF_EVERY_CLASS)
    reached = _reached(classes, texts)
    members = [_member(name, classes, texts, reached) for name in names]
    order = {facts.symbol: index for index, facts in enumerate(classes)}
    members.sort(key=lambda member: order[member.owner])
    return MethodTable(chain.symbol, texts.place(chain.symbol), tuple(each.symbol for each in classes), tuple(members))


def _member(
    name: str, classes: Sequence[ClassFacts], texts: ClassTexts, reached: dict[tuple[Symbol, str], list[str]]
) -> Member:
    owners = [facts for facts in classes if name in facts.members]
    definitions = []
    for index, facts in enumerate(owners):
        callers = tuple(dict.fromkeys(reached.get((facts.symbol, name), ())))
        state = 'runs' if index == 0 else 'super' if callers else 'shadowed'
        definitions.append(Definition(facts.symbol, _place(facts, name, texts), state, callers))
    return Member(name, _ACCESS.get(owners[0].members[name], _other(owners[0].members[name])), tuple(definitions))


def _other(kind: str) -> str:
    return kind if kind == 'class' else 'attribute'


def _place(facts: ClassFacts, name: str, texts: ClassTexts) -> Place | None:
    found, statement = texts.text(facts.symbol.module), texts.statement(facts.symbol)
    for node in statement.body if statement is not None else ():
        if found is not None and name in defined_names(node):
            return Place(found[0], node.lineno)
    return None


def defined_names(node: ast.stmt) -> Iterator[str]:
    """The names that a statement of a class body defines."""
    if isinstance(node, (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)):
        yield node.name
    elif isinstance(node, (ast.Assign, ast.AnnAssign)):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        yield from (each.id for target in targets for each in ast.walk(target) if isinstance(each, ast.Name))


def _reached(classes: Sequence[ClassFacts], texts: ClassTexts) -> dict[tuple[Symbol, str], list[str]]:
    """The definitions that methods call through ``super`` or by name, with these methods.

    Only of methods that run, or are called so themselves.
    """
    calls: dict[tuple[Symbol, str], list[tuple[Symbol, str]]] = {}
    for index, facts in enumerate(classes):
        statement = texts.statement(facts.symbol)
        for reference in _references(statement) if statement is not None else ():
            start = _start(reference, index, classes)
            rest = classes[start:] if start is not None else ()
            target = next((each for each in rest if reference.name in each.members), None)
            if target is not None:
                calls.setdefault((facts.symbol, reference.caller), []).append((target.symbol, reference.name))
    firsts = {name: facts.symbol for facts in reversed(classes) for name in facts.members}
    pending = [(symbol, name) for name, symbol in firsts.items()]
    found: dict[tuple[Symbol, str], list[str]] = {}
    while pending:
        caller = pending.pop()
        for called in calls.pop(caller, ()):
            found.setdefault(called, []).append(f'{caller[0].name}.{caller[1]}')
            pending.append(called)
    return found


def _start(reference: _Reference, index: int, classes: Sequence[ClassFacts]) -> int | None:
    """Where in the method resolution order the search for a reference begins."""
    if reference.named == 'super':
        return index + 1
    explicit = reference.named.startswith('super ')
    name = reference.named.partition(' ')[2] if explicit else reference.named
    at = next((place for place, facts in enumerate(classes) if facts.symbol.name == name and place >= index), None)
    if at is None or (at == index and not explicit):
        return None
    return at + 1 if explicit else at


def _references(statement: ast.ClassDef) -> Iterator[_Reference]:
    for method in statement.body:
        if not isinstance(method, (ast.FunctionDef, ast.AsyncFunctionDef)):
            continue
        for node in ast.walk(method):
            if isinstance(node, ast.Attribute):
                named = _parent(node.value)
                if named:
                    yield _Reference(method.name, named, node.attr)


def _parent(node: ast.expr) -> str:
    """``super``, ``super Class`` or the name of a class, if an expression is one of these."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == 'super':
        first = node.args[0] if node.args else None
        return f'super {first.id}' if isinstance(first, ast.Name) else 'super'
    return ''
