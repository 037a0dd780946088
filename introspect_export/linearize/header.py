"""The bases and the metaclass of a flattened class."""

from __future__ import annotations

import ast

from introspect_export.linearize.closure_variables import seen_in
from introspect_export.linearize.flatten_context import FlattenContext, dotted
from introspect_export.linearize.mro import fewest_bases
from introspect_export.model import Diagnostic, Symbol

GENERIC = Symbol('typing', 'Generic')


def choose_bases(context: FlattenContext) -> tuple[tuple[int, int], ...] | Diagnostic:
    """Return the bases, each as the position of a class and the index of the base's expression in its header.

    The result is a diagnostic if no such bases exist.
    """
    standing = [context.facts(index) for index in context.standing]
    symbols = fewest_bases(standing)
    if symbols is None:
        return _refusal(context, 'IE-LIN-BASES', 'no bases give the order of the classes that stay')
    if symbols == (standing[-1].symbol,):
        return ()
    found = []
    for symbol in symbols:
        if symbol == GENERIC and not context.facts(0).parameters:
            # Generic only declares type parameters, and all of them have arguments.
            if any('__class_getitem__' in body.identifiers for body in context.bodies.values()):
                return _refusal(context, 'IE-LIN-GENERIC', 'it is generic, and makes its type arguments itself')
            continue
        places = [
            (index, context.facts(index).bases.index(symbol))
            for index in context.statements
            if symbol in context.facts(index).bases
        ]
        place = next((each for each in places if _brings_parameters(context, *each)), places[0] if places else None)
        if place is None:
            return _refusal(context, 'IE-LIN-BASES', f'no class statement names the base {symbol.name}')
        refused = _check_expression(context, *place)
        if refused:
            return refused
        found.append(place)
    if context.facts(0).parameters and not any(_brings_parameters(context, *each) for each in found):
        return _refusal(context, 'IE-LIN-GENERIC', 'its type parameters come from an ancestor')
    return tuple(found)


def base_expression(context: FlattenContext, index: int, place: int) -> ast.expr:
    """Return the expression of a base; without its type arguments if they contain another class's type parameters."""
    expression = context.statements[index].node.bases[place]
    if isinstance(expression, ast.Subscript) and context.facts(index).parameters != context.facts(0).parameters:
        return expression.value
    return expression


def _brings_parameters(context: FlattenContext, index: int, place: int) -> bool:
    """Whether the expression of a base has type arguments with the type parameters of the flattened class."""
    bases = context.statements[index].node.bases
    same = context.facts(index).parameters == context.facts(0).parameters
    return same and place < len(bases) and isinstance(bases[place], ast.Subscript)


def _check_expression(context: FlattenContext, index: int, place: int) -> Diagnostic | None:
    """The reason why the expression of a base cannot be used in the flattened class's header, or None."""
    node = context.statements[index].node
    if len(node.bases) != len(context.facts(index).bases):
        return _refusal(context, 'IE-LIN-BASES', f'the bases of {node.name} are not those of its class statement')
    expression = node.bases[place]
    refused = _check_variables(context, index, place)
    if refused:
        return refused
    if isinstance(expression, ast.Subscript):
        # https://docs.python.org/3/library/typing.html#user-defined-generic-types
        if context.facts(0).parameters not in ((), context.facts(index).parameters):
            return _refusal(context, 'IE-LIN-GENERIC', f'{node.name} has other type parameters')
        expression = expression.value
    if index and not dotted(expression):
        return _refusal(context, 'IE-LIN-BASES', f'a base of {node.name} is made by an expression')
    return None


def _check_variables(context: FlattenContext, index: int, place: int) -> Diagnostic | None:
    """The reason why a base expression cannot be used because of the enclosing scopes' variables in it, or None.

    The class's own expressions see these variables as long as its statement is not moved out of these scopes. If it is
    moved, a base that a variable holds can be imported by its symbol, if that resolves to it.
    """
    expression = context.statements[index].node.bases[place]
    seen = seen_in(context.statements[index], expression)
    if not seen or (index == 0 and not context.alone):
        return None
    start = context.statements[index].module.positions.span(expression).start
    found = context.facts(context.lineage.position[context.facts(index).bases[place]])
    target = expression.value if isinstance(expression, ast.Subscript) else expression
    alone = context.alone and 'hidden' not in found.traits
    if alone and dotted(target) and len(seen) == 1 and seen[0].span.start == start:
        return None
    return _refusal(context, 'IE-LIN-LOCAL', f'a base is named by {seen[-1].name}, a variable of what is around it')


def choose_metaclass(context: FlattenContext, bases: tuple[tuple[int, int], ...]) -> int | Diagnostic | None:
    """Return the position of the class whose ``metaclass=`` the flattened class needs, or None if it needs none.

    The result is a diagnostic if no class statement has the expression.

    https://docs.python.org/3/reference/datamodel.html#determining-the-appropriate-metaclass
    """
    wanted = context.facts(0).metaclass
    own = context.statements[0].node
    symbols = {context.facts(index).bases[place] for index, place in bases}
    inherited = {facts.metaclass for facts in context.chain.mro if facts.symbol in symbols}
    if any(keyword.arg == 'metaclass' for keyword in own.keywords) or wanted in inherited:
        return None
    if wanted == context.chain.mro[-1].metaclass:
        return None
    for index in context.merged:
        keywords = context.statements[index].node.keywords
        written = [each.value for each in keywords if each.arg == 'metaclass']
        if context.facts(index).metaclass == wanted and written and not seen_in(context.statements[index], written[0]):
            return index
    return _refusal(context, 'IE-LIN-METACLASS', f'no class statement names the metaclass {wanted.name}')


def _refusal(context: FlattenContext, code: str, message: str) -> Diagnostic:
    return Diagnostic(code, str(context.chain.symbol), message, context.where(0, context.statements[0].statement.start))
