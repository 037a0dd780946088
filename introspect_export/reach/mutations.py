"""Statements that mutate live objects, and uses of names that only write to the objects they refer to."""

from __future__ import annotations

from collections.abc import Container

from introspect_export.model import NameUse, Part, PartKind, SourceModule, Symbol
from introspect_export.model.liveset import Builtin, Defined, Library, ModuleAttribute, Target
from introspect_export.reach.main_guard import changed_itself
from introspect_export.reach.name_targets import Names
from introspect_export.reach.write_only_tables import is_table, writes
from introspect_export.read.lazy_modules import replaces_itself
from introspect_export.read.origin_modules import SourceTree


class Mutations:
    """Determines what statements and uses of names change.

    Args:
        modules: The read modules.
        names: Resolves names in them.
    """

    def __init__(self, modules: SourceTree, names: Names) -> None:
        self._modules = modules
        self._names = names
        self._writes: dict[tuple[str, int], frozenset[int]] = {}

    def only_writes(self, module: SourceModule, use: NameUse, target: Target) -> bool:
        """Whether a use only writes to a container of an origin module, and reads nothing from it."""
        home = self._modules(target.symbol.module) if isinstance(target, Defined) else None
        if home is None or not isinstance(target, Defined) or not is_table(home, target.symbol.qualname):
            return False
        if use.context == 'store':
            return True
        for part in module.overlapping(use.span):
            if part.key not in self._writes:
                self._writes[part.key] = writes(module, part)
            return use.span.start in self._writes[part.key]
        return False

    def changed(self, module: SourceModule, part: Part, live: Container[Symbol]) -> Symbol | None:
        """Return the live symbol that a statement changes when it is executed, or None. Registries do not count.

        Symbols of libraries are never live: for a statement that changes a library, the symbol stands for the
        statement's own module.
        """
        targets = {use.name: self._names.use(module.name, use).target for use in part.uses}
        script = module.name == '__main__'
        if part.kind is PartKind.EFFECT and part.mutates and not script and self._only_libraries(part, targets):
            return Symbol(module.name, '')
        if part.kind is PartKind.ASSIGN and not script and self._sets_in_library(module, part, targets):
            return Symbol(module.name, '')
        # The main program of a script passes live objects to functions. That is no mutation to repeat in the package,
        # so for scripts only direct changes count.
        for name in changed_itself(module.tree.body[part.index]) if script else part.mutates:
            target = targets.get(name)
            if not isinstance(target, Defined) or target.symbol not in live:
                continue
            if target.symbol.module != module.name or target.symbol.qualname not in part.defines:
                return target.symbol
        return None

    @staticmethod
    def _sets_in_library(module: SourceModule, part: Part, targets: dict[str, Target]) -> bool:
        """Whether an assignment sets an attribute or item of a library: ``logging.Logger.once = once``."""
        changes = any(isinstance(targets.get(name), Library) for name in part.mutates)
        return changes and not part.defines and not replaces_itself(module.tree.body[part.index])

    @staticmethod
    def _only_libraries(part: Part, targets: dict[str, Target]) -> bool:
        """Whether a statement binds nothing and uses only names of libraries and builtins."""
        return not part.defines and all(
            isinstance(target, (Library, Builtin, ModuleAttribute)) for target in targets.values()
        )
