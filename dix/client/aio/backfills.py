"""Backfills, as the client sees them.

Its asynchronous twin. Made from dix/client/backfills.py by `python -m tests.house.async_twin`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from dix.client.aio.wire import AsyncWire
from dix.client.backfills import CREATE_TIMEOUT_S, ClientBackfill, _make_body, _read, _read_instance
from dix.client.reading import read_page, read_record
from dix.client.tags import IfMatch
from dix.client.wire import join
from dix.records.backfill import BackfillPreview, Instance, LeftOut


class AsyncBackfills:
    """`client.backfills`: runs of a flow for dates in the past."""

    def __init__(self, wire: AsyncWire) -> None:
        self._wire = wire

    async def create(
        self,
        flow: str,
        first: date | datetime | str | None = None,
        last: date | datetime | str | None = None,
        *,
        dates: Sequence[date | datetime | str] = (),
        step: str | None = None,
        params: Mapping[str, Any] | None = None,
        **more: Any,
    ) -> ClientBackfill:
        """Make runs for the dates from first to last, both included, or for `dates`; they go as there is room.

        `step` is a time as `1d`, or a cron line; without one, the flow's schedule says it. `more` are the other fields
        of the API: version, project, zone, from_node, order (forwards or backwards), which (missing, failed or all),
        concurrency, priority. Raises BadDocument, BadValue, Conflict and NotFound.
        """
        body = _make_body(flow, first, last, dates, {"step": step, "params": dict(params or {}), **more})
        return _read(await self._wire.post(join("backfills"), body, timeout_s=CREATE_TIMEOUT_S))

    async def preview(
        self,
        flow: str,
        first: date | datetime | str | None = None,
        last: date | datetime | str | None = None,
        *,
        dates: Sequence[date | datetime | str] = (),
        step: str | None = None,
        params: Mapping[str, Any] | None = None,
        **more: Any,
    ) -> BackfillPreview:
        """What `create` would make with the same arguments, and what it would leave out; nothing is kept."""
        body = _make_body(flow, first, last, dates, {"step": step, "params": dict(params or {}), **more})
        answer = await self._wire.post(join("backfills", "preview"), body, timeout_s=CREATE_TIMEOUT_S)
        left_out = tuple(read_record(LeftOut, one) for one in answer["left_out"])
        return BackfillPreview(read_page(answer, _read_instance).items, left_out)

    async def list(self, flow: str | None = None, project: str | None = None) -> tuple[ClientBackfill, ...]:
        """Every backfill, newest first."""
        return read_page(await self._wire.get(join("backfills"), flow=flow, project=project), _read).items

    async def get(self, id: str) -> ClientBackfill:
        """One backfill, and how its runs stand."""
        return _read(await self._wire.get(join("backfills", id)))

    async def instances(self, id: str) -> tuple[Instance, ...]:
        """The runs that it has made, in their order, as its preview showed them."""
        return read_page(await self._wire.get(join("backfills", id, "instances")), _read_instance).items

    async def change(self, id: str, concurrency: int, *, if_match: IfMatch = None) -> ClientBackfill:
        """Let more or fewer of its runs go at once; what runs already goes on. Conflict when it is over."""
        return _read(await self._wire.patch(join("backfills", id), {"concurrency": concurrency}, if_match=if_match))

    async def pause(self, id: str) -> ClientBackfill:
        """Let none of its runs begin; what runs already goes on. Conflict when it is over."""
        return _read(await self._wire.post(join("backfills", id, "pause"), {}))

    async def resume(self, id: str) -> ClientBackfill:
        """Let its runs go on. Conflict when it is over."""
        return _read(await self._wire.post(join("backfills", id, "resume"), {}))

    async def cancel(self, id: str) -> ClientBackfill:
        """Cancel all its runs that are not over, running ones too. Conflict when it is over."""
        return _read(await self._wire.post(join("backfills", id, "cancel"), {}, timeout_s=CREATE_TIMEOUT_S))
