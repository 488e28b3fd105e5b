"""A limit: how many runs of a kind may go at once."""

from __future__ import annotations

from dataclasses import dataclass

from dix.errors import BadValue
from dix.records.states import Driver

MOST = 10_000


@dataclass(frozen=True, slots=True)
class Limit:
    """`most` runs at once, None for any number; none at all while it is paused.

    Its `key` says of which: `flows/NAME/DRIVER`, an origin (`schedules/NAME`, `backfills/ID`, `sweeps/NAME`), or
    `pools/NAME`, which are all runs of its `flows`.
    """

    key: str
    most: int | None = None
    is_paused: bool = False
    flows: tuple[str, ...] = ()


def check_most(field: str, most: int | None) -> int | None:
    """The number itself; raises BadValue for one that lets nothing through or is beyond all bounds."""
    if most is not None and not 1 <= most <= MOST:
        raise BadValue(field, f"a whole number from 1 to {MOST}, or null for any number", most)
    return most


def key_of_flow(flow: str, driver: Driver) -> str:
    """The key of the limit that a driver of a flow has."""
    return f"flows/{flow}/{driver}"


def key_of_pool(name: str) -> str:
    """The key of a pool's limit."""
    return f"pools/{name}"
