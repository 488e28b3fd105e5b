"""Opening the DuckDB file, and saying in our words what DuckDB says in its own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import duckdb

from dix.catalog.migrations import migrate
from dix.errors import CatalogError

# One thread for each query: on small queries, which are nearly all, two threads cost more than they bring (measured).
# The log is written into the file when it reaches 16 MB, which bounds both that pause and the time of opening.
# Nothing is fetched from the internet.
_CONFIG: dict[str, str | bool | int | float | list[str]] = {
    "threads": 1,
    "memory_limit": "2GB",
    "late_materialization_max_rows": 2000,
    "checkpoint_threshold": "16MB",
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
}


def open_file(path: Path) -> duckdb.DuckDBPyConnection:
    """A connection to the file, which is made when it is not there and brought to the newest shape.

    No other account can read it then. Raises CatalogError when it cannot be opened, another process has it open, or a
    newer DI-X wrote it.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        connection = duckdb.connect(str(path), config=_CONFIG)
        _keep_to_owner(path)
    except (duckdb.Error, OSError) as error:
        raise CatalogError(f"its file {path} cannot be opened: {_first_line(error)}") from error
    try:
        with as_catalog_error():
            migrate(connection)
    except CatalogError:
        connection.close()
        raise
    return connection


def _keep_to_owner(path: Path) -> None:
    """Let no other account read the file and its log, wherever they lie."""
    for place in (path, path.with_name(f"{path.name}.wal")):
        with suppress(FileNotFoundError):
            place.chmod(0o600)


@contextmanager
def as_catalog_error() -> Iterator[None]:
    """Turns what DuckDB raises into CatalogError."""
    try:
        yield
    except duckdb.Error as error:
        raise CatalogError(_first_line(error)) from error


def _first_line(error: BaseException) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]
