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
        plain_call: Whether it is called immediately, without arguments, and the result is discarded.
        switch: The class attribute that guards the call, if it is false in the whole chain; else empty.
    """

    name: str
    plain_call: bool = False
    switch: str = ''


@dataclass(frozen=True, order=True)
class Look:
    """A place in code that introspects the ancestors of a class, and so may observe that the class was flattened.

    Attributes:
        sees: What the code can observe: ``mro`` (which class of the MRO defines which attribute), ``names`` (a list of
            the names of the class and its ancestors), ``variables`` (the local variables of the calling function),
            ``variable names`` (only the names of those), ``bases`` (the names of the direct bases) or ``super`` (an
            attribute of a class after this one in the MRO).
        text: The introspecting expression: ``__mro__``, ``inspect.getdoc()``, ….
        place: ``file:line``.
        keys: For ``bases``, the parameters of the class whose method reads them, which a config may set; for ``super``
            the attribute, where the text names it.
        types: The keys under which a registry has that class.
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
        symbol: The name of the class statement: ``__module__`` and ``__qualname__``, checked to resolve to the class.
        origin: Whether the class belongs to an origin package (its code may be merged) or to a library.
        bases: Its direct bases.
        metaclass: The metaclass.
        members: The names in the class's own namespace, in order, with the kind of each: ``function``, ``property``,
            ``classmethod``, ``staticmethod``, ``class``, ``slot``, ``cached`` (``functools.cached_property``),
            ``told`` (another object with a ``__set_name__`` that only stores the name, or appends it to a list),
            ``named`` (an object with any other ``__set_name__``), ``descriptor`` (another object with ``__get__``) or
            ``data``.
        traits: Properties that affect flattening: ``enum``, ``exception``, ``dataclass``, ``namedtuple``, ``slots``,
            ``generic``, ``typeddict``, ``protocol`` (in its MRO), ``protocol-class`` (it is one), ``init-subclass``
            (its ``__init_subclass__`` may read more of a subclass than its attributes), ``no-source``, ``typed-in``
            (its module has no file), ``hidden`` (its symbol does not resolve to a class), ``replaced`` (its symbol
            resolves to another class).
        lines: For each member that is a function of the class's own file, the line at which its code starts.
        abstract: The members marked by ``abc.abstractmethod``.
        mutable: The data members whose value can be changed in place.
        constants: The members that are constants, or displays of constants, each with a text that identifies its value.
        supers: For a library class, the attributes that its methods look up through ``super``; None if unknown.
        parameters: Its type parameters (``__parameters__``), by name.
        metaclass_acts: The hooks of the metaclass that may read more of a new class than its attributes.
        metaclass_sets: The attributes that the metaclass sets on every class.
        metaclass_reads: The attributes that the metaclass reads from every class.
        subclass_sets: The attributes that its own ``__init_subclass__`` sets on every subclass.
        subclass_reads: The attributes that its own ``__init_subclass__`` reads from every subclass.
        shared: For the chain's own class, the members that can be changed in place and are also a value of an ancestor.
        lists: For each ``told`` member that appends its name to a list, the attribute that holds the list.
        listed: The content of these lists, where the list is in the class's own namespace.
        looks: For each member, the places that introspect the chain's own class when the member is used, in whatever
            function; under ``@`` those of the decorators of the chain's own class.
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
    """A class with its method resolution order, the class itself first and ``object`` last.

    The order is C3: https://docs.python.org/3/howto/mro.html.
    """

    mro: tuple[ClassFacts, ...]

    @property
    def symbol(self) -> Symbol:
        """The class itself."""
        return self.mro[0].symbol

    @property
    def sets(self) -> frozenset[str]:
        """The attributes that class creation sets: by the metaclass, or by an ancestor's ``__init_subclass__``."""
        return self.mro[0].metaclass_sets.union(*(facts.subclass_sets for facts in self.mro[1:]))

    @property
    def ancestors(self) -> tuple[Symbol, ...]:
        """The origin ancestors in MRO order, without the class itself."""
        return tuple(facts.symbol for facts in self.mro[1:] if facts.origin)
