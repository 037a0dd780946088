"""The linearizing stage: merges a class and its ancestors into one class with the same behaviour, or refuses to.

The rules are in the folder's README.
"""

from __future__ import annotations

from collections.abc import Container, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from introspect_export.callable_module import make_callable
from introspect_export.linearize.checks import staying_refusals
from introspect_export.linearize.decisions import Refusal
from introspect_export.linearize.edit import write_class
from introspect_export.linearize.flatten_context import FlattenContext, make_context
from introspect_export.linearize.global_names import Binding, Modules
from introspect_export.linearize.locate import find_class
from introspect_export.linearize.plan import make_plan
from introspect_export.linearize.statement_edits import excerpt
from introspect_export.linearize.subclasses import subclass_refusal
from introspect_export.model import Chain, Diagnostic, FlatClass, Piece, Symbol

if TYPE_CHECKING:
    from introspect_export.live_class.flatten_class import StandaloneClass

__all__ = ['linearize', 'subclass_refusal']


def linearize(
    chain: Chain,
    modules: Modules,
    binding: Binding,
    *,
    until: Symbol | None = None,
    keep: Container[Symbol] = (),
    reserved: Container[str] = (),
    live_globals: bool = False,
    inline: bool = False,
    alone: bool = False,
) -> FlatClass:
    """Merge a class's origin ancestors into it.

    Args:
        chain: The class with its MRO.
        modules: The source of a module by name; None where it has none.
        binding: What a module's global is bound to in the running program.
        until: An ancestor to stop at: it and the classes after it in the MRO are not merged.
        keep: Classes that are not merged; neither are the classes that they inherit from.
        reserved: Names that no new member may have.
        live_globals: Whether the caller emits code that reads globals which functions rebind from their own module at
            each use. Otherwise text that reads such a global is refused.
        inline: Whether a parent's method that a single statement calls is inlined there, if that is equivalent.
        alone: Whether the class will be in a module of its own; otherwise classes defined inside of functions, whose
            text stays there, are refused.

    Returns:
        The flattened class. If it is refused, its ``merged`` is empty and its text is the original's.
    """
    kept = {facts.symbol for facts in chain.mro if facts.symbol in keep}
    refusals: list[Refusal] = []
    while True:
        context = make_context(chain, modules, binding, until, kept, alone)
        if isinstance(context, Diagnostic) or not context.merged or chain.symbol in kept:
            break
        plan = make_plan(context, reserved, live_globals, inline)
        if not plan.refusals:
            flat = write_class(context, plan)
            notes = dict.fromkeys(_stays(context, each) for each in refusals if each.owner)
            return replace(flat, diagnostics=tuple(notes))
        refusals += plan.refusals
        # An ancestor that causes a refusal is not merged, nor are its own ancestors. Try again with the others.
        staying = {context.facts(each.owner).symbol for each in plan.refusals if each.owner}
        if not staying:
            break
        kept |= staying
    if isinstance(context, Diagnostic):
        source = modules(chain.symbol.module)
        own = find_class(source, chain.mro[0]) if source else None
        pieces = (excerpt(own.module, own.span),) if own else ()
        return FlatClass(chain.symbol, (), chain.mro[0].bases, pieces, (), (context,))
    reasons = [each.diagnostic for each in refusals] or _without_statement(context, until, keep)
    return _unchanged(context, tuple(dict.fromkeys(reasons)))


def _stays(context: FlattenContext, refusal: Refusal) -> Diagnostic:
    """The diagnostic for an ancestor that was not merged because of a refusal."""
    owner = context.facts(refusal.owner).symbol.name
    why = refusal.diagnostic
    return Diagnostic('IE-KEPT-BASE', why.subject, f'{owner} stays its ancestor: {why.message} ({why.code})', why.where)


def _without_statement(context: FlattenContext, until: Symbol | None, keep: Container[Symbol]) -> Iterator[Diagnostic]:
    """The diagnostics for direct bases that are not merged for another reason than the caller's options.

    These are bases of special kinds (Protocols and the like), or without a class statement in their module.
    """
    chain = context.chain
    if chain.symbol in keep or any(facts.symbol == until or facts.symbol in keep for facts in chain.mro):
        return
    staying = staying_refusals(context)
    yield from staying
    for facts in chain.mro[1:] if not staying else ():
        if facts.origin and facts.symbol in chain.mro[0].bases:
            message = f'the class statement of {facts.symbol.name} is not in the text of its module'
            yield Diagnostic('IE-LIN-NO-SOURCE', str(chain.symbol), message)


def _unchanged(context: FlattenContext, refusals: tuple[Diagnostic, ...]) -> FlatClass:
    own = context.statements[0]
    pieces: tuple[Piece, ...] = (excerpt(own.module, own.span),)
    return FlatClass(context.chain.symbol, (), context.facts(0).bases, pieces, (), refusals)


def _flatten_class(cls: type, **options: Any) -> StandaloneClass:
    """Merge a live class's ancestors into it; see ``introspect_export.live_class.flatten_class.flatten_class``."""
    # Imported here because that module imports this one.
    from introspect_export.live_class.flatten_class import flatten_class

    return flatten_class(cls, **options)


# Users call ``introspect_export.linearize(cls)``, so the package module itself is made callable.
make_callable(__name__, _flatten_class)
