"""The mutable state of one pass of reaching."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from introspect_export.model import Diagnostic, Edit, EntryFacts, FlatClass, SourceModule, Statement, Symbol
from introspect_export.model.liveset import Defined, LiveSet, Reason, Resolution


@dataclass
class ReachState:
    """The sets that one pass of reaching extends; frozen into a ``LiveSet`` at its end."""

    parts: dict[str, set[int]] = field(default_factory=dict)
    reasons: dict[Symbol, Reason] = field(default_factory=dict)
    executed: dict[Statement, Reason] = field(default_factory=dict)
    flat: dict[Symbol, FlatClass] = field(default_factory=dict)
    resolutions: dict[tuple[str, int], Resolution] = field(default_factory=dict)
    imports: dict[tuple[str, int, str], Resolution] = field(default_factory=dict)
    registries: dict[str, None] = field(default_factory=dict)
    type_strings: dict[tuple[str, int], EntryFacts] = field(default_factory=dict)
    scope_strings: dict[tuple[str, int], str] = field(default_factory=dict)
    modules_by_name: dict[tuple[str, int], str] = field(default_factory=dict)
    answers: dict[str, dict[Edit, None]] = field(default_factory=dict)
    submodules: dict[tuple[str, int, str], tuple[str, ...]] = field(default_factory=dict)
    given: dict[str, dict[str, Defined]] = field(default_factory=dict)
    on_demand: dict[str, dict[str, Defined]] = field(default_factory=dict)
    fillers: dict[str, set[str]] = field(default_factory=dict)
    bound_to_module: dict[Symbol, None] = field(default_factory=dict)
    diagnostics: dict[Diagnostic, None] = field(default_factory=dict)

    def frozen(self, modules: Mapping[str, SourceModule]) -> LiveSet:
        """Return the state as an immutable ``LiveSet`` in a deterministic order.

        Args:
            modules: The modules with live parts.
        """
        return LiveSet(
            modules=modules,
            parts={name: tuple(sorted(indices)) for name, indices in sorted(self.parts.items())},
            reasons=self.reasons,
            executed=self.executed,
            flat=self.flat,
            virtual={},
            resolutions=self.resolutions,
            imports=self.imports,
            registries=tuple(sorted(self.registries)),
            type_strings=self.type_strings,
            scope_strings=self.scope_strings,
            modules_by_name=self.modules_by_name,
            answers={name: tuple(edits) for name, edits in self.answers.items()},
            submodules=self.submodules,
            given={name: dict(sorted(names.items())) for name, names in sorted(self.given.items())},
            on_demand={name: dict(sorted(names.items())) for name, names in sorted(self.on_demand.items())},
            fillers={name: tuple(sorted(fillers)) for name, fillers in sorted(self.fillers.items())},
            bound_to_module=tuple(self.bound_to_module),
            diagnostics=tuple(sorted(self.diagnostics)),
        )
