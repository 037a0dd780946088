"""Method resolution orders: which classes define a name, which derive from which, and which bases give an order."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence

from introspect_export.model import Chain, ClassFacts, Symbol

# Attributes that every class statement creates by itself, so that flattening does not change how they are inherited.
IMPLICIT = frozenset(
    {
        '__module__', '__qualname__', '__doc__', '__dict__', '__weakref__', '__annotations__', '__abstractmethods__',
        '_abc_impl', '__static_attributes__', '__firstlineno__', '__orig_bases__', '__parameters__', '__annotate__',
        '__annotate_func__', '__annotations_cache__', '__classdictcell__', '__type_params__', '__slots__',
        # Set on a class when one of its instances is copied or pickled; copyreg only reads the class's own.
        '__slotnames__',
    }
)  # fmt: skip


class Lineage:
    """Lookups in one chain; classes are identified by their position in its MRO.

    Args:
        chain: The chain.
    """

    def __init__(self, chain: Chain) -> None:
        self.mro: Sequence[ClassFacts] = chain.mro
        self.position = {facts.symbol: index for index, facts in enumerate(chain.mro)}
        self._ancestors = self._masks()
        self.definers: dict[str, list[int]] = {}
        for index, facts in enumerate(chain.mro):
            for name in facts.members:
                if name not in IMPLICIT:
                    self.definers.setdefault(name, []).append(index)

    def _masks(self) -> list[int]:
        """For each class the positions of itself and its ancestors, as the bits of a number."""
        masks = [0] * len(self.mro)
        for index in reversed(range(len(self.mro))):
            mask = 1 << index
            for base in self.mro[index].bases:
                if base in self.position:
                    mask |= masks[self.position[base]]
            masks[index] = mask
        return masks

    def descends(self, index: int, other: int) -> bool:
        """Whether the class at ``index`` is, or derives from, the one at ``other``."""
        return bool(self._ancestors[index] >> other & 1)

    def ancestors_mask(self, index: int) -> int:
        """The positions of a class and its ancestors, as the bits of an integer."""
        return self._ancestors[index]

    def first(self, name: str) -> int | None:
        """The first class that defines a name."""
        found = self.definers.get(name)
        return found[0] if found else None

    def after(self, name: str, index: int) -> int | None:
        """The next class after a position that defines a name: ``super`` finds it for instances of the chain's class.

        https://docs.python.org/3/library/functions.html#super
        """
        found = self.definers.get(name, [])
        at = bisect_right(found, index)
        return found[at] if at < len(found) else None

    def own(self, name: str, index: int, *, after: bool = False) -> int | None:
        """The first class that defines a name in the MRO of the class at ``index``; with ``after`` behind that class.

        C3 is monotonic (https://docs.python.org/3/howto/mro.html): an ancestor's MRO keeps the order of the chain's.
        """
        for definer in self.definers.get(name, []):
            if definer >= index + after and self.descends(index, definer):
                return definer
        return None

    def between(self, name: str, start: int, bound: int) -> int | None:
        """The next class after ``start`` that defines a name in the MRO of the class at ``bound``: ``super(S, B)``."""
        later = (each for each in self.definers.get(name, []) if each > start)
        return next((each for each in later if self.descends(bound, each)), None)


def merge_orders(orders: list[list[Symbol]]) -> list[Symbol] | None:
    """Merge linearizations as C3 does; None if no consistent order exists."""
    result: list[Symbol] = []
    # Reversed, so that the heads can be removed in constant time.
    pending = [list(reversed(order)) for order in orders if order]
    while pending:
        tails: dict[Symbol, int] = {}
        for order in pending:
            for each in order[:-1]:
                tails[each] = tails.get(each, 0) + 1
        head = next((order[-1] for order in pending if not tails.get(order[-1])), None)
        if head is None:
            return None
        result.append(head)
        for order in pending:
            if order[-1] == head:
                order.pop()
        pending = [order for order in pending if order]
    return result


def linearization(
    symbol: Symbol, facts: dict[Symbol, ClassFacts], known: dict[Symbol, list[Symbol]]
) -> list[Symbol] | None:
    """Return the C3 order of a class among those in ``facts``, or None if it has none.

    Args:
        symbol: The class.
        facts: The facts of all classes; other bases are ignored.
        known: A cache of the orders.
    """
    if symbol not in known:
        bases = [base for base in facts[symbol].bases if base in facts]
        orders = []
        for base in bases:
            order = linearization(base, facts, known)
            if order is None:
                return None
            orders.append(order)
        merged = orders[0] if len(orders) == 1 else merge_orders([*orders, bases])
        if merged is None:
            return None
        known[symbol] = [symbol, *merged]
    return known[symbol]


def fewest_bases(standing: Sequence[ClassFacts]) -> tuple[Symbol, ...] | None:
    """Return the fewest bases whose C3 order is exactly ``standing`` (``object`` last); None if there are none."""
    facts = {each.symbol: each for each in standing}
    known: dict[Symbol, list[Symbol]] = {}
    covered: set[Symbol] = set()
    chosen: list[Symbol] = []
    for each in standing:
        if each.symbol not in covered:
            order = linearization(each.symbol, facts, known)
            if order is None:
                return None
            chosen.append(each.symbol)
            covered.update(order)
    merged = merge_orders([*(known[each] for each in chosen), chosen])
    return tuple(chosen) if merged == [each.symbol for each in standing] else None
