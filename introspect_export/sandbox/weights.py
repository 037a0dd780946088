"""Builds models that load missing weights in their constructors, without these weights.

An export contains a model's code, not its weights. Weights are loaded by ``torch.hub``'s download function, which
torchvision and mmengine's checkpoints by URL use, or by mmengine's checkpoint loader. Where these find no file, they
return ``NoWeights``; loading that into a module does nothing.
"""

from __future__ import annotations

import functools
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any
from unittest.mock import patch

from .faults import causes
from .network import was_refused


class NoWeights(dict):  # type: ignore[type-arg]
    """A placeholder for a missing checkpoint; every item of it is the placeholder itself."""

    def __missing__(self, key: object) -> NoWeights:
        """Return the placeholder for any key."""
        return self


def wanted_weights(error: BaseException | None) -> bool:
    """Whether an error is due to missing weights: an operation that ``NoWeights`` does not support.

    Args:
        error: The error; those that it was raised from are examined as well.
    """
    # The messages of Python and torch name the type of the operand: "'NoWeights' object has no attribute 'shape'".
    return any(
        isinstance(each, (AttributeError, TypeError)) and NoWeights.__name__ in str(each) for each in causes(error)
    )


@contextmanager
def no_weights() -> Iterator[list[str]]:
    """Replace missing weights by ``NoWeights`` while the context lasts.

    Yields:
        The files and URLs of the missing weights; it grows.
    """
    import mmengine.runner.checkpoint as checkpoints
    import torch
    from mmengine.runner import CheckpointLoader

    missing: list[str] = []
    absent: set[str] = set()
    with ExitStack() as stack:

        def replace(owner: Any, name: str, make: Callable[[Any], Any]) -> None:
            stack.enter_context(patch.object(owner, name, make(getattr(owner, name))))

        def without_download(_: Callable[..., Any]) -> Callable[..., None]:
            def download(url: str, dst: str, *args: Any, **kwargs: Any) -> None:
                missing.append(url)
                absent.add(os.path.abspath(dst))

            return download

        def from_nothing(load: Callable[..., Any]) -> Callable[..., Any]:
            @functools.wraps(load)
            def from_file(f: Any, *args: Any, **kwargs: Any) -> Any:
                if isinstance(f, (str, os.PathLike)) and os.path.abspath(os.fsdecode(f)) in absent:
                    return NoWeights()
                return load(f, *args, **kwargs)

            return from_file

        def by_mmengine(load: Any) -> Any:
            # The original is a class method, so ``load`` is already bound.
            def load_checkpoint(filename: str, *args: Any, **kwargs: Any) -> Any:
                try:
                    return load(filename, *args, **kwargs)
                except (FileNotFoundError, OSError) as error:
                    if not (isinstance(error, FileNotFoundError) or was_refused(error)):
                        raise
                    missing.append(str(filename))
                    return NoWeights()

            return staticmethod(load_checkpoint)

        def unless_nothing(load: Callable[..., Any], result: Any) -> Callable[..., Any]:
            @functools.wraps(load)
            def load_state_dict(module: Any, state_dict: Any, *args: Any, **kwargs: Any) -> Any:
                # A dict that code has filtered out of ``NoWeights`` is empty, too, but of another type.
                if missing and not state_dict:
                    return result
                return load(module, state_dict, *args, **kwargs)

            return load_state_dict

        all_found = torch.nn.modules.module._IncompatibleKeys([], [])
        replace(torch.hub, 'download_url_to_file', without_download)
        replace(torch, 'load', from_nothing)
        replace(CheckpointLoader, 'load_checkpoint', by_mmengine)
        replace(torch.nn.Module, 'load_state_dict', lambda load: unless_nothing(load, all_found))
        replace(checkpoints, 'load_state_dict', lambda load: unless_nothing(load, None))
        yield missing
