"""Output modules: the live parts of an origin module with the imports that they need.

Linking has three steps. First, each module's namespace is determined: which name its text uses for each target. Then
the graph of imports between modules is examined for cycles. Finally, text is rendered: in a cycle, a name that is only
used when functions run is looked up at that time, through the other module's package.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType

from introspect_export.link.cycles import late_pairs
from introspect_export.link.excerpts import (
    PartText,
    answer_edits,
    apply_edits,
    module_edits,
    nested_imports,
    part_texts,
    renaming,
    type_edits,
    words_of,
    wrapping,
)
from introspect_export.link.files_module import FINDER
from introspect_export.link.import_statements import Importer, nested_import_text
from introspect_export.link.linked_modules import LinkedModules, ModuleDraft
from introspect_export.link.module_text import join, module_text
from introspect_export.link.namespace import Bound, Namespace, needs_import
from introspect_export.link.registry_plan import RegistryPlan
from introspect_export.model import (
    Edit,
    Excerpt,
    ExportError,
    InternalError,
    Literal,
    NameUse,
    Part,
    PartKind,
    SourceModule,
    Span,
    Symbol,
    World,
)
from introspect_export.model.liveset import Builtin, Defined, Library, LiveSet, Resolution, Target
from introspect_export.model.output_package import Layout


class ModuleLinker:
    """Generates the output modules.

    Args:
        live: The live set.
        layout: The output module of each origin module.
        registries: The registries of the package.
        world: The observed process.
        wrapped: By module, the expressions whose value may name a copied file.
        with_hub: Whether the package contains configs that ``mmengine.hub`` returned.
    """

    def __init__(
        self,
        live: LiveSet,
        layout: Layout,
        registries: RegistryPlan,
        world: World,
        wrapped: Mapping[str, Sequence[Span]] = MappingProxyType({}),
        with_hub: bool = False,
    ) -> None:
        self.wrapped = wrapped
        self.live = live
        self.layout = layout
        self.registries = registries
        self.world = world
        self.importer = Importer(layout, registries, with_hub)
        self.type_texts = {
            **{key: registries.type_text(entry.registry, entry.key) for key, entry in live.type_strings.items()},
            **{key: registries.scope_text(scope) for key, scope in live.scope_strings.items()},
        }

        self.rebound = {
            Symbol(name, rebound)
            for name, indices in live.parts.items()
            for index in indices
            for rebound in live.modules[name].parts[index].rebinds
        }

    def link(self) -> LinkedModules:
        """Return the output modules.

        Raises:
            ExportError: Modules need each other while they are executed, or a name would be hidden.
        """
        drafts = [self._draft(module) for module in self.live.present]
        edges = {draft.path: self._edges(draft) for draft in drafts}
        late = late_pairs(edges)
        kept = {
            path: {other: eager for other, eager in others.items() if other not in late.get(path, ())}
            for path, others in edges.items()
        }
        homes = (self.layout.modules[symbol.module] for draft in drafts for symbol in draft.lookups.values())
        return LinkedModules(
            texts={draft.path: self._render(draft, late) for draft in drafts},
            parts={draft.module.name: draft.texts for draft in drafts},
            edges=kept,
            looked_up=frozenset(homes).union(*late.values()),
            registering=frozenset(draft.path for draft in drafts if draft.namespace.uses_registries),
        )

    def _draft(self, module: SourceModule) -> ModuleDraft:
        texts = part_texts(module, self.live)
        words: set[str] = set()
        for text in texts:
            for each in text.excerpts:
                words |= words_of(self.live.modules[each.module], each.span)
        draft = ModuleDraft(
            module, self.layout.modules[module.name], texts, Namespace(frozenset(words), self._canonical), {}, {}, {}
        )
        for text in texts:
            for name in text.part.defines:
                draft.namespace.define(name, Symbol(module.name, name))
        # The module's own text is named first, so that its names are kept; merged text gets aliases.
        for own in (True, False):
            for text in texts:
                for each in text.excerpts:
                    if (each.module == module.name) is own:
                        self._name_uses(draft, each, text.part)
        self._name_virtual(draft)
        for name, target in self.live.given.get(module.name, {}).items():
            if draft.namespace.name(target, name, eager=True, origin=module.name, fits=True) != name:
                raise InternalError(f'{module.name}.{name} is asked for, and means something else in the package')
        return draft

    def _canonical(self, target: Target) -> Target:
        """Map all ways of importing a library module to one target: ``from torch import nn``, ``import torch.nn``."""
        if not isinstance(target, Library):
            return target
        if target.attribute is not None and self.world.source(f'{target.module}.{target.attribute}') is not None:
            binding = self.world.binding(target.module, target.attribute)
            if binding is not None and binding.kind == 'module':
                return Library(f'{target.module}.{target.attribute}', None)
        return Library(target.module, target.attribute)

    def _name_uses(self, draft: ModuleDraft, excerpt: Excerpt, part: Part) -> None:
        for use in excerpt.uses:
            resolution = self.live.resolutions.get((excerpt.module, use.span.start))
            if resolution is None or not self._is_named(resolution):
                continue
            place = (excerpt.module, use.span.start)
            symbol = self._live_lookup(draft, excerpt, use, resolution)
            if symbol is not None:
                draft.lookups[place] = symbol
            else:
                draft.names[place] = self._name(draft, excerpt, use, resolution, part)
                if use.rebound and draft.names[place] != use.name:
                    self._refuse(excerpt, use)

    def _refuse(self, excerpt: Excerpt, use: NameUse) -> None:
        where = self.live.modules[excerpt.module].place(use.span.start)
        raise ExportError(
            f'{where}: {use.name} may be bound again before this use, and means something else in '
            f'the package: rename it, or keep the class with --keep'
        )

    def _name(self, draft: ModuleDraft, excerpt: Excerpt, use: NameUse, resolution: Resolution, part: Part) -> str:
        target = resolution.target
        if isinstance(target, Defined) and target.symbol.module == draft.module.name:
            name = target.symbol.qualname
            own = draft.namespace.bound.get(name)
            if own is not None and own.target == target:
                if self._meets_local(name, use, excerpt):
                    where = self.live.modules[excerpt.module].place(use.span.start)
                    raise ExportError(
                        f'{where}: {target.symbol} would be hidden by a local name; keep the class with --keep'
                    )
                return name
        redefined = draft.namespace.bound.get(use.name)
        own_text = excerpt.module == draft.module.name and part.statement.holds(use.span) and not use.deferred
        if own_text and redefined is not None and redefined.target == Defined(Symbol(draft.module.name, use.name)):
            # An import before the redefinition; Python finds the one or the other, whichever ran last.
            if not resolution.consumed and draft.namespace.name_before(target, use.name):
                return use.name
            if use.name in part.defines and part.kind is PartKind.COMPOUND:
                self._refuse(excerpt, use)
        wanted = use.attributes[resolution.consumed - 1] if resolution.consumed else use.name
        fits = not self._meets_local(wanted, use, excerpt)
        return draft.namespace.name(target, wanted, eager=not use.deferred, origin=excerpt.module, fits=fits)

    def _live_lookup(self, draft: ModuleDraft, excerpt: Excerpt, use: NameUse, resolution: Resolution) -> Symbol | None:
        """The global that a use must look up in its module each time, because functions rebind it; else None.

        A ``from`` import binds the value at the time of the import. Those in the original are kept; but a global of the
        text's own module, or an attribute of a module, must still be looked up when it is used.
        """
        target = resolution.target
        if not isinstance(target, Defined) or target.symbol not in self.rebound or not use.deferred:
            return None
        foreign = target.symbol.module != draft.module.name
        was_live = resolution.consumed or target.symbol.module == excerpt.module
        return target.symbol if foreign and was_live else None

    @staticmethod
    def _is_named(resolution: Resolution) -> bool:
        """Whether the namespace must provide a name; not for a builtin with a special name, such as ``__import__``."""
        return not isinstance(resolution.target, Builtin) or not resolution.target.name.startswith('__')

    def _meets_local(self, name: str, use: NameUse, excerpt: Excerpt) -> bool:
        """Whether replacing the name of a use could make it refer to a local variable of the new name."""
        if name == use.name:
            return False
        text = self.live.modules[excerpt.module].cut(excerpt.span)
        return re.search(rf'(?<![.\w]){re.escape(name)}\b', text) is not None

    def _name_virtual(self, draft: ModuleDraft) -> None:
        for symbol, ancestors in self.live.virtual.items():
            if symbol.module == draft.module.name:
                draft.virtual[symbol] = tuple(
                    draft.namespace.name(Defined(each), each.qualname, eager=True, origin=each.module, fits=True)
                    for each in ancestors
                )

    def _edges(self, draft: ModuleDraft) -> dict[str, bool]:
        """The output modules that a draft imports from, and whether it uses them while it is executed."""
        result: dict[str, bool] = {}
        for bound in draft.namespace.every:
            foreign = self._foreign(bound, draft.module.name)
            if foreign is not None:
                result[foreign[1]] = result.get(foreign[1], False) or bound.eager
        for symbol in draft.lookups.values():
            result.setdefault(self.layout.modules[symbol.module], False)
        return result

    def _foreign(self, bound: Bound, module: str) -> tuple[Symbol, str] | None:
        """The definition in another module that a name is bound to, with the output module; None for other names."""
        if not isinstance(bound.target, Defined) or not needs_import(bound, module):
            return None
        home = self.layout.modules.get(bound.target.symbol.module)
        if home is None:
            raise InternalError(f'{bound.target.symbol} is named in {module} and not in the package')
        return bound.target.symbol, home

    def _render(self, draft: ModuleDraft, late: Mapping[str, frozenset[str]]) -> str:
        # Names that become expressions: they are looked up late, through a package.
        moved: dict[str, str] = {}
        imported: list[Bound] = []
        packages: set[str] = set()
        for bound in draft.namespace.every:
            foreign = self._foreign(bound, draft.module.name)
            if foreign is not None and foreign[1] in late.get(draft.path, ()):
                packages.add(self._late(draft, foreign[1])[0])
                if bound.name in self.live.given.get(draft.module.name, ()) or bound.name in draft.namespace.before:
                    raise ExportError(f'{draft.module.name}.{bound.name} is asked for, and {foreign[0]} is made later')
                moved[bound.name] = self._lookup(draft, foreign[0])
            elif needs_import(bound, draft.module.name):
                imported.append(bound)
        for symbol in draft.lookups.values():
            packages.add(self._late(draft, self.layout.modules[symbol.module])[0])
        body = join([(text.part.kind, self._part(draft, text, moved)) for text in draft.texts])
        late_ones = [(package, _late_name(package)) for package in sorted(packages)]
        finder = [(FINDER, self._finder(draft))] if self._wraps(draft) else []
        lines = self.importer.lines(draft.path, imported, [*late_ones, *finder])
        return module_text(draft.module, self._future(draft), lines, body)

    def _wraps(self, draft: ModuleDraft) -> bool:
        """Whether some text of a module may name a copied file, and so needs the function that finds it."""
        excerpts = [piece for text in draft.texts for piece in text.pieces if isinstance(piece, Excerpt)]
        return any(list(wrapping(each, self.wrapped.get(each.module, ()), '')) for each in excerpts)

    @staticmethod
    def _finder(draft: ModuleDraft) -> str:
        """The name that the module binds the file-finding function to."""
        name, space = FINDER.rpartition('.')[2], draft.namespace
        while name in space.words or name in space.bound:
            name += '_'
        return name

    def _lookup(self, draft: ModuleDraft, symbol: Symbol) -> str:
        home = self.layout.modules[symbol.module]
        return f'{self._late(draft, home)[1]}.{home.rpartition(".")[2]}.{symbol.qualname}'

    def _late(self, draft: ModuleDraft, home: str) -> tuple[str, str]:
        package = home.rpartition('.')[0]
        if not package or package == draft.path:
            raise InternalError(f'{draft.path} and {home} need each other, and no package lies between them')
        return package, _late_name(package)

    def _future(self, draft: ModuleDraft) -> list[str]:
        modules = {piece.module for text in draft.texts for piece in text.pieces if isinstance(piece, Excerpt)}
        return sorted({feature for name in modules for feature in self.live.modules[name].future})

    def _part(self, draft: ModuleDraft, text: PartText, moved: Mapping[str, str]) -> str:
        result: list[str] = []
        registering = self._virtual_bases(draft, text.part, moved)
        for piece in text.pieces:
            if isinstance(piece, Literal):
                result.append(piece.text)
            else:
                # The decorators belong to the first excerpt that contains the class statement.
                inside = (
                    registering is not None
                    and piece.module == draft.module.name
                    and piece.span.start <= registering.start
                )
                added = [registering] if inside and registering is not None else []
                result.append(self._excerpt(draft, piece, moved, added))
                registering = None if inside else registering
        return ''.join(result)

    def _virtual_bases(self, draft: ModuleDraft, part: Part, moved: Mapping[str, str]) -> Edit | None:
        """The edit that adds decorators which make a flattened class a virtual subclass of its live ancestors."""
        names = draft.virtual.get(Symbol(draft.module.name, part.defines[0]), ()) if part.defines else ()
        if not names:
            return None
        start = draft.module.positions.span(draft.module.tree.body[part.index]).start
        return Edit(start, start, ''.join(f'@{moved.get(name, name)}.register\n' for name in names))

    def _filled(self, draft: ModuleDraft, edit: Edit, moved: Mapping[str, str]) -> Edit:
        """An edit with its inner excerpt rendered as text."""
        if edit.inner is None:
            return edit
        return Edit(edit.start, edit.end, edit.text + self._excerpt(draft, edit.inner, moved, []) + edit.after)

    def _excerpt(self, draft: ModuleDraft, excerpt: Excerpt, moved: Mapping[str, str], added: list[Edit]) -> str:
        module = self.live.modules[excerpt.module]
        edits = [*(self._filled(draft, each, moved) for each in excerpt.edits), *added]
        for statement, names in nested_imports(module, excerpt).items():
            text = nested_import_text(module, statement, names, self.live, self.importer, draft.path)
            if text is not None:
                edits.append(Edit(statement.start, statement.end, text))
        edits.extend(type_edits(module, excerpt, self.type_texts))
        edits.extend(wrapping(excerpt, self.wrapped.get(excerpt.module, ()), self._finder(draft)))
        edits.extend(answer_edits(excerpt, self.live))
        edits.extend(module_edits(module, excerpt, self.live, self.importer, draft.path))
        for use in excerpt.uses:
            place = (excerpt.module, use.span.start)
            name = self._lookup(draft, draft.lookups[place]) if place in draft.lookups else draft.names.get(place)
            if name is None:
                continue
            consumed = self.live.resolutions[excerpt.module, use.span.start].consumed
            end = use.ends[consumed - 1] if consumed else use.span.end
            name = moved.get(name, name)
            if module.text[use.span.start : end] != name:
                edits.append(renaming(module, use, end, name))
        return apply_edits(module, excerpt.span, edits)


def _late_name(package: str) -> str:
    return '_' + package.replace('.', '_')
