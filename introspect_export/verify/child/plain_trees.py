"""A representation of any value as a tree of plain data and tensors, readable without the classes of the value.

A node is a mapping with its ``kind``:

========  ==================================================================
tensor    ``value``: the tensor; ``type``
array     ``value``: the array as a tensor, or as text; ``dtype``
plain     ``value``: None, a boolean, number, text or bytes; ``type``
sequence  ``items``: nodes; ``type``
mapping   ``items``: pairs of the key's text and a node; ``type``
object    ``items``: pairs of an attribute's name and a node; ``type``
name      ``value``: the name of a class or function
cut       no value: an object inside of itself, or nested too deeply
========  ==================================================================
"""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Iterator, Mapping
from types import BuiltinFunctionType, FunctionType, MethodType
from typing import Any

_DEEPEST = 24
_PLAIN = (type(None), bool, int, float, complex, str, bytes)

Node = dict[str, Any]


def symbol(kind: Any) -> str:
    """Return ``module:qualname`` of a class or function."""
    return f'{getattr(kind, "__module__", "")}:{getattr(kind, "__qualname__", repr(type(kind)))}'


def encode(value: Any, above: tuple[int, ...] = ()) -> Node:
    """Return the tree of a value; tensors are not copied.

    Args:
        value: The value.
        above: The ids of the containers around it.
    """
    import numpy
    import torch

    kind = symbol(type(value))
    if type(value) in _PLAIN:
        return {'kind': 'plain', 'type': kind, 'value': value}
    if isinstance(value, torch.Tensor):
        return {'kind': 'tensor', 'type': kind, 'value': value.detach()}
    if isinstance(value, numpy.ndarray):
        return _array(value)
    if isinstance(value, numpy.generic):
        return {'kind': 'plain', 'type': kind, 'value': _scalar(value)}
    if isinstance(value, (torch.dtype, torch.device, torch.Size)):
        return {'kind': 'plain', 'type': kind, 'value': str(value)}
    if isinstance(value, (type, FunctionType, BuiltinFunctionType, MethodType)):
        return {'kind': 'name', 'value': symbol(value)}
    if id(value) in above or len(above) > _DEEPEST:
        return {'kind': 'cut'}
    return _container(value, kind, (*above, id(value)))


def _container(value: Any, kind: str, above: tuple[int, ...]) -> Node:
    import numpy

    if isinstance(value, Mapping):
        items = [[_text(key), encode(item, above)] for key, item in value.items()]
        return {'kind': 'mapping', 'type': kind, 'items': items}
    if isinstance(value, (list, tuple)):
        return {'kind': 'sequence', 'type': kind, 'items': [encode(item, above) for item in value]}
    if isinstance(value, (set, frozenset)):
        return {'kind': 'sequence', 'type': kind, 'items': [encode(item, above) for item in sorted(value, key=repr)]}
    if hasattr(value, '__array_interface__'):
        return {'kind': 'object', 'type': kind, 'items': [['pixels', encode(numpy.asarray(value), above)]]}
    return {'kind': 'object', 'type': kind, 'items': [[name, encode(item, above)] for name, item in _fields(value)]}


def _fields(value: Any) -> Iterator[tuple[str, Any]]:
    """The fields of a data element or dataclass, or the attributes of another object, by name."""
    from mmengine.structures import BaseDataElement

    if isinstance(value, BaseDataElement):
        # The element stores the names in sets, whose order is arbitrary.
        for name, item in sorted((*value.metainfo_items(), *value.items()), key=lambda pair: pair[0]):
            yield name.lstrip('_'), item
    elif dataclasses.is_dataclass(value):
        for field in dataclasses.fields(value):
            yield field.name, getattr(value, field.name, None)
    else:
        slots = [name for kind in type(value).__mro__ for name in _slots(kind)]
        yield from getattr(value, '__dict__', {}).items()
        for name in slots:
            if hasattr(value, name):
                yield name, getattr(value, name)


def _slots(kind: type) -> tuple[str, ...]:
    slots = vars(kind).get('__slots__', ())
    names = (slots,) if isinstance(slots, str) else tuple(slots)
    return tuple(name for name in names if name not in ('__dict__', '__weakref__'))


def _array(value: Any) -> Node:
    import numpy
    import torch

    node: Node = {'kind': 'array', 'type': symbol(type(value)), 'dtype': str(value.dtype), 'shape': list(value.shape)}
    if value.dtype == object:
        return {**node, 'kind': 'sequence', 'items': [encode(item) for item in value.ravel().tolist()]}
    try:
        # torch accepts neither negative strides nor read-only arrays, so it is copied.
        node['value'] = torch.from_numpy(numpy.array(value, order='C'))
    except TypeError:
        node['value'] = repr(value.tolist())
    return node


def _scalar(value: Any) -> Any:
    item = value.item()
    return item if type(item) in _PLAIN else repr(item)


def _text(key: Any) -> str:
    return key if isinstance(key, str) else repr(key)


def storable(node: Node) -> Node:
    """Return a tree with copied tensors, since a file would contain the whole storage behind a view."""
    import torch

    if 'items' in node:
        pairs = node['kind'] != 'sequence'
        items = [[item[0], storable(item[1])] if pairs else storable(item) for item in node['items']]
        return {**node, 'items': items}
    value = node.get('value')
    if isinstance(value, torch.Tensor):
        return {**node, 'value': dense(value).clone()}
    return node


def dense(tensor: Any) -> Any:
    """Return a tensor of any layout as a contiguous one on the CPU."""
    tensor = tensor.detach().cpu()
    if tensor.is_quantized:
        tensor = tensor.int_repr()
    return (tensor.to_dense() if tensor.is_sparse else tensor).resolve_conj().resolve_neg().contiguous()


def digest(value: Any) -> str:
    """Return a checksum of a value's tree, without the names of classes, which differ in the package."""
    # SHA-1 is the fastest of hashlib on CPUs with SHA instructions; all outputs of all modules are hashed.
    total = hashlib.sha1(usedforsecurity=False)
    _feed(total, encode(value))
    return total.hexdigest()


def _feed(total: Any, node: Node) -> None:
    import torch

    total.update(node['kind'].encode())
    if 'items' in node:
        for item in node['items']:
            if node['kind'] != 'sequence':
                total.update(item[0].encode('utf-8', 'replace'))
                item = item[1]
            _feed(total, item)
    elif isinstance(node.get('value'), torch.Tensor):
        tensor = dense(node['value'])
        total.update(f'{tensor.dtype}{tuple(tensor.shape)}'.encode())
        if tensor.numel():
            # A tensor of one element counts as contiguous with any stride, but ``view`` needs stride 1.
            flat = (
                tensor.reshape(-1)
                if tensor.numel() > 1
                else tensor.reshape(-1).clone(memory_format=torch.contiguous_format)
            )
            total.update(flat.view(torch.uint8).numpy().data)
    elif node['kind'] != 'name':
        total.update(repr(node.get('value')).encode())
