"""Modules whose tensors torch computes from others: it gives each a class of its own, which no text defines.

https://docs.python.org/3/library/pickle.html#object.__reduce__: such a class refuses to be pickled, since no name leads
to it. What it consists of is known, though: the class it was made from, and the names of the computed tensors.
"""

from __future__ import annotations

from typing import Any

from torch.nn.utils import parametrize

from introspect_export.observe.raw import class_namespace, module_of, mro_of, namespace, stored
from introspect_export.observe.symbol_lookup import symbol_of


def made_from(kind: type) -> tuple[type, tuple[str, ...]] | None:
    """The class that a parametrized module had before, and the names of its tensors; None for any other class.

    Args:
        kind: A class.
    """
    if module_of(kind) != parametrize.__name__ or symbol_of(kind) is not None:
        return None
    content = class_namespace(kind)
    return mro_of(kind)[1], tuple(name for name, value in content.items() if type(value) is property)


def state_of(value: Any, base: type) -> Any:
    """What a parametrized module consists of, as the class that it had before says.

    Args:
        value: The module.
        base: That class.
    """
    own = stored(base, '__getstate__')
    # Python 3.11 gives every object one.
    return own(value) if own is not None and own is not getattr(object, '__getstate__', None) else namespace(value)
