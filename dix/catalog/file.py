"""The open DuckDB file: one writer at a time, readers beside it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb

from dix.catalog.answers import Answers
from dix.catalog.migrations import migrate
from dix.catalog.writes import Connection, Item, Job, Result, Write, run_jobs
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


class CatalogFile:
    """The file and its writer's lock; may be used from any number of threads of one process."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._turn = threading.Condition()  # guards the five below, and tells when they change
        self._source = _open(path)  # makes cursors and does nothing else: DuckDB refuses calls that meet on one
        self._is_writing = False  # set while a thread has the writer's connection
        self._waiting: list[Job[Any, Any]] = []  # writes that nobody has taken yet
        self._readers = 0  # cursors that are in use
        self._is_closed = False
        self._connection = self._source.cursor()
        self._seq = self._read_last_seq()
        self._answers = Answers(self._connection)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A cursor that sees one moment of the file, whatever is written meanwhile."""
        with _as_catalog_error(), self.cursor() as cursor:
            cursor.begin()
            yield cursor
            cursor.rollback()

    def write(self, write: Write[Item, Result], item: Item, request: str | None = None) -> Result:
        """Make a write and return its result when it is on disk.

        Writes that come while another one is being made share the next transaction, and with it the one wait for the
        disk. A repeat under the same request id changes nothing and gets the first answer again.
        """
        job = Job(write, item, request)
        with self._turn:
            self._waiting.append(job)
            self._turn.wait_for(lambda: job.is_done or not self._is_writing)
            if job.is_done:
                return job.get_result()
            self._check_open()
            self._is_writing = True
            group = self._take_group(job)
        try:
            self._commit_group(job, group)
        finally:
            self._end_turn()
        return job.get_result()

    @contextmanager
    def cursor(self) -> Iterator[Connection]:
        """A cursor outside of any transaction, for what concerns the file as a whole."""
        with self._turn:
            self._check_open()
            cursor = self._source.cursor()
            self._readers += 1
        try:
            yield cursor
        finally:
            cursor.close()
            with self._turn:
                self._readers -= 1
                self._turn.notify_all()

    def take_seq(self, count: int = 1) -> int:
        """The first of `count` new numbers that grow over the whole file; for the writer only. May leave gaps."""
        first = self._seq + 1
        self._seq += count
        return first

    def close(self) -> None:
        """Write everything into the file and let go of it, once those who read and write have finished."""
        with self._turn:
            if self._is_closed:
                return
            self._is_closed = True
            self._turn.wait_for(lambda: not self._is_writing and not self._readers)
            self._connection.close()
            self._source.close()

    def _commit_group(self, own: Job[Any, Any], group: list[Job[Any, Any]]) -> None:
        with _as_catalog_error():
            try:
                self._commit(group)
            except duckdb.Error:
                if len(group) == 1:
                    raise
                # One of them is at fault: each goes alone, the others when their threads find theirs not done.
                self._commit([own])

    def _take_group(self, own: Job[Any, Any]) -> list[Job[Any, Any]]:
        """All that waits; only the own job when an earlier group with it failed."""
        if own not in self._waiting:
            return [own]
        group, self._waiting = self._waiting, []
        return group

    def _end_turn(self) -> None:
        with self._turn:
            self._is_writing = False
            self._turn.notify_all()

    def _commit(self, group: list[Job[Any, Any]]) -> None:
        self._connection.begin()
        try:
            run_jobs(self._connection, group, self._answers)
            self._answers.write(self._connection)
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
        tables = ("flow_versions", "events", "metrics", "model_versions")
        parts = " UNION ALL ".join(f"SELECT max(seq) AS seq FROM {table}" for table in tables)
        found = self._connection.execute(f"SELECT coalesce(max(seq), 0) FROM ({parts})").fetchone()
        return int(found[0]) if found else 0

    def _check_open(self) -> None:
        if self._is_closed:
            raise CatalogError("it was closed")


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
