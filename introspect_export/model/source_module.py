"""A module as text with its parts: what each top-level statement defines, uses, imports and changes."""

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
        """The span of a node; for a function or class without its decorators."""

    def decorated(self, node: ast.stmt) -> Span:
        """The span of a statement from its first decorator on."""

    def offset(self, line: int, column: int) -> int:
        """The character offset of a line (from 1) and a column in UTF-8 bytes."""


class PartKind(Enum):
    """What a top-level statement is."""

    CLASS = 'class'
    FUNCTION = 'function'
    ASSIGN = 'assign'
    IMPORT = 'import'
    DOCSTRING = 'docstring'
    COMPOUND = 'compound'
    """``if``, ``try``, ``for``, ``while``, ``with`` or ``match`` at the top level."""
    EFFECT = 'effect'
    """An expression statement, ``del``, ``assert`` or the like: it binds nothing."""


@dataclass(frozen=True)
class NameUse:
    """One place where code names a global (or a builtin).

    Attributes:
        name: The name looked up, private names mangled as Python mangles them.
        span: The identifier in the module's text.
        deferred: The lookup happens when a function runs, not when the module is executed.
        in_class_scope: The lookup is made directly in a class body's namespace, where a member of the class may hide
            the global.
        context: ``load``, ``store``, ``del``, or ``declare`` for the name in a ``global`` statement.
        attributes: The dotted attributes that follow at once: ``('a', 'b')`` for ``utils.a.b``.
        ends: For each of ``attributes``, the offset where the expression up to it ends.
        annotation: In an annotation that ``from __future__ import annotations`` keeps from being evaluated.
        role: How the value is used: ``call`` (it or its attribute chain is called), ``base`` (a base of a class
            statement), ``decorator``, ``annotation``, ``argument`` (of a call other than ``isinstance`` and
            ``issubclass``) or ``value``.
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


@dataclass(frozen=True)
class ImportedName:
    """One name bound by an import statement, at the top level or inside of a function.

    Attributes:
        name: The name that is bound; ``*`` for a star import.
        module: The absolute module imported from (``from module import attribute``), or imported (``import module``).
        attribute: The attribute imported, or None where the module itself is bound.
        binds_top: ``import a.b`` without ``as``: the name is bound to ``a``, and ``a.b`` is loaded.
        statement: The whole import statement.
        deferred: The statement is inside of a function.
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
        role: ``type`` (the value of a ``type=`` keyword or ``'type':`` item, or what is stored under that key),
            ``scope`` (of registries), ``module`` (what ``import_module`` is given), or ``value`` for every other one.
        default: The qualified name of the function if it is in the default of a parameter, else empty.
        deferred: It is evaluated when a function runs.
    """

    value: str
    span: Span
    role: str
    default: str
    deferred: bool


@dataclass(frozen=True)
class Part:
    """One top-level statement of a module.

    Attributes:
        module: The module's name.
        index: Its position among the module's parts.
        kind: What it is.
        span: From the comments that lead it to its last character (with a comment that ends its last line).
        statement: The statement alone, decorators included.
        line: The line where the statement starts.
        defines: The names that it binds in the module.
        uses: The global names it uses, at any depth, in the order of the text.
        imports: The names its import statements bind, at any depth.
        mutates: The global names whose objects executing it may change: ``X.update(…)``, ``X[k] = …``, ``X.y = …``.
        rebinds: The module's names that functions in it rebind through ``global``.
        strings: Its string constants.
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

    @property
    def key(self) -> tuple[str, int]:
        """The module and index, which identify the part."""
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
        definitions: For each bound name, the indices of the parts that bind it.
        header: The comments before the first statement (the licence).
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
        """The parts that a span overlaps; for an excerpt of a class, that class."""
        for part in self.parts[max(bisect_left(self._starts, span.start + 1) - 1, 0) :]:
            if part.statement.start >= span.end:
                return
            yield part

    def cut(self, span: Span) -> str:
        """The text of a span."""
        return self.text[span.start : span.end]
