"""A flow made ready: templates filled in, defaults inherited, edges resolved."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from dix.algorithms.lookup import list_specs
from dix.engine.plan import Plan, Retrying, Slice, Source, Waiting, make_plan
from dix.errors import BadValue, NotFound
from dix.flow.context import RunContext
from dix.flow.rendering import render_flow
from dix.flow.text import read_flow

NOON = datetime(2026, 5, 17, 12, tzinfo=UTC)
FLOW = """
dix: 1
name: digits
params: {rate: 0.01, cores: 2}
defaults: {resources: {cpu: 0.5, memory: 2GiB}, retries: 1, retry: {wait: 10s, backoff: 2}}
nodes:
  score:
    kind: model
    model: Big_net
    inputs: {data: parts.test}
    output: "scores/{{ ds }}/"
  parts: {kind: algorithm, algorithm: split, inputs: {data: rows}}
  rows: {kind: data, uri: "digits/{{ ds }}/all.parquet", format: parquet, wait: {timeout: 1h, every: 30s}}
  Big_net:
    kind: algorithm
    algorithm: cnn
    framework: torch
    inputs: {train: parts, valid: parts.valid}
    params: {learning_rate: "{{ params.rate }}", epochs: 3}
    resources: {cpu: "{{ params.cores }}", gpu: 0.5}
    timeout: 2h
  fixed: {kind: model, model: "models:/digits/3", inputs: {data: parts.test}}
  check: {kind: algorithm, algorithm: evaluate, inputs: {data: score}}
"""


def plan(text: str = FLOW, **selection: str) -> Plan:
    ready = render_flow(read_flow(text), RunContext.at(NOON, "r1", {}))
    return make_plan(ready, list_specs(), 7, selection)


def test_upstream_comes_before_downstream() -> None:
    made = plan()
    names = [step.node for step in made.steps]
    assert (made.flow, made.flow_version, len(names)) == ("digits", 7, 6)
    for step in made.steps:
        assert all(names.index(source.node) < names.index(step.node) for source in step.inputs.values())


def test_a_data_node_has_its_address_and_its_wait() -> None:
    rows = plan().step("rows")
    assert (rows.kind, rows.uri, rows.format) == ("data", "digits/2026-05-17/all.parquet", "parquet")
    assert rows.waiting == Waiting(3600, 30)


def test_an_algorithm_has_its_parameters_slice_and_limits() -> None:
    net = plan().step("Big_net")
    assert (net.algorithm, net.framework, net.timeout_s, net.default_port) == ("cnn", "torch", 7200, "model")
    assert net.slice == Slice(2.0, 0.5, 2 * 2**30)
    assert net.retrying == Retrying(1, 10, 2)
    assert (net.params["learning_rate"], net.params["epochs"]) == (0.01, 3)
    assert "batch_size" in net.params, "defaults are filled in"
    assert net.model_name == "digits-big-net"
    assert net.inputs == {"train": Source("parts", "train"), "valid": Source("parts", "valid")}


def test_a_circle_has_its_model_from_a_node_or_from_outside() -> None:
    score, fixed = plan().step("score"), plan().step("fixed")
    assert score.inputs == {"data": Source("parts", "test"), "model": Source("Big_net", "model")}
    assert (score.models, score.output) == ({}, "scores/2026-05-17/")
    assert (fixed.models, fixed.inputs) == ({"model": "models:/digits/3"}, {"data": Source("parts", "test")})


def test_defaults_are_inherited_where_the_node_is_silent() -> None:
    check = plan().step("check")
    assert (check.slice, check.retrying) == (Slice(0.5, 0.0, 2 * 2**30), Retrying(1, 10, 2))
    assert (check.timeout_s, check.skip, check.waiting) == (None, None, None)


def test_to_leaves_out_what_the_node_does_not_need() -> None:
    skips = {step.node: step.skip for step in plan(to="score").steps}
    assert {node for node, skip in skips.items() if skip is None} == {"rows", "parts", "Big_net", "score"}
    assert skips["check"] == "the run goes to score only"


def test_what_a_selection_needs_beside_it_is_given() -> None:
    steps = {step.node: (step.skip is None, step.is_given) for step in plan(**{"from": "score"}).steps}
    assert {node for node, (_runs, is_given) in steps.items() if is_given} == {"parts", "Big_net"}
    assert {node for node, (runs, _given) in steps.items() if runs} == {"parts", "Big_net", "score", "check"}


def test_an_algorithm_that_may_read_more_than_its_inputs_is_never_used_again() -> None:
    text = FLOW.replace("algorithm: cnn", "algorithm: caffe").replace("    framework: torch\n", "")
    text = text.replace('    params: {learning_rate: "{{ params.rate }}", epochs: 3}\n', "")
    assert plan(text).step("Big_net").cache is False
    assert plan().step("Big_net").cache is True
    assert plan(FLOW.replace("    timeout: 2h", "    cache: false")).step("Big_net").cache is False


def test_muted_says_so() -> None:
    assert (
        plan(FLOW.replace("algorithm: evaluate,", "algorithm: evaluate, muted: true,")).step("check").skip
        == "it is muted"
    )


@pytest.mark.parametrize(
    ("selection", "error"), [({"to": "scor"}, NotFound), ({"from": "check", "to": "score"}, BadValue)]
)
def test_a_selection_that_cannot_be_is_refused(selection: dict[str, str], error: type[Exception]) -> None:
    with pytest.raises(error):
        plan(**selection)


def test_an_unknown_node_names_the_nearest() -> None:
    with pytest.raises(NotFound, match=r"no node scor; did you mean score\?"):
        plan(to="scor")


def test_slices_read_as_people_say_them() -> None:
    assert str(Slice(2, 0.5, 2**30, {"fpga": 1})) == "2 cpu, 0.5 gpu, 1 fpga"
    assert str(Slice(0.25)) == "0.25 cpu"


def test_a_plan_is_the_same_each_time_it_is_made() -> None:
    assert plan() == plan()


def test_a_plan_travels() -> None:
    import pickle

    made: Any = pickle.loads(pickle.dumps(plan()))
    assert made == plan()
