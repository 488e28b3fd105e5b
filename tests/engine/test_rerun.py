"""A run that is done again as a whole."""

from __future__ import annotations

from datetime import UTC, datetime

from dix.engine.base import Edit
from dix.flow.text import hash_flow, read_flow
from dix.records.states import Driver, StepState
from tests.engine.conftest import Workshop

TEXT = "dix: 1\nname: idle\nparams: {a: 1}\nnodes:\n  one: {kind: algorithm, algorithm: noop}\n"


def test_all_of_it_is_done_again_for_the_same_date_with_what_it_was_given(workshop: Workshop) -> None:
    date = datetime(2026, 1, 1, tzinfo=UTC)
    old = workshop.do(TEXT, params={"a": 5}, logical_date=date)
    again = workshop.wait(workshop.desk.retry_run(old.id, Edit(is_whole=True)).id)
    assert (again.driver, again.params, again.logical_date, again.retry_of) == (
        Driver.BACKFILL,
        {"a": 5},
        date,
        old.id,
    )
    assert workshop.steps(again.id)["one"].state is StepState.SUCCEEDED


def test_it_is_done_with_the_flow_as_it_was_or_as_it_is(workshop: Workshop) -> None:
    old = workshop.do(TEXT, params={"a": 5})
    text = TEXT + "  two: {kind: algorithm, algorithm: noop}\n"
    latest = workshop.catalog.flows.push_flow("idle", text, hash_flow(read_flow(text)), "default")
    then = workshop.wait(workshop.desk.retry_run(old.id, Edit(is_whole=True)).id)
    assert list(workshop.steps(then.id)) == ["one"]
    now = workshop.wait(workshop.desk.retry_run(old.id, Edit(latest.version, is_whole=True, is_now=True)).id)
    assert (list(workshop.steps(now.id)), now.params) == (["one", "two"], {"a": 5})
