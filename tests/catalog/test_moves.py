"""Random moves against a plain model: what is accepted, what follows from it, and which events there are."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dix.catalog.direct import DirectCatalog
from dix.catalog.moves import judge_moves
from dix.catalog.writes import Connection, Write
from dix.errors import CatalogError
from dix.records.change import ChangeSet, RunMove
from dix.records.states import NEXT_OF_RUN, NEXT_OF_STEP, RunState, StepState, run_is_over
from dix.records.step import Step
from tests.contracts.catalog_records import at, change, make_run, make_steps, move, start

RUNS = ("r1", "r2")
NODES = ("a", "b", "c")

step_moves = st.builds(
    move,
    st.sampled_from(StepState),
    st.sampled_from(StepState),
    run=st.sampled_from((*RUNS, "r9")),
    node=st.sampled_from(NODES),
    attempt=st.integers(0, 3),
    progress=st.none() | st.floats(0, 1),
    reason=st.none() | st.text(st.characters(exclude_categories=["Cs"]), max_size=5),
)
run_moves = st.builds(
    RunMove,
    st.sampled_from((*RUNS, "r9")),
    st.sampled_from(RunState),
    st.sampled_from(RunState),
    st.integers(0, 100).map(at),
    reason=st.none() | st.just("because"),
)
change_sets = st.builds(
    ChangeSet, st.lists(step_moves, max_size=12).map(tuple), st.lists(run_moves, max_size=5).map(tuple)
)


class Model:
    """What the catalog should do, in dictionaries: states move by the tables, one event for each change."""

    def __init__(self) -> None:
        self.steps = {(run, node): Step(run, node) for run in RUNS for node in NODES}
        self.runs = dict.fromkeys(RUNS, RunState.QUEUED)
        self.times: dict[tuple[str, str], object] = {}
        self.events: list[tuple[str, str | None, str]] = []

    def apply(self, changes: ChangeSet) -> tuple[list[tuple[str, str]], list[str]]:
        refused_steps = []
        refused_runs = [one.id for one in changes.runs if not run_is_over(one.to) and not self._move_run(one)]
        for one in changes.steps:
            key = (one.step.run, one.step.node)
            known = self.steps.get(key)
            if known is None or known.state != one.expect or not _allows(NEXT_OF_STEP, known.state, one.step.state):
                refused_steps.append(key)
                continue
            if known.state != one.step.state:
                again = (known.state, one.step.state) == (StepState.RUNNING, StepState.WAITING)
                self.events.append((*key, "retrying" if again else one.step.state.value))
            self.steps[key] = one.step
        refused_runs += [one.id for one in changes.runs if run_is_over(one.to) and not self._move_run(one)]
        return refused_steps, refused_runs

    def _move_run(self, one: RunMove) -> bool:
        state = self.runs.get(one.id)
        if state is None or state != one.expect or not _allows(NEXT_OF_RUN, state, one.to):
            return False
        if state != one.to:
            self.events.append((one.id, None, one.to.value))
            self.times[one.id, "ended" if run_is_over(one.to) else "started"] = one.at
        self.runs[one.id] = one.to
        return True


def _allows(table, state, to) -> bool:
    return to in table[state] or (to == state and len(table[state]) > 0)


# What happens after a change set: nothing, a read, an owner that ends without warning, a transaction that fails.
betweens = st.sampled_from(["", "", "read", "end", "fail"])


@settings(max_examples=40, deadline=None)
@given(sequence=st.lists(st.tuples(change_sets, betweens), max_size=8))
def test_catalog_does_what_the_model_does(sequence: list[tuple[ChangeSet, str]]) -> None:
    model = Model()
    with TemporaryDirectory() as folder:
        path = Path(folder) / "catalog.duckdb"
        catalog = DirectCatalog(path)
        for run in RUNS:
            catalog.runs.create_run(make_run(run), make_steps(run, *NODES))
        for changes, between in sequence:
            result = catalog.runs.apply_changes(changes)
            assert (list(result.refused_steps), list(result.refused_runs)) == model.apply(changes)
            catalog = _let_happen(between, catalog, path)
        _compare(catalog, model)
        catalog.close()


def _let_happen(what: str, catalog: DirectCatalog, path: Path) -> DirectCatalog:
    match what:
        case "read":
            catalog.telemetry.list_events()
        case "end":
            catalog._file._let_go()  # as if it was killed: nothing more is written
            return DirectCatalog(path)
        case "fail":
            with pytest.raises(CatalogError):
                catalog._file.write(Write(_fail), None)
    return catalog


def _fail(connection: Connection, _item: None) -> None:
    connection.execute("SELECT no_such_function()")


def _compare(catalog: DirectCatalog, model: Model) -> None:
    for run in RUNS:
        assert list(catalog.runs.list_steps(run)) == [model.steps[run, node] for node in NODES]
        found = catalog.runs.get_run(run)
        assert found.state is model.runs[run]
        assert (found.started, found.ended) == (model.times.get((run, "started")), model.times.get((run, "ended")))
    events = [(event.run, event.node, event.kind) for event in catalog.telemetry.list_events()]
    assert events == model.events


def test_run_begins_before_its_steps_and_ends_after_them() -> None:
    moves = change(
        move(StepState.PENDING, StepState.RUNNING),
        RunMove("r1", RunState.RUNNING, RunState.SUCCEEDED, at(2)),
        start("r1"),
    )
    verdict = judge_moves(moves, {("r1", "a"): StepState.PENDING}, {"r1": RunState.QUEUED})
    assert [(event.node, event.kind) for event in verdict.events] == [
        (None, "running"),
        ("a", "running"),
        (None, "succeeded"),
    ]
    assert not verdict.refused_runs


def test_judging_keeps_the_states_up_to_date() -> None:
    steps, runs = {("r1", "a"): StepState.PENDING}, {"r1": RunState.QUEUED}
    judge_moves(change(move(StepState.PENDING, StepState.RUNNING), start("r1")), steps, runs)
    assert (steps, runs) == ({("r1", "a"): StepState.RUNNING}, {"r1": RunState.RUNNING})


def test_last_accepted_move_of_a_step_counts() -> None:
    moves = (
        move(StepState.PENDING, StepState.RUNNING, attempt=1),
        move(StepState.PENDING, StepState.FAILED),
        move(StepState.RUNNING, StepState.RUNNING, attempt=1, progress=0.5),
    )
    verdict = judge_moves(change(*moves), {("r1", "a"): StepState.PENDING}, {})
    assert verdict.steps == {("r1", "a"): moves[2]}
    assert verdict.refused_steps == [("r1", "a")]
