"""The report of inspecting a config: the findings, with the views of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from introspect_export.inspect.findings import Branch, Findings
from introspect_export.model.liveset import Owner

if TYPE_CHECKING:
    from introspect_export.inspect.diff import Differences
    from introspect_export.inspect.methods import MethodTable


@dataclass(frozen=True)
class Report(Findings):
    """What a config builds. The module of each view is imported when it is used."""

    def methods(self, name: str) -> tuple[MethodTable, ...]:
        """The method tables of the classes with a name: ``FCOSHead``, or with its module, ``mmdet.models:FCOSHead``."""
        from introspect_export.inspect.methods import method_table

        world = self.observation.world
        symbols = [each for each in self.classes if name in (str(each), each.qualname, each.name)]
        chains = [world.chain(each) for each in symbols]
        return tuple(method_table(chain, world) for chain in chains if chain is not None)

    def why(self, name: str) -> dict[Owner, list[str]]:
        """The reasons for each definition or statement of a given name in an export, as chains from the config."""
        from introspect_export.inspect.reason_chain import chains_to

        return chains_to(self.observation, name)

    def diff(self, other: Report) -> Differences:
        """The differences to what another report's config builds."""
        from introspect_export.inspect.diff import compare

        return compare(self.to_json(), other.to_json())

    def tree(self) -> tuple[Branch, ...]:
        """The objects as a tree, by section."""
        from introspect_export.inspect.object_tree import tree_of

        return tree_of(self.items)

    def to_json(self) -> dict[str, Any]:
        """The report as plain data; ``docs/inspecting.md`` has the schema."""
        from introspect_export.inspect.snapshot import snapshot

        return snapshot(self)

    def __rich__(self) -> Any:
        """The tree, for a terminal."""
        from introspect_export.inspect.terminal_text import View, render

        return render(self, View())

    def __str__(self) -> str:
        from introspect_export.inspect.terminal_text import as_text

        return as_text(self)

    def _repr_html_(self) -> str:
        """The page, for a notebook."""
        from introspect_export.inspect.page import embedded

        return embedded(self)
