"""Usage adds up: to the second, by day, whatever it is grouped by, and whatever is under way."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from dix.catalog.attempts import write_attempts
from dix.catalog.direct import DirectCatalog
from dix.catalog.file import CatalogFile
from dix.catalog.usage import UsageTable
from dix.catalog.writes import Write
from dix.records.attempt import Allocated, Attempt, AttemptOutcome, Used
from dix.records.prices import PriceBook
from dix.records.states import StepState
from dix.records.usage import UsageKey, UsageQuery, UsageRow, add_up

MIDNIGHT = datetime(2026, 5, 17, tzinfo=UTC)
GIB = 2**30


def at(hours: float) -> datetime:
    return MIDNIGHT + timedelta(hours=hours)


LATE = at(1000)


class Sheet:
    """A usage table over attempts that are just put there."""

    def __init__(self, path: Path) -> None:
        self.file = CatalogFile(path)
        self.table = UsageTable(self.file)
        self._writing = Write(write_attempts)

    def put(self, *attempts: Attempt) -> None:
        self.file.write(self._writing, [(StepState.PENDING, one) for one in attempts])

    def empty(self) -> None:
        self.file.write(Write(lambda connection, _: connection.execute("DELETE FROM attempts")), None)
        self.file.write(Write(lambda connection, _: connection.execute("DELETE FROM open_attempts")), None)

    def sum(self, *by: UsageKey, now: datetime = LATE, **more: object) -> tuple[UsageRow, ...]:
        return self.table.sum_usage(UsageQuery(by, **more), now)  # type: ignore[arg-type]


@pytest.fixture
def sheet(tmp_path: Path) -> Iterator[Sheet]:
    sheet = Sheet(tmp_path / "catalog.duckdb")
    yield sheet
    sheet.file.close()


def attempt(start: float, end: float | None, run: str = "r1", node: str = "a", **more: object) -> Attempt:
    facts = {"project": "vision", "user": "ada", "flow": "digits", "attempt": 1} | more
    ended, outcome = (None, None) if end is None else (at(end), facts.pop("outcome", AttemptOutcome.SUCCEEDED))
    return Attempt(run, node, started=at(start), ended=ended, outcome=outcome, **facts)  # type: ignore[arg-type]


def test_without_attempts_there_is_nothing(sheet: Sheet) -> None:
    assert sheet.sum() == ()
    assert sheet.sum(UsageKey.DAY) == ()


def test_what_was_held_is_counted_to_the_microsecond(sheet: Sheet) -> None:
    begun = replace(attempt(1, 2), ended=at(2) + timedelta(microseconds=1))
    sheet.put(replace(begun, allocated=Allocated(0.1, 0.5, "H100", 3 * GIB), used=Used(1.5, 2 * GIB, 0.5)))
    (row,) = sheet.sum(UsageKey.PROJECT, UsageKey.USER, UsageKey.FLOW)
    seconds = Fraction(3600) + Fraction(1, 10**6)
    assert (row.project, row.user, row.flow, row.day) == ("vision", "ada", "digits", None)
    assert (row.runs, row.attempts, row.running) == (1, 1, 0)
    assert (row.run_s, row.cpu_s, row.gpu_s) == (seconds, seconds / 10, {"H100": seconds / 2})
    assert (row.memory_byte_s, row.cpu_used_s, row.peak_memory_bytes) == (seconds * 3 * GIB, Fraction(3, 2), 2 * GIB)
    assert row.gpu_utilisation == pytest.approx(0.5)


def test_an_attempt_over_midnight_is_divided_and_counted_once(sheet: Sheet) -> None:
    sheet.put(attempt(22, 49, allocated=Allocated(2.0), used=Used(27.0)))
    rows = sheet.sum(UsageKey.DAY)
    assert [(row.day, row.run_s / 3600, row.cpu_s / 3600, row.cpu_used_s) for row in rows] == [
        (date(2026, 5, 17), 2, 4, 2),
        (date(2026, 5, 18), 24, 48, 24),
        (date(2026, 5, 19), 1, 2, 1),
    ]
    assert [(row.runs, row.attempts) for row in rows] == [(1, 1), (0, 0), (0, 0)]


def test_what_is_under_way_counts_up_to_now(sheet: Sheet) -> None:
    sheet.put(attempt(1, None, allocated=Allocated(4.0)), attempt(1, 2, node="b"))
    (row,) = sheet.sum(now=at(3))
    assert (row.run_s / 3600, row.cpu_s / 3600, row.attempts, row.running) == (3, 8, 2, 1)
    (row,) = sheet.sum(now=at(0))
    assert (row.run_s / 3600, row.running) == (1, 1), "a clock that goes back takes nothing away"


def test_a_window_takes_what_lies_in_it(sheet: Sheet) -> None:
    sheet.put(attempt(1, 5, allocated=Allocated(1.0)), attempt(7, 7, "r2"), attempt(8, 9, "r3"))
    (row,) = sheet.sum(since=at(2), until=at(4))
    assert (row.run_s / 3600, row.attempts) == (2, 1)
    assert sheet.sum(since=at(5), until=at(7)) == ()
    (row,) = sheet.sum(since=at(7), until=at(8))
    assert (row.run_s, row.attempts) == (0, 1)
    assert sheet.sum(since=at(9)) == ()


def test_looks_for_a_path_cost_their_time_and_are_no_attempts(sheet: Sheet) -> None:
    look = {"outcome": AttemptOutcome.NOT_THERE}
    sheet.put(attempt(1, 2, **look), attempt(3, 4, **look), attempt(5, 6))
    (row,) = sheet.sum()
    assert (row.run_s / 3600, row.attempts, row.runs) == (3, 1, 1)


def test_a_look_that_is_told_twice_counts_once(sheet: Sheet) -> None:
    for outcome in (AttemptOutcome.NOT_THERE, AttemptOutcome.NOT_THERE, AttemptOutcome.FAILED):
        sheet.put(attempt(1, 2, outcome=outcome))
        (row,) = sheet.sum()
        assert (row.run_s / 3600, row.attempts) == (1, int(outcome is AttemptOutcome.FAILED))


def test_one_project_user_or_flow_alone(sheet: Sheet) -> None:
    sheet.put(attempt(1, 2), attempt(1, 3, "r2", project="speech", user="bob", flow="words"))
    for asked in ({"project": "speech"}, {"user": "bob"}, {"flow": "words"}):
        (row,) = sheet.sum(**asked)
        assert row.run_s / 3600 == 2
    assert sheet.sum(project="speech", user="ada") == ()


MINUTES = some.integers(0, 10 * 24 * 60)
ATTEMPTS = some.lists(
    some.builds(
        lambda run, node, number, start, length, hold, used, outcome: Attempt(
            f"r{run}",
            node,
            number,
            f"p{run % 2}",  # a run belongs to one project, user and flow
            f"u{run % 3}",
            f"f{run % 4}",
            MIDNIGHT + timedelta(minutes=start, microseconds=start * 7),
            ended=None if length is None else MIDNIGHT + timedelta(minutes=start + length, microseconds=length * 13),
            outcome=None if length is None else outcome,
            allocated=hold,
            used=Used(None if length is None else used, used and 1000),
        ),
        some.integers(0, 12),
        some.sampled_from("abc"),
        some.integers(1, 3),
        MINUTES,
        some.none() | some.integers(0, 4000),
        some.builds(
            Allocated,
            some.sampled_from([0.0, 0.1, 0.3333, 1.0, 64.0]),
            some.sampled_from([0.0, 0.25, 1.0, 8.0]),
            some.sampled_from([None, "H100", "A10"]),
            some.integers(0, 2**41),
        ),
        some.none() | some.integers(0, 10**6).map(lambda micros: micros / 1000),
        some.sampled_from(list(AttemptOutcome)),
    ),
    max_size=30,
    unique_by=lambda one: (one.run, one.node, one.attempt, one.started),
)
GROUPINGS = [by for count in range(5) for by in itertools.combinations(UsageKey, count)]


def exact(row: UsageRow) -> tuple[object, ...]:
    gpu = {kind: seconds for kind, seconds in row.gpu_s.items() if seconds}
    return (
        row.runs,
        row.attempts,
        row.running,
        row.run_s,
        row.cpu_s,
        gpu,
        row.memory_byte_s,
        row.cpu_used_s,
        row.peak_memory_bytes,
    )


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(attempts=ATTEMPTS, window=some.tuples(MINUTES, MINUTES).map(sorted) | some.none())
def test_whatever_it_is_grouped_by_it_adds_up_to_the_same(
    sheet: Sheet, attempts: list[Attempt], window: list[int] | None
) -> None:
    sheet.empty()
    sheet.put(*attempts)
    now = MIDNIGHT + timedelta(days=12)
    edges = {} if window is None else dict(zip(("since", "until"), (at(minute / 60) for minute in window), strict=True))
    total = exact(add_up(sheet.sum(now=now, **edges)))
    book = PriceBook("EUR", Decimal("0.07"), Decimal("2.5"), Decimal("0.003"), {"H100": Decimal("4.1")})
    for by in GROUPINGS:
        rows = sheet.sum(*by, now=now, **edges)
        assert exact(add_up(rows)) == total, by
        assert sum(book.find_cost(row) or 0 for row in rows) == book.find_cost(add_up(rows))
        keys = [tuple(getattr(row, key) for key in UsageKey) for row in rows]
        assert len(set(keys)) == len(keys)
    assert total[3] == count_seconds(attempts, now, **edges)


def count_seconds(
    attempts: list[Attempt], now: datetime, since: datetime = MIDNIGHT, until: datetime = LATE
) -> Fraction:
    """The same in plain Python."""
    lengths = (
        min(max(one.ended or now, one.started), until) - max(one.started, since)
        for one in attempts
        if one.started < until
    )
    return sum(
        (Fraction(max(length, timedelta()) // timedelta(microseconds=1), 10**6) for length in lengths), Fraction()
    )


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(attempts=ATTEMPTS, cut=MINUTES)
def test_two_windows_that_meet_add_up_to_the_whole(sheet: Sheet, attempts: list[Attempt], cut: int) -> None:
    sheet.empty()
    sheet.put(*attempts)
    now = MIDNIGHT + timedelta(days=12)
    parts = [*sheet.sum(now=now, until=at(cut / 60)), *sheet.sum(now=now, since=at(cut / 60))]
    whole = add_up(sheet.sum(now=now))
    # Runs and attempts that go on over the cut count in both windows; seconds never do.
    assert exact(add_up(parts))[3:] == exact(whole)[3:]


def test_prices_are_kept_exactly(tmp_path: Path) -> None:
    catalog = DirectCatalog(tmp_path / "catalog.duckdb")
    assert catalog.usage.get_prices() == PriceBook()
    book = PriceBook("€", Decimal("0.1"), None, Decimal("0.0000001"), {"H100": Decimal("3.30")})
    for one in (PriceBook("USD", Decimal(1)), book):
        catalog.usage.put_prices(one)
    assert catalog.usage.get_prices() == book
    catalog.close()
