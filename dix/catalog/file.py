"""The open DuckDB file: one writer at a time, readers beside it, and answers that can be given again."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Generic, TypeVar

import duckdb
import pyarrow as pa

from dix.catalog.answers import Answers
from dix.catalog.migrations import migrate
from dix.errors import CatalogError, DixError

Connection = duckdb.DuckDBPyConnection
Result = TypeVar("Result")

# One thread for each query: on small queries, which are nearly all, two threads cost more than they bring (measured).
# Nothing is fetched from the internet.
_CONFIG: dict[str, str | bool | int | float | list[str]] = {
    "threads": 1,
    "memory_limit": "2GB",
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "checkpoint_threshold": "16MB",
}


class CatalogFile:
    """The file and its writer's lock; may be used from any number of threads of one process."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.RLock()  # held by the one writer
        self._waiting_lock = threading.Lock()
        self._waiting: list[_Job[Any]] = []  # writes that nobody has taken yet
        self._closed = False
        self._connection = _open(path)
        self._seq = self._read_last_seq()
        self._answers = Answers(self._connection)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A cursor that sees one moment of the file, whatever is written meanwhile."""
        self._check_open()
        with _as_catalog_error(), self._connection.cursor() as cursor:
            cursor.begin()
            yield cursor
            cursor.rollback()

    def write(self, work: Callable[[Connection], Result]) -> Result:
        """Do `work` in a transaction and return when it is on disk.

        Writes that come while another one is being made share the next transaction, and with it the one wait for the
        disk. `work` may run more than once, and raises a DixError before it changes anything or not at all.
        """
        job = _Job(work)
        with self._waiting_lock:
            self._waiting.append(job)
        with self._lock:
            if not job.is_done:
                self._commit_group(job)
        return job.get_result()

    def write_once(
        self,
        request: str | None,
        work: Callable[[Connection], Result],
        *,
        encode: Callable[[Result], str],
        decode: Callable[[Connection, str], Result],
    ) -> Result:
        """As `write`, but a repeat under the same request id changes nothing and gets the first answer again."""

        def work_once(connection: Connection) -> Result:
            earlier = self._answers.find(request) if request else None
            if earlier is not None:
                return decode(connection, earlier)
            result = work(connection)
            if request:
                self._answers.keep(connection, self.take_seq(), request, encode(result))
            return result

        return self.write(work_once)

    @contextmanager
    def locked(self) -> Iterator[Connection]:
        """The writer's connection with every writer kept out, outside of any transaction."""
        self._check_open()
        with self._lock, _as_catalog_error():
            yield self._connection

    def take_seq(self, count: int = 1) -> int:
        """The first of `count` new numbers that grow over the whole file; for the writer only. May leave gaps."""
        first = self._seq + 1
        self._seq += count
        return first

    def close(self) -> None:
        """Write everything into the file and let go of it."""
        with self._lock:
            if not self._closed:
                self._closed = True
                self._connection.close()

    def _commit_group(self, own: _Job[Any]) -> None:
        self._check_open()
        with self._waiting_lock:
            group = self._waiting if own in self._waiting else [own]
            if group is self._waiting:
                self._waiting = []
        with _as_catalog_error():
            try:
                self._commit(group)
            except duckdb.Error:
                if len(group) == 1:
                    raise
                # One of them is at fault: each goes alone, the others when their threads find theirs not done.
                self._commit([own])

    def _commit(self, group: list[_Job[Any]]) -> None:
        self._connection.begin()
        try:
            for job in group:
                job.run(self._connection)
            self._connection.commit()
        except BaseException:
            self._answers.forget()
            self._roll_back()
            raise
        self._answers.settle()
        for job in group:
            job.is_done = True

    def _roll_back(self) -> None:
        # A failed commit has ended the transaction already.
        try:
            self._connection.rollback()
        except duckdb.TransactionException:
            return

    def _read_last_seq(self) -> int:
        tables = ("flow_versions", "events", "metrics", "model_versions", "answers")
        parts = " UNION ALL ".join(f"SELECT max(seq) AS seq FROM {table}" for table in tables)
        found = self._connection.execute(f"SELECT coalesce(max(seq), 0) FROM ({parts})").fetchone()
        return int(found[0]) if found else 0

    def _check_open(self) -> None:
        if self._closed:
            raise CatalogError("it was closed")


@contextmanager
def given(connection: Connection, batch: pa.Table) -> Iterator[None]:
    """Lets SQL read the rows of `batch` under the name `given`."""
    connection.register("given", batch)
    try:
        yield
    finally:
        connection.unregister("given")


class _Job(Generic[Result]):
    """A write on its way; `is_done` is set by whoever committed it, under the writer's lock."""

    def __init__(self, work: Callable[[Connection], Result]) -> None:
        self.is_done = False
        self._work = work
        self._results: list[Result] = []  # one once it ran, none when it was refused
        self._refusal: DixError | None = None

    def run(self, connection: Connection) -> None:
        self._results, self._refusal = [], None
        try:
            self._results.append(self._work(connection))
        except DixError as error:
            self._refusal = error

    def get_result(self) -> Result:
        if self._refusal is not None:
            raise self._refusal
        return self._results[0]


def _open(path: Path) -> Connection:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        connection = duckdb.connect(str(path), config=_CONFIG)
    except (duckdb.Error, OSError) as error:
        raise CatalogError(f"its file {path} cannot be opened: {_first_line(error)}") from error
    try:
        with _as_catalog_error():
            migrate(connection)
    except CatalogError:
        connection.close()
        raise
    return connection


@contextmanager
def _as_catalog_error() -> Iterator[None]:
    try:
        yield
    except duckdb.Error as error:
        raise CatalogError(_first_line(error)) from error


def _first_line(error: BaseException) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]
