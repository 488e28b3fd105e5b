"""What a schedule does at a moment: which times become runs, which do not and why, and when to look again.

Nothing here reads a clock, a catalog or a store; a simulated clock drives it as the scheduler does.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice

from dix.records.schedule import Missed, Order, Overlap, Schedule
from dix.schedule.cron import read_cron
from dix.schedule.timetable import Fire, Timetable
from dix.schedule.zones import read_zone

# What is later than that is late, and a matter of catching up; a scheduler that died is back sooner.
LATE_S = 300.0
MOST_HAPPENINGS = 1000
_TICK = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Decision:
    """`fires` become runs in this order; all up to `until` is decided.

    `wake` is when there is more to decide; None when there never will be, as things are.
    """

    until: datetime
    fires: tuple[Fire, ...] = ()
    missed: tuple[Missed, ...] = ()
    wake: datetime | None = None


def make_timetable(schedule: Schedule) -> Timetable:
    """When a schedule with a cron line is due; raises BadValue for lines and zones that mean nothing."""
    return Timetable(
        read_cron(schedule.cron or ""),
        read_zone(schedule.zone),
        None if schedule.interval_s is None else timedelta(seconds=schedule.interval_s),
        timedelta(seconds=schedule.jitter_s),
        schedule.name,
    )


def list_next(schedule: Schedule, after: datetime) -> Iterator[Fire]:
    """What a schedule with a cron line is going to do after a moment: its preview, and what `decide` waits for."""
    timetable = make_timetable(schedule)
    if schedule.start is not None:
        after = max(after, schedule.start + (timetable.interval or timedelta(0)) - _TICK)
    for fire in timetable.list_fires(after):
        if schedule.end is not None and fire.logical_date > schedule.end:
            return
        if schedule.start is None or fire.logical_date >= schedule.start:
            yield fire


def find_begin(schedule: Schedule, until: datetime | None) -> datetime:
    """The moment after which times are still to be decided.

    A schedule that catches up begins with its start, however long ago; any other one with the moment it was made.
    """
    if until is not None:
        return until
    if schedule.start is None:
        return schedule.counts_from
    begin = schedule.start - _TICK
    return begin if schedule.catch_up else max(begin, schedule.counts_from)


def decide(now: datetime, schedule: Schedule, until: datetime | None, going: Sequence[str] = ()) -> Decision:
    """What a schedule with a cron line does now; `going` are its runs that are not over, oldest first."""
    begin = find_begin(schedule, until)
    if schedule.is_paused:
        return Decision(begin)
    newest = next(_list_due(schedule, now, begin), None)
    if newest is None:
        return Decision(begin, wake=_find_wake(schedule, begin))
    book = _Book(schedule, now, make_timetable(schedule), begin)
    kept = book.sort_out(_list_due(schedule, now, begin))
    fires = _overlap(schedule, kept, going, book)
    return Decision(newest.interval_end, fires, tuple(book.missed), _find_wake(schedule, newest.interval_end))


def decide_events(now: datetime, schedule: Schedule, events: Sequence[Fire], going: Sequence[str] = ()) -> Decision:
    """What a schedule that watches does about what has happened, oldest first."""
    until = events[-1].due if events else now
    if schedule.is_paused or not events:
        return Decision(until)
    inside = [event for event in events if _is_inside(schedule, event)]
    book = _Book(schedule, now, None, until)
    kept = book.sort_out(reversed(inside))
    return Decision(until, _overlap(schedule, kept, going, book), tuple(book.missed))


class _Book:
    """Sorts what is due into what is made and what is missed; reads newest first, and no more than it needs."""

    def __init__(self, schedule: Schedule, now: datetime, timetable: Timetable | None, begin: datetime) -> None:
        self._schedule = schedule
        self._now = now
        self._timetable = timetable
        self._begin = begin
        self.missed: list[Missed] = []

    def sort_out(self, due: Iterable[Fire]) -> list[Fire]:
        """Those that shall be made, in their order."""
        fresh: list[Fire] = []
        late: list[Fire] = []
        for fire in due:
            lateness = (self._now - fire.due).total_seconds()
            if self._was_paused(fire):
                self._miss_rest(fire, due, "it was paused")
                break
            grace = self._schedule.grace_s
            if grace is not None and lateness > grace:
                self._miss_rest(fire, due, f"it was later than its grace of {_tell(grace)}")
                break
            if lateness <= LATE_S:
                fresh.append(fire)
            elif len(late) < (self._schedule.catch_up or (0 if fresh else 1)):
                late.append(fire)
            else:
                self._miss_rest(fire, due, self._tell_catch_up())
                break
        if self._schedule.catch_up_order is Order.BACKWARDS:
            return [*reversed(fresh), *late]
        return [*reversed(late), *reversed(fresh)]

    def _was_paused(self, fire: Fire) -> bool:
        resumed = self._schedule.resumed
        return resumed is not None and fire.due <= resumed and not self._schedule.catch_up

    def miss(self, fire: Fire, reason: str) -> None:
        """One that shall not be made."""
        date = fire.logical_date
        self.missed.append(Missed(self._schedule.name, date, date, 1, reason, self._now))

    def _miss_rest(self, newest: Fire, due: Iterable[Fire], reason: str) -> None:
        """This one and all before it. Of a timetable, they are counted without making each."""
        if self._timetable is None:
            rest = [newest, *due]
            first, count = rest[-1].logical_date, len(rest)
        else:
            first_fire = next(iter(list_next(self._schedule, self._begin)))
            first = first_fire.logical_date
            count = 1 + self._timetable.count(first_fire.interval_end, newest.interval_end)
        self.missed.append(Missed(self._schedule.name, first, newest.logical_date, count, reason, self._now))

    def _tell_catch_up(self) -> str:
        most = self._schedule.catch_up
        return f"more than the {most} that are caught up with were late" if most else "catch-up is off"


def _list_due(schedule: Schedule, now: datetime, begin: datetime) -> Iterator[Fire]:
    """What is due and not decided, newest first."""
    timetable = make_timetable(schedule)
    newest = now
    if schedule.end is not None:
        after_end = schedule.end + timetable.interval if timetable.interval else timetable.find_next(schedule.end)
        newest = min(now, after_end or now)
    for fire in timetable.list_fires_down(now, newest):
        if fire.interval_end <= begin or (schedule.start is not None and fire.logical_date < schedule.start):
            return
        if _is_inside(schedule, fire):
            yield fire


def _is_inside(schedule: Schedule, fire: Fire) -> bool:
    is_early = schedule.start is not None and fire.logical_date < schedule.start
    return not is_early and (schedule.end is None or fire.logical_date <= schedule.end)


def _find_wake(schedule: Schedule, after: datetime) -> datetime | None:
    following = next(islice(list_next(schedule, after), 1), None)
    return None if following is None else following.due


def _overlap(schedule: Schedule, kept: list[Fire], going: Sequence[str], book: _Book) -> tuple[Fire, ...]:
    """What of it is made beside what goes on."""
    room = schedule.concurrency or 1
    if schedule.overlap is Overlap.SKIP:
        free = max(0, room - len(going))
        for fire in kept[free:]:
            book.miss(fire, f"run {going[0]} of it was going on" if going else "an earlier one had just begun")
        return tuple(kept[:free])
    if schedule.overlap is Overlap.REPLACE:
        for fire in kept[:-room]:
            book.miss(fire, "a later one was due, too, and replaces it")
        return tuple(kept[-room:])
    return tuple(kept)


def list_replaced(schedule: Schedule, going: Sequence[str], made: int) -> Sequence[str]:
    """Which of the runs that go on, oldest first, make room for so many new ones."""
    if schedule.overlap is not Overlap.REPLACE:
        return ()
    return going[: max(0, len(going) + made - (schedule.concurrency or 1))]


def find_most(schedule: Schedule) -> int | None:
    """How many runs of a schedule may go at once; None for any number."""
    if schedule.concurrency is not None:
        return schedule.concurrency
    return None if schedule.overlap is Overlap.ALLOW else 1


def _tell(seconds: float) -> str:
    for size, unit in ((86400, "d"), (3600, "h"), (60, "m")):
        if seconds >= size and seconds % size == 0:
            return f"{seconds / size:g}{unit}"
    return f"{seconds:g}s"
