"""Check an object that was carried over: it loads, of the pack's classes, with the same numbers."""

from __future__ import annotations

import hashlib
import importlib
import sys
from collections.abc import Mapping, Sequence
from typing import Any

import torch

from ...sandbox.faults import sentence


def describe(model: torch.nn.Module) -> dict[str, dict[str, str]]:
    """What tells two models apart: the class at each place of its tree, and a digest of each tensor of its state."""
    classes = {path: type(each).__qualname__ for path, each in model.named_modules(remove_duplicate=False)}
    state = {path: value for path, value in model.state_dict().items() if isinstance(value, torch.Tensor)}
    return {'classes': classes, 'tensors': {path: _digest(value) for path, value in state.items()}}


def _imported_from(model: torch.nn.Module, plain: Sequence[str]) -> dict[str, str]:
    """The packages, beside this one, torch and Python's, that classes of a model are imported from; a class of each."""
    kinds = {kind for each in model.modules() for kind in type(each).__mro__}
    modules = {f'{kind.__module__}.{kind.__qualname__}': str(kind.__module__).partition('.')[0] for kind in kinds}
    own = {'pack', torch.__name__, *plain}
    # A class that was carried as bytecode has the name of a module that nobody imported.
    return {top: name for name, top in sorted(modules.items()) if top not in own and top in sys.modules}


def _digest(tensor: torch.Tensor) -> str:
    """The same for two tensors exactly if they have the same type, shape and bits."""
    if torch.nn.parameter.is_lazy(tensor):
        return f'{type(tensor).__name__}, without a shape yet'
    told = f'{tensor.dtype} {tuple(tensor.shape)} {tensor.layout} {tensor.device.type == "meta"}'
    if tensor.is_meta:
        return told
    plain = tensor.detach().cpu()
    if plain.is_quantized:
        told += f' {plain.qscheme()} {plain.dequantize().tolist()}'
        plain = plain.int_repr()
    dense = plain if plain.layout is torch.strided else plain.to_dense()
    numbers = dense.contiguous().reshape(-1).view(torch.uint8).numpy().tobytes()
    return hashlib.sha256(told.encode() + numbers).hexdigest()


def check_carried(
    expected: Mapping[str, Mapping[str, str]], libraries: Sequence[str], plain: Sequence[str], answer: dict[str, Any]
) -> str:
    """Why the object cannot be loaded as it was, without the packages of its classes, or nothing.

    Args:
        expected: What was said of it when it was exported.
        libraries: The packages that classes of it are imported from, as was said then.
        plain: The packages that count for nothing: Python's own.
        answer: What was found is added to it.
    """
    try:
        model = importlib.import_module('pack').load()
        found, needed = describe(model), _imported_from(model, plain)
    except Exception as error:  # The object's own code runs here: it can raise anything.
        answer['sections'] = [{'path': 'model', 'ok': False, 'built': False, 'reason': sentence(error)}]
        return f'it does not load: {sentence(error)}'
    answer['sections'] = [{'path': 'model', 'ok': True, 'built': True, 'reason': ''}]
    unsaid = sorted(needed.keys() - set(libraries))
    if unsaid:
        kinds = ', '.join(needed[each] for each in unsaid)
        return f'classes of it come from packages that could be imported while this was checked: {kinds}'
    if needed:
        answer['notes'].append(f'{", ".join(sorted(needed))} could be imported: classes of the model are of there')
    for kind in ('classes', 'tensors'):
        if list(found[kind]) != list(expected[kind]):
            return f'the {kind} of its tree are not the same: {sorted({*found[kind]} ^ {*expected[kind]})}'
        other = [path for path, value in expected[kind].items() if found[kind][path] != value]
        if other:
            return f'{len(other)} {kind} are not the same, the first at {other[0]!r}'
    return ''
