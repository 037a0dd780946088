"""Comparison of two trees of plain data and tensors, with tensors compared bit for bit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy
import torch

from introspect_export.verify.renamed_types import RenamedTypes

_LONGEST = 200

Node = Mapping[str, Any]


class Comparison:
    """Compares trees of the original with trees of the package.

    Args:
        naming: The package's names of the original's classes.
    """

    def __init__(self, naming: RenamedTypes) -> None:
        self._naming = naming

    def first(self, original: Node, pack: Node, path: str = '') -> str:
        """Return a description of the first difference that begins with its path; empty if there is none.

        Args:
            original: The tree of the original.
            pack: The tree of the package.
            path: The path of the trees' roots.
        """
        return next(self._differences(original, pack, path), '')

    def _differences(self, original: Node, pack: Node, path: str) -> Iterator[str]:
        kinds = original['kind'], pack['kind']
        types = original.get('type', ''), pack.get('type', '')
        if kinds[0] != kinds[1] or not self._naming.agrees(*types):
            yield f'{path}: original is {_short(original)}, pack is {_short(pack)}'
        elif 'items' in original:
            yield from self._items(original, pack, path)
        elif kinds[0] == 'name':
            if not self._naming.agrees(original['value'], pack['value']):
                yield f'{path}: original {original["value"]}, pack {pack["value"]}'
        elif isinstance(original.get('value'), torch.Tensor) and isinstance(pack.get('value'), torch.Tensor):
            difference = tensors(original['value'], pack['value'])
            if difference:
                yield f'{path} {difference}'
        elif repr(original.get('value')) != repr(pack.get('value')):
            yield f'{path}: original {_value(original)}, pack {_value(pack)}'

    def _items(self, original: Node, pack: Node, path: str) -> Iterator[str]:
        mine, other = original['items'], pack['items']
        if original['kind'] == 'sequence':
            for index, (left, right) in enumerate(zip(mine, other, strict=False)):
                yield from self._differences(left, right, f'{path}[{index}]')
            if len(mine) != len(other):
                yield f'{path}: original has {len(mine)} items, pack {len(other)}'
            return
        names = [name for name, _ in mine], [name for name, _ in other]
        if names[0] != names[1]:
            yield f'{path}: {_names(*names)}'
        for (name, left), (_, right) in zip(mine, other, strict=False):
            yield from self._differences(left, right, _below(path, name))


def tensors(original: torch.Tensor, pack: torch.Tensor) -> str:
    """Describe the first difference between two tensors; empty if there is none."""
    if original.dtype != pack.dtype or original.shape != pack.shape:
        return (
            f'differs: original is {original.dtype} of shape {tuple(original.shape)}, '
            f'pack is {pack.dtype} of shape {tuple(pack.shape)}'
        )
    differing = _bits(original).ne(_bits(pack)).any(dim=1)
    if not bool(differing.any()):
        return ''
    first = int(differing.to(torch.uint8).argmax())
    where = tuple(int(each) for each in numpy.unravel_index(first, tuple(original.shape) or (1,)))
    left, right = (_number(each.reshape(-1)[first]) for each in (original, pack))
    count = f' ({int(differing.sum())} of {original.numel()} numbers differ)' if original.numel() > 1 else ''
    place = f' first at {where}' if original.dim() else ''
    return f'differs{place}: original {left}, pack {right}{count}'


def _bits(tensor: torch.Tensor) -> torch.Tensor:
    # The copy resolves lazy conjugation and negation. It also has the stride 1 that ``view`` needs; a tensor of one
    # element counts as contiguous with any stride.
    flat = tensor.clone(memory_format=torch.contiguous_format).reshape(-1)
    if not flat.numel():
        return torch.zeros(0, 1, dtype=torch.uint8)
    return flat.view(torch.uint8).reshape(flat.numel(), -1)


def _number(value: torch.Tensor) -> str:
    """The shortest text that distinguishes a number from all others of its type."""
    number: object = value.item() if value.dtype == torch.bfloat16 else value.resolve_conj().resolve_neg().numpy()[()]
    return str(number)


def _below(path: str, name: str) -> str:
    if not name.isidentifier():
        return f'{path}[{name!r}]'
    return f'{path}.{name}' if path and not path.endswith(' ') else f'{path}{name}'


def _names(original: Sequence[str], pack: Sequence[str]) -> str:
    lacking = [name for name in original if name not in pack]
    added = [name for name in pack if name not in original]
    if not lacking and not added:
        return f'original has {_listed(original)} in this order, pack {_listed(pack)}'
    parts = [f'pack lacks {_listed(lacking)}'] if lacking else []
    return ' and '.join([*parts, f'pack adds {_listed(added)}'] if added else parts)


def _listed(names: Sequence[str]) -> str:
    return ', '.join(names[:4]) + (f' and {len(names) - 4} more' if len(names) > 4 else '')


def _short(node: Node) -> str:
    """A short description of a value."""
    if node['kind'] == 'plain':
        return _value(node)
    kind: str = node.get('type', '').partition(':')[2] or node['kind']
    if 'items' in node:
        return f'{kind} with {len(node["items"])} items'
    return kind


def _value(node: Node) -> str:
    text = repr(node.get('value'))
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + '…'
