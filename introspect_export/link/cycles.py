"""Circles of imports between output modules, and which of their imports can wait until a function runs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from introspect_export.model import ExportError


def late_pairs(edges: Mapping[str, Mapping[str, bool]]) -> dict[str, frozenset[str]]:
    """Return, for each module, the modules whose names it must look up late.

    Args:
        edges: For each module the modules it imports from, and whether it needs them while it is executed.

    Raises:
        ExportError: Modules need each other while they are executed.
    """
    result: dict[str, frozenset[str]] = {}
    for circle in components(edges):
        if len(circle) < 2:
            continue
        for module in circle:
            waiting = frozenset(other for other, eager in edges[module].items() if other in circle and not eager)
            if waiting:
                result[module] = waiting
    eager = {module: {other: True for other, now in others.items() if now} for module, others in edges.items()}
    for circle in components(eager):
        if len(circle) > 1:
            raise ExportError(
                f'the modules {", ".join(sorted(circle))} of the package need each other while they are imported; '
                'leave one of the chains between them standing with --keep'
            )
    return result


def import_order(edges: Mapping[str, Iterable[str]], fillers: Mapping[str, Iterable[str]]) -> list[str]:
    """Return the modules in an order in which they can be imported, one by one.

    A module comes after those it imports from. And where importing a module fills a table of another (a decorator that
    registers), it comes before all that import from that other one, as far as it does not import from them itself: the
    library's own ``__init__`` files had seen to that.

    Args:
        edges: For each module the modules it imports from; without circles.
        fillers: For each module with such a table, the modules that fill it.
    """
    needs = {module: set(others) for module, others in edges.items()}
    needed_by: dict[str, set[str]] = {}
    for module, others in needs.items():
        for other in others:
            needed_by.setdefault(other, set()).add(module)
    for table, filling in sorted(fillers.items()):
        for filler in sorted(filling):
            later = closure(needed_by, table) - closure(needs, filler) - {table}
            for module in later & needs.keys():
                needs[module].add(filler)
            needed_by.setdefault(filler, set()).update(later)
    ordered = {module: dict.fromkeys(others, True) for module, others in needs.items()}
    return [module for circle in components(ordered) for module in sorted(circle)]


def closure(needs: Mapping[str, Iterable[str]], start: str) -> set[str]:
    """All that a module imports, directly or not, itself included."""
    seen = {start}
    stack = [start]
    while stack:
        for other in needs.get(stack.pop(), ()):
            if other not in seen:
                seen.add(other)
                stack.append(other)
    return seen


def components(edges: Mapping[str, Mapping[str, bool]]) -> list[frozenset[str]]:
    """Return the strongly connected components, dependencies first (Tarjan 1972, without recursion)."""
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    on_stack: set[str] = set()
    result: list[frozenset[str]] = []
    for root in sorted(edges):
        if root in index:
            continue
        index[root] = low[root] = len(index)
        stack.append(root)
        on_stack.add(root)
        work = [(root, iter(sorted(edges[root])))]
        while work:
            node, others = work[-1]
            for other in others:
                if other not in index:
                    index[other] = low[other] = len(index)
                    stack.append(other)
                    on_stack.add(other)
                    work.append((other, iter(sorted(edges.get(other, ())))))
                    break
                if other in on_stack:
                    low[node] = min(low[node], index[other])
            else:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[node])
                if low[node] == index[node]:
                    result.append(_pop_component(stack, on_stack, node))
    return result


def _pop_component(stack: list[str], on_stack: set[str], root: str) -> frozenset[str]:
    members = set()
    while True:
        member = stack.pop()
        on_stack.discard(member)
        members.add(member)
        if member == root:
            return frozenset(members)
