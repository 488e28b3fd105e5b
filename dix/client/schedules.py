"""Schedules, as the client sees them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from dix.client.reading import read_numbers, read_page, read_record
from dix.client.tags import IfMatch
from dix.client.wire import Wire, join
from dix.records.schedule import Missed, Schedule


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientSchedule(Schedule):
    """A schedule as it was when the server was asked; `due` is when it was due next then."""

    due: datetime | None = None


@dataclass(frozen=True, slots=True)
class NextTime:
    """One time at which a schedule is due, in UTC and, `local`, on a clock in its zone; with its data interval."""

    due: datetime
    local: str
    zone: str
    logical_date: datetime
    data_interval_start: datetime
    data_interval_end: datetime


class Schedules:
    """`client.schedules`: let flows run by themselves, by the clock or by events."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    def create(
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
        return _read(self._wire.post(join("schedules"), body))

    def list(self, flow: str | None = None, project: str | None = None) -> tuple[ClientSchedule, ...]:
        """Every schedule, by name."""
        return read_page(self._wire.get(join("schedules"), flow=flow, project=project), _read).items

    def get(self, name: str) -> ClientSchedule:
        """One schedule."""
        return _read(self._wire.get(join("schedules", name)))

    def change(self, name: str, *, if_match: IfMatch = None, **changes: Any) -> ClientSchedule:
        """Change some of its fields, named as for `create`; it holds when this returns.

        With `if_match`, the schedule as it was read or its tag, Changed when it is another one by now.
        """
        return _read(self._wire.patch(join("schedules", name), write_fields(changes), if_match=if_match))

    def pause(self, name: str) -> ClientSchedule:
        """Let it make no runs, and let none of it begin."""
        return _read(self._wire.post(join("schedules", name, "pause"), {}))

    def resume(self, name: str) -> ClientSchedule:
        """Let it go on; what was due meanwhile is missed, unless it catches up."""
        return _read(self._wire.post(join("schedules", name, "resume"), {}))

    def delete(self, name: str, *, if_match: IfMatch = None) -> None:
        """Forget it; its runs that wait are cancelled, and those that go on go on."""
        self._wire.delete(join("schedules", name), if_match=if_match)

    def preview(
        self, name: str, count: int = 10, *, after: date | datetime | str | None = None
    ) -> tuple[NextTime, ...]:
        """Its next times; the scheduler goes by the same list."""
        begin = after.isoformat() if isinstance(after, date) else after
        answer = self._wire.get(join("schedules", name, "preview"), count=count, after=begin)
        return read_page(answer, _read_time).items

    def missed(self, name: str) -> tuple[Missed, ...]:
        """The times that became no run and why, newest first."""

        def read(document: Any) -> Missed:
            return read_record(Missed, document, schedule=name)

        return read_page(self._wire.get(join("schedules", name, "missed")), read).items


def write_fields(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Fields as JSON has them: dates as text."""
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in fields.items()}


def _read(document: Any) -> ClientSchedule:
    return read_record(ClientSchedule, document, params=read_numbers(document["params"]))


def _read_time(document: Any) -> NextTime:
    return read_record(NextTime, document)
