"""Runs that wait for their driver, and limits, by way of the owner."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from dix.catalog.base import Held, Limits
from dix.catalog.drawer import Drawer
from dix.records.limit import Limit
from dix.records.recipe import Recipe
from dix.records.run import Run
from dix.records.states import RunState
from dix.records.step import Step
from dix.records.stream import Stream
from dix.records.waiting import Waiting


class ProxyHeld(Drawer):
    """Held runs, by way of the owner."""

    name = "held"

    def hold_runs(self, runs: tuple[Run, ...]) -> None:
        self.write("hold_runs", runs=runs)

    def look(self, depth: int) -> Waiting:
        found: Waiting = self.read("look", depth=depth)
        return found

    def edit_held(
        self,
        id: str,
        *,
        params: Mapping[str, Any] | None = None,
        place: int | None = None,
        priority: int | None = None,
    ) -> bool:
        return bool(self.write_once("edit_held", id=id, params=params, place=place, priority=priority))

    def let_in(self, run: Run, steps: tuple[Step, ...], recipes: Mapping[str, Recipe] | None = None) -> bool:
        return bool(self.write_once("let_in", run=run, steps=steps, recipes=recipes))

    def end_held(self, id: str, to: RunState, at: datetime, error: str | None = None) -> bool:
        return bool(self.write_once("end_held", id=id, to=to, at=at, error=error))

    def cancel_origin(self, origin: str, at: datetime) -> int:
        return int(self.write("cancel_origin", origin=origin, at=at))

    def explain(self, reasons: Mapping[Stream, str]) -> None:
        self.write("explain", reasons=reasons)


class ProxyLimits(Drawer):
    """Limits, by way of the owner."""

    name = "limits"

    def put_limit(self, limit: Limit) -> None:
        self.write("put_limit", limit=limit)

    def find_limit(self, key: str) -> Limit | None:
        found: Limit | None = self.read("find_limit", key=key)
        return found

    def list_limits(self, prefix: str = "") -> tuple[Limit, ...]:
        found: tuple[Limit, ...] = self.read("list_limits", prefix=prefix)
        return found

    def delete_limit(self, key: str) -> None:
        self.write("delete_limit", key=key)


def _fits(held: ProxyHeld, limits: ProxyLimits) -> tuple[Held, Limits]:
    return held, limits
