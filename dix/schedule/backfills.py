"""Makes backfills, and pauses, resumes and cancels them. Asked by one thread at a time.

A backfill is on disk before its runs are; all of these are written down together, with ids that follow from it and
their dates. Nothing that was cancelled begins any more, and what of it still goes on is ended one by one.
"""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from dix.catalog.base import Catalog
from dix.engine.base import Engine, Permit, RunOrder, permit_all
from dix.errors import BadValue, Conflict, NotFound
from dix.names import derive_run_id
from dix.records.backfill import Backfill, BackfillPreview, BackfillState, Instance
from dix.records.limit import Limit
from dix.records.moments import now, to_text
from dix.records.run import RunFilter
from dix.records.sort import SortKey
from dix.records.states import Driver, RunState
from dix.records.tag import Expected
from dix.schedule.backfill import find_range, make_preview

_PAGE = 1000


class BackfillDesk:
    """Everything that happens to backfills."""

    def __init__(self, catalog: Catalog, engine: Engine) -> None:
        self._catalog = catalog
        self._engine = engine

    def go_on(self) -> None:
        """What was begun and not finished, as at the beginning."""
        for backfill in self._catalog.backfills.list_backfills():
            if backfill.state is BackfillState.CREATING:
                self._finish(backfill)
            elif backfill.state is BackfillState.CANCELLED:
                self._cancel_runs(backfill)

    def create(self, backfill: Backfill) -> Backfill:
        """Make it and all its runs; asked again, nothing more. Raises BadValue where no run is to be made."""
        try:
            return self._finish(self._catalog.backfills.get_backfill(backfill.id))
        except NotFound:
            pass
        orders = make_orders(backfill, preview_backfill(self._catalog, backfill))
        if not orders:
            raise BadValue(
                "which", "at least one date for which a run is to be made", backfill.which, "the preview says why"
            )
        self._catalog.backfills.create_backfill(backfill)
        return self._finish(backfill, orders)

    def change(
        self,
        id: str,
        *,
        state: BackfillState | None,
        concurrency: int | None,
        user: str,
        at: datetime,
        expected: Expected | None = None,
    ) -> Backfill:
        """Pause it, resume it, cancel it, or let more or fewer of its runs go at once; Conflict once it is over."""
        before = self._catalog.backfills.get_backfill(id)
        if before.state is BackfillState.CANCELLED or not self._has_open_runs(before):
            told = "cancelled" if before.state is BackfillState.CANCELLED else "over"
            raise Conflict("backfill", id, told, "changed")
        changed = replace(
            before,
            state=state or before.state,
            concurrency=before.concurrency if concurrency is None else concurrency,
            changed=at,
            changed_by=user,
        )
        self._catalog.backfills.update_backfill(changed, expected)
        self._put_limit(changed)
        if changed.state is BackfillState.CANCELLED:
            self._cancel_runs(changed)
        return changed

    def _finish(self, backfill: Backfill, orders: Sequence[RunOrder] = ()) -> Backfill:
        """Have the runs made, if they are not, and let them go."""
        if backfill.state is not BackfillState.CREATING:
            return backfill
        self._put_limit(backfill)
        if not self._catalog.backfills.count_runs([backfill.origin]):
            self._engine.hold_runs(orders or make_orders(backfill, preview_backfill(self._catalog, backfill)))
        opened = replace(backfill, state=BackfillState.OPEN)
        self._catalog.backfills.update_backfill(opened)
        return opened

    def _put_limit(self, backfill: Backfill) -> None:
        is_shut = backfill.state in {BackfillState.PAUSED, BackfillState.CANCELLED}
        self._catalog.limits.put_limit(Limit(backfill.origin, backfill.concurrency, is_shut))
        self._engine.reread_limits()

    def _has_open_runs(self, backfill: Backfill) -> bool:
        counted = self._catalog.backfills.count_runs([backfill.origin]).get(backfill.origin, {})
        return any(counted.get(state, 0) for state in (RunState.QUEUED, RunState.RUNNING))

    def _cancel_runs(self, backfill: Backfill) -> None:
        """None begins any more, since its limit is shut."""
        self._catalog.held.cancel_origin(backfill.origin, now())
        wanted = RunFilter(origin=backfill.origin, state=(RunState.QUEUED, RunState.RUNNING))
        while runs := self._catalog.runs.list_runs(wanted, _PAGE, sort=(SortKey("created"),)).items:
            for run in runs:
                with contextlib.suppress(Conflict):  # it has ended meanwhile
                    self._engine.cancel_run(run.id)
        self._catalog.limits.delete_limit(backfill.origin)


def preview_backfill(catalog: Catalog, backfill: Backfill) -> BackfillPreview:
    """What a backfill makes as things are now; raises BadValue for one that cannot be."""
    runs = catalog.backfills.list_dated(backfill.flow, backfill.project, *find_range(backfill))
    return make_preview(backfill, runs)


def make_orders(backfill: Backfill, preview: BackfillPreview) -> tuple[RunOrder, ...]:
    """The orders for what a preview shows."""
    return tuple(make_order(backfill, instance) for instance in preview.instances)


def make_order(backfill: Backfill, instance: Instance, permit: Permit = permit_all) -> RunOrder:
    """The order for one run; what is done again from a node takes nothing from before but what that stands on."""
    return RunOrder(
        flow=instance.flow,
        version=instance.flow_version,
        params=instance.params,
        project=backfill.project,
        logical_date=instance.logical_date,
        selection=instance.selection,
        driver=Driver.BACKFILL,
        user=backfill.user,
        cache=backfill.from_node is None,
        priority=backfill.priority,
        id=derive_run_id("backfill", backfill.id, to_text(instance.logical_date)),
        origin=backfill.origin,
        place=instance.place,
        interval_start=instance.interval_start,
        interval_end=instance.interval_end,
        permit=permit,
    )
