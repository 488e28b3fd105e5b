"""The inbox: changes that are accepted and on disk as they came, and are worked into the tables together, later.

To work a change in costs several statements, however small it is; to keep it for later costs one. What is in the inbox
counts from the moment it is there: the next change is judged by it, and a reader waits until it is worked in.
"""

from __future__ import annotations

import pyarrow as pa

from dix.catalog.answers import Answers
from dix.catalog.batches import insert_rows
from dix.catalog.changes import Change, Decided, make_result
from dix.catalog.open_runs import OpenRuns
from dix.catalog.parcels import pack, unpack
from dix.catalog.writes import AnyJob, Connection, Inbox, Job, Write
from dix.records.change import ChangeResult

# A change set of more moves goes into the tables at once, which costs little more then; so many moves are worked in
# within a few hundredths of a second.
_LARGE = 200
_FULL = 1000

_PARCEL = (("request", pa.string()), ("content", pa.binary()))


class ChangeInbox:
    """For the writer only; what it takes in counts once the transaction is committed."""

    def __init__(
        self,
        applying: Write[Change, ChangeResult],
        working_in: Write[Decided, ChangeResult],
        open_runs: OpenRuns,
    ) -> None:
        """`applying` judges and writes, `working_in` writes what was judged when it came."""
        self._applying = applying
        self._working_in = working_in
        self._open_runs = open_runs
        self._jobs: list[AnyJob] = []  # what is in the inbox, oldest first
        self._requests: set[str] = set()  # of these
        self._size = 0  # their moves
        self._fresh: list[AnyJob] = []  # taken in by the open transaction; emptied when it ends
        self._is_emptied = False  # by the open transaction

    def open(self, connection: Connection) -> None:
        """Begin with what is in the file: an owner before this one came to an end before it was worked in."""
        rows = connection.execute("SELECT request, content FROM inbox ORDER BY rowid").fetchall()
        self._open_runs.clear()
        self._start_anew()
        self._add([Job(self._applying, Change(unpack(content)), request) for request, content in rows])

    def holds_any(self) -> bool:
        return bool(self._jobs)

    def list_jobs(self) -> list[AnyJob]:
        return self._jobs

    def accept(self, connection: Connection, jobs: list[AnyJob], answers: Answers) -> bool:
        if not all(job.write is self._applying for job in jobs) or not self._has_room(jobs) or _have_twins(jobs):
            return False
        if not all(self._may_come(job, answers) for job in jobs):
            return False
        insert_rows(connection, "inbox", _PARCEL, [(job.request, pack(job.item.moves)) for job in jobs])
        for job in jobs:
            decided = Decided(job.item, self._open_runs.judge(job.item.moves))
            job.results, job.refusal = [make_result(decided.verdict)], None
            self._fresh.append(Job(self._working_in, decided, job.request))
        return True

    def empty(self, connection: Connection) -> None:
        if self._jobs:
            connection.execute("DELETE FROM inbox")
        self._is_emptied = True

    def settle(self) -> None:
        if self._is_emptied:
            self._start_anew()
            self._open_runs.drop_ended()
        self._add(self._fresh)
        self._fresh, self._is_emptied = [], False

    def forget(self) -> None:
        self._fresh, self._is_emptied = [], False
        self._open_runs.clear()

    def _start_anew(self) -> None:
        self._jobs, self._requests, self._size = [], set(), 0

    def _add(self, jobs: list[AnyJob]) -> None:
        self._jobs += jobs
        self._requests.update(job.request for job in jobs if job.request)
        self._size += sum(job.item.count() for job in jobs)

    def _has_room(self, jobs: list[AnyJob]) -> bool:
        size: int = sum(job.item.count() for job in jobs)
        return size <= min(_LARGE, _FULL - self._size)

    def _may_come(self, job: AnyJob, answers: Answers) -> bool:
        """Whether memory is enough to judge it: a model gets its number from the tables."""
        change: Change = job.item
        if self._is_repeat(job, answers) or change.has_models():
            return False
        return self._open_runs.knows(change.runs)

    def _is_repeat(self, job: AnyJob, answers: Answers) -> bool:
        """Whether its answer is in the tables, or will be."""
        return job.request is not None and (job.request in self._requests or answers.find(job.request) is not None)


def _have_twins(jobs: list[AnyJob]) -> bool:
    requests = [job.request for job in jobs if job.request is not None]
    return len(requests) > len(set(requests))


def _fits(inbox: ChangeInbox) -> Inbox:
    return inbox
