"""The course of one run: what its board says, joined with attempts, pauses and records. No Ray, no I/O.

It decides; the runner acts. Everything decided waits in one of four baskets until the runner takes it: moves to write
down, attempts to start, attempts to stop, alarms to set.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from dix.catalog.base import Models
from dix.engine.admission import Admission
from dix.engine.alarms import Alarm
from dix.engine.amounts import list_counted
from dix.engine.board import Board, Consequences
from dix.engine.claim import Claim
from dix.engine.executor import Alive
from dix.engine.lanes import Lanes
from dix.engine.machines import Place
from dix.engine.messages import Beat, Outcome, Returned, StepKey, StepOrder, StepReport
from dix.engine.meter import Meter
from dix.engine.orders import make_order
from dix.engine.plan import Plan, Slice
from dix.engine.queueing import Queueing
from dix.engine.reclaim import Victim, take_back
from dix.engine.takeover import take_over
from dix.engine.tries import Tries
from dix.quota.turns import Waiter
from dix.records.change import ChangeSet, RunMove, StepMove
from dix.records.model_version import ModelDraft, ModelVersion
from dix.records.moments import now, to_text
from dix.records.recipe import Recipe
from dix.records.run import Run
from dix.records.states import RunState, StepState, step_is_over
from dix.records.step import Step
from dix.store.options import StoreOptions

_SHORT_WAIT_S = 0.4  # a wait shorter than this is not worth a reason


@dataclass(frozen=True, slots=True)
class Start:
    """An attempt that has its slots on a machine, or is queued there `after` one that has."""

    key: StepKey
    place: Place
    after: StepKey | None = None


class Course:
    """One run from its acceptance, or from where a crash left it, to its end."""

    def __init__(
        self, run: Run, steps: Iterable[Step], plan: Plan, meter: Meter | None = None, alive: Iterable[Alive] = ()
    ) -> None:
        """`steps` as they are remembered. Attempts that were under way and are not `alive` are lost.

        `meter` knows those attempts; without one there are none.
        """
        self.run = run
        self.plan = plan
        self._plan = {step.node: step for step in plan.steps}
        self._steps = {step.node: step for step in steps}
        self._board = Board(plan, {node: step.state for node, step in self._steps.items()})
        self._tries = {node: Tries.of(step) for node, step in self._steps.items()}
        self._meter = meter or Meter(run, plan)
        self._lanes = Lanes()  # ready, not admitted
        self._current: dict[str, StepKey] = {}  # admitted, or queued behind one that is
        self._places: dict[str, Place] = {}  # of those
        self._groups: dict[str, str] = {}
        self._deferred: set[str] = set()  # steps that wait for another run to make the same
        self._alarms: dict[str, Alarm] = {}  # of steps that pause between attempts, and of attempts with a timeout
        self._moves: list[StepMove] = []
        self._run_moves: list[RunMove] = []
        self._starts: list[Start] = []
        self._stops: list[StepKey] = []
        self._new_alarms: list[Alarm] = []
        self._alarm_number = 0
        self._take_up({one.key: one for one in alive})

    def _take_up(self, alive: Mapping[StepKey, Alive]) -> None:
        if self.run.state is RunState.QUEUED:
            self._move_run(RunState.RUNNING)
        due = self._board.open_moves()
        running = {node for node in due.ready if self._steps[node].state is StepState.RUNNING}
        keys = {
            node: StepKey(self.run.id, node, self._tries[node].attempt + (node not in running)) for node in due.ready
        }
        waiting = [node for node in due.ready if node not in running and keys[node] not in alive]
        self._follow(Consequences(tuple(waiting), due.skipped))
        for node in due.ready:
            if keys[node] in alive:
                self._go_on(alive[keys[node]])
            elif node in running:
                self._current[node] = keys[node]
                self._lose(keys[node])
        self._close_when_over()

    def _go_on(self, alive: Alive) -> None:
        """An attempt runs that an earlier engine has started, or its report is about to come."""
        node = alive.key.node
        self._current[node], self._places[node] = alive.key, alive.place
        self._tries[node].attempt = alive.key.attempt
        self._meter.place(alive.key, alive.place)
        if alive.started is not None:
            self.beat(Beat(alive.key, alive.started, self._steps[node].progress))

    def _lose(self, key: StepKey) -> None:
        """An attempt was lost with everything else; it ends when it was last known to go on."""
        report = _broken(key, "the engine was started anew while it ran")
        times = self._meter.find_last_time(key.node)
        self.end(report if times is None else replace(report, started=times[0], ended=times[1]))

    # What happened.

    def beat(self, beat: Beat) -> None:
        """A worker works on the current attempt."""
        node, step = beat.key.node, self._steps[beat.key.node]
        tries = self._tries[node]
        if tries.has_beaten and not beat.rows and beat.progress == step.progress:
            return
        if not tries.has_beaten:
            tries.has_beaten = True
            tries.waits_since = None
            self._set_timeout(beat)
            self._meter.begin(beat.key, beat.started)
        self._move(
            node,
            StepState.RUNNING,
            attempt=beat.key.attempt,
            started=step.started or beat.started,
            reason=None,
            progress=beat.progress,
            metrics={**step.metrics, **_last_values(beat)},
        )

    def end(self, report: StepReport) -> None:
        """The current attempt of a step is over."""
        node = report.key.node
        tries, planned = self._tries[node], self._plan[node]
        del self._current[node]
        self._alarms.pop(node, None)
        tries.waits_since = None
        self._meter.end(report)
        match report.outcome:
            case Outcome.SUCCEEDED:
                self._succeed(report)
            case Outcome.CACHED:
                self._take(report)
            case Outcome.FAILED:
                self._fail(report, tries.fail(planned))
            case Outcome.BROKEN:
                self._fail(report, tries.break_down())
            case Outcome.NOT_THERE:
                self._look_again(report)
        self._close_when_over()

    def go_again(self, returned: Returned) -> None:
        """A queued attempt will not come to its turn: its step could go again, and no attempt is counted."""
        node = returned.key.node
        del self._current[node]
        self._alarms.pop(node, None)
        self._tries[node].attempt -= 1
        self._tries[node].alone = self._tries[node].alone or returned.alone
        self._enqueue(node)

    def defer(self, key: StepKey, maker: StepKey) -> None:
        """Another run makes the same right now: the step waits for that, and no attempt is counted."""
        node = key.node
        del self._current[node]
        self._alarms.pop(node, None)
        self._tries[node].attempt -= 1
        self._tries[node].waits_since = None
        self._deferred.add(node)
        reason = f"run {maker.run} makes the same right now; its output is used when it is there"
        self._move(node, StepState.WAITING, attempt=self._tries[node].attempt, reason=reason)

    def go_on_deferred(self, node: str) -> None:
        """What a step has waited for is there, or will not be."""
        if node in self._deferred:
            self._deferred.remove(node)
            self._enqueue(node)

    def ring(self, alarm: Alarm) -> None:
        """A moment has come."""
        node = alarm.node
        if not self.is_set(alarm):
            return
        del self._alarms[node]
        key = self._current.get(node)
        if key is None:
            self._enqueue(node)
            return
        self._stops.append(key)
        limit = self._plan[node].timeout_s
        self.end(_failed(key, f"it ran longer than its timeout of {limit:g} s"))

    def is_set(self, alarm: Alarm) -> bool:
        """Whether it is the step's newest; any other one means nothing any more."""
        return self._alarms.get(alarm.node) == alarm

    def registered(self, node: str, version: ModelVersion) -> None:
        """A step's model has got its number; the catalog has named it among the step's outputs."""
        step = self._steps[node]
        self._steps[node] = replace(step, outputs={**step.outputs, "model": version.reference})

    def cancel(self) -> bool:
        """End what is open; False when the run is over already."""
        if self._board.is_over():
            return False
        moment = now()
        for node in self._board.cancel():
            if node in self._current:
                self._meter.cancel(self._current[node], moment)
                self._stops.append(self._current.pop(node))
            self._move(node, StepState.CANCELLED, ended=moment, reason="the run was cancelled")
        self._lanes.clear()
        self._alarms.clear()
        self._deferred.clear()
        self._close_when_over()
        return True

    def agree(self, run: Run, steps: Iterable[Step]) -> bool:
        """Whether the records say what this course says; then what only they know (models' numbers) is taken over."""
        found = {step.node: step for step in steps}
        same = run.state is self.run.state and all(
            step.state is found[node].state for node, step in self._steps.items()
        )
        if same:
            self._steps = found
        return same

    def let_go(self) -> list[StepKey]:
        """The attempts to stop when the run is none of ours."""
        return list(self._current.values())

    # What may go.

    @property
    def claim(self) -> Claim:
        """On whose behalf its steps ask for slots."""
        return Claim(self.run.project, self.run.id, self.run.priority, self.run.user)

    def has_ready(self) -> bool:
        """Whether a step could go if there was room."""
        return bool(self._lanes)

    def make_waiter(self) -> Waiter:
        """The run as one that waits for its turn, for the first of its ready steps."""
        node = next(iter(self._lanes), None)
        wanted = self._plan[node].slice if node is not None else None
        amounts = list_counted(wanted, next(iter(wanted.accelerators), None)) if wanted is not None else {}
        return Waiter(self.run.priority, self.run.created, self.run.id, amounts)

    def admit_next(self, admission: Admission) -> bool:
        """Start one of the ready steps, if one is admitted."""
        return self._start_one(lambda node, wanted: self._find_place(self._next_key(node), wanted, admission))

    def line_up(self, queueing: Queueing, clock: float, *, yields: bool) -> None:
        """Attempts that have their places lead lines, and ready steps that are short stand behind them."""
        for start in self._starts:
            if start.after is None and self.is_current(start.key) and not queueing.has(start.key):
                node = start.key.node
                queueing.open(start.key, self.group(node), self.kind(node), clock, alone=self._tries[node].alone)
        while self._start_one(lambda node, _wanted: self._find_line(node, queueing, clock, yields=yields)):
            pass

    def _start_one(self, find: Callable[[str, Slice], Start | None]) -> bool:
        """Start the first of the ready steps for which that is found."""
        found: list[Start] = []

        def may_go(node: str, wanted: Slice) -> bool:
            start = find(node, wanted)
            found.extend([start] if start else [])
            return start is not None

        node = self._lanes.take_first(may_go)
        if node is None:
            return False
        self._starts += found
        self._current[node], self._places[node] = found[0].key, found[0].place
        self._meter.place(found[0].key, found[0].place)
        self._tries[node].attempt += 1
        self._tries[node].has_beaten = False
        return True

    def take_back(self, admission: Admission) -> tuple[Victim, ...]:
        """The attempts of others that are to be stopped, so that one of the ready steps can go on what is its own."""
        for node, wanted in self._lanes.list_first():
            victims = take_back(self._next_key(node), wanted, self.claim, admission)
            if victims:
                return victims
        return ()

    def give_back(self, victim: Victim) -> None:
        """The slots of an attempt were borrowed and are gone: it is stopped, and its step waits for others."""
        node = victim.key.node
        del self._current[node]
        self._alarms.pop(node, None)
        self._stops.append(victim.key)
        self._meter.cancel(victim.key, now())
        self._move(
            node,
            StepState.WAITING,
            attempt=victim.key.attempt,
            reclaims=self._steps[node].reclaims + 1,
            progress=None,
            reason=victim.reason,
        )
        self._enqueue(node)

    def give_back_heir(self, heir: StepKey, key: StepKey) -> None:
        """The same of one that would have got its slots from an attempt that has given them back."""
        self.give_back(Victim(heir, self._steps[key.node].reason or ""))

    def set_priority(self, priority: int) -> None:
        """It goes sooner or later from now on."""
        self._run_moves.append(RunMove(self.run.id, self.run.state, self.run.state, now(), priority=priority))
        self.run = replace(self.run, priority=priority)

    def _find_place(self, key: StepKey, wanted: Slice, admission: Admission) -> Start | None:
        place = admission.admit(key, wanted, self.claim)
        return None if place is None else Start(key, place)

    def _find_line(self, node: str, queueing: Queueing, clock: float, *, yields: bool) -> Start | None:
        if self._tries[node].alone:
            return None
        after = queueing.find(self.group(node), self.kind(node), clock, yields=yields)
        if after is None:
            return None
        key = self._next_key(node)
        queueing.join(key, after, self.kind(node))
        return Start(key, self._places[after.node], after)

    def group(self, node: str) -> str:
        """Steps with the same may stand behind each other: of one run, done by hosts that are made alike."""
        if node not in self._groups:
            step = self._plan[node]
            self._groups[node] = f"{self.run.id} {step.kind == 'model'} {step.slice!r}"
        return self._groups[node]

    def slice(self, node: str) -> Slice:
        """What a step wants."""
        return self._plan[node].slice

    def kind(self, node: str) -> str:
        """Steps of the same are expected to take as long as each other."""
        step = self._plan[node]
        return f"{step.algorithm or step.kind} {step.framework}"

    def explain(self, admission: Admission) -> None:
        """Give the steps that could go but do not run their reasons; one that has waited long is looked at rarely."""
        clock = time.monotonic()
        for node in (*self._current, *self._lanes):
            tries = self._tries[node]
            if tries.waits_since is None or clock < max(tries.explain_at, tries.waits_since + _SHORT_WAIT_S):
                continue
            tries.explain_at = clock + (clock - tries.waits_since)
            reason = admission.explain(self._plan[node].slice, self.claim, self._current.get(node))
            if self._steps[node].reason != reason:
                self._move(node, StepState.WAITING, reason=reason)

    def has_waiting(self) -> bool:
        """Whether a step could go but does not run."""
        return bool(self._lanes) or any(self._tries[node].waits_since is not None for node in self._current)

    def is_running(self) -> bool:
        """Whether a worker works on a step of it."""
        return self._meter.is_running()

    def is_current(self, key: StepKey) -> bool:
        """Whether this attempt is under way; what is told of any other one comes too late."""
        return self._current.get(key.node) == key

    def is_over(self) -> bool:
        """Whether nothing more will happen."""
        return self._board.is_over()

    def make_order(self, key: StepKey, models: Models, store: StoreOptions) -> StepOrder:
        """All that a worker needs. Raises NotFound and NotYet for what the step wants and is not there."""
        return make_order(key, self.run, self._plan[key.node], self._steps, models=models, store=store)

    def fail_start(self, key: StepKey, error: str) -> None:
        """An attempt cannot even be handed on."""
        self.end(_failed(key, error))

    def note_why(self, node: str, why_run: str | None) -> None:
        """Why an attempt is made, kept with the step's next move."""
        self._steps[node] = replace(self._steps[node], why_run=why_run)

    # The baskets.

    def take_moves(self) -> ChangeSet:
        """The moves to write down, and they are gone from here."""
        taken = ChangeSet(tuple(self._moves), tuple(self._run_moves))
        self._moves, self._run_moves = [], []
        return taken

    def take_starts(self) -> list[Start]:
        """The attempts to start."""
        taken, self._starts = self._starts, []
        return [start for start in taken if self.is_current(start.key)]

    def take_stops(self) -> list[StepKey]:
        """The attempts to stop."""
        taken, self._stops = self._stops, []
        return taken

    def take_alarms(self) -> list[Alarm]:
        """The moments to be reminded of."""
        taken, self._new_alarms = self._new_alarms, []
        return taken

    # Deciding.

    def _succeed(self, report: StepReport) -> None:
        step = self._steps[report.key.node]
        self._end_step(
            report,
            StepState.SUCCEEDED,
            model=report.model,
            fingerprint=report.fingerprint,
            why_run=report.why_run or step.why_run,
            outputs=dict(report.outputs),
            digests=dict(report.digests),
            stored_bytes=report.stored_bytes,
            progress=1.0 if step.progress is not None or report.model else None,
            trace=None,
        )

    def _take(self, report: StepReport) -> None:
        """An earlier step stands for this one."""
        node = report.key.node
        if report.taken is None:
            raise ValueError(f"{report.key} is cached, and does not say what it was taken from")
        given = take_over(report.taken, self.run)
        self._move(
            node,
            StepState.CACHED,
            attempt=report.key.attempt,
            started=report.started,
            ended=report.ended,
            reason=f"unchanged since run {given.origin}",
            progress=None,
            outputs=given.outputs,
            metrics=given.metrics,
            digests=given.digests,
            origin=given.origin,
            why_run=None,
        )
        self._follow(self._board.end_step(node, StepState.CACHED))

    def _fail(self, report: StepReport, pause_s: float | None) -> None:
        node, attempt, tries = report.key.node, report.key.attempt, self._tries[report.key.node]
        if pause_s is None:
            failures = tries.user_failures
            self._end_step(report, StepState.FAILED, failures=failures, error=report.error, trace=report.trace)
            return
        if self._steps[node].state is not StepState.RUNNING:  # so that the events tell of every attempt
            started = self._steps[node].started or report.started
            self._move(node, StepState.RUNNING, attempt=attempt, started=started, reason=None)
        self._set_alarm(node, pause_s)
        self._move(
            node,
            StepState.WAITING,
            failures=tries.user_failures,
            metrics={**self._steps[node].metrics, **_last_values(report)},
            progress=None,
            reason=f"attempt {attempt} failed: {report.error}; attempt {attempt + 1} follows{_in(pause_s)}",
            trace=report.trace,
        )

    def _look_again(self, report: StepReport) -> None:
        """A data node's path is not there: look again later, as long as the node says."""
        node = report.key.node
        tries, waiting = self._tries[node], self._plan[node].waiting
        if waiting is None:
            self._meter.fail(node)
            self._fail(report, tries.fail(self._plan[node]))
            return
        since = self._steps[node].started or report.started
        until = since + timedelta(seconds=waiting.timeout_s)
        left_s = (until - now()).total_seconds()
        if left_s <= 0:
            error = f"{report.error}; it did not appear within {waiting.timeout_s:g} s"
            self._meter.fail(node)
            self._fail(replace(report, error=error), None)
            return
        tries.attempt -= 1
        self._set_alarm(node, min(waiting.every_s, left_s))
        moment = to_text(until.replace(microsecond=0))
        reason = f"{report.error}; looks again every {waiting.every_s:g} s until {moment}"
        self._move(node, StepState.WAITING, attempt=tries.attempt, started=since, reason=reason)

    def _set_timeout(self, beat: Beat) -> None:
        limit = self._plan[beat.key.node].timeout_s
        if limit is not None:
            self._set_alarm(beat.key.node, max(0.0, limit - (now() - beat.started).total_seconds()))

    def _set_alarm(self, node: str, seconds: float) -> None:
        number = self._alarm_number = self._alarm_number + 1
        alarm = Alarm(time.monotonic() + seconds, self.run.id, node, number)
        self._alarms[node] = alarm
        self._new_alarms.append(alarm)

    def _enqueue(self, node: str) -> None:
        self._tries[node].waits_since = time.monotonic()
        self._tries[node].explain_at = 0.0
        self._lanes.add(node, self._plan[node].slice)

    def _next_key(self, node: str) -> StepKey:
        return StepKey(self.run.id, node, self._tries[node].attempt + 1)

    def _follow(self, consequences: Consequences) -> None:
        for node in consequences.ready:
            self._enqueue(node)
        for node, reason in consequences.skipped:
            self._move(node, StepState.SKIPPED, ended=now(), reason=reason)

    def _end_step(self, report: StepReport, to: StepState, **changes: Any) -> None:
        node = report.key.node
        step = self._steps[node]
        self._move(
            node,
            to,
            attempt=report.key.attempt,
            started=step.started or report.started,
            ended=report.ended,
            reason=None,
            metrics={**step.metrics, **_last_values(report), **report.metrics},
            **changes,
        )
        self._follow(self._board.end_step(node, to))

    def _move(
        self,
        node: str,
        to: StepState,
        *,
        model: ModelDraft | None = None,
        fingerprint: Recipe | None = None,
        **changes: Any,
    ) -> None:
        """The one place where a step's record changes."""
        before = self._steps[node]
        after = replace(before, state=to, **changes)
        self._steps[node] = after
        if not step_is_over(to):
            self._board.set_state(node, to)
        self._moves.append(StepMove(before.state, after, now(), model, self._meter.take(node), fingerprint))

    def _move_run(self, to: RunState, error: str | None = None) -> None:
        """The one place where the run's state changes."""
        self._run_moves.append(RunMove(self.run.id, self.run.state, to, now(), error=error))
        self.run = replace(self.run, state=to)

    def _close_when_over(self) -> None:
        if self._board.is_over() and self.run.state is RunState.RUNNING:
            failed = [step for step in self._steps.values() if step.state is StepState.FAILED]
            more = f"; and {len(failed) - 3} more" if len(failed) > 3 else ""
            error = "; ".join(f"{step.node}: {step.error}" for step in failed[:3]) + more
            self._move_run(self._board.outcome(), error or None)


def _last_values(told: Beat | StepReport) -> dict[str, float]:
    return {name: value for row in told.rows for name, value in row.values.items()}


def _failed(key: StepKey, error: str) -> StepReport:
    return StepReport(key, Outcome.FAILED, now(), now(), error=error)


def _broken(key: StepKey, error: str) -> StepReport:
    return StepReport(key, Outcome.BROKEN, now(), now(), error=error)


def _in(seconds: float) -> str:
    return f" in {seconds:g} s" if seconds else ""
