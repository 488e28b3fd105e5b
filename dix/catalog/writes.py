"""Writes on their way into the file: those that come at the same time share one transaction."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeAlias, TypeVar

import duckdb

from dix.catalog.answers import Answers
from dix.errors import DixError

Connection = duckdb.DuckDBPyConnection
Item = TypeVar("Item")
Result = TypeVar("Result")


def _say_done(_result: object) -> str:
    return "done"


def _give_nothing(_connection: Connection, _item: object, _answer: str) -> Any:
    return None


@dataclass(frozen=True, slots=True)
class Write(Generic[Item, Result]):
    """A kind of write, made in the open transaction; it may be made again when the transaction fails.

    `one` makes one item; it raises a DixError before it changes anything, or not at all. `many`, where there is one,
    makes all items that came together at once, and refuses none. `encode` keeps a result as text, and `decode` gives it
    to a repeat of the same request.
    """

    one: Callable[[Connection, Item], Result]
    encode: Callable[[Result], str] = _say_done
    decode: Callable[[Connection, Item, str], Result] = _give_nothing
    many: Callable[[Connection, list[Item]], list[Result]] | None = None


class Job(Generic[Item, Result]):
    """One write that somebody waits for; `is_done` is set once it is on disk, by whoever committed it.

    `wake` is set while its thread sleeps.
    """

    def __init__(self, write: Write[Item, Result], item: Item, request: str | None) -> None:
        self.write = write
        self.item = item
        self.request = request
        self.is_done = False
        self.wake: threading.Condition | None = None
        self.results: list[Result] = []  # one once it ran, none when it was refused
        self.refusal: DixError | None = None

    def get_result(self) -> Result:
        """What the write came to; raises what it was refused with."""
        if self.refusal is not None:
            raise self.refusal
        return self.results[0]


AnyJob: TypeAlias = Job[Any, Any]


class Inbox(Protocol):
    """Writes that are kept on disk as they came, until they are worked into the tables. For the writer only.

    Each transaction either accepts or empties; then it ends with `settle` or `forget`.
    """

    def open(self, connection: Connection) -> None:
        """The file was opened: begin with what is in it."""

    def holds_any(self) -> bool:
        """Whether there is anything to work in. Any thread may ask."""

    def list_jobs(self) -> list[AnyJob]:
        """What is to be worked in, oldest first, before anything else is written into the tables."""

    def accept(self, connection: Connection, jobs: list[AnyJob], answers: Answers) -> bool:
        """Take all of them in, with their results; False, and nothing happened, when they must go into the tables."""

    def empty(self, connection: Connection) -> None:
        """All of `list_jobs` is in the tables."""

    def settle(self) -> None:
        """The transaction was committed."""

    def forget(self) -> None:
        """The transaction was rolled back."""


class NoInbox:
    """An inbox that takes nothing in."""

    def open(self, connection: Connection) -> None:
        pass

    def holds_any(self) -> bool:
        return False

    def list_jobs(self) -> list[AnyJob]:
        return []

    def accept(self, connection: Connection, jobs: list[AnyJob], answers: Answers) -> bool:  # noqa: ARG002
        return False

    def empty(self, connection: Connection) -> None:
        pass

    def settle(self) -> None:
        pass

    def forget(self) -> None:
        pass


def run_jobs(connection: Connection, jobs: list[AnyJob], answers: Answers) -> None:
    """Do all jobs in the open transaction, each kind of write at once, each request only if it is new."""
    for batch in _make_batches(jobs):
        fresh = []
        for job in batch:
            earlier = answers.find(job.request) if job.request else None
            if earlier is None:
                fresh.append(job)
            else:
                job.results, job.refusal = [job.write.decode(connection, job.item, earlier)], None
        if fresh:
            _run_batch(connection, fresh, answers)


def _make_batches(jobs: list[AnyJob]) -> list[list[AnyJob]]:
    """Jobs that can be made at once together; a request that is there twice comes in a later batch the second time."""
    batches: list[list[AnyJob]] = []
    for job in jobs:
        fitting = (batch for batch in batches if job.write.many and _may_join(batch, job))
        batch = next(fitting, None)
        if batch is None:
            batches.append([job])
        else:
            batch.append(job)
    return batches


def _may_join(batch: list[AnyJob], job: AnyJob) -> bool:
    same_request = any(other.request == job.request for other in batch if job.request)
    return batch[0].write is job.write and not same_request


def _run_batch(connection: Connection, jobs: list[AnyJob], answers: Answers) -> None:
    write = jobs[0].write
    try:
        if write.many:
            results = write.many(connection, [job.item for job in jobs])
        else:
            results = [write.one(connection, jobs[0].item)]
    except DixError as refusal:
        for job in jobs:
            job.results, job.refusal = [], refusal
        return
    for job, result in zip(jobs, results, strict=True):
        job.results, job.refusal = [result], None
        if job.request:
            answers.keep(job.request, write.encode(result))
