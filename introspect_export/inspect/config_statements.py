"""Config files as trees of settings: the value that each statement sets, followed through variables and bases."""

from __future__ import annotations

import ast
import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from introspect_export.inspect.data_text import SUFFIXES, base_files, read_data
from introspect_export.inspect.settings import UNKNOWN, Node, Setting, Settings, overriding
from introspect_export.load.config_location import locate
from introspect_export.load.config_reading import LoadedConfig
from introspect_export.model import Place

BASE = '_base_'
COMMAND_LINE = '--cfg-options'
_BASE_VARIABLE = re.compile(r'\{\{\s*_base_\.([\w.]+)\s*\}\}')
_LONGEST = 120


def read_settings(loaded: LoadedConfig, config: Mapping[str, Any], options: Mapping[str, Any]) -> Settings:
    """Find the places that set a config's values.

    Args:
        loaded: The config.
        config: Its merged values as plain data.
        options: The overrides from the command line, by dotted key.
    """
    names = _ConfigReader().read(loaded.file) if loaded.file.endswith(('.py', *SUFFIXES)) else {}
    for key, value in options.items():
        top, *rest = key.split('.')
        node = _option_node(value)
        for part in reversed(rest):
            node = Node(node.setting, UNKNOWN, {part: node}, 'dict')
        old = names.get(top)
        names[top] = overriding(node, old)
    return Settings(names, config)


def _option_node(value: Any) -> Node:
    setting = Setting(Place(COMMAND_LINE, 0), repr(value))
    if isinstance(value, dict):
        return Node(setting, UNKNOWN, {str(key): _option_node(item) for key, item in value.items()}, 'dict')
    if isinstance(value, (list, tuple)):
        return Node(setting, UNKNOWN, {str(index): _option_node(item) for index, item in enumerate(value)}, 'list')
    return Node(setting, value)


class _ConfigReader:
    """Reads config files and their bases."""

    def read(self, file: str) -> dict[str, Node]:
        """The names that a file and its bases set."""
        if file.endswith(SUFFIXES):
            return self._data(file)
        text = Path(file).read_text(encoding='utf-8')
        tree = ast.parse(text)
        if any(_is_read_base(statement) for statement in tree.body):
            return _File(file, text, self, {}, True).run(tree)
        inherited: dict[str, Node] = {}
        for base in _bases(tree, file):
            inherited.update(self.read(base))
        return _merged_over(_File(file, text, self, inherited, False).run(tree), inherited)

    def _data(self, file: str) -> dict[str, Node]:
        """The names that a YAML or JSON file and its bases set."""
        inherited: dict[str, Node] = {}
        for base in base_files(file):
            inherited.update(self.read(base))
        own = read_data(file, lambda variable, setting: _inherited(variable, setting, inherited))
        return _merged_over({name: node for name, node in own.items() if name != BASE}, inherited)


def _merged_over(own: dict[str, Node], inherited: dict[str, Node]) -> dict[str, Node]:
    """The settings of a file, merged over those of its bases."""
    merged = {name: node.copy() for name, node in inherited.items()}
    for name, node in own.items():
        merged[name] = overriding(node, inherited.get(name))
    return merged


def _inherited(variable: str, setting: Setting, names: dict[str, Node]) -> Node:
    """The node that ``{{_base_.x.y}}`` refers to, with the place of the reference."""
    node: Node | None = Node(setting, UNKNOWN, names, 'dict')
    for part in variable.split('.'):
        node = node.child(part) if node is not None else None
    if node is None:
        return Node(setting)
    return node.copy(Setting(setting.place, setting.text, node.setting.via or node.setting.place))


def _is_read_base(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.With) and any('read_base' in ast.dump(item) for item in statement.items)


def _bases(tree: ast.Module, file: str) -> Iterator[str]:
    """The files that ``_base_`` names."""
    for statement in tree.body:
        if isinstance(statement, ast.Assign) and any(_named(target) == BASE for target in statement.targets):
            found = ast.literal_eval(statement.value)
            for name in [found] if isinstance(found, str) else found:
                yield str(locate(name)[0]) if '::' in name else os.path.normpath(os.path.join(file, '..', name))


def _named(node: ast.AST) -> str:
    return node.id if isinstance(node, ast.Name) else ''


class _File:
    """Interprets the statements of one file.

    Args:
        file: The file.
        text: Its text.
        reader: Reads other files.
        inherited: The settings of the bases.
        new: Whether it is a pure-Python config, which imports its bases.
    """

    def __init__(self, file: str, text: str, reader: _ConfigReader, inherited: dict[str, Node], new: bool) -> None:
        self._file = file
        self._lines = text.encode().split(b'\n')
        self._reader = reader
        self._new = new
        self._names: dict[str, Node] = {}
        here = Setting(Place(file, 0), '')
        self._inherited = Node(here, UNKNOWN, inherited, 'dict')

    def run(self, tree: ast.Module) -> dict[str, Node]:
        """Interpret the statements, and return the names that they set."""
        self._block(tree.body)
        return {name: node for name, node in self._names.items() if not name.startswith('_')}

    def _block(self, statements: list[ast.stmt]) -> None:
        for statement in statements:
            if isinstance(statement, ast.Assign):
                for target in statement.targets:
                    self._assign(target, self._node(statement.value))
            elif isinstance(statement, ast.AugAssign):
                self._assign(statement.target, self._opaque(statement))
            elif isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call):
                self._change(statement.value)
            elif isinstance(statement, ast.ImportFrom):
                self._import(statement)
            elif isinstance(statement, (ast.With, ast.If, ast.For, ast.While, ast.Try)):
                # Which branch ran is not known; ``Settings.origin`` returns no place that contradicts the config.
                self._block(statement.body)

    def _assign(self, target: ast.expr, node: Node) -> None:
        if isinstance(target, ast.Name):
            old = self._names.get(target.id) if not self._new else None
            node.overridden = (*node.overridden, *((old.setting,) if old else ()))
            self._names[target.id] = node
        elif isinstance(target, (ast.Subscript, ast.Attribute)):
            holder, key = self._find(target.value), _key(target)
            if holder is None or holder.children is None:
                return
            if key is None:
                _discard_content(holder, node.setting)
                return
            old = holder.children.get(key)
            node.overridden = (*node.overridden, *((old.setting, *old.overridden) if old else ()))
            holder.children[key] = node

    def _change(self, call: ast.Call) -> None:
        """Apply ``x.update(…)``, ``x.merge(…)`` or ``x.append(…)``; after any other method the content is unknown."""
        function = call.func
        holder = self._find(function.value) if isinstance(function, ast.Attribute) else None
        if holder is None or not isinstance(function, ast.Attribute):
            return
        if function.attr in ('update', 'merge') and holder.kind == 'dict':
            for argument in [*call.args, _keywords(call)]:
                self._merge(holder, self._node(argument), function.attr == 'merge' or self._new)
        elif function.attr == 'append' and holder.kind == 'list' and holder.children is not None:
            holder.children[str(len(holder.children))] = self._node(call.args[0])
        else:
            _discard_content(holder, self._setting(call))

    def _merge(self, holder: Node, node: Node, deep: bool) -> None:
        if node.children is None or holder.children is None:
            _discard_content(holder, node.setting)
            return
        for key, child in node.children.items():
            old = holder.children.get(key)
            if deep:
                holder.children[key] = overriding(child, old)
            else:
                child.overridden = (*child.overridden, *((old.setting, *old.overridden) if old else ()))
                holder.children[key] = child

    def _import(self, statement: ast.ImportFrom) -> None:
        """Import the names of a base of a pure-Python config."""
        file = _imported(statement, self._file)
        if not self._new or file is None:
            return
        names = self._reader.read(file)
        for alias in statement.names:
            if alias.name == '*':
                self._names.update(names)
            elif alias.name in names:
                self._names[alias.asname or alias.name] = names[alias.name]

    def _node(self, expression: ast.expr) -> Node:
        setting = self._setting(expression)
        if isinstance(expression, ast.Constant):
            return self._constant(expression, setting)
        if isinstance(expression, ast.Dict):
            return self._dict(setting, zip(expression.keys, expression.values, strict=True))
        if isinstance(expression, ast.Call):
            return self._call(expression, setting)
        if isinstance(expression, (ast.List, ast.Tuple)):
            return self._list(setting, expression.elts)
        if isinstance(expression, ast.BinOp) and isinstance(expression.op, ast.Add):
            return self._sum(expression, setting)
        if isinstance(expression, ast.UnaryOp) and isinstance(expression.operand, ast.Constant):
            return Node(setting, ast.literal_eval(expression))
        return self._reference(_base_variable(expression) or expression, setting)

    def _constant(self, constant: ast.Constant, setting: Setting) -> Node:
        match = _BASE_VARIABLE.fullmatch(constant.value.strip()) if isinstance(constant.value, str) else None
        if match is None:
            return Node(setting, UNKNOWN if '{{' in str(constant.value) else constant.value)
        return self._reference(ast.parse(f'{BASE}.{match.group(1)}', mode='eval').body, setting)

    def _reference(self, expression: ast.expr, setting: Setting) -> Node:
        found = self._find(expression)
        if found is None:
            return Node(setting)
        return found.copy(Setting(setting.place, setting.text, found.setting.via or found.setting.place))

    def _call(self, call: ast.Call, setting: Setting) -> Node:
        if _named(call.func) == 'dict':
            pairs: list[tuple[ast.expr | None, ast.expr]] = [(None, argument) for argument in call.args]
            pairs += [(ast.Constant(each.arg) if each.arg is not None else None, each.value) for each in call.keywords]
            return self._dict(setting, pairs)
        function = call.func
        if isinstance(function, ast.Attribute) and function.attr in ('copy', 'deepcopy'):
            return self._reference(call.args[0] if call.args else function.value, setting)
        return Node(setting)

    def _dict(self, setting: Setting, pairs: Any) -> Node:
        children: dict[str, Node] = {}
        for key, value in pairs:
            node = self._node(value)
            if key is None and node.children is not None:
                children.update(node.children)
            elif isinstance(key, ast.Constant):
                children[str(key.value)] = node
            else:
                return Node(setting)
        return Node(setting, UNKNOWN, children, 'dict')

    def _list(self, setting: Setting, elements: list[ast.expr]) -> Node:
        items: list[Node] = []
        for element in elements:
            node = self._node(element.value if isinstance(element, ast.Starred) else element)
            if not isinstance(element, ast.Starred):
                items.append(node)
            elif node.children is None:
                return Node(setting)
            else:
                items.extend(node.items())
        return Node(setting, UNKNOWN, {str(index): item for index, item in enumerate(items)}, 'list')

    def _sum(self, expression: ast.BinOp, setting: Setting) -> Node:
        left, right = self._node(expression.left), self._node(expression.right)
        if left.kind == right.kind == 'list':
            items = [*left.items(), *right.items()]
            return Node(setting, UNKNOWN, {str(index): item for index, item in enumerate(items)}, 'list')
        return Node(setting)

    def _find(self, expression: ast.expr) -> Node | None:
        """The node that a variable, or a path of keys in one, refers to; else None."""
        if isinstance(expression, ast.Name):
            return self._inherited if expression.id == BASE else self._names.get(expression.id)
        if isinstance(expression, (ast.Subscript, ast.Attribute)):
            holder, key = self._find(expression.value), _key(expression)
            return holder.child(key) if holder is not None and key is not None else None
        return None

    def _opaque(self, statement: ast.stmt) -> Node:
        return Node(self._setting(statement))

    def _setting(self, node: ast.expr | ast.stmt) -> Setting:
        if not hasattr(node, 'lineno'):
            return Setting(Place(self._file, 0), '')
        return Setting(Place(self._file, node.lineno), _short(self._segment(node)))

    def _segment(self, node: ast.expr | ast.stmt) -> str:
        """The source text of a node; like ``ast.get_source_segment``, but without splitting the text each time."""
        last = node.end_lineno or node.lineno
        lines = self._lines[node.lineno - 1 : last]
        lines[-1] = lines[-1][: node.end_col_offset]
        lines[0] = lines[0][node.col_offset :]
        return b'\n'.join(lines).decode()


def _discard_content(holder: Node, setting: Setting) -> None:
    """Discard the content of a node, which a statement changes in a way that is not interpreted."""
    holder.children, holder.kind = None, 'value'
    holder.overridden = (holder.setting, *holder.overridden)
    holder.setting = setting


def _keywords(call: ast.Call) -> ast.expr:
    """The keyword arguments of a call as a call of ``dict``."""
    return ast.copy_location(ast.Call(ast.Name('dict', ast.Load()), [], call.keywords), call)


def _short(text: str) -> str:
    line = ' '.join(text.split())
    return line if len(line) <= _LONGEST else line[: _LONGEST - 1] + '…'


def _key(node: ast.Subscript | ast.Attribute) -> str | None:
    if isinstance(node, ast.Attribute):
        return node.attr
    return str(node.slice.value) if isinstance(node.slice, ast.Constant) else None


def _base_variable(node: ast.expr) -> ast.expr | None:
    """The expression in ``{{_base_.x}}``, which Python parses as a set in a set."""
    for _ in range(2):
        if not (isinstance(node, ast.Set) and len(node.elts) == 1):
            return None
        node = node.elts[0]
    return node


def _imported(statement: ast.ImportFrom, file: str) -> str | None:
    """The config file that an import names, or None."""
    parts = (statement.module or '').split('.')
    roots = [Path(file).parents[statement.level - 1]] if statement.level else list(Path(file).parents)
    for root in roots:
        candidate = root.joinpath(*parts).with_suffix('.py')
        if os.path.isfile(candidate):
            return str(candidate)
    return None
