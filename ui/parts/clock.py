"""Says moments and spans the way people read them."""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import streamlit as st

from ui.words.text import Text

NOTHING = "–"


class Words:
    """What this part says."""

    SECONDS = Text("{seconds:.1f} s", "{seconds:.1f} 秒")
    MINUTES = Text("{minutes} min {seconds} s", "{minutes} 分 {seconds} 秒")
    HOURS = Text("{hours} h {minutes} min", "{hours} 小时 {minutes} 分")
    DAYS = Text("{days} d {hours} h", "{days} 天 {hours} 小时")


def get_zone() -> tzinfo:
    """The zone of the person who looks; UTC where the browser's word is not known here."""
    try:
        return ZoneInfo(st.context.timezone or "UTC")
    except (ZoneInfoNotFoundError, ValueError):
        return UTC


def say_moment(moment: datetime | None) -> str:
    """Date and time in the zone of the person who looks."""
    return NOTHING if moment is None else moment.astimezone(get_zone()).strftime("%Y-%m-%d %H:%M:%S")


def say_span(start: datetime | None, end: datetime | None, now: datetime | None = None) -> str:
    """How long something took, or has taken until now: `4.2 s`, `3 min 20 s`, `2 h 5 min`."""
    if start is None:
        return NOTHING
    return say_seconds(((end or now or datetime.now(UTC)) - start).total_seconds())


def say_seconds(seconds: float) -> str:
    """A number of seconds in the two units that matter."""
    if seconds < 59.95:
        return Words.SECONDS.format(seconds=max(seconds, 0.0))
    whole = round(seconds)
    days, hours, minutes = whole // 86400, whole // 3600 % 24, whole // 60 % 60
    if days:
        return Words.DAYS.format(days=days, hours=hours)
    if hours:
        return Words.HOURS.format(hours=hours, minutes=minutes)
    return Words.MINUTES.format(minutes=minutes, seconds=whole % 60)
