"""Splits a module into parts: what each top-level statement defines, imports, mutates and uses."""

from __future__ import annotations

import ast
import re
import tokenize
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator

from introspect_export.model import ExportError, ImportedName, NameUse, Part, PartKind, SourceModule, Span, StringUse
from introspect_export.read.bindings import COMPOUND, bound_by, bound_by_alias, in_scope
from introspect_export.read.global_uses import global_uses, mangle
from introspect_export.read.keyed_strings import scopes, stored_types
from introspect_export.read.lazy_modules import imports_in, imports_on_demand, unexecuted
from introspect_export.read.node_children import children, reaches
from introspect_export.read.package_queries import QUERY, package_queries
from introspect_export.read.positions import Positions, misplaced

_STORES_TYPE = re.compile(r"""setdefault|\[\s*['"]type['"]|\.type\b""")
_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)
_QUOTE = re.compile('["\']')
_TYPE_NAME = re.compile(r'[A-Za-z_]\w*(\.[A-Za-z_]\w*)*\Z')


def read_module(name: str, file: str, is_package: bool, text: str | None = None) -> SourceModule:
    """Read a module's source into its parts.

    Args:
        name: The module's absolute name.
        file: Its source file.
        is_package: Whether the file is a package's ``__init__``.
        text: The source; the file is read if it is None.

    Raises:
        ExportError: The file cannot be read or is no valid Python.
    """
    try:
        if text is None:
            with tokenize.open(file) as stream:
                text = stream.read()
        tree = ast.parse(text, file)
    except OSError as error:
        raise ExportError(f'{file}: cannot read the source of module {name}: {error.strerror}') from error
    except SyntaxError as error:
        raise ExportError(f'{file}:{error.lineno}: {error.msg} (the source of module {name})') from error
    wrong = misplaced(text, tree)
    if wrong is not None:
        raise ExportError(
            f'{file}:{wrong.lineno}: before Python 3.12 the places in an f-string of several lines inside of another '
            f'are not known: bind it to a name first, or export with Python 3.12 (the source of module {name})'
        )
    positions = Positions(text)
    reader = _PartReader(name, is_package, text, tree, positions, global_uses(text, tree, file, positions))
    parts = tuple(reader.parts())
    definitions: dict[str, list[int]] = defaultdict(list)
    for part in parts:
        for defined in part.defines:
            definitions[defined].append(part.index)
    return SourceModule(
        name=name,
        file=file,
        text=text,
        is_package=is_package,
        parts=parts,
        definitions={key: tuple(value) for key, value in definitions.items()},
        header=_header(text),
        future=tuple(
            each.attribute for part in parts for each in part.imports if each.module == '__future__' and each.attribute
        ),
        tree=tree,
        line_starts=positions.line_starts,
        positions=positions,
        on_demand=tuple(reader.on_demand()),
    )


def _header(text: str) -> Span:
    """The span of the comment lines at the start of a file."""
    end = 0
    for line in text.splitlines(keepends=True):
        if not line.startswith('#'):
            break
        end += len(line)
    return Span(0, len(text[:end].rstrip()))


class _PartReader:
    """Splits one module into parts; assigns the uses of global names, computed beforehand, to them by position."""

    def __init__(
        self, name: str, is_package: bool, text: str, tree: ast.Module, positions: Positions, uses: list[NameUse]
    ) -> None:
        self.name = name
        self.package = name if is_package else name.rpartition('.')[0]
        self.text = text
        self.tree = tree
        self.positions = positions
        self.uses = uses
        self.starts = [use.span.start for use in uses]
        self.quotes = positions.lines(_QUOTE)

    def parts(self) -> Iterator[Part]:
        previous_end = _header(self.text).end
        nodes = self.tree.body
        for index, node in enumerate(nodes):
            statement = self.positions.decorated(node)
            following = self.positions.decorated(nodes[index + 1]).start if index + 1 < len(nodes) else len(self.text)
            span = Span(self._leading(previous_end, statement.start), self._trailing(statement.end, following))
            previous_end = span.end
            yield self._part(index, node, span, statement)

    def _leading(self, previous_end: int, start: int) -> int:
        """The start of the comments before a statement; a comment on the previous statement's line belongs to that."""
        gap = self.text[previous_end:start]
        line_break = gap.find('\n')
        if previous_end and line_break == -1:
            return start
        at = gap.find('#', max(line_break, 0))
        return start if at == -1 else previous_end + at

    def _trailing(self, end: int, following: int) -> int:
        """The end of a statement, including the comment on its last line and indented comments below it."""
        line_end = self.text.find('\n', end)
        line_end = len(self.text) if line_end == -1 else line_end
        if line_end > following or self.text[end:line_end].lstrip().startswith(';'):
            return end
        result = line_end
        at = line_end + 1
        while at < following:
            stop = self.text.find('\n', at)
            stop = len(self.text) if stop == -1 else stop
            line = self.text[at:stop]
            if line.lstrip().startswith('#') and line[0] in ' \t':
                result = stop
            elif line.strip():
                break
            at = stop + 1
        return len(self.text[:result].rstrip())

    def _part(self, index: int, node: ast.stmt, span: Span, statement: Span) -> Part:
        first, last = bisect_left(self.starts, statement.start), bisect_left(self.starts, statement.end)
        uses = tuple(self.uses[first:last])
        return Part(
            module=self.name,
            index=index,
            kind=self._kind(node, index),
            span=span,
            statement=statement,
            line=node.lineno,
            defines=tuple(dict.fromkeys((*_bound_names(node), *_declared_at_class_level(uses)))),
            uses=uses,
            imports=tuple(self._imports(node)),
            mutates=tuple(dict.fromkeys(_mutated(node))),
            rebinds=tuple(dict.fromkeys(use.name for use in uses if use.context == 'declare')),
            strings=tuple(_strings(node, self.positions, self.quotes, self._roles(node, statement))),
            queries=tuple(package_queries(node, self.positions)) if self._may_query(statement) else (),
        )

    def _may_query(self, statement: Span) -> bool:
        return QUERY.search(self.text, statement.start, statement.end) is not None

    def _roles(self, node: ast.stmt, statement: Span) -> dict[int, str]:
        """The roles of the constants, by identity, that are a registry scope or are stored as a type."""
        found = {}
        # The text is searched first, since few statements contain such a constant and walking a tree is slow.
        if _STORES_TYPE.search(self.text, statement.start, statement.end):
            found.update(dict.fromkeys(map(id, stored_types(node)), 'type'))
        if self.text.find('scope', statement.start, statement.end) != -1:
            found.update(dict.fromkeys(map(id, scopes(node)), 'scope'))
        return found

    def on_demand(self) -> Iterator[ImportedName]:
        """The names that the module imports lazily, as far as it declares them under ``if TYPE_CHECKING:``."""
        if not imports_on_demand(self.tree):
            return
        for node in ast.walk(ast.Module([each for each in self.tree.body if isinstance(each, ast.If)], [])):
            for each in imports_in(unexecuted(node)):
                yield from self._from_import(each, False) if isinstance(each, ast.ImportFrom) else ()

    @staticmethod
    def _kind(node: ast.stmt, index: int) -> PartKind:
        if isinstance(node, ast.ClassDef):
            return PartKind.CLASS
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            return PartKind.FUNCTION
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            return PartKind.IMPORT
        if isinstance(node, (ast.Assign, ast.AnnAssign, ast.AugAssign)):
            return PartKind.ASSIGN
        if isinstance(node, COMPOUND):
            return PartKind.COMPOUND
        if index == 0 and isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            return PartKind.DOCSTRING
        return PartKind.EFFECT

    def _imports(self, node: ast.stmt) -> Iterator[ImportedName]:
        stack: list[tuple[ast.AST, bool]] = [(node, False)]
        while stack:
            each, deferred = stack.pop()
            if isinstance(each, ast.Import):
                yield from self._plain_import(each, deferred)
            elif isinstance(each, ast.ImportFrom):
                yield from self._from_import(each, deferred)
            elif not isinstance(each, ast.expr):
                inner = deferred or isinstance(each, (ast.FunctionDef, ast.AsyncFunctionDef))
                stack.extend((child, inner) for child in reversed(children(each)))

    def _plain_import(self, node: ast.Import, deferred: bool) -> Iterator[ImportedName]:
        span = self.positions.span(node)
        for alias in node.names:
            top = alias.asname is None
            name = bound_by_alias(node, alias)
            yield ImportedName(name, alias.name, None, top and '.' in alias.name, span, deferred, node.lineno)

    def _from_import(self, node: ast.ImportFrom, deferred: bool) -> Iterator[ImportedName]:
        span = self.positions.span(node)
        module = node.module or ''
        if node.level:
            # One dot is the package itself: https://docs.python.org/3/reference/import.html#package-relative-imports
            base = self.package.split('.')
            kept = base[: len(base) - node.level + 1]
            module = '.'.join([*kept, module] if module else kept)
        for alias in node.names:
            name = bound_by_alias(node, alias)
            yield ImportedName(name, module, alias.name, False, span, deferred, node.lineno)


def _bound_names(node: ast.stmt) -> Iterator[str]:
    """The names that executing a top-level statement binds; ``*`` for the unknown names of a star import."""
    for each in in_scope([node], unexecuted):
        yield from bound_by(each)
        if isinstance(each, ast.ImportFrom) and each.names[0].name == '*':
            yield '*'


def _declared_at_class_level(uses: tuple[NameUse, ...]) -> Iterator[str]:
    """The names in ``global`` statements of class bodies: executing such a body binds names of the module."""
    return (use.name for use in uses if use.context == 'declare' and not use.deferred)


def _mutated(node: ast.stmt) -> Iterator[str]:
    """The globals whose objects a statement may mutate when it is executed.

    Assignments to attributes and items and augmented assignments count as mutations, and so does a call whose result is
    not used: of the object that the method belongs to, and of its arguments.
    """
    if isinstance(node, (*_SCOPES, ast.Import, ast.ImportFrom)):
        return
    stack: list[ast.AST] = [node]
    while stack:
        each = stack.pop()
        if isinstance(each, (ast.Attribute, ast.Subscript)) and isinstance(each.ctx, (ast.Store, ast.Del)):
            yield from _base_name(each)
        elif isinstance(each, ast.AugAssign) and isinstance(each.target, ast.Name):
            yield each.target.id
        elif isinstance(each, ast.Expr) and isinstance(each.value, ast.Call):
            yield from _base_name(each.value.func)
            for argument in (*each.value.args, *(keyword.value for keyword in each.value.keywords)):
                yield from _base_name(argument)
        if not isinstance(each, _SCOPES):
            stack.extend(children(each))


def _base_name(node: ast.AST) -> Iterator[str]:
    """The name that a chain of attributes, items and calls starts with, if it starts with one."""
    while isinstance(node, (ast.Attribute, ast.Subscript, ast.Call, ast.Starred)):
        node = node.func if isinstance(node, ast.Call) else node.value
    if isinstance(node, ast.Name):
        yield node.id


def _strings(node: ast.stmt, positions: Positions, quotes: list[int], roles: dict[int, str]) -> Iterator[StringUse]:
    """The string constants of a statement that could be the name of a type; docstrings are left out.

    Args:
        node: The statement.
        positions: The positions of the nodes.
        quotes: The lines of the source that contain quotes, sorted; statements without any are skipped.
        roles: The roles of constants, by identity, that their direct parents do not determine.
    """
    stack: list[tuple[ast.AST, str, str, str, bool]] = [(node, 'value', '', '', False)]
    while stack:
        each, role, default, scope, deferred = stack.pop()
        if isinstance(each, ast.Constant):
            if isinstance(each.value, str) and _TYPE_NAME.match(each.value):
                kind = roles.get(id(each), role)
                yield StringUse(each.value, positions.span(each), kind, default, deferred)
        elif isinstance(each, (ast.Name, ast.JoinedStr)) or _is_docstring(each):
            continue
        elif isinstance(each, ast.Call) and _imports_module(each):
            stack.append((each.func, role, default, scope, deferred))
            stack.extend((child, 'module', default, scope, deferred) for child in each.args)
        elif isinstance(each, ast.keyword):
            stack.append((each.value, 'type' if each.arg == 'type' else 'value', default, scope, deferred))
        elif isinstance(each, ast.Dict):
            stack.extend([(child, kind, default, scope, deferred) for child, kind in _with_roles(each)])
        elif isinstance(each, (ast.FunctionDef, ast.AsyncFunctionDef)):
            inner = f'{scope}.{each.name}' if scope else each.name
            defaults = [child for child in (*each.args.defaults, *each.args.kw_defaults) if child is not None]
            stack.extend((child, 'value', inner, scope, deferred) for child in defaults)
            stack.extend((child, 'value', '', scope, deferred) for child in each.decorator_list)
            body = [child for child in each.body if reaches(child, quotes)]
            stack.extend([(child, 'value', '', f'{inner}.<locals>', True) for child in body])
        elif isinstance(each, ast.ClassDef):
            inner = f'{scope}.{each.name}' if scope else each.name
            stack.extend((child, 'value', '', scope, deferred) for child in each.decorator_list)
            stack.extend((child, 'value', '', inner, deferred) for child in each.body)
        else:
            stack.extend([(child, 'value', default, scope, deferred) for child in children(each)])


def _imports_module(node: ast.Call) -> bool:
    """Whether a call is ``importlib.import_module('a.b')`` or, for a relative name, ``import_module(name, 'a.b')``."""
    name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, 'id', '')
    return name == 'import_module' and 0 < len(node.args) < 3 and not node.keywords


def _with_roles(node: ast.Dict) -> Iterator[tuple[ast.expr, str]]:
    for key, value in zip(node.keys, node.values, strict=True):
        if key is not None:
            yield key, 'key'
        yield value, 'type' if isinstance(key, ast.Constant) and key.value == 'type' else 'value'


def _is_docstring(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


__all__ = ['mangle', 'read_module']
