"""A consistent copy of the open file."""

from __future__ import annotations

import os
import uuid
from pathlib import Path

import duckdb

from dix.catalog.file import CatalogFile
from dix.catalog.writes import Connection
from dix.errors import CatalogError


def copy_file(file: CatalogFile, path: Path) -> None:
    """Copy what is committed now to `path`, which is there whole or not at all; readers and writers go on meanwhile.

    Raises CatalogError when it cannot be written.
    """
    key = uuid.uuid4().hex
    half = path.with_name(f".{path.name}.{key}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _make_error(path, error) from error
    try:
        with file.cursor() as cursor:
            _copy_tables(cursor, half, f"snapshot_{key}")
        _flush(half)
        half.replace(path)
        _flush(path.parent)
    except (OSError, duckdb.Error) as error:
        raise _make_error(path, error) from error
    finally:
        half.unlink(missing_ok=True)


def _copy_tables(cursor: Connection, half: Path, name: str) -> None:
    own = cursor.execute("SELECT current_database()").fetchone()
    quoted_path = str(half).replace("'", "''")
    quoted_own = str(own[0] if own else "").replace('"', '""')
    cursor.execute(f"ATTACH '{quoted_path}' AS {name}")
    try:
        # One transaction, so that all tables are copied as they are at the same moment.
        cursor.begin()
        cursor.execute(f'COPY FROM DATABASE "{quoted_own}" TO {name}')
        cursor.commit()
    finally:
        cursor.execute(f"DETACH {name}")


def _flush(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _make_error(path: Path, error: OSError | duckdb.Error) -> CatalogError:
    reason = error.strerror if isinstance(error, OSError) else str(error).splitlines()[0]
    return CatalogError(f"its snapshot {path} cannot be written: {reason}")
