"""Facts about built objects: their classes, makers and arguments."""

from __future__ import annotations

from dataclasses import dataclass

from introspect_export.model.symbols import Place, Symbol


@dataclass(frozen=True)
class ArgumentFacts:
    """One argument of a constructor.

    Attributes:
        name: Its name.
        text: Its value, stable between runs: a literal, ``dict(…)``, or ``<module.Class>`` for a live object.
        source: ``config`` (the config's value), ``code`` (the caller's) or ``default`` (the constructor's own).
        config_path: The config path of the value, also where a caller took it from the config; else empty.
        reader: The function that has a parameter of this name, or takes it from its ``**kwargs``; None if nothing
            reads the argument.
        near: The parameters with similar names, where nothing reads it.
        caller: The function that passed it, if it is not the object's maker: a constructor that calls its parent's.
        place: The line of the call.
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
    """A parameter or buffer that is an attribute of an object.

    Attributes:
        name: The attribute's name.
        shape: Its shape.
        dtype: Its data type, without ``torch.``.
        count: Its number of elements.
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
        path: Its path of attributes from its section: ``model.backbone.layer1.0.conv1``.
        symbol: Its class.
        event: The index of the build event that made it, or None.
        maker: The function that made or copied it, if no registry did and it was traced.
        place: The line that made it, or that called the registry.
        within: The method of a module that called the maker, a function; None where the maker is that method.
        arguments: The arguments of its constructor, with defaults.
        tensors: Its own parameters and buffers.
        parameters: The number of elements of its parameters and of those below, each counted once.
        buffers: The same for buffers.
        known: Whether the arguments are known: not for objects made before tracing began.
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
