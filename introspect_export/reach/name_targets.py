"""Resolves global names: the definition, library, registry or module that a name of a module refers to.

Bindings are followed through the import statements of the source, which lead to the module that defines a *value*; the
live object has no record of it (a list or a constant has no ``__module__``). The observed process is used for what the
source does not show: which objects are registries, and which names a star import bound.
"""

from __future__ import annotations

import ast
import builtins

from introspect_export.model import ImportedName, NameUse, Part, PartKind, SourceModule, Symbol, World
from introspect_export.model.liveset import (
    Broken,
    Builtin,
    Defined,
    FromRegistry,
    Library,
    ModuleAttribute,
    OriginModule,
    Resolution,
    Target,
)
from introspect_export.read.origin_modules import SourceTree

_MODULE_ATTRIBUTES = frozenset(
    ('__file__', '__name__', '__path__', '__package__', '__doc__', '__spec__', '__loader__', '__dict__')
)

# The target of a name while its imports are being followed; a name that resolves to it is imported in a circle.
_OPEN = Broken('ImportError', 'a name that is imported from where it is imported to')


class Names:
    """Resolves names of origin modules.

    Args:
        world: The observed process.
        modules: The read modules.
    """

    def __init__(self, world: World, modules: SourceTree) -> None:
        self._world = world
        self._modules = modules
        self._known: dict[tuple[str, str], Target] = {}

    def use(self, module: str, use: NameUse) -> Resolution:
        """Resolve a use of a name in a module, and the attributes that follow as long as they belong to modules."""
        target = self._earlier(module, use) or self.resolve(module, use.name)
        consumed = 0
        while isinstance(target, OriginModule) and consumed < len(use.attributes):
            target = self.attribute(target.module, use.attributes[consumed])
            consumed += 1
        return Resolution(target, consumed)

    def _earlier(self, module: str, use: NameUse) -> Target | None:
        """The target of an import that binds a name before the module redefines it: ``class Hook(Hook)``, ``X += 1``.

        Only code that runs when the module is executed can refer to it; functions run later and find the redefinition.
        """
        source = self._modules(module)
        indices = source.definitions.get(use.name, ()) if source is not None and not use.deferred else ()
        if source is None or len(indices) < 2 or not (use.context == 'load' or use.role == 'augmented'):
            return None
        before = [source.parts[index] for index in indices if source.parts[index].statement.end <= use.span.start]
        if not before or len(before) == len(indices) or before[-1].kind is not PartKind.IMPORT:
            return None
        return self._imported(tuple(each for each in before[-1].imports if each.name == use.name))

    def imported(self, name: ImportedName) -> Resolution:
        """Resolve a name bound by an import statement."""
        return Resolution(self._imported((name,)))

    def resolve(self, module: str, name: str) -> Target:
        """Resolve a global name of a module."""
        key = (module, name)
        if key not in self._known:
            self._known[key] = _OPEN  # Ends the recursion for names that are imported in a circle.
            self._known[key] = self._resolve(module, name)
        return self._known[key]

    def attribute(self, module: str, name: str) -> Target:
        """Resolve ``module.name``, where ``module`` belongs to an origin."""
        source = self._modules(module)
        if source is None:
            return Broken('ModuleNotFoundError', f'No module named {module!r}')
        if name in source.definitions or self._star(source, name) is not None:
            target = self.resolve(module, name)
            # ``from . import name`` in the package's own ``__init__`` leads back here, and imports the submodule.
            if target is not _OPEN:
                return target
        if self._world.source(f'{module}.{name}'):
            return OriginModule(f'{module}.{name}')
        if name in _MODULE_ATTRIBUTES:
            return ModuleAttribute(module, name)
        on_demand = self._on_demand(source, name)
        if on_demand is not None:
            return on_demand
        return Broken('ImportError', f'cannot import name {name!r} from {module!r}', module)

    def _resolve(self, module: str, name: str) -> Target:
        binding = self._world.binding(module, name)
        if binding is not None and binding.kind == 'registry' and binding.origin and binding.registry is not None:
            return FromRegistry(binding.registry)
        source = self._modules(module)
        if source is None:
            return Builtin(name)
        parts = [source.parts[index] for index in source.definitions.get(name, ())]
        if parts:
            return self._defined(source, name, parts)
        star = self._star(source, name)
        if star is not None:
            return star
        if name in _MODULE_ATTRIBUTES:
            return ModuleAttribute(module, name)
        if not hasattr(builtins, name) and binding is not None and binding.kind == 'module' and binding.symbol:
            # A submodule, which an import in another module bound as an attribute of its package.
            return self._imported_module(binding.symbol.module)
        return Builtin(name)

    def _defined(self, source: SourceModule, name: str, parts: list[Part]) -> Target:
        if all(part.kind is PartKind.IMPORT for part in parts):
            return self._imported(tuple(each for part in parts for each in part.imports if each.name == name))
        module = self._computed_import(source, name, parts)
        return OriginModule(module) if module is not None else Defined(Symbol(source.name, name))

    def _computed_import(self, source: SourceModule, name: str, parts: list[Part]) -> str | None:
        """The origin's module that a call returned: ``ops = load('_ext')``; None where more is used than attributes."""
        binding = self._world.binding(source.name, name)
        module = binding.symbol.module if binding is not None and binding.kind == 'module' and binding.symbol else ''
        if not module or module == source.name or not self._world.is_origin(module) or self._modules(module) is None:
            return None
        statement = source.tree.body[parts[0].index]
        if len(parts) > 1 or not isinstance(statement, ast.Assign) or not isinstance(statement.value, ast.Call):
            return None
        uses = [use for part in source.parts for use in part.uses if use.name == name and part is not parts[0]]
        if all(use.context == 'load' and use.attributes for use in uses):
            return module
        return None

    def _imported(self, names: tuple[ImportedName, ...]) -> Target:
        last = names[-1]
        if not self._world.is_origin(last.module):
            loads = tuple(dict.fromkeys(each.module for each in names if each.binds_top))
            return Library(last.module.partition('.')[0] if last.binds_top else last.module, last.attribute, loads)
        if last.attribute is not None:
            return self.attribute(last.module, last.attribute)
        if self._world.source(last.module) is None:
            return Broken('ModuleNotFoundError', f'No module named {last.module!r}')
        return self._imported_module(last.module.partition('.')[0] if last.binds_top else last.module)

    def _on_demand(self, source: SourceModule, name: str) -> Target | None:
        """Resolve a name that a module imports lazily; None if it is unknown where from.

        Declarations under ``if TYPE_CHECKING:`` come first, then the attribute that the observed module has.
        """
        for each in source.on_demand:
            inner = self._modules(each.module) if each.name == '*' else None
            if each.name == name:
                return self._imported((each,))
            if inner is not None and not name.startswith('_') and name in inner.definitions:
                return self.attribute(each.module, name)
        binding = self._world.binding(source.name, name)
        symbol = binding.symbol if binding is not None and binding.kind in ('class', 'function') else None
        if symbol is None or symbol.module == source.name:
            return None
        if self._world.is_origin(symbol.module):
            return self.attribute(symbol.module, symbol.top)
        return Library(symbol.module, symbol.top)

    def _imported_module(self, module: str) -> Target:
        return OriginModule(module) if self._world.is_origin(module) else Library(module, None)

    def _star(self, source: SourceModule, name: str) -> Target | None:
        """Resolve a name bound by a star import, by https://docs.python.org/3/reference/simple_stmts.html#import.

        Later imports replace the bindings of earlier ones, so they are tried in reverse order.
        """
        binding = self._world.binding(source.name, name)
        if name.startswith('_') or binding is None:
            return None
        if binding.kind == 'module' and binding.symbol and binding.symbol.module == f'{source.name}.{name}':
            return None  # A submodule of its own, bound by an import. Skips modules with hundreds of star imports.
        for part in reversed(source.parts):
            for each in part.imports:
                if each.name != '*':
                    continue
                if self._world.is_origin(each.module):
                    target = self.attribute(each.module, name)
                    if not isinstance(target, Broken):
                        return target
                elif self._world.binding(each.module, name) is not None:
                    return Library(each.module, name)
        return None
