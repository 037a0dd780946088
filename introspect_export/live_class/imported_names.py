"""The names in a standalone module: import statements for the globals that its text uses, without name clashes."""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Collection
from functools import cached_property
from typing import Any

from introspect_export.linearize.locate import ClassStatement, index_of
from introspect_export.linearize.standalone_text import import_like, import_statement
from introspect_export.live_class.live_modules import MISSING, is_builtin, value_of
from introspect_export.model import NameUse, PartKind, SourceModule
from introspect_export.read.bindings import bound_inside
from introspect_export.read.identifiers import normalized


class ImportedNames:
    """Assigns names in one module to the globals of several modules.

    Args:
        cls: The class that the module defines.
        statements: The class statements whose text is used, that of the class first.
        members: The names of the class's members.
    """

    def __init__(self, cls: type, statements: Collection[ClassStatement], members: Collection[str]) -> None:
        self._cls = cls
        self._statements = statements
        self._members = members
        self._names: dict[tuple[str, str], str] = {}
        self._values: dict[str, Any] = {cls.__name__: cls}
        self.imports: dict[str, None] = {}
        self.aliases: dict[str, None] = {}

    def of_use(self, module: SourceModule, use: NameUse) -> str:
        """Return the name for a use of a global, and import that global if necessary."""
        value = value_of(module.name, use.name)
        if value is MISSING or use.context == 'declare':
            return use.name
        if value is self._cls:
            return self.of_class(use.name)
        # A rebound global is looked up in its module at each use.
        if use.name in index_of(module).rebound and use.deferred and use.context == 'load':
            return f'{self._module(module)}.{use.name}'
        # In the class body, a member of that name would be found first.
        hidden = use.in_class_scope and use.name in self._members
        key = (module.name, use.name)
        if key not in self._names or hidden:
            name = self._free(module, use.name, value, hidden)
            if name == use.name and is_builtin(use.name, value):
                self._values[name] = value
                return name
            if self._values.get(name, MISSING) is not value:
                self.imports[_import(module, use.name, name)] = None
            self._names[key] = name
            self._values[name] = value
        return self._names[key]

    def of_base(self, module: SourceModule, base: type) -> str:
        """Return an expression for a class that can be imported by its symbol."""
        top, dot, rest = base.__qualname__.partition('.')
        value = getattr(sys.modules[base.__module__], top)
        name = self._free(module, top, value, False)
        if name != top or not is_builtin(top, value):
            self.imports[import_statement(base.__module__, top, name)] = None
        self._values[name] = value
        return f'{name}{dot}{rest}'

    def of_class(self, shown: str) -> str:
        """Return a name for the class itself that no function of the text shadows; if necessary, an alias."""
        name = self._cls.__name__
        if shown == name or name not in self._bound_inside:
            return name
        alias = self._free(next(iter(self._statements)).module, shown.replace('.', '_'), self._cls, '.' in shown)
        self.aliases[f'{alias} = {name}'] = None
        self._values[alias] = self._cls
        return alias

    def path_to_class(self, module: SourceModule, use: NameUse) -> tuple[str, int] | None:
        """Return the dotted name in a use that resolves to the class itself (``Outer.Inner``), and its end offset."""
        value = value_of(module.name, use.name)
        for number, (name, end) in enumerate(zip(use.attributes, use.ends, strict=False), 1):
            value = inspect.getattr_static(value, name, MISSING)
            if value is self._cls:
                return '.'.join((use.name, *use.attributes[:number])), end
        return None

    def _module(self, module: SourceModule) -> str:
        """The name of an imported module, for a global that is looked up in it each time."""
        package, _, last = module.name.rpartition('.')
        name = self._free(module, last, sys.modules[module.name], last in self._bound_inside)
        statement = f'import {last}' + (f' as {name}' if name != last else '')
        self.imports[import_statement(package, last, name) if package else statement] = None
        self._values[name] = sys.modules[module.name]
        return name

    def _free(self, module: SourceModule, name: str, value: Any, hidden: bool) -> str:
        """A name for a value: the given one unless it is hidden, or names another value; else one derived from it."""

        def is_free(candidate: str) -> bool:
            unused = candidate == name or candidate not in self._words
            return self._values[candidate] is value if candidate in self._values else unused

        if is_free(name) and not hidden:
            return name
        tail = module.name.rpartition('.')[2].strip('_')
        candidate, number = f'{name}_of_{tail}', 2
        while not is_free(candidate):
            candidate, number = f'{name}_of_{tail}_{number}', number + 1
        return candidate

    @cached_property
    def _words(self) -> set[str]:
        """All words of the texts, so all identifiers and more: a new name must be none of them."""
        texts = (normalized(each.module.cut(each.statement)) for each in self._statements)
        return {word for text in texts for word in re.findall(r'\w+', text)}

    @cached_property
    def _bound_inside(self) -> set[str]:
        """The names that the class bodies bind, at any depth."""
        return set(bound_inside(part for each in self._statements for part in each.node.body))


def _import(module: SourceModule, name: str, alias: str) -> str:
    if is_builtin(name, value_of(module.name, name)):
        return import_statement('builtins', name, alias)
    parts = [module.parts[index] for index in module.definitions.get(name, ())]
    found = [each for part in parts if part.kind is PartKind.IMPORT for each in part.imports if each.name == name]
    if len(found) == len(parts) == 1:
        return import_like(found[0], alias)
    return import_statement(module.name, name, alias)
