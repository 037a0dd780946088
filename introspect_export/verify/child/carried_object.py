"""Verification of a pickled model: it loads with the package's classes and the same tensors."""

from __future__ import annotations

import hashlib
import importlib
import sys
from collections.abc import Mapping, Sequence
from typing import Any

import torch

from ...sandbox.faults import sentence


def describe(model: torch.nn.Module) -> dict[str, dict[str, str]]:
    """Describe a model by the class of each submodule and a digest of each tensor of its state."""
    classes = {path: type(each).__qualname__ for path, each in model.named_modules(remove_duplicate=False)}
    state = {path: value for path, value in model.state_dict().items() if isinstance(value, torch.Tensor)}
    return {'classes': classes, 'tensors': {path: _digest(value) for path, value in state.items()}}


def _imported_from(model: torch.nn.Module, plain: Sequence[str]) -> dict[str, str]:
    """The packages that classes of a model come from, each with one class, except for this one, torch and ``plain``."""
    kinds = {kind for each in model.modules() for kind in type(each).__mro__}
    modules = {f'{kind.__module__}.{kind.__qualname__}': str(kind.__module__).partition('.')[0] for kind in kinds}
    own = {'pack', torch.__name__, *plain}
    # A class that was pickled as bytecode names a module that is not imported.
    return {top: name for name, top in sorted(modules.items()) if top not in own and top in sys.modules}


def _digest(tensor: torch.Tensor) -> str:
    """A digest that is equal for two tensors exactly if they have the same type, shape and bits."""
    if torch.nn.parameter.is_lazy(tensor):
        return f'{type(tensor).__name__}, without a shape yet'
    facts = f'{tensor.dtype} {tuple(tensor.shape)} {tensor.layout} {tensor.device.type == "meta"}'
    if tensor.is_meta:
        return facts
    plain = tensor.detach().cpu()
    if plain.is_quantized:
        facts += f' {plain.qscheme()} {plain.dequantize().tolist()}'
        plain = plain.int_repr()
    dense = plain if plain.layout is torch.strided else plain.to_dense()
    numbers = dense.contiguous().reshape(-1).view(torch.uint8).numpy().tobytes()
    return hashlib.sha256(facts.encode() + numbers).hexdigest()


def check_carried(
    expected: Mapping[str, Mapping[str, str]], libraries: Sequence[str], plain: Sequence[str], answer: dict[str, Any]
) -> str:
    """Check that the object can be loaded without its origins, and equals the exported one.

    Args:
        expected: Its description (``describe``) at the time of the export.
        libraries: The packages that its classes were imported from then.
        plain: The packages to ignore: the standard library's.
        answer: Receives the sections and notes.

    Returns:
        The reason of a failure, or empty.
    """
    try:
        model = importlib.import_module('pack').load()
        found, needed = describe(model), _imported_from(model, plain)
    except Exception as error:  # Foreign code may raise anything.
        answer['sections'] = [{'path': 'model', 'ok': False, 'built': False, 'reason': sentence(error)}]
        return f'it does not load: {sentence(error)}'
    answer['sections'] = [{'path': 'model', 'ok': True, 'built': True, 'reason': ''}]
    unexpected = sorted(needed.keys() - set(libraries))
    if unexpected:
        kinds = ', '.join(needed[each] for each in unexpected)
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
