"""The files that come along: which, where they go, and how the package finds them.

A file below an origin goes where its module goes (``link/resources.py``). Any other file that was read goes below
``pack/files``, unless it is data: it lies in a place that the config names as its data, torch loads it, or it is larger
than a megabyte. What names it, in the config or in the text, is changed so that the package finds it wherever it lies.
"""

from __future__ import annotations

import ast
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from introspect_export.documents.data_files import data_places
from introspect_export.link.excerpts import part_texts
from introspect_export.link.files_module import FOLDER
from introspect_export.link.path_text import Paths, normal
from introspect_export.model import Diagnostic, Excerpt, Observation, SourceModule, Span
from introspect_export.model.liveset import LiveSet
from introspect_export.model.observation import Resource
from introspect_export.model.output_package import Layout
from introspect_export.read.bindings import FUNCTIONS

LARGEST = 1 << 20
"""The bytes from which on a file is data."""

NOT_CARRIED, AT_READER = 'IE-FILE-NOT-CARRIED', 'IE-FILE-AT-READER'
_DEEP = '/' + '/'.join('abcdefghijklmnopqrstuvwxyz') + '/out'
"""A folder for the output, deep enough for code that goes up from its own place."""


@dataclass
class Files:
    """Files that come along, beside those that go where their modules go.

    Attributes:
        copied: The path relative to the output folder, and the file.
        config: For each string of a config that names one, its place below the package.
        named: For each name that the text uses, its place below the package.
        reckoned: The same for places that text reckons from its own, relative to the package.
        wrapped: By module, the expressions that may name one.
        diagnostics: What there is to say.
    """

    copied: dict[str, str] = field(default_factory=dict)
    config: dict[str, str] = field(default_factory=dict)
    named: dict[str, str] = field(default_factory=dict)
    reckoned: dict[str, str] = field(default_factory=dict)
    wrapped: dict[str, list[Span]] = field(default_factory=dict)
    diagnostics: list[Diagnostic] = field(default_factory=list)


def plan_files(observation: Observation, live: LiveSet, layout: Layout, inside: Mapping[str, str]) -> Files:
    """Return the files that come along and what names them.

    Args:
        observation: What was observed.
        live: What is live.
        layout: Where each module goes.
        inside: The files below origins that come along: the path relative to the output folder, and the file.
    """
    return _FilePlanner(observation, live, layout, inside).plan() if observation.folder else Files()


def needed(resource: Resource, live: LiveSet) -> bool:
    """Whether some code that read a file is live; code whose text is not known counts as live."""
    return any(all(_is_live(*reader, live) for reader in way) for way in resource.readers)


def _is_live(module: str, line: int, live: LiveSet) -> bool:
    source = live.modules.get(module)
    if source is None:
        return False
    offset = source.line_starts[min(line, len(source.line_starts)) - 1]
    return any(part.span.start <= offset < part.span.end or part.line == line for part in _live_parts(source, live))


def _live_parts(source: SourceModule, live: LiveSet) -> Iterator[Any]:
    kept = set(live.parts.get(source.name, ()))
    pieces = [
        each.span
        for flat in live.flat.values()
        for each in flat.pieces
        if isinstance(each, Excerpt) and each.module == source.name
    ]
    for part in source.parts:
        if part.index in kept or any(part.span.start <= span.start < part.span.end for span in pieces):
            yield part


class _FilePlanner:
    def __init__(self, observation: Observation, live: LiveSet, layout: Layout, inside: Mapping[str, str]) -> None:
        self.observation = observation
        self.live = live
        self.configs = [observation.config, *observation.more_configs, *observation.read_configs.values()]
        self.folder = observation.folder
        self.files = Files()
        self.inside = {file: path.partition('/')[2] for path, file in inside.items()}
        data = {place for config in self.configs for place in data_places(config)}
        self.data = tuple(sorted(normal(each, self.folder) for each in data))
        self.read = {
            one.file: one for one in observation.resources if not one.package and self._may_come(one) is not False
        }
        self.paths = Paths(live, lambda module: module.file)
        self.there = Paths(live, lambda module: f'{_DEEP}/{layout.file(layout.modules[module.name])}')
        self.placed: dict[str, str] = {}

    def plan(self) -> Files:
        """Find what names each file, the surest first."""
        for config in self.configs:
            for text in _strings(config):
                self._in_config(text)
        expressions = list(self._expressions())
        for module, node, deferred in expressions:
            self._in_text(module, node, deferred)
        unnamed = [one for file, one in self.read.items() if file not in self.placed and one.path]
        for module, node, _ in expressions if unnamed else ():
            self._by_pattern(module, node, unnamed)
        for one in unnamed:  # A pattern is a guess: where they are read, they are found in any case.
            self._at_readers(one)
        for spans in self.files.wrapped.values():
            spans[:] = _outermost(spans)
        return self.files

    def _may_come(self, one: Resource) -> bool:
        if self._is_data(one.file) or (not needed(one, self.live) and any(one.readers)):
            return False
        if os.path.getsize(one.file) <= LARGEST:
            return True
        if one.path and any(one.readers):
            message = (
                f'it is larger than {LARGEST >> 20} MiB, so it is data: the package reads it where the original does'
            )
            self.files.diagnostics.append(Diagnostic(NOT_CARRIED, one.path, message))
        return False

    def _is_data(self, file: str) -> bool:
        return any(file == each or file.startswith(each.rstrip(os.sep) + os.sep) for each in self.data)

    def _file(self, text: str) -> str | None:
        """The file that comes along which a text names, as it is found from the working folder."""
        if not text or '\0' in text or '\n' in text:
            return None
        file = normal(text, self.folder)
        return file if file in self.read or file in self.inside else None

    def _place(self, file: str) -> str:
        """Where a file goes, below the package."""
        if file in self.inside:
            return self.inside[file]
        if file not in self.placed:
            self.placed[file] = place = f'{FOLDER}/{self._below(file)}'
            self.files.copied[f'pack/{place}'] = file
        return self.placed[file]

    def _below(self, file: str) -> str:
        """A path for a file: that in the working folder; of one that is not there, its own folder and name."""
        inside = file.startswith(self.folder.rstrip(os.sep) + os.sep)
        first = os.path.relpath(file, self.folder) if inside else os.path.join(*file.split(os.sep)[-2:])
        path, count = first.replace(os.sep, '/'), 1
        while f'{FOLDER}/{path}' in self.placed.values() or path == '__init__.py':
            count += 1
            path = f'{count}/{first}'.replace(os.sep, '/')
        return path

    def _in_config(self, text: str) -> None:
        file = self._file(text)
        if file is not None:
            self.files.config[text] = self._place(file)

    def _expressions(self) -> Iterator[tuple[SourceModule, ast.expr, bool]]:
        """The expressions of live text, outer ones first, and whether they are evaluated when a function runs."""
        for name in sorted(self.live.parts):
            for text in part_texts(self.live.modules[name], self.live):
                for piece in text.pieces:
                    if isinstance(piece, Excerpt):
                        module = self.live.modules[piece.module]
                        for part in module.overlapping(piece.span):
                            for node, deferred in _expressions(module.tree.body[part.index], False):
                                if piece.span.holds(module.positions.span(node)):
                                    yield module, node, deferred

    def _in_text(self, module: SourceModule, node: ast.expr, deferred: bool) -> None:
        value = self.paths.value(node, module)
        if value is not None and not isinstance(value, int) and str(value):
            file = self._file(str(value)) or (None if deferred else self._unread(str(value)))
            if file is not None and not (file in self.inside and os.path.isabs(str(value))):
                self._wrap(module, node, file, str(value))

    def _unread(self, text: str) -> str | None:
        """A file that text names which is executed by an import: it was read before anybody watched, perhaps."""
        file = normal(text, self.folder) if '\0' not in text and re.search(r'[./]\w', text) else ''
        above = os.path.isabs(text) and not file.startswith(self.folder.rstrip(os.sep) + os.sep)
        if not file or above or file in self.placed or not os.path.isfile(file) or self._is_data(file):
            return None
        if os.path.getsize(file) > LARGEST or any(file == each.file for each in self.live.modules.values()):
            return None
        self.read[file] = Resource('', '', file)
        return file

    def _wrap(self, module: SourceModule, node: ast.expr, file: str, name: str) -> None:
        place = self._place(file)
        here = self.there.value(node, module) if os.path.isabs(name) else None
        if here is not None and str(here) != name:
            self.files.reckoned[os.path.relpath(str(here), f'{_DEEP}/pack').replace(os.sep, '/')] = place
        else:
            self.files.named[os.path.normpath(name)] = place
        self.files.wrapped.setdefault(module.name, []).append(module.positions.span(node))

    def _by_pattern(self, module: SourceModule, node: ast.expr, unnamed: Sequence[Resource]) -> None:
        """Names that are put together: whatever could be one that was read is looked up when it is there."""
        if not isinstance(node, (ast.JoinedStr, ast.BinOp, ast.Call)) or self.paths.value(node, module) is not None:
            return
        pattern = self.paths.pattern(node, module)
        if not re.search(r'\w', pattern.replace('\\', '')):
            return
        for one in unnamed:
            if any(re.fullmatch(pattern, each) for each in (one.path, one.file)):
                self._wrap(module, node, one.file, one.path)

    def _at_readers(self, one: Resource) -> None:
        """A file that no text names: found where it is read, if it is the working folder's."""
        if not one.path or any(part.startswith('.') for part in one.path.split('/')):
            return
        found = [found for way in one.readers if way for found in self._readings(*way[0])]
        guessed = one.file in self.placed
        for module, node in found:
            self._wrap(module, node, one.file, one.path)
        if found and not guessed:
            message = 'nothing names it but what is made up at run time, so the package finds it where it is read only'
            self.files.diagnostics.append(Diagnostic(AT_READER, one.path, message))
        elif not guessed and any(one.readers):
            message = 'it was read, and nothing that names it was found: the package reads it where the original does'
            self.files.diagnostics.append(Diagnostic(NOT_CARRIED, one.path, message))

    def _readings(self, name: str, line: int) -> Iterator[tuple[SourceModule, ast.expr]]:
        """The expressions that calls at a line take the file from."""
        for module, node, _ in self._expressions():
            if module.name == name and isinstance(node, ast.Call) and node.lineno <= line <= (node.end_lineno or 0):
                first = node.args[0] if node.args else None
                if isinstance(first, (ast.Name, ast.Attribute, ast.Call, ast.BinOp, ast.Subscript)):
                    yield module, first
                elif not node.args and isinstance(node.func, ast.Attribute):
                    yield from [(module, node.func.value)] if self.paths.may_be_path(node.func.value, module) else []


def _outermost(spans: Sequence[Span]) -> list[Span]:
    """Spans without those inside of others."""
    distinct = sorted(set(spans), key=lambda span: (span.start, -span.end))
    result: list[Span] = []
    for span in distinct:
        if not result or span.start >= result[-1].end:
            result.append(span)
    return result


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for each in value.values():
            yield from _strings(each)
    elif isinstance(value, (list, tuple)):
        for each in value:
            yield from _strings(each)


def _expressions(node: ast.AST, deferred: bool) -> Iterator[tuple[ast.expr, bool]]:
    """The expressions whose value is used; annotations, docstrings and what f-strings hold are none."""
    if isinstance(node, ast.expr):
        yield node, deferred
        if isinstance(node, ast.JoinedStr):
            return
    for name, value in ast.iter_fields(node):
        if name in ('annotation', 'returns') or (isinstance(node, ast.Expr) and isinstance(value, ast.Constant)):
            continue
        inner = deferred or (isinstance(node, FUNCTIONS) and name == 'body')
        for each in value if isinstance(value, list) else [value]:
            is_key = name == 'keys' and isinstance(node, ast.Dict)
            if isinstance(each, ast.AST) and not isinstance(each, ast.pattern) and not is_key:
                yield from _expressions(each, inner)
