"""The text of ``registry.py`` and of the package's ``__init__.py``."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from typing import Callable

import astor

from introspect_export.link.imports import Importer
from introspect_export.link.layout import relative
from introspect_export.link.namespace import Bound
from introspect_export.link.registries import REGISTRY, SCOPE, RegistryPlan
from introspect_export.link.startup import Startup
from introspect_export.model import InternalError, Observation, RegistryFacts, Symbol
from introspect_export.model.liveset import Defined, Library, Target
from introspect_export.model.package import Layout, OutputRegistry

_Namer = Callable[[Target, str], str]
_TOLD = 'The registries of this package, rebuilt from what its config was seen to use.'
_LOCATED = 'The first look-up in a registry imports its locations: the modules that register in it.\n'
_PUBLIC = Symbol('mmengine.registry', 'Registry')
_CLAIMED = '''

class _Alias({registry}):
    """What the package's own registry holds, under the scope that its config names."""

    def get(self, key):
        return self.parent.get(key)


def _claim(scope, *registries):
    """Have the scope of the config be this package's under any name, if no other package here claims it.

    Of two, it is neither's: what asks one of their registries is answered by that one, and what asks mmengine's finds
    nothing, unless ``default_scope`` is the name of the package.
    """
    for registry in registries:
        siblings = registry.parent.children
        others = [each for each in siblings.values() if getattr(each, 'claimed', None) == scope]
        registry.claimed = scope
        for each in others:
            each.children.pop(scope, None)
        if others:
            siblings.pop(scope, None)
        elif registry.scope != scope:
            _Alias(registry.name, parent=registry, scope=scope)


_claim({scope!r}, {variables})
'''


def registry_text(observation: Observation, plan: RegistryPlan, importer: Importer, startup: Startup) -> str:
    """Return ``registry.py``: the registries, the modules that fill them, and the library entries they need."""
    names: dict[str, Bound] = {}

    def name(target: Target, wanted: str) -> str:
        while wanted in names and names[wanted].target != target:
            wanted += '_'
        names[wanted] = Bound(wanted, target, eager=True)
        return wanted

    ids = {output.id: output.variable for output in plan.outputs}
    blocks = [
        _located(_registry(output, observation, ids, name), startup.locations.get(output.variable, ()))
        for output in plan.outputs
    ]
    entries = [_entry(variable, key, symbol, observation, name) for variable, key, symbol in plan.entries]
    claiming = [each.variable for each in plan.outputs if _is_found_by_scope(each, observation, ids)]
    claimed = ''
    if claiming:
        registry = name(_target(_PUBLIC, observation), _PUBLIC.qualname)
        claimed = _CLAIMED.format(registry=registry, scope=SCOPE, variables=', '.join(claiming))
    lines = importer.lines('registry', names.values())
    if plan.imports:
        lines += ['', '# These libraries register what the config names of theirs.']
        lines += [f'import {module}  # noqa: F401' for module in plan.imports]
    told = f'{_TOLD}\n\n{_LOCATED}' if any(startup.locations.values()) else _TOLD
    text = f'"""{told}"""\n\n' + '\n'.join(lines)
    text += '\n\n' + '\n'.join(blocks) + '\n' + claimed
    if entries:
        text += '\n# What libraries provide under a key of these registries.\n' + '\n'.join(entries) + '\n'
    return text


def _registry(output: OutputRegistry, observation: Observation, ids: Mapping[str, str], name: _Namer) -> str:
    facts = observation.registries[output.id]
    maker = name(_target(_public(facts.class_symbol), observation), facts.class_symbol.name)
    keywords: dict[str, ast.expr] = {}
    if facts.parent is not None:
        keywords['parent'] = _load(_parent(observation.registries[facts.parent], observation, ids, name))
    if observation.world.is_origin(facts.build_func.module):
        keywords['build_func'] = _load(name(Defined(facts.build_func), facts.build_func.name))
    # Its name: two packages of one process are told apart by it.
    keywords['scope'] = _load('__package__') if output.scope == SCOPE else ast.Constant(output.scope)
    made = _call(_load(maker), [ast.Constant(facts.name)], keywords)
    return _source(ast.Assign([ast.Name(output.variable, ast.Store())], made))


def _is_found_by_scope(output: OutputRegistry, observation: Observation, ids: Mapping[str, str]) -> bool:
    """Whether a registry is looked for by the config's scope: below a library's registry, not below another of ours."""
    parent = observation.registries[output.id].parent
    return output.scope == SCOPE and parent is not None and parent not in ids


def _located(made: str, locations: Sequence[str]) -> str:
    """The statement that makes a registry, with the modules that the registry imports before it is first asked."""
    if not locations:
        return made
    opening, _, arguments = made[:-1].partition('(')
    lines = [f"        f'{{__package__}}.{module}'," for module in locations]
    return '\n'.join([f'{opening}(', f'    {arguments},', '    locations=[', *lines, '    ],', ')'])


def _load(name: str) -> ast.expr:
    return ast.Name(name, ast.Load())


def _call(function: ast.expr, arguments: list[ast.expr], keywords: Mapping[str, ast.expr]) -> ast.expr:
    return ast.Call(function, arguments, [ast.keyword(key, value) for key, value in keywords.items()])


def _source(statement: ast.stmt) -> str:
    """A statement that stands in no source file, as text."""
    # One line a registry reads better than astor's own wrapping.
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
    """The name of a thing in the package nearest to where it is defined: its public one."""
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
    """Return ``pack/__init__.py``: the imports that cannot wait until a registry is asked.

    Args:
        layout: The layout.
        modules: The output modules, in an order in which they can be imported.
        config: The path of the config, for the docstring; empty where there is none.
    """
    if config:
        told = '``registry.py`` holds the registries, and knows the modules that fill them when they are first asked.'
        lines = [f'"""What {config} builds, and nothing else.', '', told, '"""', '']
    else:
        lines = ['"""A model that was carried over, its classes and nothing else; ``load()`` returns it."""', '']
    for index, module in enumerate(modules):
        parent, _, name = module.rpartition('.')
        if config and index == 1:
            lines += ['', '# These do more than define what they register, and what they do must be done before.']
        lines.append(f'from {relative(layout, "", parent)} import {name}  # noqa: F401')
    return '\n'.join(lines) + '\n'
