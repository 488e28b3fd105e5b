"""What stands at the door: runs that wait for their driver, those that were let in, and the limits of both."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from dix.records.limit import Limit
from dix.records.run import Run
from dix.records.stream import Stream


@dataclass(frozen=True, slots=True)
class Waiting:
    """`first` are the first of each stream that wait, in the order of their turns.

    `opened` says how many of each stream have been let in and are not over; streams without any are left out.
    """

    first: tuple[Run, ...]
    opened: Mapping[Stream, int]
    limits: tuple[Limit, ...]
