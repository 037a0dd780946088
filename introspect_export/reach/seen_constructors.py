"""The constructors that ran while the config was observed."""

from __future__ import annotations

from introspect_export.model import Observation, Symbol


class SeenConstructors:
    """The classes whose ``__init__`` was observed: those of objects that were built, and their ancestors.

    Types named in its defaults need not be followed: if the constructor used them, they were observed as well.

    Args:
        observation: The observation of the config.
    """

    def __init__(self, observation: Observation) -> None:
        self._world = observation.world
        built = [each.symbol for each in observation.classes if each.how == 'built']
        unseen = [each.symbol for each in observation.classes if each.how == 'resolved']
        self._classes = self._with_ancestors(built) - self._with_ancestors(unseen)

    def has_default(self, module: str, function: str) -> bool:
        """Whether a default belongs to a constructor that was observed.

        Args:
            module: The module of the function that has the default.
            function: The function's qualified name.
        """
        owner, _, name = function.rpartition('.')
        return name == '__init__' and Symbol(module, owner) in self._classes

    def _with_ancestors(self, symbols: list[Symbol]) -> frozenset[Symbol]:
        chains = [self._world.chain(symbol) for symbol in symbols]
        return frozenset((*symbols, *(ancestor for chain in chains if chain for ancestor in chain.ancestors)))
