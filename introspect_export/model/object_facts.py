"""Facts about built objects: their classes, the code that made them, and their arguments."""

from __future__ import annotations

from dataclasses import dataclass

from introspect_export.model.symbols import Place, Symbol


@dataclass(frozen=True)
class ArgumentFacts:
    """One argument of a constructor.

    Attributes:
        name: The parameter or keyword it is passed for.
        text: Its value, stable between runs: a literal, ``dict(…)``, or ``<module.Class>`` for a live object.
        source: The origin of the value: ``config``, ``code`` (the caller passed it) or ``default`` (the constructor's).
        config_path: The config path of the value, also where a caller read it from the config; else empty.
        reader: The function that has a parameter of this name, or takes it from its ``**kwargs``; None where there is
            none, or where it cannot be determined.
        unread: Whether certainly nothing reads the argument.
        near: The parameters with similar names, if nothing reads the argument.
        caller: The function that passed it, if that is not the object's maker: a constructor calling its parent's.
        place: The line of the call.
    """

    name: str
    text: str
    source: str
    config_path: str = ''
    reader: Symbol | None = None
    unread: bool = False
    near: tuple[str, ...] = ()
    caller: Symbol | None = None
    place: Place | None = None


@dataclass(frozen=True)
class TensorFacts:
    """A parameter or buffer that is an attribute of an object.

    Attributes:
        name: The attribute's name.
        shape: The tensor's shape.
        dtype: Its data type, without ``torch.``.
        count: The number of its elements.
        kind: ``parameter``, ``frozen`` (a parameter that needs no gradient) or ``buffer``.
    """

    name: str
    shape: tuple[int, ...]
    dtype: str
    count: int
    kind: str


@dataclass(frozen=True)
class ObjectFacts:
    """A built object.

    Attributes:
        path: Its path of attributes from its section: ``model.backbone.layer1.0.conv1``.
        symbol: Its class.
        event: The index of the build event that made it, or None.
        maker: The function that called its constructor or copied it, if no registry did and the call was traced.
        place: The line of that call, or of the call of the registry.
        within: The method of a ``torch.nn.Module`` that called ``maker``; None where ``maker`` itself is the method.
        arguments: The arguments of its constructor, with defaults.
        tensors: Its own parameters and buffers.
        parameters: The number of elements of its parameters and of those below, each counted once.
        buffers: The same for buffers.
        known: Whether the arguments are known; they are not for objects made before tracing began.
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
