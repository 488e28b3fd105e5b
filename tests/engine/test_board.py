"""The board: random graphs, random outcomes, cancels and restarts, against what must always hold."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dix.engine.board import Board, Consequences
from dix.engine.plan import Plan, PlannedStep, Source
from dix.records.states import RunState, StepState, step_is_done, step_is_over

PENDING, WAITING, RUNNING = StepState.PENDING, StepState.WAITING, StepState.RUNNING
SUCCEEDED, CACHED, FAILED = StepState.SUCCEEDED, StepState.CACHED, StepState.FAILED
SKIPPED, CANCELLED = StepState.SKIPPED, StepState.CANCELLED


def make_step(node: str, upstream: Sequence[str] = (), skip: str | None = None) -> PlannedStep:
    return PlannedStep(
        node, "algorithm", inputs={f"p{i}": Source(name, "data") for i, name in enumerate(upstream)}, skip=skip
    )


def make_plan(graph: Mapping[str, Sequence[str]], muted: Sequence[str] = ()) -> Plan:
    """A plan of node → its upstream nodes, upstream first."""
    return Plan(
        "f", 1, tuple(make_step(node, above, "it is muted" if node in muted else None) for node, above in graph.items())
    )


def play(board: Board, fates: Mapping[str, StepState]) -> list[str]:
    """Play a run to its end; the nodes in the order in which they became ready."""
    moves = board.open_moves()
    ready, order = list(moves.ready), list(moves.ready)
    while ready:
        node = ready.pop(0)
        follows = board.end_step(node, fates.get(node, SUCCEEDED))
        ready += follows.ready
        order += follows.ready
    return order


@st.composite
def graphs(draw: st.DrawFn) -> tuple[dict[str, list[str]], list[str], dict[str, StepState]]:
    """A DAG, which of its nodes are muted, and how each one would end."""
    count = draw(st.integers(1, 12))
    names = [f"n{i}" for i in range(count)]
    graph = {
        name: draw(st.lists(st.sampled_from(names[:i]), unique=False, max_size=4)) if i else []
        for i, name in enumerate(names)
    }
    muted = draw(st.lists(st.sampled_from(names), max_size=2))
    fates = {name: draw(st.sampled_from([SUCCEEDED] * 5 + [FAILED])) for name in names}
    return graph, muted, fates


def should_run(graph: Mapping[str, Sequence[str]], muted: Sequence[str], fates: Mapping[str, StepState]) -> set[str]:
    """The nodes that are executed, said in another way than the board does: all that is above is fine."""
    runs: set[str] = set()
    for node, above in graph.items():
        if node not in muted and all(one in runs and fates[one] is SUCCEEDED for one in above):
            runs.add(node)
    return runs


class Referee:
    """Plays a board against the rules, and keeps what the catalog would keep."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.kept: dict[str, StepState] = {}
        self.ends: dict[str, int] = {}
        self.open_starts: list[str] = []
        self.started: list[str] = []
        self.board = Board(plan, {})
        self.follow(self.board.open_moves())

    def follow(self, moves: Consequences) -> None:
        for node in moves.ready:
            assert node not in self.open_starts, "ready twice"
            assert not step_is_over(self.kept.get(node, PENDING)), "ready after its end"
            assert all(step_is_done(self.kept[source.node]) for source in self.plan.step(node).inputs.values())
            self.open_starts.append(node)
            self.started.append(node)
        for node, reason in moves.skipped:
            assert reason
            self.end(node, SKIPPED)

    def end(self, node: str, state: StepState) -> None:
        self.ends[node] = self.ends.get(node, 0) + 1
        self.kept[node] = state

    def finish(self, node: str, state: StepState) -> None:
        self.open_starts.remove(node)
        self.end(node, state)
        self.follow(self.board.end_step(node, state))
        assert self.board.end_step(node, state) == Consequences(), "a second end has consequences"

    def restart(self) -> None:
        """The process dies: what is remembered is the records; starts are forgotten."""
        self.open_starts = []
        self.board = Board(self.plan, dict(self.kept))
        self.follow(self.board.open_moves())

    def cancel(self) -> None:
        for node in self.board.cancel():
            self.end(node, CANCELLED)
        self.open_starts = []


@settings(max_examples=400, deadline=None)
@given(graphs(), st.data())
def test_every_step_ends_once_and_in_order_whatever_happens(
    given_graph: tuple[dict[str, list[str]], list[str], dict[str, StepState]], data: st.DataObject
) -> None:
    graph, muted, fates = given_graph
    referee = Referee(make_plan(graph, muted))
    is_cancelled = False
    while not referee.board.is_over():
        assert referee.open_starts, "nothing is over, and nothing may go"
        match data.draw(st.sampled_from(["end"] * 6 + ["wait", "restart", "cancel"])):
            case "end":
                node = data.draw(st.sampled_from(referee.open_starts))
                referee.finish(node, fates[node])
            case "wait":
                node = data.draw(st.sampled_from(referee.open_starts))
                referee.kept[node] = data.draw(st.sampled_from([WAITING, RUNNING]))
                referee.board.set_state(node, referee.kept[node])
            case "restart":
                referee.restart()
            case "cancel":
                is_cancelled = True
                referee.cancel()
    assert referee.ends == dict.fromkeys(graph, 1)
    assert referee.kept == {node: referee.board.state(node) for node in graph}
    assert Board(referee.plan, referee.kept).is_over()
    if not is_cancelled:
        runs = should_run(graph, muted, fates)
        assert referee.kept == {node: fates[node] if node in runs else SKIPPED for node in graph}
        failed = any(fates[node] is FAILED for node in runs)
        assert referee.board.outcome() is (RunState.FAILED if failed else RunState.SUCCEEDED)
    else:
        assert CANCELLED in referee.kept.values()
        assert referee.board.outcome() is RunState.CANCELLED


def test_reasons_name_the_input_and_what_became_of_it() -> None:
    board = Board(make_plan({"a": [], "b": ["a"], "c": ["b"]}), {})
    assert board.open_moves().ready == ("a",)
    moves = board.end_step("a", FAILED)
    assert moves.skipped == (("b", "its input a failed"), ("c", "its input b was skipped"))


def test_a_cached_step_counts_as_done() -> None:
    board = Board(make_plan({"a": [], "b": ["a"]}), {"a": CACHED})
    assert board.open_moves().ready == ("b",)
    assert board.end_step("b", SUCCEEDED) == Consequences()
    assert board.outcome() is RunState.SUCCEEDED


def test_muting_skips_what_comes_after_and_does_not_fail_the_run() -> None:
    board = Board(make_plan({"a": [], "b": ["a"], "c": ["b"], "d": ["a"]}, muted=["b"]), {})
    assert board.open_moves() == Consequences(("a",), (("b", "it is muted"), ("c", "its input b was skipped")))
    assert board.end_step("a", SUCCEEDED).ready == ("d",)
    board.end_step("d", SUCCEEDED)
    assert board.outcome() is RunState.SUCCEEDED


def test_two_ports_of_one_input_count_once() -> None:
    board = Board(make_plan({"a": [], "b": ["a", "a"]}), {})
    board.open_moves()
    assert board.end_step("a", SUCCEEDED).ready == ("b",)


def test_cancelling_is_the_outcome_also_where_a_step_had_failed() -> None:
    board = Board(make_plan({"a": [], "b": []}), {"a": FAILED})
    board.open_moves()
    assert board.cancel() == ("b",)
    assert board.cancel() == ()
    assert board.outcome() is RunState.CANCELLED


@pytest.mark.parametrize(("deep", "wide"), [(10, 100), (100, 100), (1, 10_000), (10_000, 1)])
def test_large_graphs_stay_quick(deep: int, wide: int) -> None:
    graph = {f"n{i}_{j}": [f"n{i - 1}_{j}", f"n{i - 1}_0"] if i else [] for i in range(deep) for j in range(wide)}
    started = time.process_time()
    board = Board(make_plan(graph), {})
    assert sorted(play(board, {})) == sorted(graph)
    assert board.outcome() is RunState.SUCCEEDED
    failing = Board(make_plan(graph), {})
    play(failing, {"n0_0": FAILED})
    assert failing.is_over()
    assert failing.outcome() is RunState.FAILED
    assert time.process_time() - started < 5, "it is far from linear"
