"""What importing a module of the package does besides defining its names.

It registers in the package's registries; a registry can wait for that until it is asked. Everything else that is not
shown, from the text, to concern the module alone is taken for a change that others may see: a call for nothing but its
effect, a store into what another module made, an entry put into a library's registry. What is taken on trust: a
library's function that is called for its value, and a library's class that is subclassed, change nothing that the
package asks, and ask the package's registries only if they are handed something of the package.
"""

from __future__ import annotations

import ast

from introspect_export.distributions import stdlib_names
from introspect_export.link.effects import Call, Direct, Executed
from introspect_export.link.executed_names import KnownNames
from introspect_export.link.executed_walk import ALL_LEVELS, Walk
from introspect_export.link.names import InLibrary, InPackage, Meaning, Text
from introspect_export.link.own import DEFINED, Scope


class Execution:
    """Says what executing each module of a package does.

    Args:
        known: What the names in the package's text mean.
    """

    def __init__(self, known: KnownNames) -> None:
        self._known = known
        self._done: dict[Call, Direct] = {}

    def module(self, path: str) -> Executed:
        """What importing a module does, without what the modules do that it imports."""
        text = self._known.names.texts[path]
        own = Direct()
        Walk(self._known, Scope(text), own).body(text.tree.body)
        result, pending, seen = own.does, list(own.calls), set(own.calls)
        while pending:
            called = self._called(pending.pop())
            result.add(called.does)
            pending += [each for each in called.calls if each not in seen]
            seen.update(called.calls)
        return result

    def _called(self, call: Call) -> Direct:
        """What calling something does: of the package all that its text, and that of its bases, can.

        A library's function is trusted, unless it is called to decorate.
        """
        standard = call.meaning.module.partition('.')[0] in stdlib_names()
        if isinstance(call.meaning, InLibrary) and (not call.decorates or standard):
            return Direct()
        if call not in self._done:
            result = self._done[call] = Direct()
            found = self._code(call.meaning)
            for text, node in found:
                self._run(Scope(text), node, call, result)
            if not found:
                result.does.alters = f'what {call.meaning.name} does'
        return self._done[call]

    def _code(self, meaning: Meaning) -> list[tuple[Text, ast.stmt]]:
        """The class or function that something is, with its module; nothing where it is not known to be one."""
        if isinstance(meaning, InPackage):
            found = self._known.definitions(meaning) if self._known.is_code(meaning) else []
            return [(self._known.text(meaning), node) for node in found]
        function = self._known.names.library(meaning)
        return [function] if function is not None and isinstance(function[1], ast.FunctionDef) else []

    def _run(self, scope: Scope, node: ast.stmt, call: Call, result: Direct, method: bool = False) -> None:
        if isinstance(node, ast.ClassDef):
            for base in node.bases:
                for one in self._known.meanings(scope, base):
                    result.calls[Call(one, ALL_LEVELS)] = None
            for each in node.body:
                if isinstance(each, DEFINED):
                    self._run(scope, each, Call(call.meaning, ALL_LEVELS), result, method=True)
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            walk = Walk(self._known, scope.of_function(node, call.levels, method, call.decorates), result)
            walk.body(node.body)
            for decorator in node.decorator_list if not method else ():
                walk.unless_standard(decorator)
