"""What a global name of a module means: the definition, library, registry or module that its bindings lead to.

Bindings are followed through the import statements of the text, which tell where a *value* was defined as the live
object cannot (a list or a constant does not know its module). The live process is asked where only it knows: which
objects are registries, and what a star import brought.
"""

from __future__ import annotations

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

# What a name means while its own imports are followed.
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
        """Return what a use in a module means, following attributes of origin modules."""
        target = self._earlier(module, use) or self.resolve(module, use.name)
        consumed = 0
        while isinstance(target, OriginModule) and consumed < len(use.attributes):
            target = self.attribute(target.module, use.attributes[consumed])
            consumed += 1
        return Resolution(target, consumed)

    def _earlier(self, module: str, use: NameUse) -> Target | None:
        """The import that a name stands for until the module defines it anew: ``class Hook(Hook)``.

        Only what is evaluated when the module is executed can mean it; a function meets the later definition.
        """
        source = self._modules(module)
        indices = source.definitions.get(use.name, ()) if source is not None and not use.deferred else ()
        if source is None or len(indices) < 2 or use.context != 'load':
            return None
        before = [source.parts[index] for index in indices if source.parts[index].statement.end <= use.span.start]
        if not before or len(before) == len(indices) or before[-1].kind is not PartKind.IMPORT:
            return None
        return self._imported(tuple(each for each in before[-1].imports if each.name == use.name))

    def imported(self, name: ImportedName) -> Resolution:
        """Return what a name bound by an import statement means."""
        return Resolution(self._imported((name,)))

    def resolve(self, module: str, name: str) -> Target:
        """Return what a global name means in code of a module."""
        key = (module, name)
        if key not in self._known:
            self._known[key] = _OPEN
            self._known[key] = self._resolve(module, name)
        return self._known[key]

    def attribute(self, module: str, name: str) -> Target:
        """Return what ``module.name`` means, where ``module`` is an origin's."""
        source = self._modules(module)
        if source is None:
            return Broken('ModuleNotFoundError', f'No module named {module!r}')
        if name in source.definitions or self._star(source, name) is not None:
            target = self.resolve(module, name)
            # ``from . import name`` in the package's own ``__init__`` leads back here: it means the submodule.
            if target is not _OPEN:
                return target
        if self._world.source(f'{module}.{name}'):
            return OriginModule(f'{module}.{name}')
        if name in _MODULE_ATTRIBUTES:
            return ModuleAttribute(module, name)
        on_demand = self._on_demand(source, name)
        if on_demand is not None:
            return on_demand
        return Broken('ImportError', f'cannot import name {name!r} from {module!r}')

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
            # A submodule that an import elsewhere bound in its package.
            return self._imported_module(binding.symbol.module)
        return Builtin(name)

    def _defined(self, source: SourceModule, name: str, parts: list[Part]) -> Target:
        if all(part.kind is PartKind.IMPORT for part in parts):
            return self._imported(tuple(each for part in parts for each in part.imports if each.name == name))
        return Defined(Symbol(source.name, name))

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
        """What a module gives that imports its names when it is asked for them; None where that is not known."""
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
        """What a star import brought, by the rule of https://docs.python.org/3/reference/simple_stmts.html#import."""
        binding = self._world.binding(source.name, name)
        if name.startswith('_') or binding is None:
            return None
        if binding.kind == 'module' and binding.symbol and binding.symbol.module == f'{source.name}.{name}':
            return None  # Its own submodule, which an import has bound. Of hundreds of stars none need be asked.
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
