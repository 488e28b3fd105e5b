"""When a cron line fires in a zone, and the data interval of each time: what previews show and the scheduler does."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from dix.schedule.cron import Cron
from dix.schedule.zones import find_repeat, to_moment, to_wall

_DAY = timedelta(days=1)
_TICK = timedelta(microseconds=1)
_NOTHING = timedelta(0)


@dataclass(frozen=True, slots=True)
class Fire:
    """One time at which a run is due: after its data interval, whose start is its logical date."""

    logical_date: datetime
    interval_end: datetime
    due: datetime
    event: str | None = None

    @property
    def interval_start(self) -> datetime:
        """Where its data begins."""
        return self.logical_date


@dataclass(frozen=True, slots=True)
class Timetable:
    """The moments of a cron line in a zone, in order, each once.

    The data interval of each goes back to the moment before it, or as far as `interval` says. Each is put off by a part
    of `jitter` that depends on `name` and the moment alone, and never to the moment after it or beyond.
    """

    cron: Cron
    zone: ZoneInfo
    interval: timedelta | None = None
    jitter: timedelta = _NOTHING
    name: str = ""

    def find_next(self, moment: datetime) -> datetime | None:
        """The first moment after this one; None when there is none any more."""
        wall: datetime | None = to_wall(moment, self.zone).replace(fold=0)
        while wall is not None and (wall := self.cron.find_next(wall)) is not None:
            found = to_moment(wall, self.zone)
            if found > moment:
                return found
        return None

    def find_last(self, moment: datetime) -> datetime | None:
        """The last moment before this one; None when there is none."""
        # While clocks show an hour for the second time, all of it has been there before.
        wall: datetime | None = to_wall(moment, self.zone).replace(fold=0) + find_repeat(moment, self.zone)
        while wall is not None and (wall := self.cron.find_last(wall)) is not None:
            found = to_moment(wall, self.zone)
            if found < moment:
                return found
        return None

    def list_fires(self, after: datetime) -> Iterator[Fire]:
        """What follows a moment, for ever."""
        before, moment = self.find_last(after + _TICK), self.find_next(after)
        while moment is not None:
            following = self.find_next(moment)
            yield self._make_fire(before, moment, following)
            before, moment = moment, following

    def list_fires_down(self, until: datetime, newest: datetime | None = None) -> Iterator[Fire]:
        """What was due up to and with a moment, latest first; of moments up to and with `newest`."""
        begin = until if newest is None else newest
        following, moment = self.find_next(begin), self.find_last(begin + _TICK)
        while moment is not None:
            before = self.find_last(moment)
            fire = self._make_fire(before, moment, following)
            if fire.due <= until:
                yield fire
            following, moment = moment, before

    def list_of_dates(self, first: datetime, last: datetime) -> Iterator[Fire]:
        """Those whose logical date lies in a range, both ends included."""
        for fire in self.list_fires(first + (self.interval or _NOTHING) - _TICK):
            if fire.logical_date > last:
                return
            if fire.logical_date >= first:
                yield fire

    def count(self, after: datetime, until: datetime) -> int:
        """How many moments there are after one and up to and with another, by whole days where clocks run evenly."""
        if until <= after:
            return 0
        begin, end = to_wall(after, self.zone), to_wall(until, self.zone)
        first, last = begin.date(), end.date()
        total = 0
        for number in range((last - first).days + 1):
            day = first + number * _DAY
            if not self._is_even(day):
                start, stop = self._begin_day(day) - _TICK, self._begin_day(day + _DAY) - _TICK
                total += self._count_each(max(start, after), min(stop, until))
            elif self.cron.has_day(day):
                total += self.cron.count_until(end) if day == last else self.cron.count_in_day()
                total -= self.cron.count_until(begin) if day == first else 0
        return total

    def _count_each(self, after: datetime, until: datetime) -> int:
        total, moment = 0, self.find_next(after)
        while moment is not None and moment <= until:
            total, moment = total + 1, self.find_next(moment)
        return total

    def _is_even(self, day: date) -> bool:
        """Whether clocks are not changed on this day or the one before."""
        offsets = {_midnight(day + number * _DAY).replace(tzinfo=self.zone).utcoffset() for number in (-1, 0, 1)}
        return len(offsets) == 1

    def _begin_day(self, day: date) -> datetime:
        return to_moment(_midnight(day), self.zone)

    def _make_fire(self, before: datetime | None, moment: datetime, following: datetime | None) -> Fire:
        start = moment - self.interval if self.interval is not None else before or moment
        if not self.jitter:
            return Fire(start, moment, moment)
        most = self.jitter if following is None else min(self.jitter, following - moment)
        return Fire(start, moment, moment + timedelta(seconds=int(most.total_seconds() * self._find_share(moment))))

    def _find_share(self, moment: datetime) -> float:
        """A number from 0 to below 1, as good as chance and always the same."""
        digest = hashlib.sha256(f"{self.name} {moment.isoformat()}".encode()).digest()
        return int.from_bytes(digest[:6], "big") / 2**48


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day)  # noqa: DTZ001 a wall-clock time
