"""Which parents' methods are written out where they are called, instead of being kept under a second name.

Only a method that one statement calls, and whose names mean the same there: nothing is renamed for it.
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
# What makes a body's meaning depend on the function it stands in, or that could run more than once or later.
_BOUND = (
    ast.Yield, ast.YieldFrom, ast.Await, ast.AsyncFor, ast.AsyncWith, ast.GeneratorExp, ast.Global, ast.Nonlocal,
    ast.Delete, ast.Import, ast.ImportFrom, ast.NamedExpr, *_INNER,
)  # fmt: skip
# With more values that have to be bound first, a call reads better.
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
        names: What the kept definitions are called.
        targets: What every access in a kept statement becomes.
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
        # The class that ``super`` starts at is named by a global, which a variable of the caller might hide.
        and not any(each.start for call, each in targets.items() if call[:2] == _home(context, member))
    }
    chosen: dict[Call, Member] = {}
    hosts: dict[tuple[int, int], _Host] = {}
    while pending:
        # A caller is decided on before what it calls: what is written out there has to fit into all that is around.
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
    """The class and the statement that make a definition."""
    return member[0], context.bodies[member[0]].binders[member[1]][0]


@dataclass(frozen=True)
class Site:
    """A statement that is nothing but a call.

    Attributes:
        statement: The statement.
        call: The call.
        arguments: The arguments, without the first that the method is bound to.
        last: Whether the function ends with it, so that nothing sees the function's variables afterwards.
        keyword: What a ``return`` of the called method becomes.
    """

    statement: ast.stmt
    call: ast.Call
    arguments: tuple[ast.expr, ...]
    last: bool
    keyword: str


def site_of(context: FlattenContext, call: Call) -> Site:
    """The statement that a call is all of."""
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
    """Whether nothing else stands on the lines of a statement."""
    return not text[text.rfind('\n', 0, start) + 1 : start].strip() and not text[end:].split('\n', 1)[0].strip()


def _statements(body: list[ast.stmt], last: bool | None) -> Iterator[tuple[ast.stmt, bool | None]]:
    """The statements that run at most once for a call, each with whether it ends the function.

    ``last`` is None inside of ``try``, and of ``with`` that does not end the function: after an exception, what follows
    may still look at the variables.
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
    """Whether a definition is a plain method that only one call in plain sight reaches."""
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
    """Whether a method's body can stand in another function: it runs from top to bottom, and returns at its end."""
    node = chunk.nodes[0]
    if not isinstance(node, ast.FunctionDef) or node.decorator_list:
        return False
    inside = [each for statement in node.body for each in ast.walk(statement)]
    returns = [each for each in inside if isinstance(each, ast.Return)]
    allowed = all(not isinstance(each, _BOUND) for each in inside) and all(each is node.body[-1] for each in returns)
    # ``super().x`` means the same there: the class and the first argument are the same.
    spans = {each.span.start for each in chunk.accesses if each.form in ('zero', 'two')}
    words = {getattr(each, 'id', '') or getattr(each, 'attr', '') or getattr(each, 'arg', '') for each in inside}
    mentions = sum(isinstance(each, ast.Name) and each.id == 'super' for each in inside)
    return allowed and mentions == len(spans) and not words & (_FRAMES - {'super'})


def _has_own_lines(context: FlattenContext, index: int, chunk: Chunk) -> bool:
    """Whether header, docstring and body stand on lines of their own, and the body is more than the docstring."""
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
    """A function into which others are written, with all the names that occur in it.

    Args:
        node: The function.
        outer: The function that it is itself written into, and where.
    """

    def __init__(self, node: FunctionStatement, outer: tuple[_Host, Site] | None = None) -> None:
        self._outer = outer[1] if outer else None
        self._first = _first(node)
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
        """The method as a host of its own where its body can stand in place of a statement; else None."""
        if self._outer is not None:
            keyword = self._outer.keyword if site.keyword == 'return' else site.keyword
            site = replace(site, last=site.last and self._outer.last, keyword=keyword)
        given = bindings(site, callee)
        if given is None or self._watched or _first(callee) != self._first or not _returns_what(site, callee):
            return None
        stored = set(bound_inside(callee.body))
        same = {name for name, value in given.items() if isinstance(value, ast.Name) and value.id == name}
        bound, names = local_names(callee) | stored, _all_names(callee)
        # A variable that is handed on under its own name may change where nothing looks at it any more.
        kept = not stored & same or (site.last and not self._closed)
        new = bound - same - {self._first}
        private = any(mangle(name, 'Owner') != name for name in names)
        fits = not private and not new & self._names and not (names - bound) & self._bound
        if self._first in stored or not same <= self._bound or not kept or not fits or len(given) - len(same) > _MOST:
            return None
        return _Host(callee, (self, site))


def _returns_what(site: Site, callee: FunctionStatement) -> bool:
    """Whether what a method returns is what the statement asks for."""
    end = callee.body[-1]
    return not site.keyword.endswith('=') or (isinstance(end, ast.Return) and end.value is not None)


def bindings(site: Site, callee: FunctionStatement) -> dict[str, ast.expr] | None:
    """What a call gives each parameter, in the order in which it is evaluated; None where that is not plain to see."""
    parameters = callee.args
    values = [*site.arguments, *(each.value for each in site.call.keywords)]
    unclear = any(isinstance(each, (ast.Starred, ast.NamedExpr)) for value in values for each in ast.walk(value))
    if parameters.vararg or parameters.kwarg or unclear:
        return None
    positional = [each.arg for each in (*parameters.posonlyargs, *parameters.args)][1:]
    by_name = {*(each.arg for each in (*parameters.args, *parameters.kwonlyargs))}
    if len(site.arguments) > len(positional):
        return None
    given: dict[str, ast.expr] = dict(zip(positional, site.arguments, strict=False))
    for keyword in site.call.keywords:
        if keyword.arg is None or keyword.arg in given or keyword.arg not in by_name:
            return None
        given[keyword.arg] = keyword.value
    defaults = dict(zip(reversed(positional), reversed(parameters.defaults), strict=False))
    pairs = zip((each.arg for each in parameters.kwonlyargs), parameters.kw_defaults, strict=True)
    defaults.update({name: value for name, value in pairs if value is not None})
    for name in (*positional, *(each.arg for each in parameters.kwonlyargs)):
        value = given.get(name, defaults.get(name))
        if value is None or (name not in given and not isinstance(value, ast.Constant)):
            return None
        given.setdefault(name, value)
    return given


def _first(node: FunctionStatement) -> str:
    arguments = [*node.args.posonlyargs, *node.args.args]
    return arguments[0].arg if arguments else ''


def _all_names(node: FunctionStatement) -> set[str]:
    """The names in a function: variables, globals and parameters."""
    body = (each for statement in node.body for each in ast.walk(statement))
    return {each.id for each in body if isinstance(each, ast.Name)} | local_names(node)
