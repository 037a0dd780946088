"""The attributes that a function reads from a module that it imports: ``from . import auto; auto.tables.NAMES``.

If all attribute names can be determined from the source, including ``getattr(auto, TABLE[key])`` with a constant
table, only these attributes are reached. Submodules among them are imported lazily by the original; in the package,
the import statement imports them.
"""

from __future__ import annotations

import ast
from collections.abc import Container, Iterable
from dataclasses import dataclass, field

from introspect_export.linearize.function_scopes import is_name
from introspect_export.linearize.memo import per_module
from introspect_export.model import ImportedName, PartKind, SourceModule, Symbol
from introspect_export.model.liveset import Broken, Builtin, Defined, ModuleAttribute, OriginModule
from introspect_export.reach.name_targets import Names
from introspect_export.reach.write_only_tables import writes
from introspect_export.read.bindings import FUNCTION_STATEMENTS, bound_by
from introspect_export.read.origin_modules import SourceTree

_DEFINING = (PartKind.CLASS, PartKind.FUNCTION, PartKind.ASSIGN)
_CONTAINERS = frozenset(('dict', 'list', 'tuple', 'set', 'frozenset', 'OrderedDict'))


@dataclass
class Asked:
    """The attributes that a function reads from a module.

    The fields of dictionaries without values are ordered sets.

    Attributes:
        symbols: The definitions that these attributes, and those of submodules, resolve to.
        given: Those of them that another module defines or another name: by the module and attribute they are read by.
        submodules: The submodules among the attributes.
        values: The modules that are used in other ways than by known attributes.
    """

    symbols: dict[Symbol, None] = field(default_factory=dict)
    given: dict[tuple[str, str], Defined] = field(default_factory=dict)
    submodules: dict[str, None] = field(default_factory=dict)
    values: dict[str, None] = field(default_factory=dict)


class ModuleValues:
    """Determines which attributes functions read from modules that they import.

    Args:
        modules: The read modules.
        names: Resolves names in them.
    """

    def __init__(self, modules: SourceTree, names: Names) -> None:
        self._modules = modules
        self._names = names

    def asked(self, module: SourceModule, name: ImportedName, target: OriginModule) -> Asked:
        """Return the attributes that a function reads from a module that it imports.

        Args:
            module: The module that contains the import statement.
            name: The name that the statement binds to the imported module.
            target: The imported module.
        """
        found = Asked()
        function = _function_around(module, name) if name.attribute is not None or not name.binds_top else None
        uses = _uses(function, name.name) if function is not None else None
        if function is None or uses is None:
            found.values[target.module] = None
            return found
        parents = {id(child): each for each in ast.walk(function) for child in ast.iter_child_nodes(each)}
        for use in uses:
            self._climb(use, target.module, _Place(module, function, parents), found)
        home = self._modules(target.module)
        if not found.symbols and (home is None or not home.is_package):
            found.values[target.module] = None  # Nothing else reaches the module, but the statement imports it.
        return found

    def named_in(self, package: SourceModule | None, texts: Container[str]) -> Asked:
        """Return the attributes of a package, which is used as a value, that some texts name.

        ``getattr(ops, cfg.type)`` reads one that the package's ``__init__`` imports; the text is in the config.

        Args:
            package: The package; None for one without source, of which nothing is known.
            texts: The strings in observed values.
        """
        found = Asked()
        if package is None:
            return found
        for name in package.definitions:
            meaning = self._names.attribute(package.name, name) if name in texts else None
            if isinstance(meaning, Defined):
                found.symbols[meaning.symbol] = None
                if meaning.symbol != Symbol(package.name, name):
                    found.given[package.name, name] = meaning
        return found

    def _climb(self, node: ast.AST, at: str, place: _Place, found: Asked) -> None:
        """Follow the attribute accesses on an expression whose value is the module ``at``."""
        parent = place.parents[id(node)]
        names = self._attribute_names(parent, node, place)
        for each in names if names is not None else ():
            meaning = self._names.attribute(at, each)
            if isinstance(meaning, OriginModule) and meaning.module == f'{at}.{each}':
                found.submodules[meaning.module] = None
                self._climb(parent, meaning.module, place, found)
            elif isinstance(meaning, Defined):
                found.symbols[meaning.symbol] = None
                if meaning.symbol != Symbol(at, each):
                    found.given[at, each] = meaning
            elif not isinstance(meaning, (ModuleAttribute, Broken)):
                found.values[at] = None
        if names is None:
            found.values[at] = None

    def _attribute_names(self, parent: ast.AST, node: ast.AST, place: _Place) -> frozenset[str] | None:
        """The names of the attributes that the parent node may read from a node; None if they are unknown."""
        if isinstance(parent, ast.Attribute) and isinstance(parent.ctx, ast.Load):
            return frozenset((parent.attr,))
        if isinstance(parent, ast.Call) and len(parent.args) in (2, 3) and parent.args[0] is node:
            called = parent.func
            if isinstance(called, ast.Name) and self._names.resolve(place.module.name, called.id) == Builtin('getattr'):
                return self._strings(parent.args[1], place, frozenset())
        return None

    def _strings(self, node: ast.expr, place: _Place, seen: frozenset[str]) -> frozenset[str] | None:
        """The strings that an expression may evaluate to, if it takes them from literal constants; None otherwise.

        Of a container all strings count, since the subscript is not evaluated.
        """
        if isinstance(node, ast.Constant):
            return frozenset((node.value,)) if isinstance(node.value, str) else frozenset()
        if isinstance(node, ast.Subscript):
            return self._strings(node.value, place, seen)
        if not isinstance(node, ast.Name) or node.id in seen:
            return None
        bound = _bound_to(place.function, node.id)
        if not bound:
            return self._table(place.module.name, node.id)
        found = [self._strings(each, place, seen | {node.id}) if each is not None else None for each in bound]
        return None if None in found else frozenset().union(*(each for each in found if each is not None))

    def _table(self, module: str, name: str) -> frozenset[str] | None:
        """The strings in a global that is a display of constants and is not changed; None for any other global."""
        target = self._names.resolve(module, name)
        home = self._modules(target.symbol.module) if isinstance(target, Defined) else None
        if home is None or not isinstance(target, Defined):
            return None
        return _constant_tables(home).get(target.symbol.qualname)


def all_defined(source: SourceModule, names: Names) -> list[Symbol]:
    """The classes, functions and assigned names of a module, but for modules that calls returned.

    Args:
        source: The module.
        names: Resolves names in it.
    """
    return [
        Symbol(source.name, name)
        for name, indices in source.definitions.items()
        if any(source.parts[index].kind in _DEFINING for index in indices)
        and not isinstance(names.resolve(source.name, name), OriginModule)
    ]


def answered_on_demand(
    packages: Iterable[str], live: Iterable[Symbol], modules: SourceTree, names: Names
) -> dict[str, dict[str, Defined]]:
    """Return the live symbols that subpackages import lazily, for packages that are imported by computed names.

    Args:
        packages: The packages below which a computed name may refer to any module.
        live: The live symbols.
        modules: The read modules.
        names: Resolves names in them.

    Returns:
        By subpackage and attribute, the definition that the attribute resolves to.
    """
    found: dict[str, dict[str, Defined]] = {}
    tops = [top for top in packages if (home := modules(top)) is not None and home.is_package]
    for symbol in live:
        top = next((each for each in tops if symbol.module.startswith(f'{each}.')), symbol.module)
        package = symbol.module.rpartition('.')[0]
        while len(package) > len(top):
            if _provides(package, symbol, modules, names):
                found.setdefault(package, {})[symbol.qualname] = Defined(symbol)
            package = package.rpartition('.')[0]
    return found


def _provides(package: str, symbol: Symbol, modules: SourceTree, names: Names) -> bool:
    """Whether a package lazily imports a public symbol under its own name."""
    home, own = modules(package), modules(symbol.module)
    if home is None or own is None or not home.on_demand or symbol.qualname not in own.definitions:
        return False
    public = _constant_tables(own).get('__all__')
    is_public = symbol.qualname in public if public is not None else not symbol.qualname.startswith('_')
    return is_public and names.attribute(package, symbol.qualname) == Defined(symbol)


@dataclass(frozen=True)
class _Place:
    """A function that imports a module.

    Attributes:
        module: Its module.
        function: Its node.
        parents: The parent of each node in the function, by identity.
    """

    module: SourceModule
    function: ast.AST
    parents: dict[int, ast.AST]


def _function_around(module: SourceModule, name: ImportedName) -> ast.AST | None:
    """The innermost function that contains an import statement."""
    found = None
    for part in module.overlapping(name.statement):
        for node in ast.walk(module.tree.body[part.index]):
            if isinstance(node, FUNCTION_STATEMENTS) and module.positions.span(node).holds(name.statement):
                found = node
    return found


def _uses(function: ast.AST, name: str) -> list[ast.Name] | None:
    """The uses of a local name, also in nested functions; None if anything besides one import binds it."""
    nodes = list(ast.walk(function))
    declared = any(isinstance(each, (ast.Global, ast.Nonlocal)) and name in each.names for each in nodes)
    if declared or sum(name in bound_by(each) for each in nodes) != 1:
        return None
    return [each for each in nodes if isinstance(each, ast.Name) and each.id == name]


def _bound_to(function: ast.AST, name: str) -> list[ast.expr | None]:
    """The expressions whose value, or an item of it, is bound to a local name; None for each unknown one."""
    nodes = list(ast.walk(function))
    known: list[ast.expr | None] = []
    for node in nodes:
        if isinstance(node, (ast.For, ast.comprehension)) and is_name(node.target, name):
            known.append(node.iter)
        elif isinstance(node, ast.Assign):
            known += [node.value for target in node.targets if is_name(target, name)]
        elif isinstance(node, ast.NamedExpr) and is_name(node.target, name):
            known.append(node.value)
    unknown = sum(name in bound_by(each) for each in nodes) - len(known)
    return [*known, *([None] * unknown)]


@per_module
def _constant_tables(module: SourceModule) -> dict[str, frozenset[str]]:
    """The strings in each global that is a display of constants and that no code of the module changes."""
    found = {}
    changed = {name for part in module.parts for name in (*part.mutates, *part.rebinds)}
    for part in module.parts:
        written = writes(module, part)
        stores = (use for use in part.uses if use.context != 'load' or use.span.start in written)
        changed.update(use.name for use in stores if use.name not in part.defines)
    for name, indices in module.definitions.items():
        node = module.tree.body[indices[0]]
        if len(indices) == 1 and isinstance(node, (ast.Assign, ast.AnnAssign)) and name not in changed:
            strings = _constants(node.value) if node.value is not None else None
            if strings is not None:
                found[name] = strings
    return found


def _constants(node: ast.expr) -> frozenset[str] | None:
    """The strings in a display of constants; None for anything else."""
    if isinstance(node, ast.Constant):
        return frozenset((node.value,)) if isinstance(node.value, str) else frozenset()
    inner: list[ast.expr | None]
    if isinstance(node, ast.Dict):
        inner = [*node.keys, *node.values]
    elif isinstance(node, (ast.List, ast.Tuple, ast.Set)):
        inner = [*node.elts]
    elif isinstance(node, ast.Call) and getattr(node.func, 'id', '') in _CONTAINERS and not node.keywords:
        inner = [*node.args]
    else:
        return None
    found = [_constants(each) if each is not None else None for each in inner]
    return None if None in found else frozenset().union(*(each for each in found if each is not None))
