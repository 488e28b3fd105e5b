"""Runs that are held go in when their driver may run one more, and say until then why they wait."""

from __future__ import annotations

from pathlib import Path

import pytest

from dix.catalog.direct import DirectCatalog
from dix.engine.base import RunOrder
from dix.errors import BadDocument, Conflict, NotFound
from dix.flow.text import hash_flow, read_flow
from dix.names import derive_run_id
from dix.records.limit import Limit
from dix.records.run import Run, RunFilter
from dix.records.states import Driver, RunState, StepState
from tests.engine.conftest import Workshop, open_workshop, wait_until
from tests.engine.oddities import Gate, install
from tests.engine.test_runner import flow, odd

SUCCEEDED, CANCELLED, FAILED = RunState.SUCCEEDED, RunState.CANCELLED, RunState.FAILED
ORIGIN = "backfills/b1"


def push(workshop: Workshop, text: str) -> str:
    doc = read_flow(text)
    workshop.catalog.flows.push_flow(doc.name, text, hash_flow(doc), "default")
    return doc.name


def hold(workshop: Workshop, name: str, count: int, **order: object) -> tuple[Run, ...]:
    orders = [
        RunOrder(name, driver=Driver.BACKFILL, id=derive_run_id("b1", i), origin=ORIGIN, place=i, **order)
        for i in range(count)
    ]
    return workshop.desk.hold_runs(orders)


def limit(workshop: Workshop, key: str, most: int | None = None, **facts: object) -> None:
    workshop.catalog.limits.put_limit(Limit(key, most, **facts))
    workshop.desk.reread_limits()


def wait_for_reason(workshop: Workshop, run: str, reason: str) -> None:
    wait_until(
        lambda: workshop.catalog.runs.get_run(run).reason == reason, 10, lambda: workshop.catalog.runs.get_run(run)
    )


def test_held_runs_go_in_their_order_as_many_at_once_as_their_limit_says(workshop: Workshop) -> None:
    limit(workshop, ORIGIN, 1)
    name = push(workshop, flow(odd("a", "gate")))
    first, second, third = (run.id for run in hold(workshop, name, 3))
    workshop.wait_for_step(first, "a", StepState.RUNNING)
    reason = "1 of at most 1 runs of backfill b1 are under way; goes on when one ends"
    wait_for_reason(workshop, third, reason)
    held = workshop.catalog.runs.list_runs(RunFilter(held=True)).items
    assert {run.id for run in held} == {second, third}
    assert all(run.state is RunState.QUEUED and run.reason == reason for run in held)
    workshop.desk.edit_held(third, place=-1)
    Gate.opened.set()
    ended = [workshop.wait(run) for run in (first, second, third)]
    assert [run.state for run in ended] == [SUCCEEDED] * 3
    assert ended[2].started < ended[1].started
    assert not workshop.catalog.runs.list_runs(RunFilter(held=True)).items


def test_a_limit_that_is_raised_or_resumed_holds_at_once(workshop: Workshop) -> None:
    limit(workshop, ORIGIN, None, is_paused=True)
    first, second = (run.id for run in hold(workshop, push(workshop, flow(odd("a", "noop"))), 2))
    wait_for_reason(workshop, first, "the runs of backfill b1 are paused")
    limit(workshop, ORIGIN, 2)
    assert [workshop.wait(run).state for run in (first, second)] == [SUCCEEDED] * 2


def test_the_same_orders_again_change_nothing(workshop: Workshop) -> None:
    limit(workshop, ORIGIN, None, is_paused=True)
    name = push(workshop, flow(odd("a", "noop")))
    ids = [run.id for run in hold(workshop, name, 2)]
    assert workshop.desk.cancel_run(ids[0]).state is CANCELLED
    assert [run.id for run in hold(workshop, name, 2)] == ids
    assert [workshop.catalog.runs.get_run(run).state for run in ids] == [CANCELLED, RunState.QUEUED]
    assert [event.kind for event in workshop.catalog.telemetry.list_events(ids[0])] == ["cancelled"]


def test_parameters_are_put_in_when_a_run_goes_and_may_be_changed_until_then(workshop: Workshop) -> None:
    limit(workshop, ORIGIN, None, is_paused=True)
    text = flow(odd("a", "flaky", params="{fails: '{{ params.fails }}'}"), params="{fails: 0}")
    (run,) = hold(workshop, push(workshop, text), 1, params={"fails": 7})
    assert workshop.desk.edit_held(run.id, params={"fails": 0}).params == {"fails": 0}
    with pytest.raises(BadDocument):
        workshop.desk.edit_held(run.id, params={"fails": "many"})
    limit(workshop, ORIGIN, 1)
    assert workshop.wait(run.id).state is SUCCEEDED
    with pytest.raises(Conflict, match="held no more"):
        workshop.desk.edit_held(run.id, place=3)


def test_bad_orders_are_refused_before_any_is_written(workshop: Workshop) -> None:
    name = push(workshop, flow(odd("a", "noop"), params="{rate: 0.1}"))
    with pytest.raises(BadDocument):
        workshop.desk.hold_runs([RunOrder(name), RunOrder(name, params={"rate": "fast"})])
    with pytest.raises(NotFound):
        workshop.desk.hold_runs([RunOrder(name), RunOrder("nothing")])
    assert not workshop.catalog.runs.list_runs(RunFilter()).items


def test_one_that_cannot_be_planned_any_more_fails_at_the_door(workshop: Workshop) -> None:
    text = "dix: 1\nname: scoring\nnodes:\n  rows: {kind: data, uri: rows.csv}\n"
    text += "  score: {kind: model, model: 'models:/gone', inputs: {data: rows}}\n"
    limit(workshop, ORIGIN, None, is_paused=True)
    (run,) = hold(workshop, push(workshop, text), 1)
    limit(workshop, ORIGIN, 1)
    ended = workshop.wait(run.id)
    assert (ended.state, ended.held) == (FAILED, False)
    assert "gone" in (ended.error or "")


def test_a_manual_run_waits_where_its_flow_has_a_limit(workshop: Workshop) -> None:
    text = flow(odd("a", "gate"), name="limited")
    limit(workshop, "flows/limited/manual", 1)
    first = workshop.start(text)
    workshop.wait_for_step(first.id, "a", StepState.RUNNING)
    second = workshop.start(text)
    wait_for_reason(
        workshop, second.id, "1 of at most 1 manual runs of flow limited are under way; goes on when one ends"
    )
    assert workshop.desk.set_priority(second.id, 5).priority == 5
    assert workshop.start(flow(odd("b", "noop"), name="free")).held is False
    Gate.opened.set()
    assert workshop.wait(second.id).state is SUCCEEDED


def test_held_runs_outlive_the_engine(tmp_path: Path, catalog: DirectCatalog, monkeypatch: pytest.MonkeyPatch) -> None:
    install(monkeypatch)
    with open_workshop(tmp_path, catalog) as workshop:
        limit(workshop, ORIGIN, None, is_paused=True)
        (run,) = hold(workshop, push(workshop, flow(odd("a", "noop"))), 1)
    catalog.limits.delete_limit(ORIGIN)
    with open_workshop(tmp_path, catalog) as workshop:
        assert workshop.wait(run.id).state is SUCCEEDED


def test_ends_and_numbers_are_news(workshop: Workshop) -> None:
    mark = workshop.news.wait_for_news("", 0).mark
    run = workshop.do(flow(odd("a", "noop")))
    ended: list[str] = []
    while not ended:
        news = workshop.news.wait_for_news(mark, 10)
        mark, ended = news.mark, [*ended, *news.ended]
    assert ended == [run.id]
