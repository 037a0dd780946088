"""The kinds of faults that ``mutate_package.py`` puts into a package's config, found in its text."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from package_faults import Change, Fault, Text, changed_number

_SECTIONS: Mapping[str, str] = {
    'default_hooks': 'hook', 'custom_hooks': 'hook', 'optim_wrapper': 'optimizer', 'param_scheduler': 'schedule',
    'train_cfg': 'loop', 'val_cfg': 'loop', 'test_cfg': 'loop', 'val_evaluator': 'metric', 'test_evaluator': 'metric',
    'train_dataloader': 'data', 'val_dataloader': 'data', 'test_dataloader': 'data', 'model': 'model',
}  # fmt: skip
_THRESHOLDS = ('thr', 'iou', 'score', 'max_per_img', 'nms_pre', 'min_bbox_size')
_NARROWER: tuple[tuple[str, tuple[str, ...], str], ...] = (
    ('optimizer', ('mult',), 'optimizer multiplier'),
    ('hook', ('priority',), 'hook priority'),
    ('data', ('prob',), 'augmentation probability'),
    ('data', ('scale', 'size', 'ratio', 'degree', 'pipeline'), 'augmentation setting'),
    ('model', _THRESHOLDS, 'threshold'),
    ('model', ('loss_weight',), 'loss weight'),
)
_ORDER = 'augmentation order'
_PRIORITY = 'hook priority'


def config_faults(out: Path, file: str) -> dict[str, list[Fault]]:
    """Every fault that can be put into a config's values, by its kind.

    Args:
        out: The folder of the package.
        file: The config, relative to that folder.
    """
    data = (out / file).read_bytes()
    text = Text(data)
    found: dict[str, list[Fault]] = {}
    for path, node in _values(ast.parse(data)):
        for kind, (target, after) in _changes(path, node, text.of):
            start, end = text.span(target)
            line: int = target.lineno  # type: ignore[attr-defined]
            fault = Fault(f'config: {kind}', file, line, start, end, data[start:end].decode(), after)
            found.setdefault(fault.kind, []).append(fault)
    return found


def _values(tree: ast.Module) -> Iterator[tuple[tuple[str, ...], ast.AST]]:
    """Each value of the sections that make something, with the keys that lead to it."""
    for statement in tree.body:
        if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name):
            name = statement.targets[0].id
            if name in _SECTIONS:
                yield from _within((name,), statement.value)


def _within(path: tuple[str, ...], node: ast.AST) -> Iterator[tuple[tuple[str, ...], ast.AST]]:
    yield path, node
    if isinstance(node, ast.Call):
        for keyword in node.keywords:
            yield from _within((*path, keyword.arg or ''), keyword.value)
    elif isinstance(node, ast.Dict):
        for key, value in zip(node.keys, node.values, strict=True):
            yield from _within((*path, str(getattr(key, 'value', ''))), value)
    elif isinstance(node, (ast.List, ast.Tuple)):
        for each in node.elts:
            yield from _within(path, each)


def _changes(path: tuple[str, ...], node: ast.AST, text: Callable[[ast.AST], str]) -> Iterator[tuple[str, Change]]:
    kind = _kind(path)
    if isinstance(node, ast.Constant) and isinstance(node.value, bool):
        yield kind, (node, repr(not node.value))
    elif isinstance(node, ast.Constant) and isinstance(node.value, (int, float)):
        yield kind, (node, changed_number(node.value))
    elif isinstance(node, ast.List) and 'pipeline' in path[-1] and len(node.elts) > 1:
        first, second, *_ = node.elts
        rest = ', '.join(text(each) for each in node.elts[2:])
        yield _ORDER, (node, f'[{text(second)}, {text(first)}, {rest}]')
    elif _SECTIONS[path[0]] == 'hook' and isinstance(node, ast.Call):
        given = {keyword.arg for keyword in node.keywords}
        if 'type' in given and 'priority' not in given:
            yield _PRIORITY, (node.keywords[-1], f"{text(node.keywords[-1])}, priority='VERY_LOW'")


def _kind(path: tuple[str, ...]) -> str:
    """What a value is for, by the keys that lead to it."""
    section = _SECTIONS[path[0]]
    for of, words, kind in _NARROWER:
        if of == section and any(word in key for key in path[1:] for word in words):
            return kind
    return f'{section} setting'
