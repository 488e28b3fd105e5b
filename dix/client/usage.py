"""Usage, as the client sees it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from dix.client.reading import read_page, read_record
from dix.client.rows import Rows
from dix.client.tags import IfMatch
from dix.client.wire import Wire, join


@dataclass(frozen=True, slots=True)
class UsageSum:
    """What was held and used, in seconds; `cost` is None without prices, `running` of the attempts go on."""

    day: date | None
    project: str | None
    user: str | None
    flow: str | None
    runs: int
    attempts: int
    running: int
    run_s: float
    cpu_s: float
    gpu_s: float
    gpu_s_by_type: dict[str, float]
    memory_gib_s: float
    cpu_used_s: float
    peak_memory_bytes: int | None
    gpu_utilisation: float | None
    cost: float | None
    currency: str | None


@dataclass(frozen=True, slots=True)
class Prices:
    """What an hour costs; None is what has no price, `gpu_types` are cards with a price of their own.

    `tag` is that of the price book that was read; of prices made anew there is none.
    """

    currency: str = ""
    cpu_hour: float | None = None
    gpu_hour: float | None = None
    gib_hour: float | None = None
    gpu_types: Mapping[str, float] = field(default_factory=dict)
    tag: str | None = field(default=None, kw_only=True, compare=False)


class Usage:
    """`client.usage`: what was used, by day, project, user and flow, and what it costs."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    def sum(
        self,
        by: Sequence[str] = (),
        since: date | datetime | str | None = None,
        until: date | datetime | str | None = None,
        *,
        project: str | None = None,
        user: str | None = None,
        flow: str | None = None,
    ) -> Rows[UsageSum]:
        """Sums by any of `day`, `project`, `user` and `flow`, from `since` on and up to `until`; all of it by none."""
        query = {"by": ",".join(by), "project": project, "user": user, "flow": flow}
        answer = self._wire.get(join("usage"), since=since, until=until, **query)
        return Rows(read_page(answer, lambda item: read_record(UsageSum, item)).items)

    def prices(self) -> Prices:
        """The price book."""
        read = self._wire.read(join("usage", "prices"))
        return read_record(Prices, read.document, tag=read.tag)

    def set_prices(self, prices: Prices, if_match: IfMatch = None) -> Prices:
        """Replace the one that `prices` were read from, or that `if_match` says; Changed if it is another by now."""
        body: dict[str, Any] = {
            "currency": prices.currency,
            "cpu_hour": prices.cpu_hour,
            "gpu_hour": prices.gpu_hour,
            "gib_hour": prices.gib_hour,
            "gpu_types": dict(prices.gpu_types),
        }
        expected = prices if if_match is None else if_match
        kept = self._wire.replace(join("usage", "prices"), body, if_match=expected)
        return read_record(Prices, kept.document, tag=kept.tag)
