"""What goes into a step: it is done again exactly when something that it depends on has changed."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dix.engine.fingerprint import make_fingerprint, tell_why_new, tell_why_unknown
from dix.engine.messages import StepKey, StepOrder
from dix.engine.plan import PlannedStep, Slice, Source
from dix.engine.recipes import Surroundings
from dix.records.recipe import Recipe
from dix.records.result import Result
from dix.records.step import Step
from dix.store.options import StoreOptions

HERE = Surroundings("c0de", {"dix": "1", "torch": "2"}, "file:///s")
NET = PlannedStep(
    "net", "algorithm", algorithm="cnn", framework="torch", params={"learning_rate": 0.1},
    inputs={"train": Source("rows", "data")}, model_name="m",
)  # fmt: skip


def order(step: PlannedStep = NET, **digests: str) -> StepOrder:
    return StepOrder(StepKey("r1", step.node, 1), step, {}, {}, {}, StoreOptions("file:///s"), digests=digests)


def fingerprint(step: PlannedStep = NET, here: Surroundings = HERE, project: str = "p", train: str = "d1") -> Recipe:
    made = make_fingerprint(order(step, train=train), project, here)
    assert made is not None
    return made


def why(after: Recipe) -> str:
    return tell_why_new(after, Result(Step("r12", "net"), fingerprint()))


def test_why_a_step_is_done_again_is_told_by_part() -> None:
    rate = fingerprint(replace(NET, params={"learning_rate": 0.01}))
    assert why(rate) == "params.learning_rate was 0.1 in run r12, now 0.01"
    assert why(fingerprint(train="d2")) == "input train changed since run r12"
    assert why(fingerprint(here=replace(HERE, code="new"))) == "the code of the algorithms changed since run r12"
    assert (
        why(fingerprint(here=replace(HERE, versions={"dix": "1", "torch": "3"}))) == "version was 2 in run r12, now 3"
    )
    assert why(fingerprint()) == "the outputs of run r12 are gone"
    assert tell_why_new(fingerprint(), None) == "no earlier run has left its outputs"


def test_where_the_same_content_lies_does_not_matter() -> None:
    moved = replace(NET, inputs={"train": Source("other", "test")})
    assert fingerprint(moved).digest == fingerprint().digest


def test_another_project_has_its_own() -> None:
    assert fingerprint(project="q").digest != fingerprint().digest


@pytest.mark.parametrize(
    ("step", "said"),
    [
        (replace(NET, cache=False), "its cache is off, or its code may read more than its inputs"),
        (
            replace(NET, inputs=NET.inputs | {"valid": Source("rows", "data")}),
            "it is not known what its input valid holds",
        ),
        (PlannedStep("rows", "data", uri="in/rows.csv"), None),
    ],
)
def test_in_doubt_there_is_none(step: PlannedStep, said: str | None) -> None:
    assert make_fingerprint(order(step, train="d1"), "p", HERE) is None
    assert tell_why_unknown(order(step, train="d1")) == said


def test_a_model_from_outside_counts_by_its_content() -> None:
    step = PlannedStep("s", "model", models={"model": "models:/digits"})
    one, two = (make_fingerprint(order(step, model=digest), "p", HERE) for digest in ("d1", "d2"))
    pinned = make_fingerprint(order(replace(step, models={"model": "models:/digits/1"}), model="d1"), "p", HERE)
    assert one is not None
    assert two is not None
    assert pinned is not None
    assert one.digest != two.digest
    assert one.digest == pinned.digest


def test_every_field_of_a_step_is_a_part_or_is_known_not_to_matter() -> None:
    parts = {
        "kind",
        "algorithm",
        "framework",
        "params",
        "inputs",
        "models",
        "uri",
        "format",
        "output",
        "model_name",
        "slice",
        "env",
        "code",
        "entry",
        "stages",
        "asked",
        "bad_rows",
    }
    how_and_when = {"node", "default_port", "waiting", "retrying", "timeout_s", "skip", "is_given", "cache", "secrets"}
    assert {field.name for field in fields(PlannedStep)} == parts | how_and_when
    how = {"cpu", "gpu", "memory_bytes", "custom", "disk_bytes", "accelerators"}
    assert {field.name for field in fields(Slice)} == how | {"workers"}


# A world of steps whose outputs depend on all that goes into them, and on nothing else.

Graph = dict[str, tuple[int, ...]]


@st.composite
def worlds(draw: st.DrawFn) -> list[dict[str, Any]]:
    """A flow and edits of it: for each node its parameter and the nodes before it, for each source its content."""
    size = draw(st.integers(1, 6))
    small = st.integers(0, 2)
    above = st.tuples(*(st.sets(st.integers(0, i - 1), max_size=2) if i else st.just(set()) for i in range(size)))
    states = st.fixed_dictionaries(
        {"params": st.tuples(*(small for _ in range(size))), "data": small, "above": above, "code": small}
    )
    return draw(st.lists(states, min_size=1, max_size=6))


def play(state: dict[str, Any], memory: dict[str, str]) -> tuple[list[str], list[bool]]:
    """One run: what each node leaves, and whether it was taken from an earlier run."""
    left: list[str] = []
    cached: list[bool] = []
    here = replace(HERE, code=str(state["code"]))
    for i, above in enumerate(state["above"]):
        ports = {f"p{one}": left[one] for one in sorted(above)} or {"data": f"data{state['data']}"}
        inputs = {port: Source("x", "data") for port in ports}
        step = PlannedStep(f"n{i}", "algorithm", algorithm="a", params={"x": state["params"][i]}, inputs=inputs)
        made = make_fingerprint(order(step, **ports), "p", here)
        assert made is not None
        content = f"{state['code']}/{state['params'][i]}/{sorted(ports.items())}"  # what the algorithm would leave
        cached.append(made.digest in memory)
        left.append(memory.setdefault(made.digest, content))
        assert left[-1] == content, "something else was taken than what it would have left"
    return left, cached


@settings(max_examples=300, deadline=None)
@given(worlds())
def test_a_step_is_taken_exactly_when_the_same_went_into_it_before(states: list[dict[str, Any]]) -> None:
    memory: dict[str, str] = {}
    done: set[str] = set()
    for state in states:
        left, cached = play(state, memory)
        for content, was_cached in zip(left, cached, strict=True):
            assert was_cached is (content in done)
            done.add(content)
