"""Variables and secrets that a step's code is given."""

from __future__ import annotations

import os

import pytest

from dix.engine.mask import Mask
from dix.engine.messages import StepKey, StepOrder
from dix.engine.plan import PlannedStep
from dix.errors import BadDocument
from dix.records.states import RunState, StepState
from dix.settings import lend_variables
from dix.store.options import StoreOptions
from tests.engine.conftest import Workshop

FLOW = """
dix: 1
name: told
params: {{place: Bonn}}
nodes:
  a: {{kind: algorithm, algorithm: indiscreet, params: {{variable: {variable}}}, {fields}}}
"""


def test_a_variable_is_there_while_the_step_works(workshop: Workshop) -> None:
    run = workshop.do(FLOW.format(variable="PLACE", fields='env: {PLACE: "{{ params.place }}"}'))
    assert workshop.steps(run.id)["a"].error == "ValueError: it is 'Bonn'"
    assert "PLACE" not in os.environ


def test_a_secret_reaches_the_code_and_nobody_else(workshop: Workshop) -> None:
    workshop.catalog.secrets.put_secret("default", "KEY", "hunter2-hunter2", "ana")
    run = workshop.do(FLOW.format(variable="KEY", fields="secrets: [KEY]"))
    step = workshop.steps(run.id)["a"]
    assert step.error == "ValueError: it is '***'"
    assert "hunter2" not in f"{step}{workshop.texts(run.id)}{workshop.catalog.telemetry.list_events(run.id)}"
    assert any("it is '***'" in text for text in workshop.texts(run.id)), "the log does not say why it failed"


def test_a_secret_that_is_not_there_is_missed_before_the_run(workshop: Workshop) -> None:
    workshop.catalog.secrets.put_secret("default", "KEY", "x", "ana")
    with pytest.raises(BadDocument) as caught:
        workshop.start(FLOW.format(variable="KEX", fields="secrets: [KEX]"))
    (problem,) = caught.value.problems
    assert str(problem) == "a.secrets: project default has no secret KEX (did you mean 'KEY'?)"


def test_a_secret_that_was_deleted_meanwhile_fails_its_step(workshop: Workshop) -> None:
    workshop.catalog.secrets.put_secret("default", "KEY", "x", "ana")
    flow = FLOW.format(variable="KEY", fields="secrets: [KEY], inputs: {data: first}")
    run = workshop.start(flow + "  first: {kind: algorithm, algorithm: sleeper, params: {seconds: 0.3}}\n")
    workshop.catalog.secrets.delete_secret("default", "KEY")
    assert workshop.wait(run.id).state is RunState.FAILED
    step = workshop.steps(run.id)["a"]
    assert (step.state, step.error) == (StepState.FAILED, "no secret KEY in project default")


def test_a_step_with_secrets_is_done_each_time(workshop: Workshop) -> None:
    workshop.catalog.secrets.put_secret("default", "KEY", "x", "ana")
    flow = """
dix: 1
name: again
nodes:
  a: {kind: algorithm, algorithm: writer, secrets: [KEY]}
"""
    for _ in range(2):
        run = workshop.do(flow)
    step = workshop.steps(run.id)["a"]
    assert (step.state, step.why_run) == (
        StepState.SUCCEEDED,
        "its cache is off, or its code may read more than its inputs",
    )


def test_an_order_does_not_say_its_secrets() -> None:
    step = PlannedStep("a", "algorithm", secrets=("KEY",))
    order = StepOrder(StepKey("r", "a", 1), step, {}, {}, {}, StoreOptions("file:///s"), secrets={"KEY": "hunter2"})
    assert "hunter2" not in repr(order)


@pytest.mark.parametrize(
    ("values", "text", "hidden"),
    [
        (["hunter2"], "pw=hunter2;hunter2", "pw=***;***"),
        (["first line\nsecond line"], "second line", "***"),
        (["abcd", "abcdef"], "abcdef", "***"),
        (["a.c(d"], "a.c(d abc(d", "*** abc(d"),
        (["1"], "1 of 10", "1 of 10"),
        ([], "hunter2", "hunter2"),
    ],
)
def test_what_a_mask_hides(values: list[str], text: str, hidden: str) -> None:
    assert Mask(values).hide(text) == hidden


def test_variables_are_given_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DIX_TEST_OLD", "old")
    with lend_variables({"DIX_TEST_OLD": "new", "DIX_TEST_NEW": "new"}):
        assert (os.environ["DIX_TEST_OLD"], os.environ["DIX_TEST_NEW"]) == ("new", "new")
    assert os.environ["DIX_TEST_OLD"] == "old"
    assert "DIX_TEST_NEW" not in os.environ
