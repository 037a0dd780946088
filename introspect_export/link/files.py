"""The files outside of origins that are copied into the package, and how its code finds them.

A file in an origin's folder is copied beside the output module (``link/resources.py``). Any other file that was read is
copied to ``pack/files``, unless it is data: it is in a folder that the config names as its data, torch loads it, or it
is larger than 1 MiB. Strings of the config and expressions in the text that name the file are edited, so that the
package finds it independently of the working folder.
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
"""The size in bytes above which a file is data."""

NOT_CARRIED, AT_READER = 'IE-FILE-NOT-CARRIED', 'IE-FILE-AT-READER'
_DEEP = '/' + '/'.join('abcdefghijklmnopqrstuvwxyz') + '/out'
"""A fictitious output folder, deep enough for code that goes up from ``__file__``."""


@dataclass
class Files:
    """The files to copy to ``pack/files``, and the ways in which they are named.

    Attributes:
        copied: The source file by its path relative to the output folder.
        config: For each string of a config that names a file, the path below the package.
        named: For each name that the text uses, the path below the package.
        reckoned: The same for names computed from ``__file__``, relative to the package.
        wrapped: By module, the expressions whose value may name a file.
        diagnostics: Diagnostics about files that are not copied, or are only found where they are read.
    """

    copied: dict[str, str] = field(default_factory=dict)
    config: dict[str, str] = field(default_factory=dict)
    named: dict[str, str] = field(default_factory=dict)
    reckoned: dict[str, str] = field(default_factory=dict)
    wrapped: dict[str, list[Span]] = field(default_factory=dict)
    diagnostics: list[Diagnostic] = field(default_factory=list)


def plan_files(observation: Observation, live: LiveSet, layout: Layout, inside: Mapping[str, str]) -> Files:
    """Return the files to copy to ``pack/files``, and what names them.

    Args:
        observation: The observation.
        live: The live set.
        layout: The output module of each origin module.
        inside: The files in origins' folders that are copied: by the path relative to the output folder, the file.
    """
    return _FilePlanner(observation, live, layout, inside).plan() if observation.folder else Files()


def needed(resource: Resource, live: LiveSet) -> bool:
    """Whether live code read a file: for one of the recorded stacks, all frames in origins are in live parts."""
    return any(all(_is_live(*reader, live) for reader in stack) for stack in resource.readers)


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
    """Finds the names of each file that was read, in the configs and in the live text.

    Attributes:
        data: The absolute paths that the configs name as data.
        read: The resources that may be copied, by their file.
        paths: Evaluates expressions with ``__file__`` as in the original.
        output_paths: Evaluates expressions with ``__file__`` as in the package.
        placed: The path below the package of each file that is copied.
    """

    def __init__(self, observation: Observation, live: LiveSet, layout: Layout, inside: Mapping[str, str]) -> None:
        self.observation = observation
        self.live = live
        self.configs = [observation.config, *observation.more_configs, *observation.read_configs.values()]
        self.folder = observation.folder
        self.files = Files()
        self.inside = {file: path.partition('/')[2] for path, file in inside.items()}
        data = {place for config in self.configs for place in data_places(config)}
        self.data = tuple(sorted(normal(each, self.folder) for each in data))
        self.read = {one.file: one for one in observation.resources if not one.package and self._may_copy(one)}
        self.paths = Paths(live, lambda module: module.file)
        self.output_paths = Paths(live, lambda module: f'{_DEEP}/{layout.file(layout.modules[module.name])}')
        self.placed: dict[str, str] = {}

    def plan(self) -> Files:
        """Find the names of each file: exact names first, then patterns, then the places of reading."""
        for config in self.configs:
            for text in _strings(config):
                self._in_config(text)
        expressions = list(self._expressions())
        for module, node, deferred in expressions:
            self._in_text(module, node, deferred)
        unnamed = [one for file, one in self.read.items() if file not in self.placed and one.path]
        for module, node, _ in expressions if unnamed else ():
            self._by_pattern(module, node, unnamed)
        # A pattern may match other files as well, so the reading calls are wrapped in any case.
        for one in unnamed:
            self._at_readers(one)
        for spans in self.files.wrapped.values():
            spans[:] = _outermost(spans)
        return self.files

    def _may_copy(self, one: Resource) -> bool:
        """Whether a file is copied if something names it; one that is too large gets a diagnostic."""
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
        """The copied file that a string names, relative to the working folder, or None."""
        if not text or '\0' in text or '\n' in text:
            return None
        file = normal(text, self.folder)
        return file if file in self.read or file in self.inside else None

    def _place(self, file: str) -> str:
        """The path of a file below the package; the file is copied if it is not in an origin's folder."""
        if file in self.inside:
            return self.inside[file]
        if file not in self.placed:
            self.placed[file] = place = f'{FOLDER}/{self._below(file)}'
            self.files.copied[f'pack/{place}'] = file
        return self.placed[file]

    def _below(self, file: str) -> str:
        """A path below ``pack/files``: that in the working folder, or, outside of it, the file's folder and name."""
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
        """The expressions of live text, outer ones first, and whether they are evaluated when a function is called."""
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
            file = self._file(str(value)) or (None if deferred else self._read_at_import(str(value)))
            # A file in an origin's folder is copied beside its module, so a path computed from ``__file__`` is right.
            if file is not None and not (file in self.inside and os.path.isabs(str(value))):
                self._wrap(module, node, file, str(value))

    def _read_at_import(self, text: str) -> str | None:
        """An existing file that module-level code names: it may have been read before recording began."""
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
        moved = self.output_paths.value(node, module) if os.path.isabs(name) else None
        if moved is not None and str(moved) != name:
            # The name depends on ``__file__``, so in the package the expression has another value.
            self.files.reckoned[os.path.relpath(str(moved), f'{_DEEP}/pack').replace(os.sep, '/')] = place
        else:
            self.files.named[os.path.normpath(name)] = place
        self.files.wrapped.setdefault(module.name, []).append(module.positions.span(node))

    def _by_pattern(self, module: SourceModule, node: ast.expr, unnamed: Sequence[Resource]) -> None:
        """Wrap an expression that composes a name at run time, if the name of an unnamed file matches its pattern."""
        if not isinstance(node, (ast.JoinedStr, ast.BinOp, ast.Call)) or self.paths.value(node, module) is not None:
            return
        pattern = self.paths.pattern(node, module)
        if not re.search(r'\w', pattern.replace('\\', '')):
            return
        for one in unnamed:
            if any(re.fullmatch(pattern, each) for each in (one.path, one.file)):
                self._wrap(module, node, one.file, one.path)

    def _at_readers(self, one: Resource) -> None:
        """Wrap the path argument where a file is read, if it is in the working folder; report it if it is unnamed."""
        if not one.path or any(part.startswith('.') for part in one.path.split('/')):
            return
        found = [found for stack in one.readers if stack for found in self._path_arguments(*stack[0])]
        guessed = one.file in self.placed
        for module, node in found:
            self._wrap(module, node, one.file, one.path)
        if found and not guessed:
            message = 'nothing names it but what is made up at run time, so the package finds it where it is read only'
            self.files.diagnostics.append(Diagnostic(AT_READER, one.path, message))
        elif not guessed and any(one.readers):
            message = 'it was read, and nothing that names it was found: the package reads it where the original does'
            self.files.diagnostics.append(Diagnostic(NOT_CARRIED, one.path, message))

    def _path_arguments(self, name: str, line: int) -> Iterator[tuple[SourceModule, ast.expr]]:
        """The expressions for the path in calls at a line: a first argument, or the object of a method."""
        for module, node, _ in self._expressions():
            if module.name == name and isinstance(node, ast.Call) and node.lineno <= line <= (node.end_lineno or 0):
                first = node.args[0] if node.args else None
                if isinstance(first, (ast.Name, ast.Attribute, ast.Call, ast.BinOp, ast.Subscript)):
                    yield module, first
                elif not node.args and isinstance(node.func, ast.Attribute):
                    yield from [(module, node.func.value)] if self.paths.may_be_path(node.func.value, module) else []


def _outermost(spans: Sequence[Span]) -> list[Span]:
    """The spans that are not inside of others."""
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
    """The expressions whose value is used, without annotations, docstrings, dict keys and the fields of f-strings."""
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
