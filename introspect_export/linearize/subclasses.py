"""Whether a class that keeps its chain may go on deriving from one that is flattened."""

from __future__ import annotations

from collections.abc import Container

from introspect_export.model import Chain, Diagnostic, FlatClass, Symbol


def subclass_refusal(chain: Chain, flat: FlatClass, merged: Container[Symbol] = ()) -> Diagnostic | None:
    """Return why a class's MRO does not survive that one of its ancestors is flattened; None where it does.

    In the flattened class every ``super()`` means the next class of *its* MRO. For a subclass that stays as it is this
    holds as long as nothing stands between the class and what was merged into it: no sibling in a diamond.

    Args:
        chain: The class that keeps its chain, or some of it.
        flat: One of its ancestors that stay, flattened.
        merged: The ancestors that are merged into the class itself.
    """
    order = [facts.symbol for facts in chain.mro if facts.symbol not in merged]
    if flat.symbol not in order or not flat.merged:
        return None
    at = order.index(flat.symbol)
    expected = (flat.symbol, *flat.merged)
    if tuple(order[at : at + len(expected)]) == expected:
        return None
    between = next(
        (each for each, wanted in zip(order[at:], expected, strict=False) if each != wanted), chain.mro[-1].symbol
    )
    message = f'{between.name} stands between {flat.symbol.name} and the classes merged into it'
    return Diagnostic('IE-LIN-SUBCLASS', str(chain.symbol), message)
