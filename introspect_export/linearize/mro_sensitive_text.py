"""Refusals of code that reads what merging changes: ``super`` as a value, function names, line numbers and source.

The bodies of merged classes may contain such code, or call functions of their packages that do. Whether these functions
get the object or its class as an argument is not checked, since there are few of them. Introspection of the method
resolution order is followed with the object instead (``mro_sensitive_calls.py``); here it is only found in the bodies
themselves, whatever object it is applied to.
"""

from __future__ import annotations

import ast
from bisect import bisect_left
from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass

from introspect_export.linearize.body_chunks import body_of
from introspect_export.linearize.decisions import KeptName, Member
from introspect_export.linearize.flatten_context import FlattenContext
from introspect_export.linearize.global_names import parts_of, super_of_builtins
from introspect_export.linearize.locate import ClassStatement, index_of
from introspect_export.linearize.memo import per_module
from introspect_export.model import Diagnostic, NameUse, Part, PartKind, SourceModule, Span

_NAMES = ('co_name', 'co_qualname')
_STACKS = ('stack', 'extract_stack', 'format_stack', 'print_stack', 'walk_stack', 'getouterframes', 'getframeinfo')
_LINES = ('co_firstlineno', 'f_lineno', 'co_lines', 'co_lnotab', 'co_qualname')
# These show whether a method has the closure variable ``__class__``:
# https://docs.python.org/3/reference/datamodel.html#function.__closure__
_CELLS = ('__closure__', 'co_freevars')
_GENERIC = ('__orig_bases__', '__parameters__')
# Strings that are unlikely to name anything else; they may be passed to getattr, operator.attrgetter and the like.
_ORDER = ('__mro__', '__bases__', '__base__', '__subclasses__')
_SOURCES = ('getsource', 'getsourcelines', 'findsource', 'getcomments')


@dataclass(frozen=True, order=True)
class TextLook:
    """A place in a module's source that reads something that merging may change.

    Attributes:
        offset: The offset in the module.
        code: The code of the refusal.
        message: The message of the refusal.
        scope: The condition under which it applies: ``always``, ``renamed`` (if a definition is renamed), ``value``
            (outside of the bodies, in which accesses are resolved), ``outside`` (the same, but not in other classes),
            ``decorator`` (in a function that decorates a parent's method), ``generic`` (if classes have type
            parameters) or ``body`` (only in the bodies).
    """

    offset: int
    code: str
    message: str
    scope: str = 'always'


def looking_refusals(
    context: FlattenContext, kept: Mapping[int, Container[int]], names: Mapping[Member, KeptName]
) -> Iterator[Diagnostic]:
    """Yield refusals of such places in the kept statements and in the functions that they reach by name.

    Args:
        context: The chain with its texts.
        kept: The indices of the kept chunks, by the position of the class.
        names: The names of kept definitions.
    """
    renamed = any(naming.text != member[1] for member, naming in names.items())
    generic = any('generic' in facts.traits for facts in context.chain.mro)
    own = {'always', 'body', *(['renamed'] if renamed else []), *(['generic'] if generic else [])}
    for index, statement, spans in _texts(context, kept):
        # Introspection of the MRO in unmerged classes is followed with the object, as in libraries.
        scopes = own if index in context.statements else own - {'body'}
        for span in spans:
            yield from _refusals(context, statement.module, span, scopes)
    for module, part, decorates in _reached(context, kept):
        scopes = own | {'outside', 'value', *(['decorator'] if decorates else [])}
        in_class = {'always', 'value'}
        yield from _refusals(context, module, part.statement, in_class if part.kind is PartKind.CLASS else scopes)


def _refusals(
    context: FlattenContext, module: SourceModule, span: Span, scopes: Container[str]
) -> Iterator[Diagnostic]:
    looks = _looks_of(module)
    for look in looks[bisect_left(looks, TextLook(span.start, '', '', '')) :]:
        if look.offset >= span.end:
            return
        if look.scope in scopes:
            yield Diagnostic(look.code, str(context.chain.symbol), look.message, str(module.place(look.offset)))


def _reached(context: FlattenContext, kept: Mapping[int, Container[int]]) -> Iterator[tuple[SourceModule, Part, bool]]:
    """The functions, assignments and classes of the origins' packages that the kept text reaches by names.

    The text of classes is searched as well, but the names in it are not followed. The last item is whether the part
    decorates a parent's function.
    """
    tops = {facts.symbol.module.partition('.')[0] for facts in context.chain.mro if facts.origin}
    own = {(each.module.name, each.statement.start) for each in context.statements.values()}
    pending = list(_uses(context, kept))
    seen: set[tuple[str, int]] = set()
    while pending:
        module, use, decorates = pending.pop()
        for home, part in parts_of(module, (use.name, *use.attributes), context.modules, tops):
            if part.key in seen or (home.name, part.statement.start) in own:
                continue
            seen.add(part.key)
            yield home, part, decorates
            if part.kind is not PartKind.CLASS:
                pending += [(home, each, False) for each in part.uses if not each.annotation]


def _texts(
    context: FlattenContext, kept: Mapping[int, Container[int]]
) -> Iterator[tuple[int, ClassStatement, list[Span]]]:
    """The spans of the kept statements, and of all statements of unmerged origin classes, by position of the class."""
    for index, statement in context.statements.items():
        yield index, statement, [chunk.core for chunk in context.bodies[index].chunks if chunk.index in kept[index]]
    for index, statement in context.standing_texts():
        yield index, statement, [chunk.core for chunk in body_of(statement).chunks]


def _uses(context: FlattenContext, kept: Mapping[int, Container[int]]) -> Iterator[tuple[SourceModule, NameUse, bool]]:
    for index, statement, spans in _texts(context, kept):
        chunks = body_of(statement).chunks
        # Calls of ``super`` by an alias are replaced by the plan, so the alias need not be followed.
        starts = {each.span.start for chunk in chunks for each in chunk.accesses if each.form in ('two', 'type')}
        if index == 0:
            spans += [statement.module.positions.span(each) for each in statement.node.decorator_list]
        for span in spans:
            for use in index_of(statement.module).within(span):
                if use.span.start not in starts:
                    yield statement.module, use, context.is_merged(index) and use.role == 'decorator'


@per_module
def _looks_of(module: SourceModule) -> tuple[TextLook, ...]:
    calls = {id(node.func): node for node in ast.walk(module.tree) if isinstance(node, ast.Call)}
    return tuple(sorted(look for node in ast.walk(module.tree) for look in _look(module, node, calls)))


def _look(module: SourceModule, node: ast.AST, calls: Mapping[int, ast.Call]) -> Iterator[TextLook]:
    if isinstance(node, ast.Attribute):
        yield from _attribute(module, node)
        if node.attr == 'mro' and id(node) in calls and not calls[id(node)].args:
            yield TextLook(module.positions.span(node).start, 'IE-LIN-INTROSPECTION', 'it asks for mro()', 'body')
    elif isinstance(node, ast.Constant) and node.value in _GENERIC:
        yield TextLook(module.positions.span(node).start, 'IE-LIN-GENERIC', f'it asks for {node.value}', 'generic')
    elif isinstance(node, ast.Constant) and node.value in _ORDER:
        yield TextLook(module.positions.span(node).start, 'IE-LIN-INTROSPECTION', f'it asks for {node.value}', 'body')
    elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
        at = module.positions.span(node).start
        if node.id == 'super':
            yield from _super(module, at, calls.get(id(node)))
        elif node.id == '__builtins__':
            yield TextLook(at, 'IE-LIN-SUPER', '__builtins__ may be asked for super')
        elif at in index_of(module).uses:
            yield from _imported(module, node.id, at)
            if node.id == 'Generic' and index_of(module).uses[at].role in ('value', 'argument'):
                yield TextLook(at, 'IE-LIN-GENERIC', 'it asks whether a class is generic', 'generic')


def _super(module: SourceModule, at: int, call: ast.Call | None) -> Iterator[TextLook]:
    if at not in index_of(module).uses or not super_of_builtins(module, 'super'):
        yield TextLook(at, 'IE-LIN-SUPER', 'super is bound to something else')
        return
    if call is not None and not call.args:
        return  # It uses the ``__class__`` of the class around it, which is another one than the flattened class.
    start = call.args[0] if call is not None else None
    # The start class is an argument: ``super(cls, object)``.
    is_argument = isinstance(start, ast.Name) and module.positions.span(start).start not in index_of(module).uses
    scope = 'value' if call is None or (is_argument and getattr(start, 'id', '') != '__class__') else 'outside'
    yield TextLook(at, 'IE-LIN-DYNAMIC-SUPER', 'super is used outside of the class', scope)


def _attribute(module: SourceModule, node: ast.Attribute) -> Iterator[TextLook]:
    at = module.positions.span(node).start
    base = node.value.id if isinstance(node.value, ast.Name) else ''
    if node.attr in _LINES:
        yield TextLook(at, 'IE-LIN-INTROSPECTION', f'it looks at lines of code ({node.attr})')
    elif node.attr in _CELLS:
        yield TextLook(at, 'IE-LIN-LOCALS', f'it asks which variables of classes around a function has ({node.attr})')
    elif node.attr in _GENERIC:
        yield TextLook(at, 'IE-LIN-GENERIC', f'it asks for {node.attr}', 'generic')
    elif node.attr in _NAMES:
        yield TextLook(at, 'IE-LIN-INTROSPECTION', f'it looks at the name of a function ({node.attr})', 'renamed')
    elif node.attr == '__qualname__' and base and module.positions.span(node.value).start not in index_of(module).uses:
        yield TextLook(at, 'IE-LIN-INTROSPECTION', 'it looks at the qualified name of a function', 'decorator')
    else:
        for home in _imports_of(module).get(base, ()):
            if home[1] is None:
                yield from _of_library(at, home[0], node.attr)


def _imported(module: SourceModule, name: str, at: int) -> Iterator[TextLook]:
    for home, attribute in _imports_of(module).get(name, ()):
        if attribute is not None:
            yield from _of_library(at, home, attribute)


def _of_library(at: int, module: str, name: str) -> Iterator[TextLook]:
    if (module, name) == ('builtins', 'super'):
        yield TextLook(at, 'IE-LIN-SUPER', 'super is used under another name')
    elif module in ('inspect', 'traceback') and name in _STACKS:
        yield TextLook(at, 'IE-LIN-INTROSPECTION', f'it looks at the functions that run ({name})', 'renamed')
    elif (module, name) == ('types', 'get_original_bases'):
        yield TextLook(at, 'IE-LIN-GENERIC', 'it asks for the bases as they are written', 'generic')
    elif (module, name) == ('inspect', 'getclosurevars'):
        yield TextLook(at, 'IE-LIN-LOCALS', 'it asks which variables of classes around a function has (getclosurevars)')
    elif module == 'inspect' and name in _SOURCES:
        yield TextLook(at, 'IE-LIN-INTROSPECTION', f'it looks at source text ({name})')


@per_module
def _imports_of(module: SourceModule) -> dict[str, set[tuple[str, str | None]]]:
    """The modules and attributes that each name is bound to by the import statements of a module, at any depth."""
    found: dict[str, set[tuple[str, str | None]]] = {}
    for part in module.parts:
        for each in part.imports:
            found.setdefault(each.name, set()).add((each.module, each.attribute))
    return found
