"""Backfills, as the client sees them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from dix.client.reading import read_numbers, read_page, read_record
from dix.client.schedules import write_fields
from dix.client.tags import IfMatch
from dix.client.wire import Wire, join
from dix.records.backfill import Backfill, BackfillPreview, Instance, LeftOut
from dix.records.states import RunState

# Each run of a large one is checked before any is written down.
CREATE_TIMEOUT_S = 600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientBackfill(Backfill):
    """A backfill as it was when the server was asked; `runs` counts its runs by how they stood then."""

    is_over: bool = False
    runs: Mapping[RunState, int] = field(default_factory=dict)


class Backfills:
    """`client.backfills`: runs of a flow for dates in the past."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    def create(
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
        return _read(self._wire.post(join("backfills"), body, timeout_s=CREATE_TIMEOUT_S))

    def preview(
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
        answer = self._wire.post(join("backfills", "preview"), body, timeout_s=CREATE_TIMEOUT_S)
        left_out = tuple(read_record(LeftOut, one) for one in answer["left_out"])
        return BackfillPreview(read_page(answer, _read_instance).items, left_out)

    def list(self, flow: str | None = None, project: str | None = None) -> tuple[ClientBackfill, ...]:
        """Every backfill, newest first."""
        return read_page(self._wire.get(join("backfills"), flow=flow, project=project), _read).items

    def get(self, id: str) -> ClientBackfill:
        """One backfill, and how its runs stand."""
        return _read(self._wire.get(join("backfills", id)))

    def instances(self, id: str) -> tuple[Instance, ...]:
        """The runs that it has made, in their order, as its preview showed them."""
        return read_page(self._wire.get(join("backfills", id, "instances")), _read_instance).items

    def change(self, id: str, concurrency: int, *, if_match: IfMatch = None) -> ClientBackfill:
        """Let more or fewer of its runs go at once; what runs already goes on. Conflict when it is over."""
        return _read(self._wire.patch(join("backfills", id), {"concurrency": concurrency}, if_match=if_match))

    def pause(self, id: str) -> ClientBackfill:
        """Let none of its runs begin; what runs already goes on. Conflict when it is over."""
        return _read(self._wire.post(join("backfills", id, "pause"), {}))

    def resume(self, id: str) -> ClientBackfill:
        """Let its runs go on. Conflict when it is over."""
        return _read(self._wire.post(join("backfills", id, "resume"), {}))

    def cancel(self, id: str) -> ClientBackfill:
        """Cancel all its runs that are not over, running ones too. Conflict when it is over."""
        return _read(self._wire.post(join("backfills", id, "cancel"), {}, timeout_s=CREATE_TIMEOUT_S))


def _make_body(
    flow: str,
    first: date | datetime | str | None,
    last: date | datetime | str | None,
    dates: Sequence[date | datetime | str],
    more: Mapping[str, Any],
) -> dict[str, Any]:
    written = [one.isoformat() if isinstance(one, date) else one for one in dates]
    return {"flow": flow, **write_fields({"first": first, "last": last}), "dates": written, **more}


def _read(document: Any) -> ClientBackfill:
    return read_record(ClientBackfill, document, params=read_numbers(document["params"]))


def _read_instance(document: Any) -> Instance:
    return read_record(
        Instance,
        document,
        params=read_numbers(document["params"]),
        interval_start=document["data_interval_start"],
        interval_end=document["data_interval_end"],
    )
