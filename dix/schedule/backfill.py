"""Which runs a backfill makes: its preview, and what is made, from one function."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from dix.errors import BadValue
from dix.records.backfill import MOST_DATES, Backfill, BackfillPreview, DatedRun, Instance, LeftOut, Which
from dix.records.moments import to_text
from dix.records.schedule import Order
from dix.records.states import RunState, run_is_over
from dix.schedule.cron import read_cron
from dix.schedule.timetable import Timetable
from dix.schedule.zones import read_zone

_TICK = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Slot:
    """One date of a backfill and its data interval; the parameters are those of the run that is done again."""

    logical_date: datetime
    interval_start: datetime
    interval_end: datetime
    params: dict[str, Any] | None = None


def check_backfill(backfill: Backfill) -> int:
    """How many dates it has at most; raises BadValue, in one sentence, for a range that has none or too many."""
    if backfill.dates:
        return _check_count(len(backfill.dates), "dates")
    first, last = backfill.first, backfill.last
    if first is None or last is None:
        raise BadValue("range", "first and last, or dates", "neither")
    if first > last:
        raise BadValue("last", f"a date that is not before {to_text(first)}", to_text(last))
    if backfill.from_node is not None:
        return 0
    count = _count(backfill, first, last)
    if count == 0:
        raise BadValue("range", "one that has a date of its step", f"{to_text(first)} to {to_text(last)}")
    return _check_count(count, "range")


def make_preview(backfill: Backfill, runs: Sequence[DatedRun]) -> BackfillPreview:
    """What it makes, given all runs of the flow for its dates; raises BadValue as `check_backfill` does."""
    check_backfill(backfill)
    by_date: dict[datetime, list[DatedRun]] = {}
    for run in runs:
        by_date.setdefault(run.logical_date, []).append(run)
    slots = list(_list_again(backfill, by_date) if backfill.from_node else _list_slots(backfill))
    _check_count(len(slots), "range")
    left_out: list[LeftOut] = []
    wanted: list[Slot] = []
    for slot in slots if backfill.order is Order.FORWARDS else reversed(slots):
        reason = _find_reason(backfill.which, by_date.get(slot.logical_date, []))
        if reason is None:
            wanted.append(slot)
        else:
            left_out.append(LeftOut(slot.logical_date, reason))
    instances = tuple(_make_instance(backfill, slot, place) for place, slot in enumerate(wanted))
    return BackfillPreview(instances, tuple(left_out))


def find_range(backfill: Backfill) -> tuple[datetime, datetime]:
    """The first and the last date that it may have."""
    if backfill.dates:
        return min(backfill.dates), max(backfill.dates)
    check_backfill(backfill)
    assert backfill.first is not None  # noqa: S101 checked above
    assert backfill.last is not None  # noqa: S101
    return backfill.first, backfill.last


def _make_instance(backfill: Backfill, slot: Slot, place: int) -> Instance:
    return Instance(
        place,
        backfill.flow,
        backfill.flow_version,
        backfill.params if slot.params is None else slot.params,
        {} if backfill.from_node is None else {"from": backfill.from_node},
        slot.logical_date,
        slot.interval_start,
        slot.interval_end,
    )


def _find_reason(which: Which, runs: Sequence[DatedRun]) -> str | None:
    """Why none is made for a date with these runs; None when one is."""
    for run in runs:
        if not run_is_over(run.state):
            return f"run {run.run} is {run.state} for it"
    if which is Which.ALL or not runs:
        return None
    if which is Which.MISSING:
        return f"run {runs[0].run} has been made for it"
    done = next((run.run for run in runs if run.state is RunState.SUCCEEDED), None)
    return None if done is None else f"run {done} has succeeded for it"


def _list_again(backfill: Backfill, by_date: dict[datetime, list[DatedRun]]) -> Iterator[Slot]:
    """The dates that have runs, with what the latest of each was given."""
    for date in sorted(by_date):
        latest = max(by_date[date], key=lambda run: run.run)
        given = {name: value for name, value in latest.params.items() if name in backfill.params}
        yield Slot(date, latest.interval_start, latest.interval_end, {**backfill.params, **given})


def _list_slots(backfill: Backfill) -> Iterator[Slot]:
    timetable = _find_timetable(backfill)
    if backfill.dates:
        for date in sorted(set(backfill.dates)):
            yield Slot(date, date, _find_end(date, backfill, timetable))
        return
    first, last = find_range(backfill)
    if timetable is not None:
        for fire in timetable.list_of_dates(first, last):
            yield Slot(fire.logical_date, fire.interval_start, fire.interval_end)
        return
    step = _get_step(backfill)
    for number in range(_count(backfill, first, last)):
        date = first + number * step
        yield Slot(date, date, date + step)


def _find_end(date: datetime, backfill: Backfill, timetable: Timetable | None) -> datetime:
    if timetable is not None:
        return timetable.find_next(date) or date
    return date if backfill.step_s is None else date + timedelta(seconds=backfill.step_s)


def _count(backfill: Backfill, first: datetime, last: datetime) -> int:
    timetable = _find_timetable(backfill)
    if timetable is None:
        return (last - first) // _get_step(backfill) + 1
    width = timetable.interval or timedelta(0)
    return timetable.count(first + width - _TICK, last + width)


def _find_timetable(backfill: Backfill) -> Timetable | None:
    if backfill.cron is None:
        return None
    interval = None if backfill.interval_s is None else timedelta(seconds=backfill.interval_s)
    return Timetable(read_cron(backfill.cron), read_zone(backfill.zone), interval)


def _get_step(backfill: Backfill) -> timedelta:
    if not backfill.step_s:
        raise BadValue("step", "a time as 1d, or a cron line", "none")
    return timedelta(seconds=backfill.step_s)


def _check_count(count: int, field: str) -> int:
    if count > MOST_DATES:
        raise BadValue(field, f"at most {MOST_DATES} dates in one backfill", count, "divide the range")
    return count
