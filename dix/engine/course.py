"""The course of one run: what its board says, joined with attempts, pauses and records. No Ray, no I/O.

It decides; the runner acts. Everything decided waits in one of four baskets until the runner takes it: moves to write
down, steps to start, attempts to stop, moments to be reminded of.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from dix.catalog.base import Models
from dix.engine.admission import Admission
from dix.engine.board import Board, Consequences
from dix.engine.messages import Beat, Outcome, StepKey, StepOrder, StepReport
from dix.engine.plan import Plan, PlannedStep
from dix.names import is_model_reference, read_model_reference
from dix.records.change import ChangeSet, RunMove, StepMove
from dix.records.model_version import ModelDraft, ModelVersion
from dix.records.moments import now, to_text
from dix.records.run import Run
from dix.records.states import RunState, StepState, step_is_over
from dix.records.step import Step
from dix.store.options import StoreOptions

PLATFORM_REPEATS = 3
PLATFORM_PAUSE_S = 1.0
_SHORT_WAIT_S = 0.4  # a wait shorter than this is not worth a reason


@dataclass(frozen=True, slots=True)
class Start:
    """An attempt that has been admitted."""

    key: StepKey


@dataclass(slots=True)
class _Tries:
    """What happened to a step so far; `waits_since` is set while it could go but does not run (monotonic seconds)."""

    attempt: int = 0
    user_failures: int = 0
    platform_failures: int = 0
    has_beaten: bool = False
    waits_since: float | None = None


class Course:
    """One run from its acceptance, or from where a crash left it, to its end."""

    def __init__(self, run: Run, steps: Iterable[Step], plan: Plan) -> None:
        """`steps` as they are remembered. Attempts that were under way are over: what ran them is gone."""
        self.run = run
        self._plan = {step.node: step for step in plan.steps}
        self._version = plan.flow_version
        self._steps = {step.node: step for step in steps}
        self._board = Board(plan, {node: step.state for node, step in self._steps.items()})
        self._tries = {node: _Tries(attempt=step.attempt) for node, step in self._steps.items()}
        self._queue: dict[str, None] = {}  # ready, not admitted; in order
        self._current: dict[str, StepKey] = {}  # admitted
        self._pausing: dict[str, StepKey] = {}  # between two attempts
        self._moves: list[StepMove] = []
        self._run_moves: list[RunMove] = []
        self._starts: list[Start] = []
        self._stops: list[StepKey] = []
        self._timers: list[tuple[float, StepKey]] = []
        if run.state is RunState.QUEUED:
            self._move_run(RunState.RUNNING)
        self._follow(self._board.open_moves())
        self._close_when_over()

    # What happened.

    def beat(self, beat: Beat) -> None:
        """A worker works on the current attempt."""
        node = beat.key.node
        tries = self._tries[node]
        if not tries.has_beaten:
            tries.has_beaten = True
            tries.waits_since = None
            self._set_timeout(beat)
        metrics = {**self._steps[node].metrics, **{name: v for row in beat.rows for name, v in row.values.items()}}
        self._move(
            node,
            StepState.RUNNING,
            attempt=beat.key.attempt,
            started=self._steps[node].started or beat.started,
            reason=None,
            progress=beat.progress,
            metrics=metrics,
        )

    def end(self, report: StepReport) -> None:
        """The current attempt of a step is over."""
        node = report.key.node
        del self._current[node]
        match report.outcome:
            case Outcome.SUCCEEDED:
                self._succeed(report)
            case Outcome.FAILED:
                self._tries[node].user_failures += 1
                self._fail(report, self._pause_after_failure(node))
            case Outcome.BROKEN:
                self._tries[node].platform_failures += 1
                self._fail(report, self._pause_after_breakage(node))
            case Outcome.NOT_THERE:
                self._look_again(report)
        self._close_when_over()

    def due(self, key: StepKey) -> None:
        """A moment has come: a pause is over, or an attempt has run too long."""
        if self._pausing.get(key.node) == key:
            del self._pausing[key.node]
            self._enqueue(key.node)
        elif self._current.get(key.node) == key:
            limit = self._plan[key.node].timeout_s
            started = self._steps[key.node].started or now()
            self._stops.append(key)
            self.end(
                StepReport(key, Outcome.FAILED, started, now(), error=f"ran longer than its timeout of {limit:g} s")
            )

    def registered(self, node: str, version: ModelVersion) -> None:
        """A step's model has got its number; the catalog has named it among the step's outputs."""
        step = self._steps[node]
        self._steps[node] = replace(step, outputs={**step.outputs, "model": version.reference})

    def cancel(self) -> None:
        """End what is open."""
        for node in self._board.open_nodes():
            if node in self._current:
                self._stops.append(self._current.pop(node))
            self._board.end_step(node, StepState.CANCELLED)
            self._move(node, StepState.CANCELLED, ended=now(), reason="the run was cancelled")
        self._queue.clear()
        self._pausing.clear()
        self._close_when_over()

    def let_go(self) -> list[StepKey]:
        """The attempts to stop when the run is none of ours."""
        return list(self._current.values())

    # What may go.

    def admit(self, admission: Admission) -> None:
        """Start as many of the ready steps, in order, as are admitted."""
        for node in list(self._queue):
            key = StepKey(self.run.id, node, self._tries[node].attempt + 1)
            if not admission.admit(key, self._plan[node].slice):
                return
            del self._queue[node]
            self._tries[node].attempt += 1
            self._tries[node].has_beaten = False
            self._current[node] = key
            self._starts.append(Start(key))

    def explain(self, admission: Admission, running: list[StepKey]) -> None:
        """Give the steps that could go but do not run their reasons."""
        clock = time.monotonic()
        for node in (*self._current, *self._queue):
            since = self._tries[node].waits_since
            if since is not None and clock - since >= _SHORT_WAIT_S:
                self._wait(node, admission.explain(self._plan[node].slice, running))

    def has_waiting(self) -> bool:
        """Whether a step could go but does not run."""
        return any(self._tries[node].waits_since is not None for node in (*self._current, *self._queue))

    def running(self) -> Iterable[StepKey]:
        """The attempts whose workers have given a sign."""
        return (key for node, key in self._current.items() if self._tries[node].has_beaten)

    def is_current(self, key: StepKey) -> bool:
        """Whether this attempt is under way; what is told of any other one comes too late."""
        return self._current.get(key.node) == key

    def is_over(self) -> bool:
        """Whether nothing more will happen."""
        return self._board.is_over()

    def make_order(self, start: Start, models: Models, store: StoreOptions) -> StepOrder:
        """All that a worker needs. Raises NotFound for a model that is not there."""
        step = self._plan[start.key.node]
        given = {port: self._steps[source.node].outputs[source.port] for port, source in step.inputs.items()}
        references = dict(step.models) | {port: uri for port, uri in given.items() if is_model_reference(uri)}
        versions = {port: _resolve(reference, models) for port, reference in references.items()}
        return StepOrder(
            key=start.key,
            step=step,
            inputs={port: uri for port, uri in given.items() if port not in references},
            models={port: version.reference for port, version in versions.items()},
            model_folders={port: version.uri for port, version in versions.items()},
            store=store,
            lineage=self._lineage(step, versions),
        )

    def fail_start(self, start: Start, error: str) -> None:
        """An attempt cannot even be handed on."""
        self.end(StepReport(start.key, Outcome.FAILED, now(), now(), error=error))

    # The baskets.

    def take_moves(self) -> ChangeSet:
        """The moves to write down, and they are gone from here."""
        taken = ChangeSet(tuple(self._moves), tuple(self._run_moves))
        self._moves, self._run_moves = [], []
        return taken

    def take_starts(self) -> list[Start]:
        """The attempts to start."""
        taken, self._starts = self._starts, []
        return [start for start in taken if self._current.get(start.key.node) == start.key]

    def take_stops(self) -> list[StepKey]:
        """The attempts to stop."""
        taken, self._stops = self._stops, []
        return taken

    def take_timers(self) -> list[tuple[float, StepKey]]:
        """The moments (monotonic seconds) to be reminded of."""
        taken, self._timers = self._timers, []
        return taken

    # Deciding.

    def _succeed(self, report: StepReport) -> None:
        node = report.key.node
        metrics = {**self._steps[node].metrics, **_last_values(report), **report.metrics}
        self._end_step(
            report,
            StepState.SUCCEEDED,
            model=report.model,
            outputs=dict(report.outputs),
            metrics=metrics,
            progress=1.0 if self._steps[node].progress is not None or report.model else None,
        )

    def _fail(self, report: StepReport, pause_s: float | None) -> None:
        if pause_s is None:
            self._end_step(report, StepState.FAILED, error=report.error, trace=report.trace)
            return
        attempt = report.key.attempt
        self._pause(report.key.node, attempt + 1, pause_s)
        self._move(
            report.key.node,
            StepState.WAITING,
            attempt=attempt,
            progress=None,
            reason=f"attempt {attempt} failed: {report.error}; attempt {attempt + 1} follows in {pause_s:g} s",
            trace=report.trace,
        )

    def _pause_after_failure(self, node: str) -> float | None:
        retrying, failures = self._plan[node].retrying, self._tries[node].user_failures
        return retrying.pause_s(failures) if failures <= retrying.retries else None

    def _pause_after_breakage(self, node: str) -> float | None:
        breakages = self._tries[node].platform_failures
        return PLATFORM_PAUSE_S * 2 ** (breakages - 1) if breakages <= PLATFORM_REPEATS else None

    def _look_again(self, report: StepReport) -> None:
        """A data node's path is not there: look again later, as long as the node says."""
        node = report.key.node
        waiting = self._plan[node].waiting
        since = self._steps[node].started or report.started
        until = since + timedelta(seconds=waiting.timeout_s) if waiting else since
        if waiting is None or now() >= until:
            self._tries[node].user_failures += 1
            self._fail(report, None if waiting else self._pause_after_failure(node))
            return
        self._tries[node].attempt -= 1  # looking again is not another attempt
        self._pause(node, report.key.attempt, waiting.every_s)
        reason = (
            f"{report.error}; looks again every {waiting.every_s:g} s until {to_text(until.replace(microsecond=0))}"
        )
        self._move(node, StepState.WAITING, attempt=report.key.attempt, started=since, reason=reason)

    def _pause(self, node: str, attempt: int, seconds: float) -> None:
        key = StepKey(self.run.id, node, attempt)
        self._tries[node].waits_since = None
        self._pausing[node] = key
        self._timers.append((time.monotonic() + seconds, key))

    def _set_timeout(self, beat: Beat) -> None:
        limit = self._plan[beat.key.node].timeout_s
        if limit is not None:
            spent = (now() - beat.started).total_seconds()
            self._timers.append((time.monotonic() + limit - spent, beat.key))

    def _enqueue(self, node: str) -> None:
        self._queue[node] = None
        self._tries[node].waits_since = time.monotonic()

    def _follow(self, consequences: Consequences) -> None:
        for node in consequences.ready:
            self._enqueue(node)
        for node, reason in consequences.skipped:
            self._move(node, StepState.SKIPPED, ended=now(), reason=reason)

    def _end_step(self, report: StepReport, to: StepState, *, model: ModelDraft | None = None, **changes: Any) -> None:
        node = report.key.node
        self._tries[node].waits_since = None
        started = self._steps[node].started or report.started
        self._move(
            node,
            to,
            model=model,
            attempt=report.key.attempt,
            started=started,
            ended=report.ended,
            reason=None,
            **changes,
        )
        self._follow(self._board.end_step(node, to))

    def _wait(self, node: str, reason: str) -> None:
        if self._steps[node].reason != reason:
            self._move(node, StepState.WAITING, reason=reason)

    def _move(self, node: str, to: StepState, *, model: ModelDraft | None = None, **changes: Any) -> None:
        """The one place where a step's record changes."""
        before = self._steps[node]
        after = replace(before, state=to, **changes)
        self._steps[node] = after
        if not step_is_over(to):
            self._board.set_state(node, to)
        self._moves.append(StepMove(before.state, after, now(), model))

    def _move_run(self, to: RunState, error: str | None = None) -> None:
        """The one place where the run's state changes."""
        self._run_moves.append(RunMove(self.run.id, self.run.state, to, now(), error=error))
        self.run = replace(self.run, state=to)

    def _close_when_over(self) -> None:
        if self._board.is_over() and self.run.state is RunState.RUNNING:
            failed = [step for step in self._steps.values() if step.state is StepState.FAILED]
            error = "; ".join(f"{step.node}: {step.error}" for step in failed[:3]) or None
            self._move_run(self._board.outcome(), error)

    def _lineage(self, step: PlannedStep, versions: Mapping[str, ModelVersion]) -> dict[str, Any]:
        return {
            "run": self.run.id,
            "node": step.node,
            "flow": self.run.flow,
            "flow_version": self._version,
            "models": {port: version.reference for port, version in versions.items()},
        }


def _last_values(report: StepReport) -> dict[str, float]:
    return {name: value for row in report.rows for name, value in row.values.items()}


def _resolve(reference: str, models: Models) -> ModelVersion:
    wanted = read_model_reference(reference)
    return models.get_model(wanted.model, wanted.version)
