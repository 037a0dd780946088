"""What later stages can ask about the observed process."""

from __future__ import annotations

from introspect_export.model.observation import Binding, Observation
from introspect_export.model.symbols import Symbol


def binding(observation: Observation, module: str, name: str) -> Binding:
    found = observation.world.binding(module, name)
    assert found is not None
    return found


def test_what_is_origin(parrot: Observation) -> None:
    world = parrot.world
    assert world.is_origin('aviary') and world.is_origin('aviary.birds.never_loaded') and world.is_origin('__main__')
    libraries = ('torch.nn', 'mmengine.model', 'json', 'mmcv.cnn', 'builtins', 'introspect_export.load')
    assert not any(world.is_origin(name) for name in libraries)


def test_bindings(parrot: Observation) -> None:
    bird = binding(parrot, 'aviary.birds', 'Bird')
    assert (bird.kind, bird.symbol, bird.origin) == ('class', Symbol('aviary.birds', 'Bird'), True)
    linear = binding(parrot, 'aviary.birds', 'nn')
    assert (linear.kind, linear.symbol, linear.origin) == ('module', Symbol('torch.nn', ''), False)
    squawk = binding(parrot, 'aviary.birds', 'squawk')
    assert (squawk.kind, squawk.symbol, squawk.origin) == ('function', Symbol('aviary.birds', 'squawk'), True)
    models = binding(parrot, 'aviary.birds', 'MODELS')
    assert (models.kind, models.registry, models.origin) == ('registry', 'aviary::model#1', True)
    assert models.token == binding(parrot, 'aviary.names', 'ANIMALS').token
    assert binding(parrot, 'aviary.registry', 'ROOT_MODELS').origin is False
    assert parrot.world.binding('aviary.birds', 'nothing') is None
    assert parrot.world.binding('aviary.nowhere', 'nothing') is None
    assert binding(parrot, 'aviary.birds', 'late').kind == 'data'


def test_classes_inside_of_data(parrot: Observation) -> None:
    species = binding(parrot, 'aviary.names', 'species')
    assert (species.kind, species.symbol) == ('data', None)
    assert [str(one) for one in species.contains] == ['aviary.birds:Parrot', 'aviary.birds:Bird.sing']


def test_chains(parrot: Observation) -> None:
    chain = parrot.world.chain(Symbol('aviary.birds', 'Parrot'))
    assert chain is not None
    assert [facts.symbol.qualname for facts in chain.mro[:3]] == ['Parrot', 'Bird', 'BaseModel']
    assert chain.ancestors == (Symbol('aviary.birds', 'Bird'),)
    assert parrot.world.chain(Symbol('aviary.birds', 'squawk')) is None
    assert parrot.world.chain(Symbol('aviary.birds', 'Dodo')) is None


def test_sources(parrot: Observation) -> None:
    data, birds = parrot.world.source('aviary.data'), parrot.world.source('aviary.birds')
    assert data is not None and data[0].endswith('aviary/data/__init__.py') and data[1]
    assert birds is not None and birds[0].endswith('aviary/birds.py') and not birds[1]
    assert parrot.world.source('sys') is None
    assert parrot.world.source('aviary.nowhere') is None


def test_strings_that_name_entries(parrot: Observation) -> None:
    for key in ('Song', 'aviary.Song'):
        entry = parrot.world.resolve(key, 'aviary.birds')
        assert entry is not None
        assert (entry.registry, entry.target) == ('aviary::model#1', Symbol('aviary.birds', 'Song'))
    wing = parrot.world.resolve('Wing', 'elsewhere')
    assert wing is not None and wing.registry == 'aviary::wing#1'
    assert parrot.world.resolve('other.Song', 'aviary.birds') is None


def test_names_without_a_scope_are_the_librarys_before_another_scopes(parrot: Observation) -> None:
    # As mmengine looks them up: own registries, then their parents, and no other scope's.
    own = parrot.world.resolve('ParamSchedulerHook', 'aviary.birds')
    assert own is not None and own.registry == 'aviary::wing#1'
    assert parrot.world.resolve('ParamSchedulerHook', 'elsewhere') is None
    scoped = parrot.world.resolve('aviary.ParamSchedulerHook', 'elsewhere')
    assert scoped is not None and scoped.registry == 'aviary::wing#1'
    assert parrot.world.resolve('mmengine.ParamSchedulerHook', 'aviary.birds') is None


def test_entries_of_a_class(parrot: Observation) -> None:
    (entry,) = parrot.world.registrations(Symbol('aviary.birds', 'Song'))
    assert (entry.registry, entry.key) == ('aviary::model#1', 'Song')
    assert parrot.world.registrations(Symbol('aviary.birds', 'Bird')) == ()


def test_a_class_made_by_a_call_has_the_statement_that_made_it(parrot: Observation) -> None:
    entry = parrot.world.resolve('Fin', 'aviary.wings')
    assert entry is not None and entry.registered is not None
    assert (entry.target, entry.origin) == (Symbol('aviary.wings', 'Fin'), True)
    chain = parrot.world.chain(entry.target)
    assert chain is not None and 'hidden' in chain.mro[0].traits
    assert chain.ancestors == (Symbol('aviary.wings', 'Limb'),)
    assert parrot.world.registrations(entry.target) == (entry,)
    module, line = entry.registered
    source = parrot.world.source(module)
    assert source is not None
    with open(source[0]) as file:
        assert 'WINGS.register_module(name=name' in file.read().splitlines()[line - 1]
