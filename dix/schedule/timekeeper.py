"""Does what schedules decide: writes it down, then has the runs made. Asked by one thread at a time.

A decision is on disk before any run of it is, and each run's id follows from its schedule and date: whoever goes on
after a crash makes what was decided and is not there yet, and nothing twice.
"""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from datetime import datetime, timedelta

from dix.catalog.base import Catalog
from dix.engine.base import Engine, RunOrder
from dix.errors import Conflict, NotAllowed, NotFound, PlatformError, StoreError, WrongUse
from dix.logs import get_logger
from dix.names import derive_run_id
from dix.records.limit import Limit
from dix.records.member import Role
from dix.records.moments import now, to_text
from dix.records.run import RunFilter
from dix.records.schedule import EventKind, Firing, Mark, Missed, Overlap, Schedule, ScheduleChange
from dix.records.sort import SortKey
from dix.records.states import Driver, RunState
from dix.schedule.decide import Decision, decide, decide_events, find_most, list_replaced
from dix.schedule.happenings import Lookout
from dix.schedule.timetable import Fire
from dix.store.store import Store

# So many schedules are decided and written down together.
_GROUP = 500
# Events tell when they happen; should one not have been heard, it is found so much later.
EVENTS_EVERY = timedelta(seconds=60)
_UNFINISHED = (RunState.QUEUED, RunState.RUNNING)

_logger = get_logger("schedule")


class Timekeeper:
    """Knows all schedules and when each wants to be looked at."""

    def __init__(self, catalog: Catalog, engine: Engine, store: Store) -> None:
        self._catalog = catalog
        self._engine = engine
        self._lookout = Lookout(catalog, store)
        self._schedules: dict[str, Schedule] = {}
        self._marks: dict[str, Mark] = {}
        self._wakes: dict[str, datetime] = {}
        self._turns: list[tuple[datetime, str]] = []  # a heap; entries that `_wakes` does not have any more are void
        self._has_unsettled = True  # set while decisions may be on disk whose runs are not made

    def load(self, at: datetime) -> None:
        """Read everything, as at the beginning."""
        self._marks = self._catalog.firings.list_marks()
        self._schedules = {one.name: one for one in self._catalog.schedules.list_schedules()}
        self._wakes, self._turns = {}, []
        for name in self._schedules:
            self._look_at(name, at)
        self._keep_limits()

    def reread(self, name: str, at: datetime) -> None:
        """A schedule was made, changed or deleted: from at on it is as it is in the catalog."""
        try:
            self._schedules[name] = self._catalog.schedules.get_schedule(name)
        except NotFound:
            self._schedules.pop(name, None)
            self._marks.pop(name, None)
            self._wakes.pop(name, None)
        else:
            self._look_at(name, at)
        self._keep_limits(name)

    def look_at_events(self, kind: EventKind, at: datetime) -> bool:
        """Something may have happened: schedules that watch such events are looked at next; whether there are any."""
        watching = [one.name for one in self._schedules.values() if one.watch is not None and one.watch.kind is kind]
        for name in watching:
            self._look_at(name, at)
        return bool(watching)

    def tick(self, at: datetime) -> datetime | None:
        """Do all that is due, and return when there is more; raises PlatformError, and is asked again then."""
        if self._has_unsettled:
            self._make_runs(self._catalog.firings.list_firings(), at)
            self._has_unsettled = False
        while due := self._take_due(at):
            try:
                self._keep([self._decide(self._schedules[name], at) for name in due], at)
            except PlatformError:
                for name in due:
                    self._look_at(name, at)
                raise
        return self._turns[0][0] if self._turns else None

    def _keep(self, decided: Sequence[ScheduleChange], at: datetime) -> None:
        changes = [change for change in decided if change.mark != self._marks.get(change.mark.schedule)]
        if not changes:
            return
        firings = [firing for change in changes for firing in change.firings]
        self._has_unsettled = self._has_unsettled or bool(firings)
        self._catalog.firings.keep_changes(changes)
        self._marks.update({change.mark.schedule: change.mark for change in changes})
        if firings:
            self._make_runs(firings, at)
            self._has_unsettled = False

    def _take_due(self, at: datetime) -> list[str]:
        due: list[str] = []
        while self._turns and self._turns[0][0] <= at and len(due) < _GROUP:
            moment, name = heapq.heappop(self._turns)
            if self._wakes.get(name) == moment:
                del self._wakes[name]
                due.append(name)
        return due

    def _look_at(self, name: str, moment: datetime | None) -> None:
        if moment is None:
            self._wakes.pop(name, None)
        elif self._wakes.get(name) != moment:
            self._wakes[name] = moment
            heapq.heappush(self._turns, (moment, name))

    def _decide(self, schedule: Schedule, at: datetime) -> ScheduleChange:
        """What a schedule does at; it has its next turn then."""
        mark = self._marks.get(schedule.name)
        if schedule.watch is None:
            until = None if mark is None else mark.until
            decision = decide(at, schedule, until, self._list_going(schedule))
            self._look_at(schedule.name, decision.wake)
            return _make_change(schedule, decision, Mark(schedule.name, decision.until), at)
        return self._decide_events(schedule, mark, at)

    def _decide_events(self, schedule: Schedule, mark: Mark | None, at: datetime) -> ScheduleChange:
        watch = schedule.watch
        if watch is None or schedule.is_paused:
            return ScheduleChange(mark or Mark(schedule.name, schedule.counts_from))
        is_data = watch.kind is EventKind.DATA
        self._look_at(schedule.name, at + (timedelta(seconds=watch.every_s) if is_data else EVENTS_EVERY))
        try:
            seen = self._lookout.look(schedule, watch, mark, at)
        except StoreError as error:
            _logger.warning("schedule %s could not look at %s: %s", schedule.name, watch.target, error)
            return ScheduleChange(mark or Mark(schedule.name, schedule.counts_from))
        decision = decide_events(at, schedule, seen.events, self._list_going(schedule) if seen.events else ())
        return _make_change(schedule, decision, seen.mark, at)

    def _list_going(self, schedule: Schedule) -> tuple[str, ...]:
        """Runs of a schedule that are not over, oldest first, where they decide anything."""
        if schedule.overlap not in {Overlap.SKIP, Overlap.REPLACE}:
            return ()
        wanted = RunFilter(origin=schedule.origin, state=_UNFINISHED)
        return tuple(run.id for run in self._catalog.runs.list_runs(wanted, 1000, sort=(SortKey("created"),)).items)

    def _make_runs(self, firings: Sequence[Firing], at: datetime) -> None:
        for begin in range(0, len(firings), _GROUP):
            group = [one for one in firings[begin : begin + _GROUP] if one.schedule in self._schedules]
            self._make_room(group)
            try:
                owned = {(one.user, one.project): one for one in (self._schedules[each.schedule] for each in group)}
                for schedule in owned.values():
                    self._check_owner(schedule)
                self._engine.hold_runs([self._order(firing) for firing in group])
                missed: list[Missed] = []
            except WrongUse:
                missed = [refused for firing in group if (refused := self._try(firing, at)) is not None]
            self._catalog.firings.settle_firings([firing.run for firing in group], missed)

    def _check_owner(self, schedule: Schedule) -> None:
        """Raises NotFound or NotAllowed for a schedule of somebody who may not start runs in its project any more."""
        user = self._catalog.users.get_user(schedule.user)
        what = f"start runs in project {schedule.project} as the owner of schedule {schedule.name}"
        if user.is_disabled:
            raise NotAllowed(what)
        if not user.is_administrator:
            member = self._catalog.members.get_member(schedule.project, schedule.user)
            if not member.role.covers(Role.USER):
                raise NotAllowed(what)

    def _try(self, firing: Firing, at: datetime) -> Missed | None:
        """Make one run alone; what it was refused with, if it was."""
        try:
            self._check_owner(self._schedules[firing.schedule])
            self._engine.hold_runs([self._order(firing)])
        except WrongUse as error:
            date = firing.logical_date
            return Missed(firing.schedule, date, date, 1, str(error), at)
        return None

    def _make_room(self, firings: Sequence[Firing]) -> None:
        made: dict[str, set[str]] = {}
        for firing in firings:
            made.setdefault(firing.schedule, set()).add(firing.run)
        for name, runs in made.items():
            schedule = self._schedules[name]
            going = [run for run in self._list_going(schedule) if run not in runs]
            for run in list_replaced(schedule, going, len(runs)):
                self._cancel(run)

    def _cancel(self, run: str) -> None:
        try:
            self._engine.cancel_run(run)
        except Conflict:
            return  # it has ended meanwhile

    def _order(self, firing: Firing) -> RunOrder:
        schedule = self._schedules[firing.schedule]
        return RunOrder(
            flow=schedule.flow,
            version=schedule.version,
            params=schedule.params,
            project=schedule.project,
            logical_date=firing.logical_date,
            driver=Driver.TIMED,
            user=schedule.user,
            priority=schedule.priority,
            id=firing.run,
            origin=schedule.origin,
            place=firing.place,
            event=firing.event,
            interval_start=firing.interval_start,
            interval_end=firing.interval_end,
        )

    def _keep_limits(self, only: str | None = None) -> None:
        """Each schedule has its limit; of one that is gone, what still waits is cancelled first."""
        prefix = "schedules/" if only is None else f"schedules/{only}"
        names = self._schedules if only is None else {only} & self._schedules.keys()
        wanted = {limit.key: limit for limit in map(_make_limit, (self._schedules[name] for name in names))}
        there = {limit.key: limit for limit in self._catalog.limits.list_limits(prefix)}
        if only is not None:
            there = {key: limit for key, limit in there.items() if key == prefix}
        for key in there.keys() - wanted.keys():
            self._catalog.held.cancel_origin(key, now())
            self._catalog.limits.delete_limit(key)
        for key, limit in wanted.items():
            if there.get(key) != limit:
                self._catalog.limits.put_limit(limit)
        if there != wanted:
            self._engine.reread_limits()


def _make_limit(schedule: Schedule) -> Limit:
    return Limit(schedule.origin, find_most(schedule), schedule.is_paused)


def _make_change(schedule: Schedule, decision: Decision, mark: Mark, at: datetime) -> ScheduleChange:
    # Places grow with time, so that a later decision's runs come after those of an earlier one.
    place = int(at.timestamp() * 1000)
    firings = tuple(_make_firing(schedule, fire, place + i) for i, fire in enumerate(decision.fires))
    return ScheduleChange(mark, firings, decision.missed)


def _make_firing(schedule: Schedule, fire: Fire, place: int) -> Firing:
    # A schedule that was deleted and made again is another one.
    made_at = to_text(schedule.created)
    run = derive_run_id("schedule", schedule.name, made_at, to_text(fire.interval_end), fire.event)
    return Firing(schedule.name, run, fire.logical_date, fire.interval_start, fire.interval_end, fire.event, place)
