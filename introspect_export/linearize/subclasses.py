"""Checks whether a class that keeps its chain may derive from a flattened class."""

from __future__ import annotations

from collections.abc import Container

from introspect_export.model import Chain, Diagnostic, FlatClass, Symbol


def subclass_refusal(chain: Chain, flat: FlatClass, merged: Container[Symbol] = ()) -> Diagnostic | None:
    """Return why a class's MRO would change if one of its ancestors is flattened; None if it does not.

    In the flattened class, every ``super()`` refers to the next class of *its* MRO. For a subclass that keeps its chain
    this is right as long as no class, such as a sibling in a diamond, is between the flattened class and the classes
    merged into it.

    Args:
        chain: The class that keeps its chain, or a part of it.
        flat: An ancestor that remains in the chain, flattened.
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
