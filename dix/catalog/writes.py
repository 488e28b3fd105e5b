"""Writes on their way into the file: those that come at the same time share one transaction."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

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
    """One write that somebody waits for; `is_done` is set once it is on disk, by whoever committed it."""

    def __init__(self, write: Write[Item, Result], item: Item, request: str | None) -> None:
        self.write = write
        self.item = item
        self.request = request
        self.is_done = False
        self.results: list[Result] = []  # one once it ran, none when it was refused
        self.refusal: DixError | None = None

    def get_result(self) -> Result:
        """What the write came to; raises what it was refused with."""
        if self.refusal is not None:
            raise self.refusal
        return self.results[0]


def run_jobs(connection: Connection, jobs: list[Job[Any, Any]], answers: Answers) -> None:
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


def _make_batches(jobs: list[Job[Any, Any]]) -> list[list[Job[Any, Any]]]:
    """Jobs that can be made at once together; a request that is there twice comes in a later batch the second time."""
    batches: list[list[Job[Any, Any]]] = []
    for job in jobs:
        fitting = (batch for batch in batches if job.write.many and _may_join(batch, job))
        batch = next(fitting, None)
        if batch is None:
            batches.append([job])
        else:
            batch.append(job)
    return batches


def _may_join(batch: list[Job[Any, Any]], job: Job[Any, Any]) -> bool:
    same_request = any(other.request == job.request for other in batch if job.request)
    return batch[0].write is job.write and not same_request


def _run_batch(connection: Connection, jobs: list[Job[Any, Any]], answers: Answers) -> None:
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
