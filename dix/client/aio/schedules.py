"""Schedules, as the client sees them.

Its asynchronous twin. Made from dix/client/schedules.py by `python -m tests.house.async_twin`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from dix.client.aio.wire import AsyncWire
from dix.client.reading import read_page, read_record
from dix.client.schedules import ClientSchedule, NextTime, _read, _read_time, write_fields
from dix.client.tags import IfMatch
from dix.client.wire import join
from dix.records.schedule import Missed


class AsyncSchedules:
    """`client.schedules`: let flows run by themselves, by the clock or by events."""

    def __init__(self, wire: AsyncWire) -> None:
        self._wire = wire

    async def create(
        self,
        name: str,
        flow: str,
        cron: str | None = None,
        *,
        on: Mapping[str, str] | None = None,
        params: Mapping[str, Any] | None = None,
        **more: Any,
    ) -> ClientSchedule:
        """Let a flow run at the times of a cron line, or on an event.

        `on` is `{"data": URI}`, `{"alias": "models:/digits@champion"}` or `{"flow": NAME}`. `more` are the other fields
        of the API: version, project, zone, start, end, interval, catch_up, catch_up_order, grace, jitter, overlap
        (allow, queue, skip or replace), concurrency, priority, paused. Raises AlreadyExists, BadDocument, BadValue,
        Conflict and NotFound.
        """
        body = {"name": name, "flow": flow, "cron": cron, "params": dict(params or {}), **write_fields(more)}
        if on is not None:
            body["on"] = dict(on)
        return _read(await self._wire.post(join("schedules"), body))

    async def list(self, flow: str | None = None, project: str | None = None) -> tuple[ClientSchedule, ...]:
        """Every schedule, by name."""
        return read_page(await self._wire.get(join("schedules"), flow=flow, project=project), _read).items

    async def get(self, name: str) -> ClientSchedule:
        """One schedule."""
        return _read(await self._wire.get(join("schedules", name)))

    async def change(self, name: str, *, if_match: IfMatch = None, **changes: Any) -> ClientSchedule:
        """Change some of its fields, named as for `create`; it holds when this returns.

        With `if_match`, the schedule as it was read or its tag, Changed when it is another one by now.
        """
        return _read(await self._wire.patch(join("schedules", name), write_fields(changes), if_match=if_match))

    async def pause(self, name: str) -> ClientSchedule:
        """Let it make no runs, and let none of it begin."""
        return _read(await self._wire.post(join("schedules", name, "pause"), {}))

    async def resume(self, name: str) -> ClientSchedule:
        """Let it go on; what was due meanwhile is missed, unless it catches up."""
        return _read(await self._wire.post(join("schedules", name, "resume"), {}))

    async def delete(self, name: str, *, if_match: IfMatch = None) -> None:
        """Forget it; its runs that wait are cancelled, and those that go on go on."""
        await self._wire.delete(join("schedules", name), if_match=if_match)

    async def preview(
        self, name: str, count: int = 10, *, after: date | datetime | str | None = None
    ) -> tuple[NextTime, ...]:
        """Its next times; the scheduler goes by the same list."""
        begin = after.isoformat() if isinstance(after, date) else after
        answer = await self._wire.get(join("schedules", name, "preview"), count=count, after=begin)
        return read_page(answer, _read_time).items

    async def missed(self, name: str) -> tuple[Missed, ...]:
        """The times that became no run and why, newest first."""

        def read(document: Any) -> Missed:
            return read_record(Missed, document, schedule=name)

        return read_page(await self._wire.get(join("schedules", name, "missed")), read).items
