"""A module as text and parts: what each top-level statement defines, uses, imports and changes."""

from __future__ import annotations

import ast
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property
from typing import Protocol

from introspect_export.model.symbols import Place, Span


class NodeSpans(Protocol):
    """The positions of a syntax tree's nodes in its text."""

    def span(self, node: ast.expr | ast.stmt | ast.alias | ast.arg | ast.keyword | ast.excepthandler) -> Span:
        """The span of a node, without the decorators of a function or class."""

    def decorated(self, node: ast.stmt) -> Span:
        """The span of a statement including its decorators."""

    def offset(self, line: int, column: int) -> int:
        """The character offset of a position in the terms of ``ast``: a line from 1 and a column in UTF-8 bytes."""


class PartKind(Enum):
    """The kind of a top-level statement."""

    CLASS = 'class'
    FUNCTION = 'function'
    ASSIGN = 'assign'
    IMPORT = 'import'
    DOCSTRING = 'docstring'
    COMPOUND = 'compound'
    """``if``, ``try``, ``for``, ``while``, ``with`` or ``match`` at the top level."""
    EFFECT = 'effect'
    """An expression statement, ``del``, ``assert`` or the like, which binds no name."""


@dataclass(frozen=True)
class NameUse:
    """A use of a global or builtin name.

    Attributes:
        name: The name that is looked up, after Python's mangling of private names.
        span: The identifier in the module's text.
        deferred: Whether the lookup happens when a function is called, not when the module is executed.
        in_class_scope: Whether the lookup happens directly in a class body's namespace, where a member of the class may
            hide the global.
        context: ``load``, ``store``, ``del``, or ``declare`` for the name in a ``global`` statement.
        attributes: The attributes that directly follow the name: ``('a', 'b')`` for ``utils.a.b``.
        ends: For each of ``attributes``, the offset where the expression up to it ends.
        annotation: Whether it is in an annotation that is not evaluated, with ``from __future__ import annotations``.
        role: How the value is used: ``call`` (it or its attribute chain is called), ``base`` (a base of a class
            statement), ``decorator``, ``annotation``, ``argument`` (of a call other than ``isinstance`` and
            ``issubclass``), ``augmented`` (the target of ``X += 1``, which is read too) or ``value``.
        rebound: Whether a compound statement of a class body may have bound the name in the class before.
    """

    name: str
    span: Span
    deferred: bool
    in_class_scope: bool
    context: str
    attributes: tuple[str, ...] = ()
    ends: tuple[int, ...] = ()
    annotation: bool = False
    role: str = 'value'
    rebound: bool = False


@dataclass(frozen=True)
class ImportedName:
    """One name bound by an import statement, at the top level or inside of a function.

    Attributes:
        name: The name that is bound; ``*`` for a star import.
        module: The absolute module imported from (``from module import attribute``), or imported (``import module``).
        attribute: The attribute imported, or None where the module itself is bound.
        binds_top: Whether it is ``import a.b`` without ``as``, which loads ``a.b`` and binds ``a``.
        statement: The span of the whole import statement.
        deferred: Whether the statement is inside of a function.
        line: The line of the statement.
    """

    name: str
    module: str
    attribute: str | None
    binds_top: bool
    statement: Span
    deferred: bool
    line: int


@dataclass(frozen=True)
class StringUse:
    """A string constant that may name a registered type.

    Attributes:
        value: The string.
        span: The constant in the module's text.
        role: ``type`` (the value of a ``type=`` keyword, of a ``'type':`` item, or assigned under that key), ``scope``
            (of registries), ``module`` (the argument of ``import_module``), or ``value`` for every other one.
        default: The qualified name of the function if it is in the default of a parameter, else empty.
        deferred: Whether it is evaluated when a function is called.
    """

    value: str
    span: Span
    role: str
    default: str
    deferred: bool


@dataclass(frozen=True)
class PackageQuery:
    """An expression that finds out whether a package is installed, or its version.

    Attributes:
        span: The whole expression, ``find_spec('x') is not None`` for example.
        function: The called function as written, ``importlib.util.find_spec`` for example.
        base: The offset of the first name of ``function``.
        name: The package or distribution.
        negated: Whether the expression is true where the package is missing.
    """

    span: Span
    function: str
    base: int
    name: str
    negated: bool


@dataclass(frozen=True)
class Part:
    """One top-level statement of a module.

    Attributes:
        module: The module's name.
        index: Its position among the module's parts.
        kind: The kind of statement.
        span: Its text with the comments directly above it and a comment at the end of its last line.
        statement: The statement alone, decorators included.
        line: The line where the statement starts.
        defines: The names that it binds in the module.
        uses: The uses of global names in it, at any depth, in the order of the text.
        imports: The names its import statements bind, at any depth.
        mutates: The global names whose objects it may change in place: ``X.update(…)``, ``X[k] = …``, ``X.y = …``.
        rebinds: The globals of the module that functions in it rebind through ``global``.
        strings: Its string constants.
        queries: Its expressions that ask for an installed package.
    """

    module: str
    index: int
    kind: PartKind
    span: Span
    statement: Span
    line: int
    defines: tuple[str, ...] = ()
    uses: tuple[NameUse, ...] = ()
    imports: tuple[ImportedName, ...] = ()
    mutates: tuple[str, ...] = ()
    rebinds: tuple[str, ...] = ()
    strings: tuple[StringUse, ...] = ()
    queries: tuple[PackageQuery, ...] = ()

    @property
    def key(self) -> tuple[str, int]:
        """The module and index, which together identify the part."""
        return (self.module, self.index)


@dataclass(frozen=True)
class SourceModule:
    r"""A module's text and its parts.

    Attributes:
        name: Absolute dotted name.
        file: Path of the source file.
        text: The decoded source, line ends normalised to ``\n``.
        is_package: Whether the file is a package's ``__init__``.
        parts: The top-level statements in order.
        definitions: For each name, the indices of the parts that bind it.
        header: The span of the comments before the first statement (the licence).
        future: The features of its ``from __future__`` imports.
        tree: The syntax tree of ``text``.
        line_starts: Character offset of the start of every line.
        positions: Character spans of the tree's nodes (``introspect_export.read.Positions``).
        on_demand: The imports under ``TYPE_CHECKING`` of a module with a ``__getattr__``.
    """

    name: str
    file: str
    text: str
    is_package: bool
    parts: tuple[Part, ...]
    definitions: Mapping[str, tuple[int, ...]]
    header: Span
    future: tuple[str, ...]
    tree: ast.Module = field(repr=False, compare=False)
    line_starts: tuple[int, ...] = field(repr=False, compare=False)
    positions: NodeSpans = field(repr=False, compare=False)
    on_demand: tuple[ImportedName, ...] = ()

    @property
    def package(self) -> str:
        """The package that relative imports of this module start from."""
        return self.name if self.is_package else self.name.rpartition('.')[0]

    def place(self, offset: int) -> Place:
        """The ``file:line`` of a character offset."""
        return Place(self.file, bisect_right(self.line_starts, offset))

    @cached_property
    def _starts(self) -> list[int]:
        return [part.statement.start for part in self.parts]

    def overlapping(self, span: Span) -> Iterator[Part]:
        """The parts that overlap a span; for a span inside of a class statement, that statement."""
        for part in self.parts[max(bisect_left(self._starts, span.start + 1) - 1, 0) :]:
            if part.statement.start >= span.end:
                return
            yield part

    def cut(self, span: Span) -> str:
        """The text of a span."""
        return self.text[span.start : span.end]
