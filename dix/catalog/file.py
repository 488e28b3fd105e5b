"""The open DuckDB file: one writer at a time, readers beside it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import duckdb

from dix.catalog.answers import Answers
from dix.catalog.opening import as_catalog_error, open_file
from dix.catalog.writes import AnyJob, Connection, Inbox, Item, Job, NoInbox, Result, Write, run_jobs
from dix.errors import CatalogError

# After these (the disk was full in the middle of a checkpoint, say) DuckDB refuses everything until the file is opened
# anew.
_BREAKING = (duckdb.FatalException, duckdb.InternalException)


def _do_nothing(_connection: Connection, _item: None) -> None:
    pass


# Goes into the tables, as any write that the inbox does not accept, and with it what is in the inbox.
_NOTHING: Write[None, None] = Write(_do_nothing)


class CatalogFile:
    """The file and its writer's turn; may be used from any number of threads of one process."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.RLock()  # guards the six below
        self._turn = threading.Condition(self._lock)  # tells when they change
        self._is_writing = False  # set while a thread has the writer's connection
        self._waiting: list[AnyJob] = []  # writes that nobody has taken yet
        self._asleep: list[AnyJob] = []  # writes whose threads wait for their turn or their result
        self._readers = 0  # cursors that are in use
        self._is_closed = False
        self._is_broken = False  # set when DuckDB gave up, cleared when the file was opened anew
        self._inbox: Inbox = NoInbox()
        self._open()

    def use_inbox(self, inbox: Inbox) -> None:
        """Let writes that it accepts stay there for a while; to be called before anything is read or written."""
        self._inbox = inbox
        with self._watching():
            inbox.open(self._connection)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A cursor that sees one moment of the file, whatever is written meanwhile, with all that was answered."""
        self._work_in()
        with self._watching(), self.cursor() as cursor:
            cursor.begin()
            yield cursor
            cursor.rollback()

    @contextmanager
    def cursor(self) -> Iterator[Connection]:
        """A cursor outside of any transaction, for what concerns the file as a whole."""
        with self._turn:
            self._make_ready()
            cursor = self._source.cursor()
            self._readers += 1
        try:
            yield cursor
        finally:
            cursor.close()
            with self._turn:
                self._readers -= 1
                self._turn.notify_all()

    def write(self, write: Write[Item, Result], item: Item, request: str | None = None) -> Result:
        """Make a write and return its result when it is on disk.

        Writes that come while another one is being made share the next transaction, and with it the one wait for the
        disk. A repeat under the same request id changes nothing and gets the first answer again.
        """
        job = Job(write, item, request)
        with self._turn:
            self._make_ready()
            self._waiting.append(job)
            self._sleep(job)
            if job.is_done:
                return job.get_result()
            group = self._take_group(job)
            self._is_writing = True
        try:
            self._check_open()
            with self._watching():
                self._commit_group(job, group)
        finally:
            with self._turn:
                self._is_writing = False
                self._wake()
        return job.get_result()

    def take_seq(self, count: int = 1) -> int:
        """The first of `count` new numbers that grow over the whole file; for the writer only. May leave gaps."""
        first = self._seq + 1
        self._seq += count
        return first

    def close(self) -> None:
        """Write everything into the file and let go of it, once those who read and write have finished."""
        with suppress(CatalogError):  # what is in the inbox is in the file, too
            self._work_in()
        with self._turn:
            if self._is_closed:
                return
            self._is_closed = True
            self._turn.wait_for(self._is_idle)
            self._let_go()

    def _open(self) -> None:
        # The source makes cursors and does nothing else: DuckDB refuses calls that meet on one connection.
        self._source = open_file(self._path)
        self._connection = self._source.cursor()
        with as_catalog_error():
            self._seq = self._read_last_seq()
            self._answers = Answers(self._connection)
            self._inbox.open(self._connection)

    def _let_go(self) -> None:
        self._connection.close()
        self._source.close()

    def _is_idle(self) -> bool:
        return not self._is_writing and not self._readers

    def _check_open(self) -> None:
        if self._is_closed:
            raise CatalogError("it was closed")

    def _make_ready(self) -> None:
        """Open the file anew if DuckDB gave up on it; CatalogError while that does not succeed. Holds the turn."""
        self._check_open()
        self._turn.wait_for(lambda: not self._is_broken or self._is_closed or self._is_idle())
        self._check_open()
        if self._is_broken:
            self._let_go()
            self._open()
            self._is_broken = False

    @contextmanager
    def _watching(self) -> Iterator[None]:
        with as_catalog_error():
            try:
                yield
            except _BREAKING:
                with self._turn:
                    self._is_broken = True
                raise

    def _work_in(self) -> None:
        if self._inbox.holds_any():
            self.write(_NOTHING, None)

    def _sleep(self, job: AnyJob) -> None:
        """Wait until the job is done, or may be. Holds the turn."""
        if self._is_writing:
            job.wake = threading.Condition(self._lock)
            self._asleep.append(job)
            try:
                job.wake.wait_for(lambda: job.is_done or not self._is_writing)
            finally:
                self._asleep = [other for other in self._asleep if other is not job]

    def _wake(self) -> None:
        """Wake those whose jobs are done, and one that goes on: to wake all for one turn costs more than the turn."""
        done = [job for job in self._asleep if job.is_done]
        self._asleep = [job for job in self._asleep if not job.is_done]
        for job in (*done, *self._asleep[:1]):
            if job.wake:
                job.wake.notify()
        self._turn.notify_all()

    def _take_group(self, own: AnyJob) -> list[AnyJob]:
        """All that waits; only the own job when an earlier group with it failed."""
        if own not in self._waiting:
            return [own]
        group, self._waiting = self._waiting, []
        return group

    def _commit_group(self, own: AnyJob, group: list[AnyJob]) -> None:
        try:
            self._commit(group)
        except (duckdb.Error, ValueError, TypeError, ArithmeticError):
            if len(group) == 1:
                raise
            # One of them is at fault: each goes alone, the others when their threads find theirs not done.
            self._commit([own])

    def _commit(self, group: list[AnyJob]) -> None:
        self._connection.begin()
        try:
            if not self._inbox.accept(self._connection, group, self._answers):
                self._write_tables(group)
            self._connection.commit()
        except BaseException:
            self._answers.forget()
            self._inbox.forget()
            self._roll_back()
            raise
        self._answers.settle()
        self._inbox.settle()
        for job in group:
            job.is_done = True

    def _write_tables(self, group: list[AnyJob]) -> None:
        for jobs in (self._inbox.list_jobs(), group):
            run_jobs(self._connection, jobs, self._answers)
        self._inbox.empty(self._connection)
        self._answers.write(self._connection)

    def _roll_back(self) -> None:
        try:
            self._connection.rollback()
        except duckdb.Error:
            return  # a failed commit has ended the transaction already; a broken file has none

    def _read_last_seq(self) -> int:
        tables = ("flow_versions", "events", "metrics", "model_versions", "alias_moves", "audit")
        parts = " UNION ALL ".join(f"SELECT max(seq) AS seq FROM {table}" for table in tables)
        found = self._connection.execute(f"SELECT coalesce(max(seq), 0) FROM ({parts})").fetchone()
        return int(found[0]) if found else 0
