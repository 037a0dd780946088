"""Chooses the parents' methods that are inlined where they are called, instead of being kept under a second name.

A method is only inlined if a single statement calls it and its names have the same meaning there: nothing is renamed.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from introspect_export.linearize.class_body import Chunk
from introspect_export.linearize.decisions import Call, KeptName, Member, Target
from introspect_export.linearize.flatten_context import FlattenContext
from introspect_export.linearize.resolve import CLASS_FIRST
from introspect_export.read import mangle
from introspect_export.read.bindings import FUNCTIONS, FunctionStatement, bound_inside, local_names

_INNER = (*FUNCTIONS, ast.ClassDef)
# Nodes whose meaning depends on the function around them, or that may run repeatedly or later.
_BOUND = (
    ast.Yield, ast.YieldFrom, ast.Await, ast.AsyncFor, ast.AsyncWith, ast.GeneratorExp, ast.Global, ast.Nonlocal,
    ast.Delete, ast.Import, ast.ImportFrom, ast.NamedExpr, *_INNER,
)  # fmt: skip
# The number of parameters that may be assigned before an inlined body; with more, a call is more readable.
_MOST = 2
_FRAMES = frozenset(
    {'locals', 'vars', 'dir', 'eval', 'exec', 'globals', 'super', '__class__', '_getframe', 'currentframe', 'stack',
     'stacklevel', 'extract_stack', 'print_stack', 'format_stack', 'getouterframes', 'f_back'}
)  # fmt: skip


def choose_inlined(
    context: FlattenContext, names: Mapping[Member, KeptName], targets: Mapping[Call, Target]
) -> dict[Call, Member]:
    """Return the calls that are replaced by the body of what they call.

    Args:
        context: The chain with its texts.
        names: The names of the kept definitions.
        targets: The replacement of every access in a kept statement.
    """
    calls: dict[Member, list[Call]] = {}
    for call, target in targets.items():
        if target.member is not None:
            calls.setdefault(target.member, []).append(call)
    pending = {
        member: found[0]
        for member, found in sorted(calls.items())
        if len(found) == 1
        and _is_candidate(context, names, targets[found[0]], member, found[0])
        # If ``super`` in the method starts at a named class, a variable of the caller might hide that global.
        and not any(each.start for call, each in targets.items() if call[:2] == _home(context, member))
    }
    chosen: dict[Call, Member] = {}
    hosts: dict[tuple[int, int], _Host] = {}
    while pending:
        # Callers are decided before callees, since an inlined body must fit into all functions around it.
        waiting = {_home(context, member) for member in pending}
        ready = [member for member, call in pending.items() if call[:2] not in waiting]
        if not ready:
            break
        for member in ready:
            call = pending.pop(member)
            host = hosts.setdefault(call[:2], _Host(_function(context, *call[:2])))
            inner = host.takes(site_of(context, call), _function(context, *_home(context, member)))
            if inner is not None:
                chosen[call] = member
                hosts[_home(context, member)] = inner
    return chosen


def _home(context: FlattenContext, member: Member) -> tuple[int, int]:
    """The position of the class and the index of the first chunk that bind a definition."""
    return member[0], context.bodies[member[0]].binders[member[1]][0]


@dataclass(frozen=True)
class Site:
    """A call that is an entire statement.

    Attributes:
        statement: The statement.
        call: The call.
        arguments: The positional arguments, without the object that the method is bound to.
        last: Whether the function ends after it, so that no later code reads the function's variables.
        keyword: The text that replaces ``return`` in the called method: ``return``, ``x =`` or nothing.
    """

    statement: ast.stmt
    call: ast.Call
    arguments: tuple[ast.expr, ...]
    last: bool
    keyword: str


def site_of(context: FlattenContext, call: Call) -> Site:
    """Return the statement that consists of a call.

    Raises:
        ValueError: There is none.
    """
    found = _site(context, call)
    if found is None:
        raise ValueError(f'no statement is just the call {call}')
    return found


def _site(context: FlattenContext, call: Call) -> Site | None:
    index, number, place = call
    access = context.bodies[index].chunks[number].accesses[place]
    module = context.statements[index].module
    for statement, last in _statements(_function(context, index, number).body, True):
        value = getattr(statement, 'value', None)
        span = module.positions.span(statement)
        if not isinstance(value, ast.Call) or module.positions.span(value.func) != access.span:
            continue
        if not stands_alone(module.text, span.start, span.end):
            return None
        arguments = tuple(value.args[0 if access.form in ('zero', 'two') else 1 :])
        if isinstance(statement, ast.Return):
            return Site(statement, value, arguments, last is not None, 'return')
        if isinstance(statement, ast.Expr):
            return Site(statement, value, arguments, bool(last), '')
        if isinstance(statement, ast.Assign) and all(isinstance(each, ast.Name) for each in statement.targets):
            targets = ' = '.join(ast.unparse(each) for each in statement.targets)
            return Site(statement, value, arguments, False, f'{targets} =')
    return None


def stands_alone(text: str, start: int, end: int) -> bool:
    """Whether the lines of a statement contain nothing else."""
    return not text[text.rfind('\n', 0, start) + 1 : start].strip() and not text[end:].split('\n', 1)[0].strip()


def _statements(body: list[ast.stmt], last: bool | None) -> Iterator[tuple[ast.stmt, bool | None]]:
    """The statements that run at most once per call of a function, each with whether the function ends after it.

    That is None inside of ``try``, and of a ``with`` at which the function does not end: after an exception, the code
    that follows may still read the variables.
    """
    for number, statement in enumerate(body):
        ends = last and number == len(body) - 1
        yield statement, ends
        if isinstance(statement, ast.If):
            yield from _statements([*statement.body], ends)
            yield from _statements([*statement.orelse], ends)
        elif isinstance(statement, (ast.With, ast.AsyncWith)):
            yield from _statements(statement.body, ends or None)
        elif isinstance(statement, ast.Try):
            handled = (each.body for each in statement.handlers)
            for part in (statement.body, statement.orelse, statement.finalbody, *handled):
                yield from _statements(part, None)


def _is_candidate(
    context: FlattenContext, names: Mapping[Member, KeptName], target: Target, member: Member, call: Call
) -> bool:
    """Whether a definition is a plain method that only one call reaches, which is an entire statement of a method."""
    index, name = member
    body, naming = context.bodies[index], names.get(member)
    numbers = body.binders.get(name, ())
    if naming is None or naming.text == name or naming.alias or len(numbers) != 1 or body.readers.get(name):
        return False
    chunk, caller = body.chunks[numbers[0]], context.bodies[call[0]].chunks[call[1]]
    plain = chunk.kind == caller.kind == 'def' and len(chunk.nodes) == len(caller.nodes) == 1
    if not plain or context.facts(index).members.get(name) != 'function' or name in CLASS_FIRST:
        return False
    direct = caller.accesses[call[2]].direct and target.kind in ('instance', 'instance-call')
    return direct and _is_plain(chunk) and _has_own_lines(context, index, chunk) and _site(context, call) is not None


def _is_plain(chunk: Chunk) -> bool:
    """Whether a method's body can be a part of another function: it runs from top to bottom and returns at its end."""
    node = chunk.nodes[0]
    if not isinstance(node, ast.FunctionDef) or node.decorator_list:
        return False
    inside = [each for statement in node.body for each in ast.walk(statement)]
    returns = [each for each in inside if isinstance(each, ast.Return)]
    allowed = all(not isinstance(each, _BOUND) for each in inside) and all(each is node.body[-1] for each in returns)
    # ``super().x`` has the same meaning in the caller, since the class and the first argument are the same.
    spans = {each.span.start for each in chunk.accesses if each.form in ('zero', 'two')}
    words = {getattr(each, 'id', '') or getattr(each, 'attr', '') or getattr(each, 'arg', '') for each in inside}
    mentions = sum(isinstance(each, ast.Name) and each.id == 'super' for each in inside)
    return allowed and mentions == len(spans) and not words & (_FRAMES - {'super'})


def _has_own_lines(context: FlattenContext, index: int, chunk: Chunk) -> bool:
    """Whether a function's body, which must be more than a docstring, is on lines of its own."""
    module, node = context.statements[index].module, chunk.nodes[0]
    if not isinstance(node, ast.FunctionDef):
        return False
    statements = body_statements(node)
    if not statements:
        return False
    spans = [module.positions.decorated(each) for each in (statements[0], statements[-1])]
    return stands_alone(module.text, spans[0].start, spans[-1].end)


def body_statements(node: ast.FunctionDef) -> list[ast.stmt]:
    """A function's statements without its docstring."""
    first = node.body[0]
    is_text = (
        isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str)
    )
    return node.body[1:] if is_text else node.body


def _function(context: FlattenContext, index: int, number: int) -> FunctionStatement:
    node = context.bodies[index].chunks[number].nodes[0]
    if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
        raise ValueError(f'no function at {context.where(index, context.bodies[index].chunks[number].core.start)}')
    return node


class _Host:
    """A function into which others are inlined, with all names that occur in it.

    Args:
        node: The function.
        outer: The function that this one is itself inlined into, with the call.
    """

    def __init__(self, node: FunctionStatement, outer: tuple[_Host, Site] | None = None) -> None:
        self._outer = outer[1] if outer else None
        self._first = _first(node)
        # An inlined function shares the sets with the outer one, so that later candidates see all names.
        self._names: set[str] = outer[0]._names if outer else set()
        self._bound: set[str] = outer[0]._bound if outer else set()
        self._names |= _all_names(node)
        self._bound |= local_names(node)
        inside = list(ast.walk(node))[1:]
        words = {getattr(each, 'id', '') or getattr(each, 'attr', '') for each in inside}
        rebinds = any(isinstance(each, (ast.Global, ast.Nonlocal)) for each in inside)
        watched = rebinds or bool(words & (_FRAMES - {'super', '__class__'}))
        closed = any(isinstance(each, (*_INNER, ast.GeneratorExp)) for each in inside)
        self._watched: bool = watched or (outer is not None and outer[0]._watched)
        self._closed: bool = closed or (outer is not None and outer[0]._closed)

    def takes(self, site: Site, callee: FunctionStatement) -> _Host | None:
        """The method as a new host, if its body can replace the statement of a call; else None."""
        if self._outer is not None:
            keyword = self._outer.keyword if site.keyword == 'return' else site.keyword
            site = replace(site, last=site.last and self._outer.last, keyword=keyword)
        values = bindings(site, callee)
        if values is None or self._watched or _first(callee) != self._first or not _returns_what(site, callee):
            return None
        stored = set(bound_inside(callee.body))
        same = {name for name, value in values.items() if isinstance(value, ast.Name) and value.id == name}
        bound, names = local_names(callee) | stored, _all_names(callee)
        # A variable passed for the parameter of its own name may be rebound only if no later code reads it.
        kept = not stored & same or (site.last and not self._closed)
        new = bound - same - {self._first}
        private = any(mangle(name, 'Owner') != name for name in names)
        fits = not private and not new & self._names and not (names - bound) & self._bound
        if self._first in stored or not same <= self._bound or not kept or not fits or len(values) - len(same) > _MOST:
            return None
        return _Host(callee, (self, site))


def _returns_what(site: Site, callee: FunctionStatement) -> bool:
    """Whether a method returns a value if the statement of the call assigns one."""
    end = callee.body[-1]
    return not site.keyword.endswith('=') or (isinstance(end, ast.Return) and end.value is not None)


def bindings(site: Site, callee: FunctionStatement) -> dict[str, ast.expr] | None:
    """Return the argument expression of each parameter, in evaluation order; None if a call is not simple enough."""
    parameters = callee.args
    values = [*site.arguments, *(each.value for each in site.call.keywords)]
    unclear = any(isinstance(each, (ast.Starred, ast.NamedExpr)) for value in values for each in ast.walk(value))
    if parameters.vararg or parameters.kwarg or unclear:
        return None
    positional = [each.arg for each in (*parameters.posonlyargs, *parameters.args)][1:]
    by_name = {*(each.arg for each in (*parameters.args, *parameters.kwonlyargs))}
    if len(site.arguments) > len(positional):
        return None
    assigned: dict[str, ast.expr] = dict(zip(positional, site.arguments, strict=False))
    for keyword in site.call.keywords:
        if keyword.arg is None or keyword.arg in assigned or keyword.arg not in by_name:
            return None
        assigned[keyword.arg] = keyword.value
    defaults = dict(zip(reversed(positional), reversed(parameters.defaults), strict=False))
    pairs = zip((each.arg for each in parameters.kwonlyargs), parameters.kw_defaults, strict=True)
    defaults.update({name: value for name, value in pairs if value is not None})
    for name in (*positional, *(each.arg for each in parameters.kwonlyargs)):
        value = assigned.get(name, defaults.get(name))
        if value is None or (name not in assigned and not isinstance(value, ast.Constant)):
            return None
        assigned.setdefault(name, value)
    return assigned


def _first(node: FunctionStatement) -> str:
    arguments = [*node.args.posonlyargs, *node.args.args]
    return arguments[0].arg if arguments else ''


def _all_names(node: FunctionStatement) -> set[str]:
    """The names in a function: variables, globals and parameters."""
    body = (each for statement in node.body for each in ast.walk(statement))
    return {each.id for each in body if isinstance(each, ast.Name)} | local_names(node)
