"""Time zones: wall-clock times of a place, and the moments that they mean.

A wall-clock time that a place skips (clocks go forward) means the first moment after the gap; one that comes twice
(clocks go back) means the first of the two.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from dix.errors import BadValue
from dix.names import find_nearest

_ZERO = timedelta(0)


@lru_cache(maxsize=1000)
def read_zone(name: str) -> ZoneInfo:
    """The zone of an IANA name, as Europe/Vienna; raises BadValue with the nearest name."""
    try:
        if name in available_names():
            return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        pass
    raise BadValue("zone", "the IANA name of a time zone, as Europe/Vienna", name[:60], _suggest(name[:60]))


@lru_cache(maxsize=1)
def available_names() -> frozenset[str]:
    """All names of zones that are known here."""
    return frozenset(available_timezones())


def to_wall(moment: datetime, zone: ZoneInfo) -> datetime:
    """What clocks there show at a moment; `fold` is 1 when they show it for the second time."""
    return moment.astimezone(zone).replace(tzinfo=None)


def to_moment(wall: datetime, zone: ZoneInfo) -> datetime:
    """The moment that a wall-clock time means."""
    first = wall.replace(tzinfo=zone, fold=0)
    before, after = first.utcoffset() or _ZERO, first.replace(fold=1).utcoffset() or _ZERO
    if before < after:
        # In a gap; `before` is what held until it, so this is some moment after it began.
        return _find_end_of_gap(wall - after, wall - before, zone)
    return (wall - before).replace(tzinfo=UTC)


def find_repeat(moment: datetime, zone: ZoneInfo) -> timedelta:
    """How much of the wall clock is being shown for the second time at a moment; nothing otherwise."""
    there = moment.astimezone(zone)
    if not there.fold:
        return _ZERO
    return (there.replace(fold=0).utcoffset() or _ZERO) - (there.utcoffset() or _ZERO)


def _find_end_of_gap(low: datetime, high: datetime, zone: ZoneInfo) -> datetime:
    """The first moment at which the later offset holds, between two moments in naive UTC; gaps end at whole seconds."""
    low, high = low.replace(microsecond=0, tzinfo=UTC), high.replace(microsecond=0, tzinfo=UTC)
    later = high.astimezone(zone).utcoffset()
    while high - low > timedelta(seconds=1):
        middle = low + timedelta(seconds=(high - low) // timedelta(seconds=2))
        if middle.astimezone(zone).utcoffset() == later:
            high = middle
        else:
            low = middle
    return high


def _suggest(name: str) -> str:
    by_key = {_fold(known): known for known in available_names()}
    last = {_fold(known).rpartition("/")[2]: known for known in sorted(available_names(), key=len, reverse=True)}
    wanted = _fold(name)
    near = by_key.get(wanted) or last.get(wanted.rpartition("/")[2]) or by_key.get(find_nearest(wanted, by_key) or "")
    near = near or last.get(find_nearest(wanted.rpartition("/")[2], last) or "")
    return f"did you mean {near}?" if near else ""


def _fold(name: str) -> str:
    return name.strip().lower().replace(" ", "_").replace("-", "_")
