"""What the names in the package's own text lead to: something that the package defines, or that a library does."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from introspect_export.model import World
from introspect_export.model.package import Layout
from introspect_export.read.scopes import annotates_lazily


@dataclass(frozen=True)
class InPackage:
    """A name that a module of the package defines; no name means the module itself."""

    module: str
    name: str = ''


@dataclass(frozen=True)
class InLibrary:
    """Something of a library; the builtins are one."""

    module: str
    name: str = ''


Meaning = InPackage | InLibrary


@dataclass(frozen=True)
class Text:
    """A module of the package, or of a library, parsed.

    Attributes:
        path: Its dotted name, of one of the package's below that.
        tree: Its syntax tree.
        is_package: Whether it is a package's ``__init__``.
        library: Whether it is a library's.
    """

    path: str
    tree: ast.Module
    is_package: bool
    library: bool = False

    @cached_property
    def bindings(self) -> Mapping[str, list[ast.stmt | ast.alias]]:
        """For each global the statements that bind it; of an import the alias."""
        result: dict[str, list[ast.stmt | ast.alias]] = {}
        for node in statements(self.tree.body):
            for name, binding in _bound(node):
                result.setdefault(name, []).append(binding)
        return result

    def thing(self, module: str, name: str) -> Meaning:
        """Something of a module that this one names relatively, or of itself."""
        return InLibrary(module, name) if self.library else InPackage(module, name)

    @cached_property
    def annotates_lazily(self) -> bool:
        """Whether its annotations are not executed."""
        return annotates_lazily(self.tree)

    @cached_property
    def imports(self) -> Mapping[int, Meaning]:
        """For each alias of an import at the top level, by identity, what it means."""
        nodes = [each for each in statements(self.tree.body) if isinstance(each, (ast.Import, ast.ImportFrom))]
        return dict(self.imported(nodes))

    def imported(self, nodes: Iterable[ast.stmt]) -> Iterator[tuple[int, Meaning]]:
        """What each alias of import statements means, by its identity."""
        for node in nodes:
            for alias in node.names if isinstance(node, (ast.Import, ast.ImportFrom)) else ():
                if isinstance(node, ast.Import):
                    yield id(alias), InLibrary(alias.name if alias.asname else alias.name.partition('.')[0])
                elif isinstance(node, ast.ImportFrom) and not node.level:
                    yield id(alias), InLibrary(node.module or '', alias.name)
                elif isinstance(node, ast.ImportFrom):
                    yield id(alias), self.thing(self._absolute(node), alias.name)

    def _absolute(self, node: ast.ImportFrom) -> str:
        home = self.path.split('.') if self.path else []
        up = node.level - (1 if self.is_package else 0)
        kept = home[: len(home) - up] if up else home
        return '.'.join([*kept, *((node.module or '').split('.') if node.module else [])])


def statements(body: Sequence[ast.stmt]) -> Iterator[ast.stmt]:
    """The statements of a module, those inside of ``if``, ``try`` and the like as well."""
    pending = list(reversed(body))
    while pending:
        node = pending.pop()
        yield node
        if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            pending.extend(reversed(list(nested(node))))


def nested(node: ast.stmt) -> Iterator[ast.stmt]:
    """The statements that stand directly inside of one."""
    for each in ast.iter_child_nodes(node):
        if isinstance(each, ast.stmt):
            yield each
        elif not isinstance(each, ast.expr):  # An exception's handler, a case of ``match``.
            yield from (inner for inner in ast.iter_child_nodes(each) if isinstance(inner, ast.stmt))


def _bound(node: ast.stmt) -> Iterator[tuple[str, ast.stmt | ast.alias]]:
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        yield node.name, node
    elif isinstance(node, (ast.Import, ast.ImportFrom)):
        for alias in node.names:
            yield alias.asname or alias.name.partition('.')[0], alias
    else:
        for each in ast.iter_child_nodes(node):
            if not isinstance(each, ast.stmt):
                inside = (inner for inner in ast.walk(each) if isinstance(inner, ast.Name))
                yield from ((inner.id, node) for inner in inside if isinstance(inner.ctx, ast.Store))


class PackageNames:
    """Leads names of the package's modules to what they mean.

    Args:
        texts: The text of each module by its dotted name below the package.
        layout: Which of them are packages.
        world: Knows the files of libraries.
    """

    def __init__(self, texts: Mapping[str, str], layout: Layout, world: World) -> None:
        self.texts = {path: Text(path, ast.parse(text), path in layout.packages) for path, text in texts.items()}
        self._modules = {*texts, *layout.packages, 'registry'}
        self._world = world
        self._libraries: dict[str, Text | None] = {}

    def lead(self, text: Text, name: str, local: Mapping[str, Meaning] | None = None) -> list[Meaning]:
        """All that a name may mean in a module; the module's own definition where it has one.

        Args:
            text: The module.
            name: The name.
            local: Names that imports inside of a function bind.
        """
        if local and name in local:
            return [self._final(local[name])]
        bindings = text.bindings.get(name)
        if bindings is None:
            return [InLibrary('builtins', name)] if hasattr(builtins, name) else []
        own = text.thing(text.path, name)
        found = dict.fromkeys(text.imports.get(id(each), own) for each in bindings)
        return [each if each == own else self._final(each) for each in found]

    def attribute(self, meaning: Meaning, name: str) -> Meaning | None:
        """What an attribute of a module means; None where the thing is no module."""
        if isinstance(meaning, InPackage) and not meaning.name:
            return self._final(InPackage(meaning.module, name))
        if isinstance(meaning, InLibrary):
            return InLibrary(f'{meaning.module}.{meaning.name}' if meaning.name else meaning.module, name)
        return None

    def _final(self, meaning: Meaning) -> Meaning:
        """The definition that a name of the package stands for, or the module that it is."""
        seen = set()
        while isinstance(meaning, InPackage) and meaning.name and meaning not in seen:
            seen.add(meaning)
            text = self.texts.get(meaning.module)
            bindings = text.bindings.get(meaning.name, []) if text is not None else []
            following = [text.imports[id(each)] for each in bindings if text and id(each) in text.imports]
            inner = f'{meaning.module}.{meaning.name}' if meaning.module else meaning.name
            if not bindings and inner in self._modules:
                return InPackage(inner)
            if len(following) != len(bindings) or len(set(following)) != 1:
                break  # Which of several it is, is not known.
            meaning = following[0]
        return meaning

    def definitions(self, meaning: InPackage) -> list[ast.stmt]:
        """The statements that define a name of the package."""
        text = self.texts.get(meaning.module)
        found = text.bindings.get(meaning.name, []) if text is not None else []
        return [each for each in found if isinstance(each, ast.stmt)]

    def library(self, meaning: InLibrary) -> tuple[Text, ast.stmt] | None:
        """The module and the statement that define something of a library, if its text has one such statement."""
        seen = set()
        while meaning not in seen:
            seen.add(meaning)
            text = self._library(meaning.module)
            bindings = text.bindings.get(meaning.name, []) if text is not None else []
            if text is None or len(bindings) != 1:
                return None
            (binding,) = bindings
            if isinstance(binding, ast.stmt):
                return text, binding
            following = text.imports[id(binding)]
            meaning = following if isinstance(following, InLibrary) else meaning
        return None

    def _library(self, module: str) -> Text | None:
        if module not in self._libraries:
            source = self._world.source(module)
            tree = ast.parse(Path(source[0]).read_bytes()) if source is not None else None
            self._libraries[module] = Text(module, tree, source[1], library=True) if source and tree else None
        return self._libraries[module]
