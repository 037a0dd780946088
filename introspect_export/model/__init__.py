"""The frozen values passed between stages.

A stage is a function from one of these to another. None of them references a live object of the observed process.
"""

from introspect_export.model.class_facts import Chain, ClassFacts, Look, SuperLookup
from introspect_export.model.diagnostics import Diagnostic, ExportError, InternalError
from introspect_export.model.fragments import Edit, Excerpt, FlatClass, Literal, MemberOrigin, Piece
from introspect_export.model.object_facts import ArgumentFacts, ObjectFacts, TensorFacts
from introspect_export.model.observation import (
    Binding,
    BuildEvent,
    EntryFacts,
    Observation,
    ObservedClass,
    RegistryFacts,
    Resource,
    SectionFacts,
    World,
)
from introspect_export.model.source_module import (
    ImportedName,
    NameUse,
    PackageQuery,
    Part,
    PartKind,
    SourceModule,
    StringUse,
)
from introspect_export.model.symbols import Place, Span, Statement, Symbol

__all__ = [
    'ArgumentFacts',
    'Binding',
    'BuildEvent',
    'Chain',
    'ClassFacts',
    'Diagnostic',
    'Edit',
    'EntryFacts',
    'Excerpt',
    'ExportError',
    'FlatClass',
    'ImportedName',
    'InternalError',
    'Literal',
    'Look',
    'MemberOrigin',
    'NameUse',
    'ObjectFacts',
    'Observation',
    'ObservedClass',
    'PackageQuery',
    'Part',
    'PartKind',
    'Piece',
    'Place',
    'RegistryFacts',
    'Resource',
    'SectionFacts',
    'SourceModule',
    'Span',
    'Statement',
    'StringUse',
    'SuperLookup',
    'Symbol',
    'TensorFacts',
    'World',
]
