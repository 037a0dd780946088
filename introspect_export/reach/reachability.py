"""One pass of reaching: the parts that the observed classes depend on transitively, each with the reason."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator

from introspect_export.linearize import linearize
from introspect_export.linearize.global_names import world_binding
from introspect_export.model import (
    Diagnostic,
    EntryFacts,
    Excerpt,
    FlatClass,
    ImportedName,
    NameUse,
    Observation,
    Part,
    PartKind,
    SourceModule,
    Span,
    Statement,
    StringUse,
    Symbol,
)
from introspect_export.model.liveset import (
    Broken,
    Builtin,
    Defined,
    FromRegistry,
    LiveSet,
    OriginModule,
    Owner,
    Reason,
    Target,
)
from introspect_export.reach.annotations import Annotations, is_looked_up
from introspect_export.reach.defining_calls import is_nameless, maker, registering
from introspect_export.reach.installed_answers import installed_answers, outside
from introspect_export.reach.main_guard import only_in_a_script
from introspect_export.reach.module_values import Asked, ModuleValues, all_defined, answered_on_demand
from introspect_export.reach.mutations import Mutations
from introspect_export.reach.name_targets import Names
from introspect_export.reach.policy import FlattenPolicy
from introspect_export.reach.reach_state import ReachState
from introspect_export.reach.seen_constructors import SeenConstructors
from introspect_export.read.origin_modules import SourceTree

# Builtins that look names up by strings: https://docs.python.org/3/library/functions.html.
_DYNAMIC = (Builtin('eval'), Builtin('exec'), Builtin('globals'))
_EXECUTED = (PartKind.EFFECT, PartKind.COMPOUND, PartKind.ASSIGN)


class Reach:
    """One pass of reaching under a fixed flattening policy.

    Args:
        observation: The observation of the config.
        modules: The read modules.
        names: Resolves names in them.
        policy: Decides which classes are flattened up to which ancestor.
    """

    def __init__(self, observation: Observation, modules: SourceTree, names: Names, policy: FlattenPolicy) -> None:
        self.observation = observation
        self.world = observation.world
        self.modules = modules
        self.names = names
        self.policy = policy
        self.queue: deque[tuple[Symbol, Reason]] = deque()
        self.state = ReachState()
        self._seen_constructors = SeenConstructors(observation)
        self._opened: set[Symbol] = set()
        self._scopes = {facts.scope for facts in observation.registries.values() if facts.origin}
        self._changes = Mutations(modules, names)
        self._binding = world_binding(self.world)
        self._values = ModuleValues(modules, names)
        self._texts = frozenset().union(*observation.strings.values())
        self._annotations = Annotations()

    def run(self) -> LiveSet:
        """Return everything that is reached."""
        for observed in self.observation.classes:
            symbol = Symbol(observed.symbol.module, observed.symbol.top)
            self.queue.append((symbol, Reason(None, f'{observed.how} at {observed.path}')))
        for entry in self.observation.entries:
            if is_nameless(entry) and (entry.origin or entry.registered):
                self._register(entry)
        while self.queue:
            while self.queue:
                symbol, reason = self.queue.popleft()
                self._define(symbol, reason)
            # Both depend on everything that is live so far, and may add to the queue.
            self._effects()
            for module, use, owner in self._annotations.due():
                self._use(module, use, owner)
        on_demand = answered_on_demand(
            sorted(set(self.state.modules_by_name.values())), self.state.reasons, self.modules, self.names
        )
        self.state.on_demand.update(on_demand)
        return self.state.frozen({name: self._module(name) for name in sorted({*self.state.parts, *self._excerpted()})})

    def _excerpted(self) -> Iterator[str]:
        """The modules from which members were merged into flattened classes."""
        for flat in self.state.flat.values():
            excerpts = (piece.excerpts for piece in flat.pieces if isinstance(piece, Excerpt))
            yield from (each.module for found in excerpts for each in found)

    def _module(self, name: str) -> SourceModule:
        module = self.modules(name)
        if module is None:
            raise LookupError(name)
        return module

    def _define(self, symbol: Symbol, reason: Reason) -> None:
        """Mark the parts that define a top-level name as live."""
        if symbol in self.state.reasons:
            return
        module = self.modules(symbol.module)
        indices = module.definitions.get(symbol.qualname, ()) if module else ()
        if module is None or not indices:
            made = maker(symbol, self.world, self.modules, self.names)
            if made is not None:
                self._execute(*made, Reason(reason.pulled_by, f'makes {symbol.qualname}, {reason.how}'))
                return
            message = 'it was observed, but its source could not be found; it is not in the package'
            self.state.diagnostics[Diagnostic('IE-NO-SOURCE', str(symbol), message)] = None
            return
        self.state.reasons[symbol] = reason
        for index in indices:
            self._part(module, module.parts[index], symbol)

    def _register(self, entry: EntryFacts) -> None:
        """Mark the statement as live that registers an object which cannot be imported by name."""
        module, part = registering(entry, self.modules, self.names) or (None, None)
        how = f'registers {entry.key!r}, which the config names'
        if module is None or part is None:
            message = f'no statement was seen that registers {entry.key!r}; it is not in the package'
            self.state.diagnostics[Diagnostic('IE-NO-SOURCE', str(entry.target), message)] = None
        elif part.kind in (PartKind.CLASS, PartKind.FUNCTION):
            self.queue.append((Symbol(module.name, part.defines[0]), Reason(None, how)))
        elif self.world.is_origin(module.name):
            self._execute(module, part, Reason(None, how))

    def _open(self, symbol: Symbol) -> None:
        """Mark the classes and functions that a container holds as live, because live code reads the container."""
        if symbol in self._opened:
            return
        self._opened.add(symbol)
        binding = self.world.binding(symbol.module, symbol.qualname)
        for inner in binding.contains if binding is not None and binding.kind == 'data' else ():
            self.queue.append((Symbol(inner.module, inner.top), Reason(symbol, 'held by the value of')))
            if inner.module != symbol.module:
                self.state.fillers.setdefault(symbol.module, set()).add(inner.module)

    def _part(self, module: SourceModule, part: Part, symbol: Symbol) -> None:
        """Mark a part as live, and follow its text or, for a flattened class, the text of the flattened class."""
        live = self.state.parts.setdefault(module.name, set())
        if part.index in live or part.kind is PartKind.IMPORT:
            return
        live.add(part.index)
        flat = self._flatten(symbol) if part.kind is PartKind.CLASS else None
        if flat is None or not flat.merged:
            self._text(module, part.uses, part.statement, symbol)
            return
        for piece in flat.pieces:
            for each in piece.excerpts if isinstance(piece, Excerpt) else ():
                self._text(self._module(each.module), each.uses, each.span, symbol, each)

    def _flatten(self, symbol: Symbol) -> FlatClass | None:
        """Flatten a class if the policy says so and it has origin ancestors; None otherwise."""
        if not self.policy.flattens(symbol):
            return None
        chain = self.world.chain(symbol)
        if chain is None or not chain.ancestors:
            return None
        flat = linearize(
            chain,
            self.modules,
            self._binding,
            until=self.policy.until(symbol),
            live_globals=True,
            inline=self.policy.inline,
        )
        self.state.flat[symbol] = flat
        for diagnostic in flat.diagnostics:
            self.state.diagnostics[diagnostic] = None
        return flat

    def _text(
        self, module: SourceModule, uses: tuple[NameUse, ...], span: Span, owner: Owner, excerpt: Excerpt | None = None
    ) -> None:
        """Follow all names, nested imports and type strings in a span of live text."""
        answers = installed_answers(module, uses, span, self.world)
        self.state.answers.setdefault(module.name, {}).update(dict.fromkeys(answers))
        for use in outside(answers, uses):
            resolution = self.names.use(module.name, use)
            if use.annotation and not is_looked_up(use, resolution.target):
                self._annotations.keep(module, use, resolution.target, owner)
            else:
                self._use(module, use, owner)
        # Strings in text that linearizing replaces are not in the output.
        gone = [(edit.start, edit.end) for edit in (*(excerpt.edits if excerpt else ()), *answers)]
        for part in module.overlapping(span):
            self._nested_imports(module, part, span, owner)
            self._types(module, part, span, owner, gone)

    def _use(self, module: SourceModule, use: NameUse, owner: Owner) -> None:
        """Follow a use of a name."""
        resolution = self.names.use(module.name, use)
        self.state.resolutions[module.name, use.span.start] = resolution
        where = str(module.place(use.span.start))
        reads = not self._changes.only_writes(module, use, resolution.target)
        self._annotations.see(module, use, resolution.target)
        self._follow(resolution.target, owner, 'named in', where, reads)
        if resolution.target in _DYNAMIC and use.role == 'call':
            self._dynamic(module, owner, where)

    def _nested_imports(self, module: SourceModule, part: Part, span: Span, owner: Owner) -> None:
        for name in part.imports:
            if not span.holds(name.statement) or name.module == '__future__':
                continue
            resolution = self.names.imported(name)
            self.state.imports[module.name, name.statement.start, name.name] = resolution
            if isinstance(resolution.target, OriginModule):
                self._module_value(module, name, resolution.target, owner)
            else:
                self._follow(resolution.target, owner, 'imported in', str(module.place(name.statement.start)))

    def _module_value(self, module: SourceModule, name: ImportedName, target: OriginModule, owner: Owner) -> None:
        """Follow the attributes that a function reads from a module that it imports."""
        asked = self._values.asked(module, name, target)
        self.state.submodules[module.name, name.statement.start, name.name] = tuple(asked.submodules)
        self._follow_asked(asked, owner, str(module.place(name.statement.start)))

    def _follow_asked(self, asked: Asked, owner: Owner, where: str) -> None:
        for symbol in asked.symbols:
            self._follow(Defined(symbol), owner, 'asked of its module in', where)
        for home, each in asked.given:
            self.state.parts.setdefault(home, set())
            self.state.given.setdefault(home, {})[each] = asked.given[home, each]
        for each in asked.values:
            self._whole_module(each, owner, where)

    def _imported_by_name(self, module: SourceModule, string: StringUse, owner: Owner) -> None:
        """Follow ``importlib.import_module('a.b')``; it is unknown which attributes of the module are used."""
        if self.world.is_origin(string.value) and self.world.source(string.value) is not None:
            self.state.modules_by_name[module.name, string.span.start] = string.value
            self._follow(OriginModule(string.value), owner, 'imported by name in', str(module.place(string.span.start)))

    def _types(self, module: SourceModule, part: Part, span: Span, owner: Owner, gone: list[tuple[int, int]]) -> None:
        """Follow the string constants that name a registered type of an origin, or a type with an origin's scope."""
        for string in part.strings:
            if not span.holds(string.span) or any(start <= string.span.start < end for start, end in gone):
                continue
            if string.role == 'scope' and string.value in self._scopes:
                self.state.scope_strings[module.name, string.span.start] = string.value
            if string.role == 'module':
                self._imported_by_name(module, string, owner)
                continue
            if string.role != 'type' and '.' not in string.value:
                continue
            entry = self.world.resolve(string.value, module.name)
            if entry is None:
                continue
            self.state.type_strings[module.name, string.span.start] = entry
            if entry.origin and not self._seen_constructors.has_default(module.name, string.default):
                symbol = Symbol(entry.target.module, entry.target.top)
                self.queue.append((symbol, Reason(owner, f'type {string.value!r} named in')))

    def _follow(self, target: Target, owner: Owner, how: str, where: str, reads: bool = True) -> None:
        """Reach a target.

        Args:
            target: The target.
            owner: The definition or statement whose text refers to it.
            how: The reason, in words.
            where: The place of the reference, for diagnostics.
            reads: Whether the reference may read what a container holds, rather than only write to it.
        """
        if isinstance(target, Defined):
            self.queue.append((target.symbol, Reason(owner, how)))
            if reads:
                self._open(target.symbol)
        elif isinstance(target, FromRegistry):
            self._registry(target.id, owner)
        elif isinstance(target, Broken):
            message = (
                f'this import fails in the original too ({target.error}: {target.message}); the package raises the same'
            )
            self.state.diagnostics[Diagnostic('IE-BROKEN-IMPORT', str(owner), message, where)] = None
        elif isinstance(target, OriginModule):
            self._whole_module(target.module, owner, where)

    def _registry(self, id_: str, owner: Owner) -> None:
        """Reach a registry: its class and build function, but not its entries."""
        self.state.registries[id_] = None
        facts = self.observation.registries[id_]
        for symbol in (facts.class_symbol, facts.build_func):
            if self.world.is_origin(symbol.module):
                reason = Reason(owner, f'makes the registry {facts.symbols[0]} of')
                self.queue.append((Symbol(symbol.module, symbol.top), reason))

    def _dynamic(self, module: SourceModule, owner: Owner, where: str) -> None:
        """Reach all names of a module with code that computes names at run time; the code must stay in the module."""
        if isinstance(owner, Symbol) and module.name != owner.module:
            self.state.bound_to_module[owner] = None
        message = f'names are made up when it runs, so all that {module.name} defines is in the package'
        self.state.diagnostics[Diagnostic('IE-DYNAMIC-NAMES', str(owner), message, where)] = None
        self._all_of(module, owner)

    def _whole_module(self, module: str, owner: Owner, where: str) -> None:
        """Reach all names of a module that is used as a value, since any attribute of it may be read.

        Of packages, which are mostly used only for their location, only what observed values name.
        """
        source = self.modules(module)
        if source is None or source.is_package:
            return self._follow_asked(self._values.named_in(source, self._texts), owner, where)
        message = f'module {module} is used as a value, so all that it defines is in the package'
        self.state.diagnostics[Diagnostic('IE-MODULE-VALUE', str(owner), message, where)] = None
        self._all_of(source, owner)

    def _all_of(self, source: SourceModule, owner: Owner) -> None:
        """Reach all classes, functions and assigned names of a module, but for modules that calls returned."""
        for symbol in all_defined(source, self.names):
            self.queue.append((symbol, Reason(owner, 'of a module whose names are all live for')))
            self._open(symbol)

    def _effects(self) -> None:
        """Mark the top-level statements of live modules as live that change a live object or a library."""
        for name in sorted(self.state.parts):
            module = self._module(name)
            for part in module.parts:
                if part.index in self.state.parts[name] or part.kind not in _EXECUTED:
                    continue
                if not only_in_a_script(module.tree.body[part.index]):
                    changed = self._changes.changed(module, part, self.state.reasons)
                    if changed is not None:
                        self._execute(module, part, Reason(changed, 'changes'))

    def _execute(self, module: SourceModule, part: Part, reason: Reason) -> None:
        """Mark a statement as live because of its side effects, not because of a name that it defines."""
        live = self.state.parts.setdefault(module.name, set())
        if part.index not in live:
            statement = Statement(module.name, part.line)
            self.state.executed[statement] = reason
            live.add(part.index)
            self._text(module, part.uses, part.statement, statement)
