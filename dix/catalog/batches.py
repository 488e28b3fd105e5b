"""Many rows for one statement: a statement for each row would cost a hundred times as much."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import duckdb
import pyarrow as pa

from dix.catalog.columns import Row

Kinds: TypeAlias = tuple[tuple[str, pa.DataType], ...]

# Up to so many rows, values in the statement are faster than an Arrow table (measured).
_FEW = 8


def make_batch(kinds: Kinds, rows: Sequence[Row]) -> pa.Table:
    """Rows as one Arrow table with these columns."""
    columns = zip(*rows, strict=True) if rows else ([] for _ in kinds)
    return pa.table({name: pa.array(column, type=kind) for (name, kind), column in zip(kinds, columns, strict=True)})


def check_batch(kinds: Kinds, rows: Sequence[Row]) -> None:
    """Raises TypeError or ValueError for rows that cannot be written into these columns."""
    if rows:
        make_batch(kinds, rows)


def execute_with(connection: duckdb.DuckDBPyConnection, sql: str, given: pa.Table) -> None:  # noqa: ARG001
    """Execute SQL that reads the rows of `given`, which DuckDB finds by the name of this argument."""
    connection.execute(sql)


def insert_rows(connection: duckdb.DuckDBPyConnection, table: str, kinds: Kinds, rows: Sequence[Row]) -> None:
    """Add rows, given in the order of `kinds`, to a table."""
    if not rows:
        return
    columns = ", ".join(name for name, _kind in kinds)
    if len(rows) > _FEW:
        execute_with(connection, f"INSERT INTO {table} ({columns}) FROM given", make_batch(kinds, rows))
        return
    places = f"({', '.join('?' for _ in kinds)})"
    values = [value for row in rows for value in row]
    connection.execute(f"INSERT INTO {table} ({columns}) VALUES {', '.join(places for _ in rows)}", values)
