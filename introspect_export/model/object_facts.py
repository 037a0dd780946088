"""The objects that were built, one by one: what they are, who made them and with which arguments."""

from __future__ import annotations

from dataclasses import dataclass

from introspect_export.model.symbols import Place, Symbol


@dataclass(frozen=True)
class ArgumentFacts:
    """One argument of a constructor.

    Attributes:
        name: Its name.
        text: Its value, the same in every run: a literal, ``dict(…)``, or ``<module.Class>`` for a live object.
        source: ``config`` (the config's value), ``code`` (the caller's) or ``default`` (the constructor's own).
        config_path: For the config's value, where it stands there; for a caller's, where it took it from, if it did
            from the config; else empty.
        reader: The function that has a parameter of this name, or takes it out of its ``**kwargs``; None if nothing
            reads the argument.
        near: Where nothing reads it: the parameters with a name like it.
        caller: Who gave it, where that is not who made the object: a constructor that calls its parent's.
        place: The line there.
    """

    name: str
    text: str
    source: str
    config_path: str = ''
    reader: Symbol | None = None
    near: tuple[str, ...] = ()
    caller: Symbol | None = None
    place: Place | None = None


@dataclass(frozen=True)
class TensorFacts:
    """A parameter or buffer that an object holds itself.

    Attributes:
        name: The attribute's name.
        shape: Its shape.
        dtype: Its type of numbers, without ``torch.``.
        count: How many numbers.
        kind: ``parameter``, ``frozen`` (a parameter that needs no gradient) or ``buffer``.
    """

    name: str
    shape: tuple[int, ...]
    dtype: str
    count: int
    kind: str


@dataclass(frozen=True)
class ObjectFacts:
    """One live object.

    Attributes:
        path: The attributes that lead to it from its section: ``model.backbone.layer1.0.conv1``.
        symbol: Its class.
        event: The number of the build event that made it, or None.
        maker: The function whose code made or copied it, where no registry did and it was seen.
        place: The line there; for an object that a registry built, the line that asked the registry.
        within: The method of a module in whose course the maker, a function, was called; None where the maker is it.
        arguments: What its constructor was given, and the defaults of what it was not given.
        tensors: The parameters and buffers it holds itself.
        parameters: The numbers in its parameters and those of everything below, each counted once.
        buffers: The same for its buffers.
        known: Whether the arguments are known: an object that was there before anybody watched has others.
        copied: Whether it is a copy of another object, whose event and arguments it has.
    """

    path: str
    symbol: Symbol
    event: int | None = None
    maker: Symbol | None = None
    place: Place | None = None
    within: Symbol | None = None
    arguments: tuple[ArgumentFacts, ...] = ()
    tensors: tuple[TensorFacts, ...] = ()
    parameters: int = 0
    buffers: int = 0
    known: bool = True
    copied: bool = False
