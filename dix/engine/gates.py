"""Which runs may go, by the limits of their drivers, and why the others wait. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from dix.records.limit import Limit, key_of_flow
from dix.records.stream import Stream

_ONE_OF = {"schedules": "schedule", "backfills": "backfill", "sweeps": "sweep", "pools": "pool"}


class Gates:
    """A run passes the limit of its flow and driver, that of its origin, and those of its flow's pools; or it waits."""

    def __init__(self, limits: Iterable[Limit], opened: Mapping[Stream, int]) -> None:
        """`opened` are the runs that have passed and are not over."""
        self._limits = {limit.key: limit for limit in limits}
        self._pools: dict[str, list[Limit]] = {}
        for limit in self._limits.values():
            for flow in limit.flows:
                self._pools.setdefault(flow, []).append(limit)
        self._used: dict[str, int] = {}
        for stream, count in opened.items():
            self._count(stream, count)

    def concern(self, stream: Stream) -> bool:
        """Whether there is any limit for such runs."""
        return any(True for _limit in self._list(stream))

    def let_through(self, stream: Stream) -> bool:
        """Whether one more may go; it is counted then."""
        if any(self._is_shut(limit) for limit in self._list(stream)):
            return False
        self._count(stream, 1)
        return True

    def explain(self, stream: Stream) -> str:
        """Why such a run waits."""
        for limit in self._list(stream):
            if self._is_shut(limit):
                return self._tell(limit)
        return "it is its turn next"

    def _list(self, stream: Stream) -> Iterable[Limit]:
        for key in (key_of_flow(stream.flow, stream.driver), stream.origin):
            if key in self._limits:
                yield self._limits[key]
        yield from self._pools.get(stream.flow, ())

    def _is_shut(self, limit: Limit) -> bool:
        return limit.is_paused or (limit.most is not None and self._used.get(limit.key, 0) >= limit.most)

    def _count(self, stream: Stream, count: int) -> None:
        for limit in self._list(stream):
            self._used[limit.key] = self._used.get(limit.key, 0) + count

    def _tell(self, limit: Limit) -> str:
        kind, _, name = limit.key.partition("/")
        if kind == "flows":
            flow, _, driver = name.partition("/")
            runs = f"{driver} runs of flow {flow}"
        else:
            runs = f"runs of {_ONE_OF[kind]} {name}"
        if limit.is_paused:
            return f"the {runs} are paused"
        return f"{self._used.get(limit.key, 0)} of at most {limit.most} {runs} are under way; goes on when one ends"
