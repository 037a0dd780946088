"""The kinds of faults that ``mutate_package.py`` puts into the code of a package, found in its text.

Each kind is a function that takes a syntax node and gives the replacements of parts of its text. The nodes are those of
lines that were seen to run, so that a fault has something to change.
"""

from __future__ import annotations

import ast
import random
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from pathlib import Path

Change = tuple[ast.AST, str]
"""A node whose text is replaced, and by what."""
_Kind = Callable[[ast.AST, Callable[[ast.AST], str]], Iterator[Change]]


@dataclass(frozen=True)
class Fault:
    """One change of a package's text.

    Attributes:
        kind: What is done, in a few words.
        file: The file, relative to the package's folder.
        line: The line where the replaced text begins.
        start: Where it begins, in bytes of the file.
        end: Where it ends.
        before: The text.
        after: The text in its place.
    """

    kind: str
    file: str
    line: int
    start: int
    end: int
    before: str
    after: str

    def apply(self, out: Path) -> None:
        """Put the fault into a package."""
        path = out / self.file
        text = path.read_bytes()
        path.write_bytes(text[: self.start] + self.after.encode() + text[self.end :])


COMPARISONS: Mapping[type, str] = {
    ast.Lt: '<=', ast.LtE: '<', ast.Gt: '>=', ast.GtE: '>', ast.Eq: '!=', ast.NotEq: '==',
    ast.Is: 'is not', ast.IsNot: 'is', ast.In: 'not in', ast.NotIn: 'in',
}  # fmt: skip
OPERATORS: Mapping[type, str] = {
    ast.Add: '-', ast.Sub: '+', ast.Mult: '/', ast.Div: '*', ast.FloorDiv: '*', ast.Mod: '//', ast.MatMult: '*',
}  # fmt: skip
DTYPES = {
    'float32': 'float64', 'float64': 'float32', 'float': 'double', 'double': 'float', 'long': 'int', 'int': 'long',
    'int64': 'int32', 'int32': 'int64', 'bool': 'uint8', 'uint8': 'bool',
}  # fmt: skip
EXTREMES = {
    'min': 'max', 'max': 'min', 'minimum': 'maximum', 'maximum': 'minimum', 'argmax': 'argmin', 'argmin': 'argmax',
    'floor': 'ceil', 'ceil': 'floor', 'sin': 'cos', 'cos': 'sin', 'any': 'all', 'all': 'any', 'zeros': 'ones',
    'ones': 'zeros', 'zeros_like': 'ones_like', 'ones_like': 'zeros_like', 'sum': 'mean', 'mean': 'sum',
    'sigmoid': 'tanh', 'log': 'log2', 'exp': 'exp2',
}  # fmt: skip
CHOICES = {
    'mean': 'sum', 'sum': 'mean', 'bilinear': 'nearest', 'nearest': 'bilinear', 'xyxy': 'xywh', 'xywh': 'xyxy',
    'horizontal': 'vertical', 'constant': 'reflect', 'sigmoid': 'softmax', 'iou': 'iof', 'max': 'mean',
}  # fmt: skip
AXES = ('dim', 'axis')
SILENT = ('warn', 'warning', 'info', 'debug', 'log', 'print_log', 'print')
"""Calls that only say something: a fault inside of one changes no result."""


def faults(out: Path, executed: Mapping[str, Set[int]]) -> dict[str, list[Fault]]:
    """Every fault that can be put into lines that ran, by its kind.

    Args:
        out: The folder of the package.
        executed: The lines that ran, by the file's path relative to that folder.
    """
    found: dict[str, list[Fault]] = {name: [] for name in KINDS}
    for file, lines in sorted(executed.items()):
        text = (out / file).read_bytes()
        module = Text(text)
        for node in _running(ast.parse(text), lines):
            for name, kind in KINDS.items():
                for target, after in kind(node, module.of):
                    start, end = module.span(target)
                    before = text[start:end].decode()
                    if before != after:
                        found[name].append(Fault(name, file, target.lineno, start, end, before, after))  # type: ignore[attr-defined]
    return found


class Text:
    """Where the nodes of a module are in its text.

    Args:
        text: The module's bytes; the offsets of syntax nodes count bytes.
    """

    def __init__(self, text: bytes) -> None:
        self._text = text
        self._starts = [0]
        for line in text.splitlines(True):
            self._starts.append(self._starts[-1] + len(line))

    def span(self, node: ast.AST) -> tuple[int, int]:
        """Where a node begins and ends, in bytes."""
        first, last = node.lineno, node.end_lineno  # type: ignore[attr-defined]
        return self._starts[first - 1] + node.col_offset, self._starts[last - 1] + node.end_col_offset  # type: ignore[attr-defined]

    def of(self, node: ast.AST) -> str:
        """The text of a node."""
        start, end = self.span(node)
        return self._text[start:end].decode()


def _running(tree: ast.AST, lines: Set[int]) -> Iterator[ast.AST]:
    """The nodes of a module that ran, without those that only say something or that no program reads."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, (ast.Raise, ast.Assert, ast.Import, ast.ImportFrom, ast.JoinedStr)) or _is_silent(node):
            continue
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            if not any(each.lineno in lines for each in node.body if not _is_docstring(each)):
                continue
            yield node
            yield from _running_body(node, lines)
            continue
        if isinstance(node, ast.stmt) and not isinstance(node, ast.ClassDef) and _none_ran(node, lines):
            continue
        yield node
        yield from _running(node, lines)


def _running_body(node: ast.FunctionDef | ast.AsyncFunctionDef, lines: Set[int]) -> Iterator[ast.AST]:
    """The nodes of a function's body: not its annotations, nor its decorators."""
    yield from _running(ast.Module(body=node.body, type_ignores=[]), lines)


def _none_ran(node: ast.stmt, lines: Set[int]) -> bool:
    return not any(number in lines for number in range(node.lineno, (node.end_lineno or node.lineno) + 1))


def _is_docstring(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _is_silent(node: ast.AST) -> bool:
    if _is_docstring(node):
        return True
    call = node.value if isinstance(node, ast.Expr) else None
    if not isinstance(call, ast.Call):
        return False
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, 'id', '')
    return name in SILENT


def _number(node: ast.AST, text: Callable[[ast.AST], str]) -> Iterator[Change]:
    if isinstance(node, ast.Constant) and isinstance(node.value, (int, float)) and not isinstance(node.value, bool):
        yield node, changed_number(node.value)


def changed_number(value: float) -> str:
    """Another number of the same kind."""
    if isinstance(value, int):
        return repr(value + 1)
    return repr(value * 1.5) if value else '0.5'


def _flag(node: ast.AST, text: Callable[[ast.AST], str]) -> Iterator[Change]:
    if isinstance(node, ast.Constant) and isinstance(node.value, bool):
        yield node, repr(not node.value)


def _choice(node: ast.AST, text: Callable[[ast.AST], str]) -> Iterator[Change]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value in CHOICES:
        yield node, repr(CHOICES[node.value])


def _comparison(node: ast.AST, text: Callable[[ast.AST], str]) -> Iterator[Change]:
    if isinstance(node, ast.Compare) and len(node.ops) == 1:
        yield node, f'({text(node.left)} {COMPARISONS[type(node.ops[0])]} {text(node.comparators[0])})'


def _arithmetic(node: ast.AST, text: Callable[[ast.AST], str]) -> Iterator[Change]:
    other = OPERATORS.get(type(node.op)) if isinstance(node, ast.BinOp) else None
    if isinstance(node, ast.BinOp) and other and not isinstance(node.left, (ast.Constant, ast.JoinedStr)):
        yield node, f'(({text(node.left)}) {other} ({text(node.right)}))'


def _connective(node: ast.AST, text: Callable[[ast.AST], str]) -> Iterator[Change]:
    if isinstance(node, ast.BoolOp):
        other = ' or ' if isinstance(node.op, ast.And) else ' and '
        yield node, '(' + other.join(f'({text(each)})' for each in node.values) + ')'


def _condition(node: ast.AST, text: Callable[[ast.AST], str]) -> Iterator[Change]:
    if isinstance(node, (ast.If, ast.While)):
        yield node.test, f'not ({text(node.test)})'


def _branches(node: ast.AST, text: Callable[[ast.AST], str]) -> Iterator[Change]:
    if isinstance(node, ast.IfExp):
        yield node, f'({text(node.orelse)} if {text(node.test)} else {text(node.body)})'


def _sign(node: ast.AST, text: Callable[[ast.AST], str]) -> Iterator[Change]:
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, (ast.USub, ast.Not, ast.Invert)):
        yield node, f'({text(node.operand)})'


def _dropped_statement(node: ast.AST, text: Callable[[ast.AST], str]) -> Iterator[Change]:
    if isinstance(node, ast.AugAssign) or (isinstance(node, ast.Expr) and isinstance(node.value, ast.Call)):
        yield node, 'pass'


def _dropped_attribute(node: ast.AST, text: Callable[[ast.AST], str]) -> Iterator[Change]:
    if isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Attribute):
        yield node, 'pass'


def _swapped_arguments(node: ast.AST, text: Callable[[ast.AST], str]) -> Iterator[Change]:
    if isinstance(node, ast.Call) and len(node.args) > 1:
        first, second = node.args[:2]
        if not isinstance(first, ast.Starred) and not isinstance(second, ast.Starred):
            yield _Between(first, second), f'{text(second)}, {text(first)}'


def _dropped_keyword(node: ast.AST, text: Callable[[ast.AST], str]) -> Iterator[Change]:
    if isinstance(node, ast.Call) and node.keywords and node.keywords[-1].arg:
        if len(node.keywords) == 1 and not node.args:
            yield node.keywords[0], ''
        elif len(node.keywords) > 1 and node.keywords[-2].arg:
            yield _Between(node.keywords[-2], node.keywords[-1]), text(node.keywords[-2])


def _default(node: ast.AST, text: Callable[[ast.AST], str]) -> Iterator[Change]:
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
        for value in [*node.args.defaults, *(each for each in node.args.kw_defaults if each is not None)]:
            if isinstance(value, ast.Constant) and isinstance(value.value, bool):
                yield value, repr(not value.value)
            elif isinstance(value, ast.Constant) and isinstance(value.value, (int, float)):
                yield value, changed_number(value.value)


def _dtype(node: ast.AST, text: Callable[[ast.AST], str]) -> Iterator[Change]:
    if isinstance(node, ast.Attribute) and node.attr in DTYPES:
        yield node, f'{text(node.value)}.{DTYPES[node.attr]}'


def _persistence(node: ast.AST, text: Callable[[ast.AST], str]) -> Iterator[Change]:
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == 'register_buffer':
        given = {each.arg: each.value for each in node.keywords}
        if 'persistent' in given:
            yield given['persistent'], f'not ({text(given["persistent"])})'
        elif len(node.args) == 3:
            yield node.args[2], f'not ({text(node.args[2])})'
        elif node.args:
            yield node.args[-1], f'{text(node.args[-1])}, persistent=False'


def _axis(node: ast.AST, text: Callable[[ast.AST], str]) -> Iterator[Change]:
    if isinstance(node, ast.keyword) and node.arg in AXES:
        value = ast.unparse(node.value)
        if value.lstrip('-').isdigit():
            yield node.value, {'0': '-1', '-1': '0'}.get(value, '0')


def _index(node: ast.AST, text: Callable[[ast.AST], str]) -> Iterator[Change]:
    if isinstance(node, ast.Subscript):
        for each in ast.walk(node.slice):
            if isinstance(each, ast.Constant) and type(each.value) is int:
                yield each, str(each.value + 1)


def _other_function(node: ast.AST, text: Callable[[ast.AST], str]) -> Iterator[Change]:
    if isinstance(node, ast.Call):
        func = node.func
        if isinstance(func, ast.Attribute) and func.attr in EXTREMES:
            yield func, f'{text(func.value)}.{EXTREMES[func.attr]}'
        elif isinstance(func, ast.Name) and func.id in ('min', 'max', 'any', 'all'):
            yield func, EXTREMES[func.id]


def _gradient(node: ast.AST, text: Callable[[ast.AST], str]) -> Iterator[Change]:
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        if node.func.attr == 'detach' and not node.args:
            yield node, text(node.func.value)
        elif node.func.attr == 'no_grad':
            yield node.func, f'{text(node.func.value)}.enable_grad'


def _results(node: ast.AST, text: Callable[[ast.AST], str]) -> Iterator[Change]:
    if isinstance(node, ast.Return) and isinstance(node.value, ast.Tuple) and len(node.value.elts) > 1:
        first, second, *_ = node.value.elts
        yield _Between(first, second), f'{text(second)}, {text(first)}'


def _fewer(node: ast.AST, text: Callable[[ast.AST], str]) -> Iterator[Change]:
    if isinstance(node, ast.For) and isinstance(node.iter, ast.Call) and getattr(node.iter.func, 'id', '') == 'range':
        last = node.iter.args[-1] if len(node.iter.args) < 3 else node.iter.args[1]
        yield last, f'({text(last)}) - 1'


def _mode(node: ast.AST, text: Callable[[ast.AST], str]) -> Iterator[Change]:
    if isinstance(node, ast.Attribute) and node.attr == 'training' and isinstance(node.ctx, ast.Load):
        yield node, f'(not {text(node)})'


class _Between(ast.AST):
    """The text from one node to another."""

    def __init__(self, first: ast.AST, last: ast.AST) -> None:
        self.lineno: int = first.lineno  # type: ignore[attr-defined]
        self.col_offset: int = first.col_offset  # type: ignore[attr-defined]
        self.end_lineno: int = last.end_lineno  # type: ignore[attr-defined]
        self.end_col_offset: int = last.end_col_offset  # type: ignore[attr-defined]


KINDS: Mapping[str, _Kind] = {
    'number': _number,
    'flag': _flag,
    'choice of a text': _choice,
    'comparison': _comparison,
    'arithmetic': _arithmetic,
    'and, or': _connective,
    'condition negated': _condition,
    'branches swapped': _branches,
    'sign or not lost': _sign,
    'statement dropped': _dropped_statement,
    'attribute not set': _dropped_attribute,
    'arguments swapped': _swapped_arguments,
    'keyword dropped': _dropped_keyword,
    'default': _default,
    'dtype': _dtype,
    'persistence of a buffer': _persistence,
    'axis': _axis,
    'index': _index,
    'another function': _other_function,
    'gradient': _gradient,
    'results swapped': _results,
    'one turn less': _fewer,
    'training mode': _mode,
}
"""The kinds of faults in code, each under a name of its own."""


def chosen(found: Mapping[str, Sequence[Fault]], count: int, seed: int) -> list[Fault]:
    """A random sample in which every kind comes as often as any other, as far as there are that many."""
    draw = random.Random(seed)
    pools = {kind: draw.sample(list(each), len(each)) for kind, each in sorted(found.items()) if each}
    sample: list[Fault] = []
    while len(sample) < count and any(pools.values()):
        for kind in draw.sample(sorted(pools), len(pools)):
            if pools[kind] and len(sample) < count:
                sample.append(pools[kind].pop())
    return sample
