"""YAML and JSON configs as trees of settings."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml

from introspect_export.inspect.settings import UNKNOWN, Node, Setting
from introspect_export.model import Place

SUFFIXES = ('.yaml', '.yml', '.json')
_LONGEST = 120
_BASE_VARIABLE = re.compile(r'\{\{(\s*_base_\.[\w.]+\s*)\}\}')
_REPLACED = re.compile(r'<\s*_base_\.([\w.]+)\s*>')


def read_data(file: str, reference: Callable[[str, Setting], Node]) -> dict[str, Node]:
    """The top-level names that a YAML or JSON config sets.

    Args:
        file: The file.
        reference: Resolves a variable of a base, by its dotted name, at the place of the reference.

    Returns:
        The names with their nodes; empty where the text is not a mapping, or is JSON that is not valid YAML.
    """
    text = Path(file).read_text(encoding='utf-8')
    try:
        # ``{{_base_.x}}`` is not valid in these languages: mmengine replaces it by a string, too.
        root = yaml.compose(_BASE_VARIABLE.sub(r'"<\1>"', text), Loader=yaml.SafeLoader)
    except yaml.YAMLError:
        return {}
    if not isinstance(root, yaml.MappingNode):
        return {}
    return _Data(file, text, reference).children(root)


def base_files(file: str) -> list[str]:
    """The base files of a YAML or JSON config."""
    names = read_data(file, lambda variable, setting: Node(setting))
    base = names.get('_base_')
    found = [base, *base.items()] if base is not None else []
    return [os.path.normpath(os.path.join(file, '..', each.value)) for each in found if isinstance(each.value, str)]


class _Data:
    def __init__(self, file: str, text: str, reference: Callable[[str, Setting], Node]) -> None:
        self._file = file
        self._text = text
        self._reference = reference
        self._is_json = file.endswith('.json')

    def children(self, mapping: Any) -> dict[str, Node]:
        """The nodes of a mapping, by key."""
        return {str(key.value): self._node(value, key) for key, value in mapping.value}

    def _node(self, node: Any, key: Any) -> Node:
        text = ' '.join(self._text[node.start_mark.index : node.end_mark.index].split())
        short = text if len(text) <= _LONGEST else text[: _LONGEST - 1] + '…'
        setting = Setting(Place(self._file, (key or node).start_mark.line + 1), short)
        if isinstance(node, yaml.MappingNode):
            return Node(setting, UNKNOWN, self.children(node), 'dict')
        if isinstance(node, yaml.SequenceNode):
            items = {str(index): self._node(item, None) for index, item in enumerate(node.value)}
            return Node(setting, UNKNOWN, items, 'list')
        value = self._value(node)
        variable = _REPLACED.fullmatch(value) if isinstance(value, str) else None
        return self._reference(variable.group(1), setting) if variable is not None else Node(setting, value)

    def _value(self, node: Any) -> Any:
        if self._is_json and not node.style:
            return json.loads(node.value)
        return yaml.SafeLoader('').construct_object(node, deep=True)
