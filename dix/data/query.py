"""Ask tables in SQL: DuckDB in this process, shut in so that it reads the tables it was given and nothing else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from dix.data.query_errors import say_what_is_wrong
from dix.errors import BadData

_BATCH_ROWS = 65_536
# Python, Arrow and the rows on their way need room beside DuckDB.
_SHARE_OF_MEMORY = 0.6
_LEAST_MEMORY_BYTES = 64 << 20


@dataclass(frozen=True, slots=True)
class Room:
    """What a query may use: threads, bytes of memory, and a folder for what does not fit into that."""

    threads: int
    memory_bytes: int
    folder: Path


class Query:
    """A closed room with some tables in it; made by `open_query`."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, room: Room) -> None:
        self._connection = connection
        self._room = room
        self.columns: dict[str, list[str]] = {}

    def add(self, name: str, files: Sequence[Path]) -> None:
        """Make the Parquet files known as one table; a column that a file does not have is empty there."""
        with self._explaining(""):
            files_as_rows = f"read_parquet([{_list_texts(files)}], union_by_name = true, hive_partitioning = false)"
            self._connection.execute(f"CREATE VIEW {quote_name(name)} AS FROM {files_as_rows}")
            self.columns[name] = self._connection.sql(f"FROM {quote_name(name)}").columns

    def shut(self) -> None:
        """From here on no setting can be changed."""
        self._connection.execute("SET lock_configuration = true")

    def ask(self, text: str) -> tuple[pa.Schema, Iterator[pa.RecordBatch]]:
        """The columns of the answer, and its rows as they come; each name is there once.

        Decimals become floats, which is what everything after it reckons with. Raises BadData with line and column.
        """
        with self._explaining(text):
            _check_statement(self._connection.extract_statements(text))
            reader = self._begin(text)
        schema = _choose_schema(reader.schema)
        return schema, self._read(text, reader, schema)

    def ask_whole(self, text: str) -> pa.Table:
        """The same for a small answer; rows that come in parts must all have come before another one is asked."""
        schema, batches = self.ask(text)
        return pa.Table.from_batches(list(batches), schema)

    def _begin(self, text: str) -> pa.RecordBatchReader:
        try:
            return self._connection.sql(text).to_arrow_reader(_BATCH_ROWS)
        except duckdb.Error:
            self._connection.execute(text)  # refused as well, but this way it is told where in the text
            raise

    def _read(self, text: str, reader: pa.RecordBatchReader, schema: pa.Schema) -> Iterator[pa.RecordBatch]:
        with self._explaining(text):
            for batch in reader:
                yield batch if batch.schema.equals(schema) else batch.cast(schema)

    @contextmanager
    def _explaining(self, text: str) -> Iterator[None]:
        try:
            yield
        except (duckdb.Error, pa.ArrowException, OSError) as error:
            raise say_what_is_wrong(str(error), text, self.columns, self._room.memory_bytes) from error


@contextmanager
def open_query(tables: Mapping[str, Sequence[Path]], room: Room) -> Iterator[Query]:
    """A room with the tables, each some Parquet files of this machine, under their names."""
    room.folder.mkdir(parents=True, exist_ok=True)
    limit = max(_LEAST_MEMORY_BYTES, int(room.memory_bytes * _SHARE_OF_MEMORY))
    config: dict[str, Any] = {
        "threads": room.threads,
        "memory_limit": f"{limit >> 20}MiB",
        "temp_directory": str(room.folder),
        "autoinstall_known_extensions": "false",
        "autoload_known_extensions": "false",
        "python_enable_replacements": "false",
    }
    with duckdb.connect(":memory:", config=config) as connection:
        files = [file for table in tables.values() for file in table]
        connection.execute(f"SET allowed_paths = [{_list_texts(files)}]")
        connection.execute("SET enable_external_access = false")
        query = Query(connection, room)
        for name, its_files in tables.items():
            query.add(name, its_files)
        query.shut()
        yield query


def quote_name(name: str) -> str:
    """A name of a table or column as SQL, whatever it holds."""
    return '"' + name.replace('"', '""') + '"'


def _list_texts(files: Sequence[Path]) -> str:
    return ", ".join("'" + str(file).replace("'", "''") + "'" for file in files)


def _check_statement(statements: Sequence[Any]) -> None:
    kinds = [statement.type.name for statement in statements]
    if kinds == ["SELECT"]:
        return
    if len(kinds) == 1:
        raise BadData("query", f"it is {kinds[0]}, and only a SELECT can be asked here", "write one SELECT")
    what = f"it has {len(kinds)} statements" if kinds else "there is no statement in it"
    raise BadData("query", what, "write one SELECT")


def _choose_schema(schema: pa.Schema) -> pa.Schema:
    """The columns as they are written; raises BadData for two of one name, and for what Parquet cannot hold."""
    twice = next((name for name in schema.names if schema.names.count(name) > 1), None)
    if twice is not None:
        raise BadData("query", f"two columns of its answer are called {twice}", "give one another name with AS")
    fields = []
    for field in schema:
        if pa.types.is_interval(field.type) or pa.types.is_union(field.type):
            raise BadData("query", f"column {field.name} is of type {field.type}, which a table cannot hold", "cast it")
        fields.append(field.with_type(pa.float64()) if pa.types.is_decimal(field.type) else field)
    return pa.schema(fields)
