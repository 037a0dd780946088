"""The text of ``registry.py`` and of the package's ``__init__.py``."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping, Sequence

import astor

from introspect_export.link.cycles import closure
from introspect_export.link.import_statements import Importer
from introspect_export.link.layout import relative
from introspect_export.link.linked_modules import LinkedModules
from introspect_export.link.namespace import Bound
from introspect_export.link.registry_plan import REGISTRY, SCOPE, RegistryPlan, root_of
from introspect_export.link.startup import Startup
from introspect_export.model import InternalError, Observation, RegistryFacts, Symbol
from introspect_export.model.liveset import Defined, Library, Target
from introspect_export.model.output_package import Layout, OutputRegistry

_Namer = Callable[[Target, str], str]
_DOCSTRING = 'The registries of this package, rebuilt from what its config was seen to use.'
_ON_LOCATIONS = 'The first look-up in a registry imports its locations: the modules that register in it.\n'
_PUBLIC = Symbol('mmengine.registry', 'Registry')
_SCOPE_FUNCTIONS = '''

class _Alias({registry}):
    """A registry of this package under the scope that its config names, for who asks another one of them."""

    def __init__(self, asked, registry, scope, found):
        super().__init__(asked.name, build_func=registry.build_func, parent=asked, scope=scope)
        self.registry, self.found = registry, found

    def get(self, key):
        return self.registry.get(key)

    def _search_child(self, scope):
        if scope != self.scope:
            return None
        if self.parent is self.registry and not self.found and scope != {scope!r}:
            raise KeyError(f'{{scope}} is a scope of several packages here: name this one as {{self.registry.scope}}')
        return self if self.found else None


def _is_there(registry):
    above = registry.parent
    found = above is None or above.children.get(registry.scope) is registry or hasattr(registry, 'hidden')
    return found and (above is None or _is_there(above))


def _hide(registry, scope):
    if scope in registry.children:
        registry.children[scope].found = False
    if registry.parent.children.get(scope) is registry:
        del registry.parent.children[scope]
        registry.hidden = True
        if hasattr(registry.parent, 'claimed'):
            _Alias(registry.parent, registry, scope, found=False)


def _claim(scope, *registries):
    """Have a scope of the config be this package's under any name, if no other package here claims it.

    Of two, it is neither's: what asks one of their registries is answered by that one, and what asks mmengine's finds
    nothing, unless ``default_scope`` is the name of the package.
    """
    for registry in registries:
        claims = vars(registry.root).setdefault('claims', {{}})
        others = [each for each in claims.get(scope, ()) if _is_there(each)]
        claims[scope] = [*others, registry]
        registry.claimed = scope
        for each in others:
            _hide(each, scope)
        if others:
            _hide(registry, scope)
        if registry.scope != scope:
            _Alias(registry, registry, scope, found=not others)


def _lend(scope, registry, *others):
    """Have the others find a registry of this package under the scope that its config names."""
    for each in others:
        if scope not in each.children:
            _Alias(each, registry, scope, found=False)


{shared}{calls}
'''


_SHARE = f'''def _share(suffix, *registries):
    """Have registries that stand for those of two scopes be found under the other one as well."""
    for scope in dict.fromkeys(({SCOPE!r} + suffix, __package__ + suffix)):
        _claim(scope, *registries)


'''


def registry_text(
    observation: Observation, plan: RegistryPlan, importer: Importer, startup: Startup, linked: LinkedModules
) -> str:
    """Return ``registry.py``: the registries with their locations, and the entries of library objects.

    Args:
        observation: The observation.
        plan: The registries of the package.
        importer: Generates imports.
        startup: The locations of each registry.
        linked: The output modules.

    Raises:
        InternalError: A parent registry is bound to no global.
    """
    names: dict[str, Bound] = {}
    later: dict[str, str] = {}

    def name(target: Target, wanted: str) -> str:
        while wanted in names and names[wanted].target != target:
            wanted += '_'
        names[wanted] = Bound(wanted, target, eager=True)
        return wanted

    def build(target: Defined) -> str:
        variable = name(target, target.symbol.name)
        home = importer.layout.modules[target.symbol.module]
        if not linked.registering.isdisjoint(closure(linked.edges, home)):
            later[variable] = _imported_when_called(variable, *importer.source('registry', target))
        return variable

    ids = {output.id: output.variable for output in plan.outputs}
    blocks = [
        _registry(output, observation, ids, name, build, startup.locations.get(output.variable, ()))
        for output in plan.outputs
    ]
    entries = [_entry(variable, key, symbol, observation, name) for variable, key, symbol in plan.entries]
    calls = _calls(plan, observation, ids)
    claimed = ''
    if calls:
        registry = name(_target(_PUBLIC, observation), _PUBLIC.qualname)
        shared = _SHARE if plan.shared else ''
        claimed = _SCOPE_FUNCTIONS.format(registry=registry, scope=SCOPE, shared=shared, calls='\n'.join(calls))
    lines = importer.lines('registry', [bound for variable, bound in names.items() if variable not in later])
    if plan.imports:
        lines += ['', '# These libraries register what the config names of theirs.']
        lines += [f'import {module}  # noqa: F401' for module in plan.imports]
    docstring = f'{_DOCSTRING}\n\n{_ON_LOCATIONS}' if any(startup.locations.values()) else _DOCSTRING
    text = f'"""{docstring}"""\n\n' + '\n'.join(lines)
    text += ''.join(f'\n\n\n{each}' for each in later.values()) + ('\n' if later else '')
    text += '\n\n' + '\n'.join(blocks) + '\n' + claimed
    if entries:
        text += '\n# What libraries provide under a key of these registries.\n' + '\n'.join(entries) + '\n'
    return text


def _imported_when_called(variable: str, module: str, attribute: str | None) -> str:
    """The text of a wrapper that imports a build function on call, since its module imports ``registry.py``."""
    imported = attribute if attribute == variable else f'{attribute} as {variable}'
    return (
        f'def {variable}(*args, **kwargs):\n    from {module} import {imported}\n\n'
        f'    return {variable}(*args, **kwargs)'
    )


def _registry(
    output: OutputRegistry,
    observation: Observation,
    ids: Mapping[str, str],
    name: _Namer,
    build: Callable[[Defined], str],
    locations: Sequence[str],
) -> str:
    """The statement that creates a registry, with its locations."""
    facts = observation.registries[output.id]
    maker = name(_target(_public(facts.class_symbol), observation), facts.class_symbol.name)
    keywords: dict[str, ast.expr] = {}
    if facts.parent is not None:
        keywords['parent'] = _load(_parent(observation.registries[facts.parent], observation, ids, name))
    if observation.world.is_origin(facts.build_func.module):
        keywords['build_func'] = _load(build(Defined(facts.build_func)))
    keywords['scope'] = _scope(output, _is_below_library(output, observation, ids))
    named = [f'{key}={_source(ast.Expr(value))}' for key, value in keywords.items()]
    arguments = ', '.join([repr(facts.name), *named])
    if not locations:
        return f'{output.variable} = {maker}({arguments})'
    lines = [f"        f'{{__package__}}.{module}'," for module in locations]
    return '\n'.join([f'{output.variable} = {maker}(', f'    {arguments},', '    locations=[', *lines, '    ],', ')'])


def _scope(output: OutputRegistry, below_library: bool) -> ast.expr:
    """The expression for a registry's scope, with the package's run-time name, which tells several packages apart."""
    if output.scope == SCOPE:
        return _load('__package__')
    if not below_library:
        return ast.Constant(output.scope)
    return ast.BinOp(_load('__package__'), ast.Add(), ast.Constant(output.scope[len(SCOPE) :]))


def _calls(plan: RegistryPlan, observation: Observation, ids: Mapping[str, str]) -> list[str]:
    """The calls that make registries available under the scopes that the config names."""
    scopes: dict[str, list[OutputRegistry]] = {}
    families: dict[str, list[OutputRegistry]] = {}
    for output in plan.outputs:
        if _is_below_library(output, observation, ids):
            scopes.setdefault(output.scope, []).append(output)
            families.setdefault(root_of(output.id, observation.registries), []).append(output)
    calls = [f'_claim({scope!r}, {", ".join(each.variable for each in found)})' for scope, found in scopes.items()]
    for scope in sorted({scope for scope, _ in plan.shared}):
        variables = ', '.join(variable for each, variable in plan.shared if each == scope)
        calls.append(f'_share({scope.removeprefix(SCOPE)!r}, {variables})')
    for family in families.values():
        for output in family if len(family) > 1 else ():
            others = ', '.join(each.variable for each in family if each is not output)
            calls.append(f'_lend({output.scope!r}, {output.variable}, {others})')
    return calls


def _is_below_library(output: OutputRegistry, observation: Observation, ids: Mapping[str, str]) -> bool:
    """Whether a registry is a descendant of a library's, which may have those of other packages as children, too."""
    return root_of(output.id, observation.registries) not in ids


def _load(name: str) -> ast.expr:
    return ast.Name(name, ast.Load())


def _call(function: ast.expr, arguments: list[ast.expr], keywords: Mapping[str, ast.expr]) -> ast.expr:
    return ast.Call(function, arguments, [ast.keyword(key, value) for key, value in keywords.items()])


def _source(statement: ast.stmt) -> str:
    """The text of a generated statement."""
    # One line per registry is more readable than astor's line wrapping.
    text: str = astor.to_source(statement, pretty_source=''.join)
    return text.rstrip()


def _parent(facts: RegistryFacts, observation: Observation, ids: Mapping[str, str], name: _Namer) -> str:
    if facts.id in ids:
        return ids[facts.id]
    if not facts.symbols:
        raise InternalError(f'the registry {facts.id} is a parent, and no module holds it')
    symbol = _reexported(facts.symbols)
    return name(Library(symbol.module, symbol.qualname), f'{symbol.module.partition(".")[0].upper()}_{symbol.qualname}')


def _reexported(symbols: Sequence[Symbol]) -> Symbol:
    """The public name of an object: the re-export in the innermost package around its defining module, if any."""
    home = symbols[0].module
    parents = [each for each in symbols if home.startswith(f'{each.module}.')]
    return max(parents, key=lambda each: each.module.count('.'), default=symbols[0])


def _public(symbol: Symbol) -> Symbol:
    return _PUBLIC if symbol == REGISTRY else symbol


def _target(symbol: Symbol, observation: Observation) -> Target:
    return Defined(symbol) if observation.world.is_origin(symbol.module) else Library(symbol.module, symbol.qualname)


def _entry(variable: str, key: str, symbol: Symbol, observation: Observation, name: _Namer) -> str:
    thing = name(_target(symbol, observation), symbol.name)
    register = ast.Attribute(_load(variable), 'register_module', ast.Load())
    return _source(ast.Expr(_call(register, [], {'name': ast.Constant(key), 'module': _load(thing)})))


def init_text(layout: Layout, modules: Sequence[str], config: str) -> str:
    """Return ``pack/__init__.py``, which imports the modules that no registry imports.

    Args:
        layout: The layout.
        modules: The output modules, in an order in which they can be imported.
        config: The path of the config, for the docstring; empty where there is none.
    """
    if config:
        note = '``registry.py`` holds the registries, and knows the modules that fill them when they are first asked.'
        lines = [f'"""What {config} builds, and nothing else.', '', note, '"""', '']
    else:
        lines = ['"""A model that was carried over, its classes and nothing else; ``load()`` returns it."""', '']
    for index, module in enumerate(modules):
        parent, _, name = module.rpartition('.')
        if config and index == 1:
            lines += ['', '# These do more than define what they register, and what they do must be done before.']
        lines.append(f'from {relative(layout, "", parent)} import {name}  # noqa: F401')
    return '\n'.join(lines) + '\n'
