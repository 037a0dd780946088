"""The places of class statements, and the members that they define."""

from __future__ import annotations

import ast
import hashlib
import re
import tokenize
from collections.abc import Mapping

from introspect_export.model import Place, Symbol, World
from introspect_export.read.bindings import names_bound
from introspect_export.read.class_statements import class_statements


class ClassTexts:
    """Reads the class statements of loaded modules.

    Args:
        world: Has the files of modules.
    """

    def __init__(self, world: World) -> None:
        self._world = world
        self._texts: dict[str, tuple[str, str] | None] = {}
        self._classes: dict[str, Mapping[str, tuple[ast.ClassDef, ...]]] = {}

    def text(self, module: str) -> tuple[str, str] | None:
        """The file of a module and its text; None where it has no source file."""
        if module not in self._texts:
            source = self._world.source(module)
            self._texts[module] = (source[0], _read(source[0])) if source else None
        return self._texts[module]

    def place(self, symbol: Symbol) -> Place | None:
        """The file and line of a class statement; None where the text has none, or several."""
        found = self.text(symbol.module)
        if found is None:
            return None
        file, text = found
        # A search by text finds most classes, without parsing the module.
        if '.' not in symbol.qualname:
            lines = [match.start() for match in re.finditer(rf'^[ \t]*class {symbol.qualname}\b', text, re.MULTILINE)]
            if len(lines) == 1:
                return Place(file, text.count('\n', 0, lines[0]) + 1)
        node = self.statement(symbol)
        return Place(file, node.lineno) if node is not None else None

    def statement(self, symbol: Symbol) -> ast.ClassDef | None:
        """A class statement; None where the text has none, or several."""
        found = self.text(symbol.module)
        if found is None:
            return None
        if symbol.module not in self._classes:
            self._classes[symbol.module] = class_statements(ast.parse(found[1]))
        classes = self._classes[symbol.module].get(symbol.qualname, ())
        return classes[0] if len(classes) == 1 else None

    def members(self, symbol: Symbol) -> dict[str, str]:
        """The names that a class statement binds, each with a digest of its statements' text."""
        node, found = self.statement(symbol), self.text(symbol.module)
        texts: dict[str, str] = {}
        if node is None or found is None:
            return {}
        lines = found[1].split('\n')
        for statement in node.body:
            first = min([statement.lineno, *(each.lineno for each in getattr(statement, 'decorator_list', ()))])
            text = '\n'.join(lines[first - 1 : statement.end_lineno])
            for name in dict.fromkeys(names_bound([statement])):
                texts[name] = texts.get(name, '') + text
        return {name: hashlib.sha256(text.encode()).hexdigest()[:12] for name, text in texts.items()}


def _read(file: str) -> str:
    with tokenize.open(file) as stream:
        return stream.read()
