"""The carrying stage: a live object is pickled with the names of a package, so that the package can load it."""

from introspect_export.carry.carried_observation import Carried, imported_on_demand, observe_model
from introspect_export.carry.carry import CODE, OBJECT, carry_over, imported, loader_text
from introspect_export.carry.changed_definitions import refuse_changed
from introspect_export.carry.compiled_code import compiled, goes_on_imported
from introspect_export.carry.model_origins import model_libraries, module_packages
from introspect_export.carry.pickle_survey import python_version

__all__ = [
    'CODE',
    'OBJECT',
    'Carried',
    'carry_over',
    'compiled',
    'goes_on_imported',
    'imported',
    'imported_on_demand',
    'loader_text',
    'model_libraries',
    'module_packages',
    'observe_model',
    'python_version',
    'refuse_changed',
]
