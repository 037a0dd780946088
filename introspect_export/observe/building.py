"""Build the model and then everything else that a config declares, each with real tensors while there is room.

The two are counted apart. A metric that carries a network of its own then costs no second building of the model, and
whatever is large beside the model has no values from its beginning on.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any, TypeVar

from introspect_export.observe.makers import Makings, makings
from introspect_export.observe.paths import ConfigPaths
from introspect_export.observe.plain import own_tree
from introspect_export.observe.recording import LiveEvent, Recorder, recording
from introspect_export.observe.sections import Sections
from introspect_export.verify.child.unallocated import ALLOWANCE, built

T = TypeVar('T')

_BESIDE = 64 << 20
"""The bytes of parameters and buffers that are real in what stands beside the model, where the choice is ours."""


@dataclass(frozen=True)
class Surroundings:
    """What building goes on in.

    Attributes:
        adapt: What a registry resolved, and what is to be used in its place.
        failed: Told of the class or function that could not be built, and its config.
        folder: An empty folder.
        refused: The network addresses that were asked for so far; it grows while building.
        progress: Called with the path of each section before it is built.
    """

    adapt: Callable[[Any], Any]
    failed: Callable[[Any, Any], object]
    folder: str
    refused: list[str]
    progress: Callable[[str], None]


class Building:
    """What was built of a config so far.

    Args:
        config: The config's dict. It stays as it is: each attempt has a tree of its own to take apart.
        around: What building goes on in.
        watched: Whether to note who makes each object.
        intern: Packages or modules that are origin, whatever the rule says.
    """

    def __init__(self, config: Any, around: Surroundings, *, watched: bool, intern: Sequence[str]) -> None:
        self._config = config
        self._around = around
        self._watched = watched
        self._intern = intern
        self._device = 'auto'
        self.makings = Makings(intern)
        self.model: Any = None
        self.real: tuple[str, ...] = ()
        """The classes whose tensors had to be real although there was no room."""
        self.recorder, self.sections = self._begun([], None)

    def build_model(self, device: str) -> None:
        """Build the model; ``device`` as for ``observe_config``."""
        self.model, used = self._built(device, ALLOWANCE, lambda sections: sections.build_model())
        self._device = device if used == 'cpu' else used

    def build_rest(self) -> None:
        """Build the other sections: as the model was, or without values what is large where the choice is ours."""
        self._built(self._device, _BESIDE, lambda sections: sections.build_rest(self.model))

    def _built(self, device: str, allowance: int, make: Callable[[Sections], T]) -> tuple[T, str]:
        """What was built at last, and the device that it was built for."""
        events, before = list(self.recorder.events), self.sections

        def attempt(_: object) -> T:
            self.recorder, self.sections = self._begun(events, before)
            watch = makings(self._intern, self.makings) if self._watched else nullcontext()
            with recording(self.recorder), watch:
                return make(self.sections)

        product, used, real = built(device, attempt, allowance)
        self.real = tuple(dict.fromkeys((*self.real, *real)))
        return product, used

    def _begun(self, events: list[LiveEvent], before: Sections | None) -> tuple[Recorder, Sections]:
        """A recorder and sections that go on where others ended."""
        tree, around = own_tree(self._config), self._around
        recorder = Recorder(ConfigPaths(tree), around.adapt, around.failed, list(events))
        return recorder, Sections(tree, recorder, around.folder, around.refused, around.progress, before)
