"""The outputs of all modules of a model, in the order of their calls."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from .plain_trees import Node, digest, encode, storable


class Calls:
    """A record of calls: the path of each module, with a checksum of its output.

    Args:
        wanted: The number of the call whose output is kept in full, or -1.
    """

    def __init__(self, wanted: int = -1) -> None:
        self.wanted = wanted
        self.seen: list[list[str]] = []
        self.kept: Node | None = None

    @contextmanager
    def watching(self, model: Any) -> Iterator[None]:
        """Record calls while the context lasts.

        Args:
            model: The model.
        """
        import torch

        handles = []
        for path, module in model.named_modules():
            if not isinstance(module, torch.jit.ScriptModule):
                handles.append(module.register_forward_hook(self._hook(path)))
        try:
            yield
        finally:
            for handle in handles:
                handle.remove()

    def _hook(self, path: str) -> Any:
        def record(module: Any, arguments: Any, output: Any) -> None:
            if len(self.seen) == self.wanted:
                self.kept = storable(encode(output))
            self.seen.append([path, digest(output)])

        return record
