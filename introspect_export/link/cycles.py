"""Import cycles between output modules, and the order of their imports."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from introspect_export.model import ExportError


def late_pairs(edges: Mapping[str, Mapping[str, bool]]) -> dict[str, frozenset[str]]:
    """Return, for each module in an import cycle, the modules whose names it must look up when functions run.

    Args:
        edges: For each module the modules it imports from, and whether it uses them while it is executed.

    Raises:
        ExportError: Modules of a cycle use each other while they are executed.
    """
    result: dict[str, frozenset[str]] = {}
    for cycle in components(edges):
        if len(cycle) < 2:
            continue
        for module in cycle:
            waiting = frozenset(other for other, eager in edges[module].items() if other in cycle and not eager)
            if waiting:
                result[module] = waiting
    eager = {module: {other: True for other, now in others.items() if now} for module, others in edges.items()}
    for cycle in components(eager):
        if len(cycle) > 1:
            raise ExportError(
                f'the modules {", ".join(sorted(cycle))} of the package need each other while they are imported; '
                'leave one of the chains between them standing with --keep'
            )
    return result


def import_order(edges: Mapping[str, Iterable[str]], fillers: Mapping[str, Iterable[str]]) -> list[str]:
    """Return the modules in an order in which they can be imported one by one.

    A module comes after those it imports from. A module whose import fills a table of another one (a decorator that
    registers) comes before all modules that import from the latter, unless it imports from them itself. In the
    original, the library's ``__init__`` files ensure this.

    Args:
        edges: For each module the modules it imports from, without cycles.
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
    return [module for cycle in components(ordered) for module in sorted(cycle)]


def closure(needs: Mapping[str, Iterable[str]], start: str) -> set[str]:
    """The transitive closure of a module's imports, including the module.

    Args:
        needs: For each module the modules it imports from.
        start: The module.
    """
    seen = {start}
    stack = [start]
    while stack:
        for other in needs.get(stack.pop(), ()):
            if other not in seen:
                seen.add(other)
                stack.append(other)
    return seen


def components(edges: Mapping[str, Mapping[str, bool]]) -> list[frozenset[str]]:
    """Return the strongly connected components, dependencies first (Tarjan 1972, without recursion).

    Args:
        edges: For each node the nodes that it depends on, as keys.
    """
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
