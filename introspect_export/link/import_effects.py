"""Side effects of importing a module of the package, determined from its live statements.

Registering in the package's registries may be deferred until the first look-up in them. Every other statement is a side
effect unless it provably concerns the module alone: a call whose result is discarded, a store into anything but the
module's own containers, an entry in a library's registry. A function or class of the package that is called, or is
passed to code that may call it, is assumed to call everything that its text names. Two assumptions are not checked: a
library's function that is called for its value, and a library's class that is subclassed, change nothing that the
package reads, and access the package's registries only through arguments.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from introspect_export.distributions import stdlib_names
from introspect_export.link.excerpts import PartText, nested_imports
from introspect_export.model import Excerpt, NameUse, PartKind, Symbol, World
from introspect_export.model.liveset import Builtin, Defined, FromRegistry, Library, LiveSet, OriginModule, Target
from introspect_export.reach.write_only_tables import is_table
from introspect_export.read.bindings import DEFINITIONS, FUNCTION_STATEMENTS, FunctionStatement
from introspect_export.read.node_children import children

_CODE = (PartKind.CLASS, PartKind.FUNCTION)
_ACTING = ('call', 'decorator')
_CHECKS = (Builtin('isinstance'), Builtin('issubclass'))
ALL = 99
_DYNAMIC = frozenset(('__import__', 'delattr', 'eval', 'exec', 'globals', 'setattr', 'vars'))


@dataclass
class Executed:
    """The side effects of executing a module, or of calling a definition.

    Attributes:
        registers: The variables of the package's registries that it registers in.
        forces: Those of them in which it may replace an entry.
        asks: Whether it may look up an entry of a registry.
        alters: The text of an effect that other modules may observe, or empty.
        calls: The definitions of the package that it may call, each with the number of levels of nested functions that
            the call runs: a function that a decorator only returns runs later. The values are unused.
        runs_given: Whether it may call one of its arguments.
    """

    registers: set[str] = field(default_factory=set)
    forces: set[str] = field(default_factory=set)
    asks: bool = False
    alters: str = ''
    calls: dict[tuple[Symbol, int], None] = field(default_factory=dict)
    runs_given: bool = False

    def add(self, other: Executed) -> None:
        """Add the effects of a call."""
        self.registers |= other.registers
        self.forces |= other.forces
        self.asks = self.asks or other.asks
        self.alters = self.alters or other.alters
        self.calls.update(other.calls)
        self.runs_given = self.runs_given or other.runs_given


class Effects:
    """Determines the side effects of importing each module of a package.

    Args:
        texts: For each origin module its live parts.
        live: The live set, with the resolutions of names.
        variables: For each origin registry the variable of its registry in the package.
        world: The observed process.
    """

    def __init__(
        self, texts: Mapping[str, Sequence[PartText]], live: LiveSet, variables: Mapping[str, str], world: World
    ) -> None:
        self.live = live
        self.variables = variables
        self.world = world
        self._texts = texts
        self._called: dict[tuple[Symbol, int], Executed] = {}
        self._definitions: dict[Symbol, list[PartText]] = {}
        for module, parts in texts.items():
            for text in parts:
                for name in text.part.defines:
                    self._definitions.setdefault(Symbol(module, name), []).append(text)

    def of_module(self, module: str) -> Executed:
        """The effects of executing a module, without those of the modules that it imports."""
        result = Executed()
        for text in self._texts[module]:
            own = Executed()
            self._run(text, own, 0)
            self._follow(own)
            if own.runs_given and text.part.kind in _CODE:  # A decorator may call the decorated object.
                own.calls[Symbol(module, text.part.defines[0]), ALL] = None
                self._follow(own)
            result.add(own)
        return result

    def _follow(self, result: Executed) -> None:
        """Add the effects of the definitions that are called, transitively."""
        seen: set[tuple[Symbol, int]] = set()
        while pending := [each for each in result.calls if each not in seen]:
            seen.update(pending)
            for call in pending:
                if call not in self._called:
                    texts = self._definitions.get(call[0], ())
                    found = self._called[call] = Executed(alters='' if texts else str(call[0]))
                    for text in texts:
                        self._run(text, found, call[1])
                result.add(self._called[call])

    def _run(self, text: PartText, result: Executed, levels: int) -> None:
        for excerpt in text.excerpts:
            _Pass(self, text, excerpt, result, levels).run()

    def is_code(self, symbol: Symbol) -> bool:
        """Whether all definitions of a name are class or function statements."""
        texts = self._definitions.get(symbol, ())
        return bool(texts) and all(text.part.kind in _CODE for text in texts)

    def makes(self, module: str, target: Target | None) -> bool:
        """Whether a target is a class, function or container that the module itself creates."""
        if not isinstance(target, Defined) or target.symbol.module != module:
            return False
        return self.is_code(target.symbol) or is_table(self.live.modules[module], target.symbol.qualname)

    def acts_when_subclassed(self, symbol: Symbol) -> bool:
        """Whether subclassing a class may run code of the package: a metaclass's, or ``__init_subclass__``.

        It is assumed for metaclasses, and for classes that are not known.
        """
        chain = self.world.chain(symbol)
        return (
            chain is None
            or self.world.is_origin(chain.mro[0].metaclass.module)
            or any(each.origin and '__init_subclass__' in each.members for each in chain.mro)
            or any(each.symbol == Symbol('builtins', 'type') for each in chain.mro)
        )

    def is_registry(self, target: Library, attributes: tuple[str, ...]) -> bool:
        """Whether a library's global, or an attribute reached from a library's module, is a registry."""
        module = target.module
        for name in (*([target.attribute] if target.attribute else []), *attributes):
            binding = self.world.binding(module, name)
            if binding is None or binding.kind != 'module' or binding.symbol is None:
                return binding is not None and binding.kind == 'registry'
            module = binding.symbol.module
        return False


class _Pass:
    """One pass over an excerpt of a part, which collects its effects in a result.

    Args:
        effects: The effects of all modules.
        text: The part.
        excerpt: The excerpt.
        result: Receives the effects.
        levels: The number of levels of functions whose bodies run: none when the part is executed, ``ALL`` for a call
            of which nothing is known.
    """

    def __init__(self, effects: Effects, text: PartText, excerpt: Excerpt, result: Executed, levels: int) -> None:
        self.effects, self.text, self.excerpt, self.result = effects, text, excerpt, result
        self.levels, self.called = levels, bool(levels)
        self.home = text.part.module
        self.module = effects.live.modules[excerpt.module]
        self.uses = {use.span.start: use for use in excerpt.uses if not use.annotation}
        self.unevaluated = {use.span.start for use in excerpt.uses if use.annotation}
        own = self.module.tree.body[text.part.index] if excerpt.module == self.home else None
        decorators = own.decorator_list if isinstance(own, DEFINITIONS) else []
        # The arguments of a decorator factory are not the decorated object.
        outer = own.args if isinstance(own, FUNCTION_STATEMENTS) and levels == 2 else None
        self.outer = {each.arg for each in ast.walk(outer) if isinstance(each, ast.arg)} if outer else set()
        self.decorators = {self._at(_root(each)) for each in decorators}
        self.wrapping: set[int] = set()
        """The offsets of the names of all decorators, including nested ones."""
        self.uncalled: set[int] = set()
        """The offsets of names in the arguments of a registration or of ``isinstance``, which do not call them."""

    def run(self) -> None:
        """Collect the effects of the code that is executed."""
        nodes = list(self._executed())
        for node in nodes:
            self._node(node)
        for node in nodes:
            use = self.uses.get(self._at(node)) if isinstance(node, ast.Name) else None
            if use is not None and use.context == 'load':
                self._use(use)
        for use in self.excerpt.uses:
            if use.context == 'declare' and (self.called or not use.deferred):
                self._alters(f'global {use.name}')
        for statement, names in nested_imports(self.module, self.excerpt).items() if self.called else ():
            for name in names:
                found = self.effects.live.imports.get((self.module.name, statement.start, name.name))
                target = found.target if found is not None else None
                # Attributes of an imported module are not followed, so any effect is assumed.
                self.result.asks = self.result.asks or isinstance(target, (FromRegistry, OriginModule))
                if isinstance(target, OriginModule):
                    self._alters(target.module)
                elif isinstance(target, Defined):
                    self.result.calls[target.symbol, ALL] = None

    def _executed(self) -> Iterator[ast.expr | ast.stmt]:
        """The nodes that are executed: bodies of functions only if these are called, those of lambdas always."""
        parts = self.module.overlapping(self.excerpt.span)
        # With each node, the levels of functions that run below it, and the names of functions that run later.
        stack: list[tuple[ast.AST, int, frozenset[str]]]
        stack = [(self.module.tree.body[part.index], self.levels, frozenset()) for part in parts]
        while stack:
            node, levels, later = stack.pop()
            if isinstance(node, (ast.expr, ast.stmt)) and self.excerpt.span.holds(self.module.positions.span(node)):
                yield node
            inner = children(node)
            if isinstance(node, DEFINITIONS):
                self.wrapping.update(self._at(_root(each)) for each in node.decorator_list)
            if isinstance(node, FUNCTION_STATEMENTS):
                if not levels or node.name in later:
                    inner = [*node.decorator_list, node.args, *([node.returns] if node.returns else [])]
                else:
                    later = frozenset(self._only_returned(node) if levels == 1 else ())
                    levels = max(levels - 1, 1)
            stack += [(each, levels, later) for each in inner]

    def _only_returned(self, function: FunctionStatement) -> Iterator[str]:
        """The nested functions that a function only returns."""
        nodes = list(ast.walk(function))
        returned = {id(each.value) for each in nodes if isinstance(each, ast.Return)}
        used = {each.id for each in nodes if isinstance(each, ast.Name) and id(each) not in returned}
        for each in nodes:
            if isinstance(each, FUNCTION_STATEMENTS) and each is not function and each.name not in used:
                around = [self._target(_root(decorator)) for decorator in each.decorator_list]
                if all(isinstance(one, Library) and _is_standard(one) for one in around):  # ``functools.wraps``
                    yield each.name

    def _at(self, node: ast.expr | ast.stmt) -> int:
        return self.module.positions.span(node).start

    def _alters(self, what: ast.AST | str) -> None:
        text = what if isinstance(what, str) else ast.unparse(what).partition('\n')[0]
        self.result.alters = self.result.alters or text

    def _target(self, node: ast.expr) -> Target | None:
        """The target of a global name; None for a local name and for other expressions."""
        found = self.effects.live.resolutions.get((self.module.name, self._at(node)))
        return found.target if found is not None and self._at(node) in self.uses else None

    def _node(self, node: ast.expr | ast.stmt) -> None:
        """Record what a node changes: in place, or by a call whose result is discarded."""
        if isinstance(node, ast.Call):
            self._call(node)
        changed: ast.expr | None = None
        if isinstance(node, (ast.With, ast.AsyncWith)):
            self._alters(node)
        elif isinstance(node, (ast.Attribute, ast.Subscript)) and not isinstance(node.ctx, ast.Load):
            changed = node.value
        elif isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name):
            changed = node.target
        elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
            changed = node.value.func.value if isinstance(node.value.func, ast.Attribute) else node.value.func
            target = self._target(_root(changed))
            if isinstance(target, FromRegistry) or (
                isinstance(target, Defined) and self.effects.is_code(target.symbol)
            ):
                changed = None  # The effects of the call are determined by ``_use``.
        if changed is not None and (self.called or not self.effects.makes(self.home, self._target(changed))):
            self._alters(node)

    def _call(self, node: ast.Call) -> None:
        """Record a registration, and a call of an item of a container or of a local variable."""
        root, arguments = _root(node.func), [*node.args, *(keyword.value for keyword in node.keywords)]
        target = self._target(root)
        if self._at(root) in self.unevaluated:
            return
        function = node.func.func if isinstance(node.func, ast.Call) else node.func
        registers = isinstance(function, ast.Attribute) and function.attr == 'register_module'
        if (isinstance(target, FromRegistry) and registers) or target in _CHECKS:
            self.uncalled |= {self._at(each) for each in ast.walk(node) if isinstance(each, ast.Name)}
        if isinstance(target, FromRegistry) and registers:
            keys = {keyword.arg for keyword in node.keywords}
            if 'force' in keys or None in keys or len(node.args) > 1:
                self.result.forces.add(self.effects.variables[target.id])
        known = isinstance(target, (Library, Builtin, FromRegistry)) or not isinstance(root, ast.Name)
        local = [each.id for each in (root, *arguments) if isinstance(each, ast.Name) and self._target(each) is None]
        if self.levels in (1, 2) and not known and not self.outer.issuperset(local):
            self.result.runs_given = True
        named = isinstance(target, Defined) and not any(isinstance(each, ast.Subscript) for each in _chain(node.func))
        if not (known or named or self.called):
            self._alters(node)

    def _use(self, use: NameUse) -> None:
        resolution = self.effects.live.resolutions.get((self.module.name, use.span.start))
        target = resolution.target if resolution is not None else None
        attributes = use.attributes[resolution.consumed :] if resolution is not None else ()
        if isinstance(target, FromRegistry):
            if use.role == 'call' and attributes == ('register_module',):
                self.result.registers.add(self.effects.variables[target.id])
            else:
                self.result.asks = True
        elif isinstance(target, Library):
            self._library(use, target, attributes)
        elif isinstance(target, Builtin) and use.role in _ACTING and target.name in _DYNAMIC:
            self._alters(target.name)
        elif isinstance(target, Defined):
            self._definition(use, target, attributes)

    def _library(self, use: NameUse, target: Library, attributes: tuple[str, ...]) -> None:
        names = (target.attribute or target.module, *attributes)
        self.result.asks = self.result.asks or self.effects.is_registry(target, attributes)
        decorates = use.span.start in self.decorators and not _is_standard(target)
        if decorates or (use.role in _ACTING and any('register' in each for each in names)):
            self._alters('.'.join(names))

    def _definition(self, use: NameUse, target: Defined, attributes: tuple[str, ...]) -> None:
        symbol, acts = target.symbol, use.role in _ACTING
        if use.role == 'annotation':
            return
        if use.role == 'base' and self.effects.acts_when_subclassed(symbol):
            self._alters(f'a subclass of {symbol}')
        own = not self.called and self.effects.makes(self.home, target)
        if acts and attributes and not own and not self.effects.is_code(symbol):
            self._alters(f'{symbol}.{attributes[0]}')  # A method may change the object.
        if use.span.start in self.wrapping:
            self.result.runs_given = self.result.runs_given or not self.effects.is_code(symbol)
            # A decorator is called once; of a decorator factory, the result is called as well.
            self.result.calls[symbol, 1 if use.role == 'decorator' else 2] = None
        elif acts or (use.span.start not in self.uncalled and (self.called or use.role == 'argument')):
            self.result.calls[symbol, ALL] = None


def _is_standard(target: Library) -> bool:
    return target.module.partition('.')[0] in stdlib_names()


def _chain(node: ast.expr) -> Iterator[ast.expr]:
    """An expression and the expressions that its attributes, items and calls apply to, down to the innermost."""
    yield node
    while isinstance(node, (ast.Attribute, ast.Subscript, ast.Call)):
        node = node.func if isinstance(node, ast.Call) else node.value
        yield node


def _root(node: ast.expr) -> ast.expr:
    *_, last = _chain(node)
    return last
