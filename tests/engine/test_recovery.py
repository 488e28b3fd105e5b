"""The power goes at every moment there is; what is written down leads to the same end."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from dix.algorithms.lookup import list_specs
from dix.catalog.direct import DirectCatalog
from dix.engine.acceptance import Acceptance
from dix.engine.base import RunOrder
from dix.engine.entrance import TakeUp
from dix.engine.executor import Alive
from dix.engine.machines import Machine, Place
from dix.engine.messages import Outcome, StepKey, StepOrder, StepReport
from dix.engine.recovery import take_up_unfinished
from dix.engine.runner import Runner
from dix.errors import Unreachable
from dix.records.attempt import Attempt, AttemptOutcome
from dix.records.change import ChangeResult, ChangeSet, RunMove, StepMove
from dix.records.model_version import ModelDraft, ModelVersion
from dix.records.moments import now
from dix.records.run import Run
from dix.records.states import RunState, StepState, run_is_over
from dix.records.step import Step
from dix.store.options import StoreOptions
from tests.engine.conftest import MACHINE, open_workshop, wait_until
from tests.engine.oddities import install

FLOW = """
dix: 1
name: power
nodes:
  a: {kind: algorithm, algorithm: noop}
  net: {kind: algorithm, algorithm: learner, inputs: {data: a}, model: power-net}
  again: {kind: algorithm, algorithm: noop, inputs: {data: a}, retries: 1}
  bad: {kind: algorithm, algorithm: noop}
  after_bad: {kind: algorithm, algorithm: noop, inputs: {data: bad}}
  b: {kind: algorithm, algorithm: noop, inputs: {data: again}}
  muted: {kind: algorithm, algorithm: noop, muted: true}
"""
END = {
    "a": "succeeded",
    "net": "succeeded",
    "again": "succeeded",
    "bad": "failed",
    "after_bad": "skipped",
    "b": "succeeded",
    "muted": "skipped",
}


class PowerCutError(BaseException):
    """The process is gone; nothing may catch this."""


class Script:
    """Fates of attempts; outlives the processes. What started is told, and reports at once."""

    def __init__(self) -> None:
        self.started: list[StepKey] = []
        self.again_has_failed = False

    def play(self, order: StepOrder) -> StepReport:
        key = order.key
        self.started.append(key)
        outcome, model = Outcome.SUCCEEDED, None
        if key.node == "bad" or (key.node == "again" and not self.again_has_failed):
            outcome, self.again_has_failed = Outcome.FAILED, self.again_has_failed or key.node == "again"
        if key.node == "net":
            model = ModelDraft("power-net", f"file:///{key}", {"lineage": {}})
        outputs = {} if model or outcome is Outcome.FAILED else {"data": f"file:///{key}"}
        return StepReport(
            key, outcome, now(), now(), outputs=outputs, model=model, error="no" if outcome is Outcome.FAILED else None
        )


class ScriptedExecutor:
    """Reports at once, in the loop's own thread."""

    def __init__(self, listener: Runner, script: Script) -> None:
        self._listener = listener
        self._script = script

    def start(self, order: StepOrder, place: Place, after: StepKey | None = None) -> None:
        self._listener.on_end(self._script.play(order))

    def find_alive(self) -> tuple[Alive, ...]:
        return ()

    def take_back(self, keys: Iterable[StepKey]) -> None: ...

    def stop(self, key: StepKey) -> None: ...

    def acknowledge(self, key: StepKey) -> None: ...

    def capacity(self) -> tuple[Machine, ...]:
        return (MACHINE,)

    def close(self) -> None: ...


class Fuse:
    """The catalog of a process whose power goes at the n-th write, before or after it is made."""

    def __init__(self, catalog: DirectCatalog, writes: int, *, after: bool) -> None:
        self._catalog = catalog
        self._left = writes
        self._after = after
        self.on_over: Callable[[], None] = lambda: None

    def __getattr__(self, name: str) -> Any:
        return self if name == "runs" else getattr(self._catalog, name)

    def apply_changes(self, changes: ChangeSet, *, request: str | None = None) -> ChangeResult:
        self._left -= 1
        if self._left == 0 and not self._after:
            raise PowerCutError
        result = self._catalog.runs.apply_changes(changes, request=request)
        if self._left == 0:
            raise PowerCutError
        if any(run_is_over(move.to) for move in changes.runs):
            self.on_over()
        return result

    def get_run(self, id: str) -> Run:
        return self._catalog.runs.get_run(id)

    def list_steps(self, run: str) -> Any:
        return self._catalog.runs.list_steps(run)


@pytest.fixture(autouse=True)
def _odd(monkeypatch: pytest.MonkeyPatch) -> None:
    install(monkeypatch)
    monkeypatch.setattr("dix.engine.tries.PLATFORM_PAUSE_S", 0.001)


def accept(catalog: DirectCatalog) -> TakeUp:
    catalog.flows.push_flow("power", FLOW, "h", "default")
    accepted = Acceptance(catalog, list_specs(), [MACHINE]).accept(RunOrder("power"))
    return TakeUp(accepted.run, accepted.steps, accepted.plan)


def live(catalog: DirectCatalog, script: Script, taken: list[TakeUp], fuse: Fuse) -> bool:
    """One life of the engine; False when the power went."""
    runner = Runner(fuse, StoreOptions("file:///nowhere"), lambda version: None)  # type: ignore[arg-type]
    fuse.on_over = lambda: runner.hear(None)
    for one in taken:
        runner.hear(one)
    try:
        runner.run_loop(ScriptedExecutor(runner, script))
    except PowerCutError:
        return False
    return True


@pytest.mark.parametrize("after", [False, True], ids=["before the write", "after the write"])
def test_the_power_goes_at_every_write_once(catalog: DirectCatalog, after: bool) -> None:
    cuts = 0
    for writes in range(1, 50):
        script, taken = Script(), accept(catalog)
        if live(catalog, script, [taken], Fuse(catalog, writes, after=after)):
            break
        cuts += 1
        unfinished = list(take_up_unfinished(catalog, Acceptance(catalog, list_specs(), [MACHINE])))
        assert [one.run.id for one in unfinished] in ([taken.run.id], [])
        if unfinished:
            assert live(catalog, script, [*unfinished, taken], Fuse(catalog, 10**9, after=False)), (
                "and a stale hand-over"
            )
        check_end(catalog, taken.run.id, script)
    assert cuts >= 4


def test_the_power_goes_again_and_again(catalog: DirectCatalog) -> None:
    script, taken = Script(), accept(catalog)
    unfinished = [taken]
    for life in range(100):
        if live(catalog, script, unfinished, Fuse(catalog, 1 + life % 2, after=life % 2 == 0)):
            break
        unfinished = list(take_up_unfinished(catalog, Acceptance(catalog, list_specs(), [MACHINE])))
        if not unfinished:
            break
    check_end(catalog, taken.run.id, script)


def check_end(catalog: DirectCatalog, run: str, script: Script) -> None:
    """The run has come to where it would have come, and every step has had its effect once."""
    assert catalog.runs.get_run(run).state is RunState.FAILED
    steps = {step.node: step for step in catalog.runs.list_steps(run)}
    assert {node: str(step.state) for node, step in steps.items()} == END
    ends = [event.node for event in catalog.telemetry.list_events(run) if event.kind == "succeeded"]
    assert sorted(node for node in ends if node) == ["a", "again", "b", "net"]
    versions = [one for one in catalog.models.list_model_versions("power-net") if one.run == run]
    assert [one.reference for one in versions] == [steps["net"].outputs["model"]]
    assert steps["bad"].failures == 1
    assert steps["again"].failures <= 1
    order = [key.node for key in script.started]
    assert order.index("a") < order.index("net")
    assert max(i for i, node in enumerate(order) if node == "again") < order.index("b")
    attempts = catalog.attempts.list_attempts(run)
    assert len({(one.node, one.attempt) for one in attempts}) == len(attempts)
    succeeded = [one.node for one in attempts if one.outcome is AttemptOutcome.SUCCEEDED]
    assert sorted(succeeded) == ["a", "again", "b", "net"]
    assert catalog.attempts.list_open_attempts() == ()


class Sick:
    """A catalog that answers, when it is asked to, that it does not answer: before a write, or after it was made."""

    def __init__(self, catalog: DirectCatalog) -> None:
        self._catalog = catalog
        self.fails = 0
        self.loses = 0
        self.refused: list[object] = []
        self.runs = self
        self.telemetry = self
        self.models = self

    def __getattr__(self, name: str) -> Any:
        for drawer in (self._catalog, self._catalog.runs, self._catalog.telemetry, self._catalog.models):
            if hasattr(drawer, name):
                return getattr(drawer, name)
        raise AttributeError(name)

    def _may_fail(self) -> None:
        if self.fails > 0:
            self.fails -= 1
            raise Unreachable("the catalog", "no answer within 60 s")

    def get_model(self, model: str, version: int | None = None) -> ModelVersion:
        self._may_fail()
        return self._catalog.models.get_model(model, version)

    def add_metrics(self, points: Any) -> None:
        self._may_fail()
        self._catalog.telemetry.add_metrics(points)

    def apply_changes(self, changes: ChangeSet, *, request: str | None = None) -> ChangeResult:
        self._may_fail()
        result = self._catalog.runs.apply_changes(changes, request=request)
        self.refused += [*result.refused_steps, *result.refused_runs]
        if self.loses > 0:
            self.loses -= 1
            raise Unreachable("the catalog", "no answer within 60 s")
        return result


LEARN = """
dix: 1
name: learn
nodes:
  net: {kind: algorithm, algorithm: learner, model: net}
  b: {kind: algorithm, algorithm: noop, inputs: {data: c}}
  c: {kind: algorithm, algorithm: noop}
"""


@pytest.mark.parametrize("trouble", ["fails", "loses"])
def test_a_catalog_that_is_away_for_a_while_only_delays(
    tmp_path: Path, catalog: DirectCatalog, trouble: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dix.engine.runner.CATALOG_PAUSE_S", 0.01)
    sick = Sick(catalog)
    with open_workshop(tmp_path, sick) as workshop:  # type: ignore[arg-type]
        for count in (1, 2, 3, 5):
            setattr(sick, trouble, count)
            run = workshop.do(LEARN, cache=False)
            setattr(sick, trouble, 0)
            assert run.state is RunState.SUCCEEDED
            assert sick.refused == [], "what is sent again is known"
            net = workshop.steps(run.id)["net"]
            number = int(net.outputs["model"].rpartition("/")[2])
            assert catalog.models.get_model("net", number).run == run.id
            assert len(catalog.telemetry.list_metrics(run.id, "net")) == 3
            ends = [event.node for event in catalog.telemetry.list_events(run.id) if event.kind == "succeeded"]
            assert sorted(str(node) for node in ends) == ["None", "b", "c", "net"]
            wait_until(lambda number=number: workshop.store.exists(f"dix/models/net/versions/{number}.json"))


def test_recovery_waits_for_a_catalog_that_starts_anew_as_well(
    catalog: DirectCatalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dix.engine.recovery.CATALOG_PAUSE_S", 0.01)
    taken = accept(catalog)
    sick = Sick(catalog)
    asked: list[int] = []

    def list_unfinished_runs() -> tuple[Run, ...]:
        asked.append(1)
        if len(asked) < 3:
            raise Unreachable("the catalog", "no owner runs")
        return catalog.runs.list_unfinished_runs()

    sick.list_unfinished_runs = list_unfinished_runs  # type: ignore[attr-defined]
    found = take_up_unfinished(sick, Acceptance(catalog, list_specs(), [MACHINE]))  # type: ignore[arg-type]
    assert [one.run.id for one in found] == [taken.run.id]


def test_a_run_that_cannot_be_planned_any_more_fails_with_its_steps(catalog: DirectCatalog) -> None:
    taken = accept(catalog)
    specs = {name: spec for name, spec in list_specs().items() if name != "learner"}
    assert take_up_unfinished(catalog, Acceptance(catalog, specs, [MACHINE])) == ()
    run = catalog.runs.get_run(taken.run.id)
    assert run.state is RunState.FAILED
    assert (run.error or "").startswith(
        "it cannot go on after a restart: the flow document has 1 problem: net.algorithm"
    )
    steps = catalog.runs.list_steps(run.id)
    assert {step.state for step in steps} == {StepState.SKIPPED}
    assert {step.reason for step in steps} == {run.error}


def begin(catalog: DirectCatalog, taken: TakeUp, node: str) -> None:
    """A worker has begun to work on a node, a while ago."""
    run = taken.run
    begun = Attempt(run.id, node, 1, run.project, run.user, run.flow, now() - timedelta(minutes=5))
    step = Step(run.id, node, StepState.RUNNING, 1, begun.started)
    moves = (StepMove(StepState.PENDING, step, begun.started, attempt=begun),)
    catalog.runs.apply_changes(ChangeSet(moves, (RunMove(run.id, RunState.QUEUED, RunState.RUNNING, now()),)))
    catalog.attempts.note_alive(begun.started + timedelta(minutes=2))


def test_an_attempt_that_a_crash_ended_is_metered_until_the_last_sign_of_life(catalog: DirectCatalog) -> None:
    taken = accept(catalog)
    begin(catalog, taken, "a")
    (found,) = take_up_unfinished(catalog, Acceptance(catalog, list_specs(), [MACHINE]))
    assert live(catalog, Script(), [found], Fuse(catalog, 10**9, after=False))
    attempts = [one for one in catalog.attempts.list_attempts(taken.run.id) if one.node == "a"]
    assert [(one.attempt, one.outcome) for one in attempts] == [(1, "broken"), (2, "succeeded")]
    assert attempts[0].ended == attempts[0].started + timedelta(minutes=2)


def test_an_attempt_of_a_run_that_cannot_go_on_ends_as_well(catalog: DirectCatalog) -> None:
    taken = accept(catalog)
    begin(catalog, taken, "a")
    specs = {name: spec for name, spec in list_specs().items() if name != "learner"}
    assert take_up_unfinished(catalog, Acceptance(catalog, specs, [MACHINE])) == ()
    (attempt,) = catalog.attempts.list_attempts(taken.run.id)
    assert attempt.outcome is AttemptOutcome.BROKEN
    assert attempt.ended == attempt.started + timedelta(minutes=2)
    assert catalog.attempts.list_open_attempts() == ()
