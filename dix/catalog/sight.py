"""What somebody sees, as a condition in SQL. It is checked here where a list is made: pages and sums must be whole."""

from __future__ import annotations

from typing import Any

from dix.records.sight import Names, Sight


def filter_named(sight: Sight, names: Names, column: str) -> tuple[str, list[Any]]:
    """For flows or models, in a table with a project; values go by place."""
    if sight.projects is None:
        return "true", []
    sql = (
        f"((list_contains(?::VARCHAR[], project) AND NOT list_contains(?::VARCHAR[], {column}))"
        f" OR list_contains(?::VARCHAR[], {column}))"
    )
    return sql, [list(sight.projects), list(names.hidden), list(names.shown)]


def filter_runs(sight: Sight) -> tuple[str, list[Any]]:
    """For runs, and what happened in them, in a table with a project and a flow; values go by place."""
    if sight.projects is None:
        return "true", []
    sql = "(list_contains(?::VARCHAR[], project) AND NOT list_contains(?::VARCHAR[], flow))"
    return sql, [list(sight.projects), list(sight.flows.hidden)]
