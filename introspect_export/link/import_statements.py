"""Import statements of the output: those at the top of modules, and nested ones that import from an origin."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from introspect_export.distributions import stdlib_names
from introspect_export.link.hub_module import HOME, is_of_hub
from introspect_export.link.layout import relative
from introspect_export.link.namespace import Bound
from introspect_export.link.registry_plan import RegistryPlan
from introspect_export.model import ImportedName, InternalError, SourceModule, Span
from introspect_export.model.liveset import (
    Broken,
    Builtin,
    Defined,
    FromRegistry,
    Library,
    LiveSet,
    ModuleAttribute,
    OriginModule,
    Target,
)
from introspect_export.model.output_package import Layout

_WIDTH = 79


class Importer:
    """Generates the imports of output modules.

    Args:
        layout: The output module of each origin module.
        registries: The registries of the package.
        with_hub: Whether the package has functions in place of those of ``mmengine.hub``, since it contains configs
            that these returned.
    """

    def __init__(self, layout: Layout, registries: RegistryPlan, with_hub: bool) -> None:
        self.layout = layout
        self.registries = registries
        self.with_hub = with_hub

    def source(self, path: str, target: Target) -> tuple[str, str | None]:
        """Return the module and attribute to import for a target; the attribute is None if the module is the target.

        Args:
            path: The output module that imports it.
            target: The target.

        Raises:
            InternalError: The target cannot be imported.
        """
        if self.with_hub and is_of_hub(target):
            return relative(self.layout, path, HOME), target.attribute
        if isinstance(target, Library):
            return target.module, target.attribute
        if isinstance(target, Builtin):
            return 'builtins', target.name
        if isinstance(target, FromRegistry):
            return relative(self.layout, path, 'registry'), self.registries.mapping[target.id]
        if isinstance(target, Defined):
            return relative(self.layout, path, self.layout.modules[target.symbol.module]), target.symbol.qualname
        if isinstance(target, ModuleAttribute):
            return relative(self.layout, path, self.place(target.module)), target.attribute
        if isinstance(target, OriginModule):
            parent, _, name = self.place(target.module).rpartition('.')
            if name:
                return relative(self.layout, path, parent), name
        raise InternalError(f'{path}: cannot import {target}')

    def place(self, module: str) -> str:
        """Return the output module of an origin's module; the top-level package is the package itself.

        Raises:
            InternalError: The package has no such module.
        """
        known = self.layout.modules.get(module)
        if known is None:
            # A package without live parts, which the output has for its submodules.
            rest = module.partition('.')[2]
            known = rest
            if rest and rest not in self.layout.packages:
                raise InternalError(f'module {module} is used, and no part of it is in the package')
        return known

    def named(self, path: str, module: str) -> str:
        """Return an expression for the absolute name of a module of the package, relative to ``__package__``.

        Args:
            path: The output module that contains the expression.
            module: The origin's module.
        """
        place = self.layout.modules.get(module, module.partition('.')[2])
        found = relative(self.layout, path, place)
        rest = found.lstrip('.')
        levels = len(found) - len(rest) - 1
        outer = f"__package__.rsplit('.', {levels})[0]" if levels else '__package__'
        return f'{outer} + {f".{rest}"!r}' if rest else outer

    def lines(self, path: str, names: Iterable[Bound], packages: Sequence[tuple[str, str]] = ()) -> list[str]:
        """Return the import lines of an output module, grouped by standard library, libraries and the package.

        Args:
            path: The output module.
            names: The names to bind.
            packages: Packages of the output and the names to bind them to, for names that are looked up late.
        """
        plain: dict[str, None] = {}
        members: dict[str, dict[str, None]] = {}
        for bound in names:
            module, attribute = self.source(path, bound.target)
            if attribute is None:
                for statement in _plain_imports(bound, module):
                    plain[statement] = None
            else:
                members.setdefault(module, {})[_as(attribute, bound.name)] = None
        for package, name in packages:
            parent, _, last = package.rpartition('.')
            members.setdefault(relative(self.layout, path, parent), {})[_as(last, name)] = None
        statements = [(statement.split()[1], statement) for statement in plain]
        statements += [(module, _from_import(module, sorted(each))) for module, each in members.items()]
        return _grouped(statements)


def _as(name: str, alias: str) -> str:
    return name if name == alias else f'{name} as {alias}'


def _plain_imports(bound: Bound, module: str) -> list[str]:
    loads = bound.target.loads if isinstance(bound.target, Library) else ()
    if bound.name == module:
        return [f'import {each}' for each in (loads or (module,))]
    return [f'import {module} as {bound.name}', *(f'import {each}' for each in loads)]


def _from_import(module: str, names: Sequence[str]) -> str:
    line = f'from {module} import {", ".join(names)}'
    if len(line) <= _WIDTH:
        return line
    rows, row = [], '   '
    for name in names:
        if len(row) + len(name) + 2 > _WIDTH and row.strip():
            rows.append(row)
            row = '   '
        row += f' {name},'
    return '\n'.join([f'from {module} import (', *rows, row, ')'])


def _grouped(statements: list[tuple[str, str]]) -> list[str]:
    def group(module: str) -> int:
        if module.startswith('.'):
            return 2
        return 0 if module.partition('.')[0] in stdlib_names() else 1

    def order(item: tuple[str, str]) -> tuple[int, bool, int, str]:
        module, statement = item
        dots = len(module) - len(module.lstrip('.'))
        return group(module), statement.startswith('from '), -dots, statement.casefold()

    result: list[str] = []
    previous: int | None = None
    for module, statement in sorted(statements, key=order):
        if previous is not None and group(module) != previous:
            result.append('')
        previous = group(module)
        result.append(statement)
    return result


def nested_import_text(
    module: SourceModule, statement: Span, names: Sequence[ImportedName], live: LiveSet, importer: Importer, path: str
) -> str | None:
    """Return the replacement of a nested import statement; None if it imports from libraries only and is kept.

    A library's object that is imported through an origin's module (``from origin import name``) is imported from the
    library.

    Args:
        module: The module that contains the statement.
        statement: Its span.
        names: The names that it binds.
        live: The live set, with the resolutions of these names.
        importer: Generates imports.
        path: The output module.

    Raises:
        InternalError: A name was not resolved, or cannot be imported.
    """
    targets = [live.imports.get((module.name, statement.start, name.name)) for name in names]
    if all(
        target is None or _is_kept(name, target.target, importer, path)
        for name, target in zip(names, targets, strict=True)
    ):
        return None
    lines: list[str] = []
    for name, resolution in zip(names, targets, strict=True):
        if resolution is None:
            raise InternalError(f'{module.place(statement.start)}: import of {name.name} was not reached')
        lines.extend(_nested_lines(name, resolution.target, importer, path))
        for each in live.submodules.get((module.name, statement.start, name.name), ()):
            if each in importer.layout.modules:
                source, attribute = importer.source(path, OriginModule(each))
                # Importing the submodule makes it an attribute of its package; the bound name is not used.
                lines.append(f'from {source} import {_as(str(attribute), f"_{name.name}_{attribute}")}')
    # Lines of an indented block; after other code on the line (``if x: import y``), semicolons.
    line_start = module.text.rfind('\n', 0, statement.start) + 1
    lead = module.text[line_start : statement.start]
    return '; '.join(lines) if lead.strip() else f'\n{lead}'.join(lines)


def _is_kept(name: ImportedName, target: Target, importer: Importer, path: str) -> bool:
    """Whether the statement imports a library's object from that library itself, and the output does so, too."""
    if not isinstance(target, Library):
        return False
    source, _ = importer.source(path, target)
    return source.partition('.')[0] == name.module.partition('.')[0]


def _nested_lines(name: ImportedName, target: Target, importer: Importer, path: str) -> list[str]:
    if isinstance(target, Broken):
        return [f'raise {target.error}({target.message!r})']
    if isinstance(target, OriginModule) and not importer.place(target.module):
        # The target is the exported package itself, which no relative import can bind.
        dots = relative(importer.layout, path, '')
        return ['import importlib', f'{name.name} = importlib.import_module({dots!r}, __package__)']
    source, attribute = importer.source(path, target)
    if attribute is None:
        return [f'import {source}' if source == name.name or name.binds_top else f'import {source} as {name.name}']
    return [f'from {source} import {_as(attribute, name.name)}']
