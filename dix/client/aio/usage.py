"""Usage, as the client sees it.

Its asynchronous twin. Made from dix/client/usage.py by `python -m tests.house.async_twin`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from dix.client.aio.wire import AsyncWire
from dix.client.reading import read_page, read_record
from dix.client.rows import Rows
from dix.client.tags import IfMatch
from dix.client.usage import Prices, UsageSum
from dix.client.wire import join


class AsyncUsage:
    """`client.usage`: what was used, by day, project, user and flow, and what it costs."""

    def __init__(self, wire: AsyncWire) -> None:
        self._wire = wire

    async def sum(
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
        answer = await self._wire.get(join("usage"), since=since, until=until, **query)
        return Rows(read_page(answer, lambda item: read_record(UsageSum, item)).items)

    async def prices(self) -> Prices:
        """The price book."""
        read = await self._wire.read(join("usage", "prices"))
        return read_record(Prices, read.document, tag=read.tag)

    async def set_prices(self, prices: Prices, if_match: IfMatch = None) -> Prices:
        """Replace the one that `prices` were read from, or that `if_match` says; Changed if it is another by now."""
        body: dict[str, Any] = {
            "currency": prices.currency,
            "cpu_hour": prices.cpu_hour,
            "gpu_hour": prices.gpu_hour,
            "gib_hour": prices.gib_hour,
            "gpu_types": dict(prices.gpu_types),
        }
        expected = prices if if_match is None else if_match
        kept = await self._wire.replace(join("usage", "prices"), body, if_match=expected)
        return read_record(Prices, kept.document, tag=kept.tag)
