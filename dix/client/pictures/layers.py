"""Finds places for the nodes of a graph: columns from left to right, each node right of all that it needs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

COLUMN_GAP, ROW_GAP = 250.0, 110.0

Link = tuple[str, str]


def place_nodes(names: Sequence[str], links: Sequence[Link]) -> dict[str, tuple[float, float]]:
    """A point for each node, x to the right and y downwards; in `names` each one comes after all that it needs."""
    before: dict[str, list[str]] = defaultdict(list)
    for source, target in links:
        before[target].append(source)
    columns = _make_columns(names, before)
    rows: dict[str, float] = {}
    places: dict[str, tuple[float, float]] = {}
    for number, column in enumerate(columns):
        ordered = sorted(column, key=lambda name: _find_middle(before[name], rows))
        for row, name in enumerate(ordered):
            rows[name] = row - (len(ordered) - 1) / 2
            places[name] = (number * COLUMN_GAP, rows[name] * ROW_GAP)
    return places


def _make_columns(names: Sequence[str], before: dict[str, list[str]]) -> list[list[str]]:
    """The longest way from a beginning decides; what has nothing before it stands just left of what needs it first."""
    depth: dict[str, int] = {}
    for name in names:
        depth[name] = max((depth[source] + 1 for source in before[name]), default=0)
    after: dict[str, list[str]] = defaultdict(list)
    for target, sources in before.items():
        for source in sources:
            after[source].append(target)
    for name in names:
        if not before[name] and after[name]:
            depth[name] = min(depth[target] for target in after[name]) - 1
    columns: list[list[str]] = [[] for _ in range(max(depth.values(), default=-1) + 1)]
    for name in names:
        columns[depth[name]].append(name)
    return columns


def _find_middle(sources: list[str], rows: dict[str, float]) -> float:
    return sum(rows[source] for source in sources) / len(sources) if sources else 0.0
