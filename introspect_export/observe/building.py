"""Build the model and then everything else that a config declares, each with real tensors while there is room.

The two are counted apart. A metric that carries a network of its own then costs no second building of the model, and
whatever is large beside the model has no values from its beginning on.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any

from introspect_export.observe.makers import Makings, makings
from introspect_export.observe.paths import ConfigPaths
from introspect_export.observe.plain import own_tree
from introspect_export.observe.recording import Recorder, recording
from introspect_export.observe.sections import Sections
from introspect_export.verify.child.unallocated import ALLOWANCE, built

_BESIDE = 64 << 20
"""The bytes of parameters and buffers that are real in what stands beside the model, where the choice is ours."""


@dataclass(frozen=True)
class Surroundings:
    """What building goes on in.

    Attributes:
        config: The config's dict. It stays as it is: each attempt has a tree of its own to take apart.
        makings: Where to note who makes each object; None for nowhere.
        adapt: What a registry resolved, and what is to be used in its place.
        failed: Told of the class or function that could not be built, or was not asked to, and its config.
        folder: An empty folder.
        refused: The network addresses that were asked for so far; it grows while building.
        progress: Called with the path of each section before it is built.
    """

    config: Any
    makings: Makings | None
    adapt: Callable[[Any], Any]
    failed: Callable[[Any, Any], object]
    folder: str
    refused: list[str]
    progress: Callable[[str], None]


@dataclass(frozen=True)
class Built:
    """What was built of a config so far, alive.

    Attributes:
        recorder: What registries were asked.
        sections: What became of the sections.
        model: The model, or None.
        device: Where to build what comes next.
        real: The classes whose tensors had to be real although there was no room.
    """

    recorder: Recorder
    sections: Sections
    model: Any
    device: str
    real: tuple[str, ...]


def build_model(around: Surroundings, device: str) -> Built:
    """Build the model; ``device`` as for ``observe_config``."""
    return _built(around, device, ALLOWANCE, None)


def build_rest(around: Surroundings, before: Built) -> Built:
    """Build the other sections: as the model was, or without values what is large where the choice is ours."""
    return _built(around, before.device, _BESIDE, before)


def _built(around: Surroundings, device: str, allowance: int, before: Built | None) -> Built:
    """The model where nothing was built before, else the rest."""
    events, earlier, known = (
        (before.recorder.events, before.sections, before.real) if before is not None else ((), None, ())
    )

    def attempt(_: object) -> tuple[Recorder, Sections, Any]:
        tree = own_tree(around.config)
        recorder = Recorder(ConfigPaths(tree), around.adapt, around.failed, events)
        sections = Sections(tree, recorder, around.folder, around.refused, around.progress, earlier)
        with recording(recorder), makings(around.makings) if around.makings is not None else nullcontext():
            if before is None:
                return recorder, sections, sections.build_model()
            sections.build_rest(before.model)
        return recorder, sections, before.model

    (recorder, sections, model), used, real = built(device, attempt, allowance)
    return Built(recorder, sections, model, device if used == 'cpu' else used, tuple(dict.fromkeys((*known, *real))))
