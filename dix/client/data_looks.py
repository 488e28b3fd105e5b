"""What data looks like, as the client sees it: its beginning, and what the columns of a table hold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Preview:
    """The beginning of data: `rows` of a table, lines of a text, or what is known of the first files of anything else.

    `is_whole` says that there is no more.
    """

    format: str
    files: int
    size_bytes: int
    columns: Mapping[str, str] = field(default_factory=dict)
    rows: tuple[dict[str, Any], ...] = ()
    is_whole: bool = False


@dataclass(frozen=True, slots=True)
class Bin:
    """How many values lie from `low` to `high`, without it except in the last one."""

    low: float
    high: float
    count: int


@dataclass(frozen=True, slots=True)
class Common:
    """A value that is there often."""

    value: Any
    count: int


@dataclass(frozen=True, slots=True)
class ColumnProfile:
    """What one column holds; None is what its type has no word for."""

    name: str
    type: str
    nulls: int
    distinct: int | None = None
    least: Any = None
    most: Any = None
    mean: float | None = None
    deviation: float | None = None
    histogram: tuple[Bin, ...] = ()
    common: tuple[Common, ...] = ()


@dataclass(frozen=True, slots=True)
class Profile:
    """Of the first `rows` of a table; `is_whole` says that these are all."""

    format: str
    rows: int
    is_whole: bool
    columns: tuple[ColumnProfile, ...]
