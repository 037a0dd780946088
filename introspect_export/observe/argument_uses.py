"""What one function does with its tracked arguments."""

from __future__ import annotations

import types
from dataclasses import dataclass, field

from introspect_export.model import Look
from introspect_export.observe.call_targets import NOTHING, Given, Kinds
from introspect_export.observe.registry_products import ProductCall


@dataclass
class ArgumentUses:
    """The uses of a function's tracked arguments.

    Attributes:
        looks: The places where it inspects a class.
        calls: The functions that it passes tracked values to.
        methods: The methods of the tracked object that it passes tracked values to, besides the object itself.
        products: The methods of objects built by registries that it passes tracked values to.
        kept: The attributes of the tracked object that it stores tracked values in.
        returned: The kinds of values that it returns.
    """

    looks: list[Look] = field(default_factory=list)
    calls: list[tuple[types.FunctionType, Given]] = field(default_factory=list)
    methods: list[tuple[str, Given]] = field(default_factory=list)
    products: list[ProductCall] = field(default_factory=list)
    kept: dict[str, Kinds] = field(default_factory=dict)
    returned: Kinds = NOTHING
