"""Facts about a class and its ancestors, without live objects."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from introspect_export.model.symbols import Symbol


@dataclass(frozen=True, order=True)
class SuperLookup:
    """An attribute that a class's methods look up through ``super``.

    Attributes:
        name: The attribute.
        plain_call: Whether it is called at once, without arguments, and its result is discarded.
        switch: The attribute of the class that enables the call, if it is off in the whole chain; else empty.
    """

    name: str
    plain_call: bool = False
    switch: str = ''


@dataclass(frozen=True, order=True)
class Look:
    """A place that looks at the classes that a class is made of.

    Attributes:
        sees: ``mro`` (which class has what), ``names`` (the names of it and its ancestors, listed), ``variables``
            (those of the function that calls it), ``variable names`` (no more than what these are called), ``bases``
            (the names of the direct bases) or ``super`` (an attribute of what comes behind the class).
        text: What is looked up: ``__mro__``, ``inspect.getdoc()``, ….
        place: ``file:line``.
        keys: For ``bases``, what an object that looks can have been given by a config: the parameters of its class; for
            ``super`` the attribute, where the text has its name.
        types: Under which keys a registry has that class.
    """

    sees: str
    text: str
    place: str
    keys: tuple[str, ...] = ()
    types: tuple[str, ...] = ()


@dataclass(frozen=True)
class ClassFacts:
    """One class of an MRO, as found by introspection.

    Attributes:
        symbol: Where the class statement is: its ``__module__`` and ``__qualname__``, checked by identity.
        origin: Whether the class belongs to an origin package (its code may be merged) or to a library.
        bases: Its direct bases.
        metaclass: The class of the class.
        members: The names in the class's own namespace, in order, with the kind of each: ``function``, ``property``,
            ``classmethod``, ``staticmethod``, ``class``, ``slot``, ``cached`` (``functools.cached_property``),
            ``told`` (another object with ``__set_name__``, which does no more than remember the name, or add it to a
            list), ``named`` (any other with ``__set_name__``), ``descriptor`` (another object with ``__get__``) or
            ``data``.
        traits: What makes it special: ``enum``, ``exception``, ``dataclass``, ``namedtuple``, ``slots``, ``generic``,
            ``typeddict``, ``protocol`` (in its MRO), ``protocol-class`` (it is one), ``init-subclass`` (its
            ``__init_subclass__`` may see more of a subclass than its attributes), ``no-source``, ``typed-in`` (its
            module has no file), ``hidden`` (its symbol resolves to no class), ``replaced`` (it resolves to another
            class of that symbol).
        lines: For each member that is a function of the class's own file, the line its code starts at.
        abstract: The members marked by ``abc.abstractmethod``.
        mutable: The data members whose value can be changed in place.
        constants: The members that are constants, or displays of them, each with a text that identifies its value.
        supers: For a library class, what its methods look up through ``super``; None where that is not known.
        parameters: Its type parameters (``__parameters__``), by name.
        metaclass_acts: The hooks of the metaclass that may see more of a class that is made than its attributes.
        metaclass_sets: The attributes that the metaclass sets on every class.
        metaclass_reads: The attributes that the metaclass reads from every class.
        subclass_sets: The attributes that its own ``__init_subclass__`` sets on every subclass.
        subclass_reads: The attributes that it reads from every subclass.
        shared: Of the chain's own class, the members that can be changed in place and that an ancestor holds, too.
        lists: For each ``told`` member that adds its name to a list, the attribute that has the list.
        listed: The names that these lists hold, where the class itself has the list.
        looks: For each member, the looks at the chain's own class that using it leads to, in whatever function; under
            ``@`` those of the decorators of the chain's own class.
        qualnames: For each member that is a function, class method or static method, the function's ``__qualname__``.
    """

    symbol: Symbol
    origin: bool
    bases: tuple[Symbol, ...]
    metaclass: Symbol
    members: Mapping[str, str]
    traits: frozenset[str]
    lines: Mapping[str, int] = field(default_factory=dict)
    abstract: frozenset[str] = frozenset()
    mutable: frozenset[str] = frozenset()
    constants: Mapping[str, str] = field(default_factory=dict)
    supers: frozenset[SuperLookup] | None = frozenset()
    parameters: tuple[str, ...] = ()
    metaclass_acts: frozenset[str] = frozenset()
    metaclass_sets: frozenset[str] = frozenset()
    metaclass_reads: frozenset[str] = frozenset()
    subclass_sets: frozenset[str] = frozenset()
    subclass_reads: frozenset[str] = frozenset()
    shared: frozenset[str] = frozenset()
    lists: Mapping[str, str] = field(default_factory=dict)
    listed: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    looks: Mapping[str, tuple[Look, ...]] = field(default_factory=dict)
    qualnames: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Chain:
    """A class with its method resolution order, itself first and ``object`` last.

    The order is C3: https://docs.python.org/3/howto/mro.html.
    """

    mro: tuple[ClassFacts, ...]

    @property
    def symbol(self) -> Symbol:
        """The class the chain belongs to."""
        return self.mro[0].symbol

    @property
    def sets(self) -> frozenset[str]:
        """The attributes that are set on the class when it is made: by its metaclass, or an ancestor's hook."""
        return self.mro[0].metaclass_sets.union(*(facts.subclass_sets for facts in self.mro[1:]))

    @property
    def ancestors(self) -> tuple[Symbol, ...]:
        """The origin ancestors, nearest first, the class itself left out."""
        return tuple(facts.symbol for facts in self.mro[1:] if facts.origin)
