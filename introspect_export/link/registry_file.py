"""The text of ``registry.py`` and of the package's ``__init__.py``."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping, Sequence
from typing import Callable

import astor

from introspect_export.link.imports import Importer
from introspect_export.link.layout import relative
from introspect_export.link.namespace import Bound
from introspect_export.link.registries import RegistryPlan
from introspect_export.model import InternalError, Observation, RegistryFacts, Symbol
from introspect_export.model.liveset import Defined, Library, Target
from introspect_export.model.package import Layout, OutputRegistry

_Namer = Callable[[Target, str], str]
_REGISTRY = Symbol('mmengine.registry', 'Registry')


def registry_text(observation: Observation, plan: RegistryPlan, importer: Importer) -> str:
    """Return ``registry.py``: the registries, and the library entries that they need."""
    names: dict[str, Bound] = {}

    def name(target: Target, wanted: str) -> str:
        while wanted in names and names[wanted].target != target:
            wanted += '_'
        names[wanted] = Bound(wanted, target, eager=True)
        return wanted

    ids = {output.id: output.variable for output in plan.outputs}
    blocks = [_registry(output, observation, ids, name) for output in plan.outputs]
    entries = [_entry(variable, key, symbol, observation, name) for variable, key, symbol in plan.entries]
    lines = importer.lines('registry', names.values())
    if plan.imports:
        lines += ['', '# These libraries register what the config names of theirs.']
        lines += [f'import {module}  # noqa: F401' for module in plan.imports]
    text = '"""The registries of this package, rebuilt from what its config was seen to use."""\n\n' + '\n'.join(lines)
    text += '\n\n' + '\n'.join(blocks) + '\n'
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
    keywords['scope'] = ast.Constant(output.scope)
    made = _call(_load(maker), [ast.Constant(facts.name)], keywords)
    return _source(ast.Assign([ast.Name(output.variable, ast.Store())], made))


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
    return _REGISTRY if symbol == Symbol('mmengine.registry.registry', 'Registry') else symbol


def _target(symbol: Symbol, observation: Observation) -> Target:
    return Defined(symbol) if observation.world.is_origin(symbol.module) else Library(symbol.module, symbol.qualname)


def _entry(variable: str, key: str, symbol: Symbol, observation: Observation, name: _Namer) -> str:
    thing = name(_target(symbol, observation), symbol.name)
    register = ast.Attribute(_load(variable), 'register_module', ast.Load())
    return _source(ast.Expr(_call(register, [], {'name': ast.Constant(key), 'module': _load(thing)})))


def init_text(layout: Layout, modules: Iterable[str], config: str) -> str:
    """Return ``pack/__init__.py``: the imports that fill the registries.

    Args:
        layout: The layout.
        modules: The output modules, in an order in which they can be imported.
        config: The path of the config, for the docstring; empty where there is none.
    """
    if config:
        told = 'Importing this package fills its registries; ``registry.py`` holds them.'
        lines = [f'"""What {config} builds, and nothing else.', '', told, '"""', '']
    else:
        lines = ['"""A model that was carried over, its classes and nothing else; ``load()`` returns it."""', '']
    for module in modules:
        parent, _, name = module.rpartition('.')
        lines.append(f'from {relative(layout, "", parent)} import {name}  # noqa: F401')
    return '\n'.join(lines) + '\n'
