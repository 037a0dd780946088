"""Parametrized modules: torch gives each module with computed tensors a dynamic class, which no source defines.

https://docs.python.org/3/library/pickle.html#object.__reduce__: such a class cannot be pickled, since its name does not
resolve to it. It can be created again, though, from the original class and the names of the computed tensors.
"""

from __future__ import annotations

from typing import Any

from torch.nn.utils import parametrize

from introspect_export.observe.raw import class_namespace, module_of, mro_of, namespace, stored
from introspect_export.observe.symbol_lookup import symbol_of


def made_from(kind: type) -> tuple[type, tuple[str, ...]] | None:
    """The original class of a parametrized module, and the names of its computed tensors; None for any other class.

    Args:
        kind: A class.
    """
    if module_of(kind) != parametrize.__name__ or symbol_of(kind) is not None:
        return None
    content = class_namespace(kind)
    return mro_of(kind)[1], tuple(name for name, value in content.items() if type(value) is property)


def state_of(value: Any, base: type) -> Any:
    """The state of a parametrized module, by the ``__getstate__`` of its original class.

    Args:
        value: The module.
        base: The original class.
    """
    own = stored(base, '__getstate__')
    # Since Python 3.11, ``object`` has a ``__getstate__`` too.
    return own(value) if own is not None and own is not getattr(object, '__getstate__', None) else namespace(value)
