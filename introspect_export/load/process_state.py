"""Restore the state of the process.

Restored are the environment, the working folder, ``sys.path`` and the import hooks, random states, warning
filters, loggers, mmengine's global instances (default scope, loggers, visualizers, message hubs), torch's switches.

Imported modules and their registry entries stay. A module cannot be removed safely: a C extension or a torch library
cannot be loaded twice, and a class would exist twice. ``observe.registration_log`` removes all other registry entries.
"""

from __future__ import annotations

import logging
import multiprocessing
import os
import random
import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any

import numpy
import torch
from mmengine.utils import ManagerMixin

from introspect_export.temporary import umask

Restore = Callable[[], None]


def _untyped(module: ModuleType) -> Any:
    """A module whose functions have no type annotations."""
    return module


@contextmanager
def preserved() -> Iterator[None]:
    """Restore the state of the process on exit."""
    restores = [save() for save in _SAVERS]
    try:
        yield
    finally:
        for restore in reversed(restores):
            restore()


def _save_environment() -> Restore:
    environment, folder, mask = dict(os.environ), os.getcwd(), umask()

    def restore() -> None:
        for name in set(os.environ) - set(environment):
            del os.environ[name]
        os.environ.update({name: value for name, value in environment.items() if os.environ.get(name) != value})
        os.chdir(folder)
        os.umask(mask)

    return restore


def _save_imports() -> Restore:
    names = ('path', 'meta_path', 'path_hooks', 'argv')
    saved: list[tuple[str, list[Any], list[Any]]] = [
        (name, getattr(sys, name), [*getattr(sys, name)]) for name in names
    ]

    def restore() -> None:
        for name, value, content in saved:
            # Finders of imported libraries stay with them: they may have disabled the finder that they replace.
            added = [each for each in value if each not in content] if name == 'meta_path' else []
            value[:] = [*content, *added]
            setattr(sys, name, value)

    return restore


def _save_random() -> Restore:
    python, array, tensor = random.getstate(), numpy.random.get_state(), torch.get_rng_state()
    devices = torch.cuda.get_rng_state_all() if _untyped(torch.cuda).is_initialized() else None

    def restore() -> None:
        random.setstate(python)
        numpy.random.set_state(array)
        torch.set_rng_state(tensor)
        if devices is not None:
            torch.cuda.set_rng_state_all(devices)

    return restore


def _save_warnings() -> Restore:
    # ``catch_warnings`` saves the filters and ``showwarning``.
    context = warnings.catch_warnings()
    context.__enter__()
    return lambda: context.__exit__(None, None, None)


def _save_loggers() -> Restore:
    manager = logging.Logger.manager
    loggers = [logging.root, *(one for one in manager.loggerDict.copy().values() if isinstance(one, logging.Logger))]
    states = [(one, one.level, list(one.handlers), list(one.filters), one.propagate, one.disabled) for one in loggers]
    disabled = manager.disable

    def restore() -> None:
        manager.disable = disabled
        for logger, level, handlers, filters, propagate, off in states:
            logger.setLevel(level)
            logger.handlers[:], logger.filters[:] = handlers, filters
            logger.propagate, logger.disabled = propagate, off

    return restore


def _managed_classes() -> list[Any]:
    """The classes whose instances mmengine keeps by name."""
    classes: list[Any] = []
    pending: list[Any] = [ManagerMixin]
    while pending:
        current = pending.pop()
        if current not in classes:
            classes.append(current)
            pending.extend(current.__subclasses__())
    return classes


def _save_instances() -> Restore:
    """Begin without global instances of mmengine: the user's visualizer must not be used for the config's."""
    saved = [(one, one._instance_dict, dict(one._instance_dict)) for one in _managed_classes()]
    for _, instances, _ in saved:
        instances.clear()

    def restore() -> None:
        for one in _managed_classes():
            one._instance_dict.clear()
        for one, instances, content in saved:
            instances.clear()
            instances.update(content)
            one._instance_dict = instances

    return restore


def _save_torch() -> Restore:
    dtype, grad, threads = torch.get_default_dtype(), torch.is_grad_enabled(), torch.get_num_threads()
    cudnn = torch.backends.cudnn
    switches = (cudnn.enabled, cudnn.benchmark, cudnn.deterministic, cudnn.allow_tf32)
    matmul, precision = torch.backends.cuda.matmul.allow_tf32, torch.get_float32_matmul_precision()
    deterministic = torch.are_deterministic_algorithms_enabled()
    warn_only = torch.is_deterministic_algorithms_warn_only_enabled()
    anomaly, sharing = torch.is_anomaly_enabled(), _untyped(torch.multiprocessing).get_sharing_strategy()
    start_method = multiprocessing.get_start_method(allow_none=True)

    def restore() -> None:
        torch.set_default_dtype(dtype)
        torch.set_grad_enabled(grad)
        if torch.get_num_threads() != threads:
            torch.set_num_threads(threads)
        cudnn.enabled, cudnn.benchmark, cudnn.deterministic, cudnn.allow_tf32 = switches
        torch.set_float32_matmul_precision(precision)
        torch.backends.cuda.matmul.allow_tf32 = matmul
        # Only if changed: the call imports a compiler.
        now = torch.are_deterministic_algorithms_enabled(), torch.is_deterministic_algorithms_warn_only_enabled()
        if now != (deterministic, warn_only):
            torch.use_deterministic_algorithms(deterministic, warn_only=warn_only)
        torch.autograd.set_detect_anomaly(anomaly)
        _untyped(torch.multiprocessing).set_sharing_strategy(sharing)
        if multiprocessing.get_start_method(allow_none=True) != start_method:
            multiprocessing.set_start_method(start_method, force=True)

    return restore


def _save_streams() -> Restore:
    streams = sys.stdin, sys.stdout, sys.stderr, sys.excepthook, sys.displayhook

    def restore() -> None:
        sys.stdin, sys.stdout, sys.stderr, sys.excepthook, sys.displayhook = streams

    return restore


_SAVERS: tuple[Callable[[], Restore], ...] = (
    _save_environment,
    _save_imports,
    _save_random,
    _save_warnings,
    _save_loggers,
    _save_instances,
    _save_torch,
    _save_streams,
)
