"""Makes the plan: which definitions of a chain are kept, under which names, and how each access is replaced."""

from __future__ import annotations

import ast
from collections.abc import Container, Iterator

from introspect_export.linearize.body_chunks import body_of
from introspect_export.linearize.checks import class_refusals, is_of_a_kind
from introspect_export.linearize.class_body import Chunk, Hazard, When
from introspect_export.linearize.closure_variables import is_own_name, seen_around
from introspect_export.linearize.decisions import KeptName, Member, Plan, Refusal, Target
from introspect_export.linearize.fields import fields_of
from introspect_export.linearize.flatten_context import FlattenContext
from introspect_export.linearize.header import choose_bases, choose_metaclass
from introspect_export.linearize.hooked import HOOK, hook_of
from introspect_export.linearize.inline import choose_inlined
from introspect_export.linearize.kept_names import NamePlanner
from introspect_export.linearize.locate import ClassStatement, index_of
from introspect_export.linearize.mro import IMPLICIT
from introspect_export.linearize.mro_sensitive_calls import listed, looked_at
from introspect_export.linearize.mro_sensitive_text import looking_refusals
from introspect_export.linearize.order import choose_order
from introspect_export.linearize.resolve import CLASS_FIRST, AccessResolver, Refused
from introspect_export.linearize.variables import check_variables, keeping_variables
from introspect_export.model import Diagnostic


def make_plan(
    context: FlattenContext, reserved: Container[str], live_globals: bool = False, inline: bool = False
) -> Plan:
    """Plan the flattened class of a chain with at least one merged ancestor.

    Args:
        context: The chain with its texts.
        reserved: Names that no new member may have.
        live_globals: Whether globals that functions rebind will be read from their own module at each use.
        inline: Whether parents' methods may be inlined where they are called.
    """
    planner = _MemberPlanner(context, live_globals)
    planner.run()
    refusals = [*class_refusals(context, planner.reached), *planner.refusals]
    if not is_of_a_kind(context):
        # If something is refused already, no names are chosen below, so the text is checked here without them.
        known = {each.diagnostic.where for each in refusals}
        refusals += map(Refusal, looked_at(context, planner.reached, known, planner.starts))
        refusals += map(Refusal, looking_refusals(context, planner.kept, {}) if refusals else [])
    names: dict[Member, KeptName] = {}
    order = (0, *context.merged)
    if not refusals:
        namer = NamePlanner(context, reserved)
        names, refused = namer.names(planner.reached, planner.aliased)
        refusals += map(Refusal, [*refused, *listed(context, names)])
        order, refused = choose_order(context, planner.kept, names, planner.targets)
        refusals += map(Refusal, [*refused, *looking_refusals(context, planner.kept, names)])
    bases = choose_bases(context)
    metaclass = choose_metaclass(context, bases) if not isinstance(bases, Diagnostic) else None
    refusals += [Refusal(each) for each in (bases, metaclass) if isinstance(each, Diagnostic)]
    inlined = choose_inlined(context, names, planner.targets) if inline and not refusals else {}
    for index, name in inlined.values():
        planner.kept[index] -= {*context.bodies[index].binders[name]}
        del names[index, name]
    return Plan(
        chunks={index: tuple(sorted(found)) for index, found in planner.kept.items()},
        names=names,
        targets=planner.targets,
        order=order,
        bases=bases if not isinstance(bases, Diagnostic) else (),
        metaclass=metaclass if not isinstance(metaclass, Diagnostic) else None,
        refusals=tuple(dict.fromkeys(refusals)),
        inlined=inlined,
        shown=planner.shown,
    )


class _MemberPlanner:
    """Collects the definitions to keep: those that the MRO finds first, and all that they reach, transitively.

    Args:
        context: The chain with its texts.
        live_globals: Whether globals that functions rebind will be read from their own module at each use.
    """

    def __init__(self, context: FlattenContext, live_globals: bool) -> None:
        self.context = context
        self.live_globals = live_globals
        self.kept: dict[int, set[int]] = {index: set() for index in (0, *context.merged)}
        self.reached: dict[Member, None] = {}
        self.aliased: set[Member] = set()
        self.targets: dict[tuple[int, int, int], Target] = {}
        self.refusals: list[Refusal] = []
        self.shown: dict[Member, str] = {}
        self.starts: set[str] = set()
        self._resolver = AccessResolver(context)
        self._mangles = bool(context.facts(0).symbol.name.strip('_'))
        self._pending: list[Member] = []

    def run(self) -> None:
        """Collect everything."""
        for chunk in self.context.bodies[0].chunks:
            self._keep(0, chunk)
        for name, definers in self.context.lineage.definers.items():
            if definers[0] in self.kept:
                self._reach((definers[0], name))
        hook = hook_of(self.context)
        if hook is not None and not self._wins((hook, HOOK)):
            self._reach((hook, HOOK))
        for index, chunk in (*self._first_annotations(), *fields_of(self.context)):
            self._keep(index, chunk)
        self._finish()
        for index, statement in self.context.standing_texts():
            self._check_shown(index, statement)

    def _check_shown(self, index: int, statement: ClassStatement) -> None:
        """Refuse if an unmerged class reads the qualified name of a function that would have another one."""
        for hazard in (each for chunk in body_of(statement).chunks for each in chunk.hazards):
            if hazard.when is When.SHOWN and not self._shows(hazard.name):
                message = f'{hazard.message} (in {self.context.facts(index).symbol.name})'
                where = str(statement.module.place(hazard.offset))
                self.refusals.append(Refusal(Diagnostic(hazard.code, str(self.context.chain.symbol), message, where)))

    def _finish(self) -> None:
        """Keep the statements that bind or act on reached definitions until no more are reached."""
        while self._pending:
            index, name = self._pending.pop()
            body = self.context.bodies[index]
            for each in body.binders.get(name, ()):
                self._keep(index, body.chunks[each])
            for each in body.readers.get(name, ()):
                if _acts_on(body.chunks[each]):
                    self._keep(index, body.chunks[each])

    def _first_annotations(self) -> Iterator[tuple[int, Chunk]]:
        """The ``x: int`` statements whose names no nearer class defines or annotates."""
        seen: set[str] = set()
        for index in (0, *self.context.merged):
            for chunk in self.context.bodies[index].chunks:
                target = getattr(chunk.nodes[0], 'target', None)
                if chunk.kind == 'annotation' and isinstance(target, ast.Name):
                    definer = self.context.lineage.first(target.id)
                    if target.id not in seen and (definer is None or definer >= index):
                        yield index, chunk
                    seen.add(target.id)

    def _reach(self, member: Member, *, alias: bool = False) -> None:
        """Mark a definition as kept; with ``alias`` under a second name, which no subclass overrides."""
        if alias:
            self.aliased.add(member)
        if member not in self.reached:
            self.reached[member] = None
            self._pending.append(member)

    def _keep(self, index: int, chunk: Chunk) -> None:
        """Keep a chunk: check it, resolve its accesses, and reach what it uses."""
        if chunk.index in self.kept[index]:
            return
        self.kept[index].add(chunk.index)
        binders = self.context.bodies[index].binders
        for occurrence in chunk.occurrences:
            if occurrence.name in binders and not occurrence.free and (index == 0 or occurrence.name not in IMPLICIT):
                self._reach((index, occurrence.name))
        self._check_hazards(index, chunk)
        try:
            check_variables(self.context, index, chunk)
        except Refused as refused:
            self._refuse(index, refused.code, refused.message, chunk.core.start)
        for place, access in enumerate(chunk.accesses):
            try:
                target = self._resolver.resolve(index, access)
                target = keeping_variables(self.context, index, chunk, access, target)
            except Refused as refused:
                self._refuse(index, refused.code, refused.message, access.span.start)
                continue
            self.targets[index, chunk.index, place] = target
            if access.form == 'type':
                self.starts.add(self.context.where(index, access.span.start))
            if target.member is not None:
                of_object = target.kind in ('instance', 'instance-call', 'bound', 'asked')
                wants_alias = of_object or not self._wins(target.member)
                self._reach(target.member, alias=wants_alias)

    def _wins(self, member: Member) -> bool:
        return self.context.lineage.first(member[1]) == member[0]

    def _check_hazards(self, index: int, chunk: Chunk) -> None:
        own_module = self.context.statements[0].module.name
        elsewhere = self.context.alone or (index > 0 and self.context.statements[index].module.name != own_module)
        for use in seen_around(self.context.statements[index]) if self.context.alone else ():
            if chunk.core.holds(use.span) and (index or not is_own_name(self.context.statements[0], use)):
                message = f'it sees {use.name}, a variable of a function around it'
                self._refuse(index, 'IE-LIN-LOCAL', message, use.span.start)
        for hazard in chunk.hazards:
            if self._matters(hazard, index > 0, elsewhere):
                # Not merging that ancestor would not help: its code would still read the names of others.
                looks = hazard.when is When.SHOWN or hazard.code == 'IE-LIN-INTROSPECTION'
                self._refuse(index, hazard.code, hazard.message, hazard.offset, looks=looks)
        if elsewhere:
            self._check_globals(index, chunk)
            home = index_of(self.context.statements[index].module)
            for use in home.within(chunk.core) if home.rebound else ():
                if use.name in home.rebound and not (self.live_globals and use.deferred and use.context == 'load'):
                    message = f'the global {use.name} is bound again by a function of its module'
                    self._refuse(index, 'IE-LIN-GLOBAL', message, use.span.start)

    def _check_globals(self, index: int, chunk: Chunk) -> None:
        """Refuse globals that a class body reads and that the module rebinds after the class statement.

        In a module of its own, the class body would import the final value.
        """
        statement = self.context.statements[index]
        module = statement.module
        for use in index_of(module).within(chunk.core) if self.context.alone else ():
            parts = [module.parts[each] for each in module.definitions.get(use.name, ())]
            later = [each for each in parts if each.statement.start > statement.statement.start]
            if later and len(parts) > 1 and not use.deferred and use.context == 'load' and not use.annotation:
                message = f'the global {use.name} is bound again at line {later[0].line}, behind the class'
                self._refuse(index, 'IE-LIN-GLOBAL', message, use.span.start)

    def _matters(self, hazard: Hazard, inherited: bool, elsewhere: bool) -> bool:
        match hazard.when:
            case When.MERGED:
                return True
            case When.MOVED:
                return inherited
            case When.ELSEWHERE:
                return elsewhere
            case When.MANGLED:
                return inherited and self._mangles
            case When.SHOWN:
                return not self._shows(hazard.name)
            case When.NEVER:
                return False

    def _shows(self, name: str) -> bool:
        """Make a parent's function keep its qualified name; False if it is unknown whether it can."""
        index = self.context.lineage.first(name)
        if index not in self.context.statements or index is None:
            return True
        facts, body = self.context.facts(index), self.context.bodies[index]
        if facts.members[name] in ('data', 'class', 'property', 'cached'):
            return True
        # The class's own body may bind a parent's function: ``f = Base.g``.
        chunks = [body.chunks[each] for each in body.binders.get(name, ())]
        if index == 0 and not any(access.level == 'class' for each in chunks for access in each.accesses):
            return True
        qualname = facts.qualnames.get(name)
        if qualname is None or name in CLASS_FIRST or not chunks or body.indent is None:
            return False
        # Only functions that a merged class body defines get another qualified name.
        if any(qualname.startswith(f'{self.context.facts(each).symbol.qualname}.') for each in self.context.merged):
            self.shown[index, name] = qualname
        return True

    def _refuse(self, index: int, code: str, message: str, offset: int, *, looks: bool = False) -> None:
        owner = self.context.facts(index).symbol
        subject = str(self.context.chain.symbol)
        text = message if index == 0 else f'{message} (in {owner.name})'
        whole = looks or 'dataclass' in self.context.facts(0).traits
        diagnostic = Diagnostic(code, subject, text, self.context.where(index, offset))
        self.refusals.append(Refusal(diagnostic, 0 if whole else index))


def _acts_on(chunk: Chunk) -> bool:
    """Whether a statement mutates an object it reads: ``@f.register``, ``table.update(…)``, ``table[k] = v``."""
    if chunk.kind == 'effect':
        return True
    return any(
        isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef))
        and any(not isinstance(each, ast.Name) for each in node.decorator_list)
        for node in chunk.nodes
    ) or any(
        isinstance(target, (ast.Subscript, ast.Attribute))
        for node in chunk.nodes
        for target in (getattr(node, 'targets', None) or [getattr(node, 'target', None)])
    )
