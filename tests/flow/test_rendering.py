"""A flow made ready for a run: rendered, inherited, checked again, filled in."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Any

import pytest

from dix.errors import BadDocument, Problem
from dix.flow.check import check_flow
from dix.flow.context import RunContext
from dix.flow.document import AlgorithmNode, DataNode, ModelNode
from dix.flow.graph import topological_order
from dix.flow.needs import Needs
from dix.flow.rendering import ReadyFlow, render_flow
from dix.flow.spec import AlgorithmSpecs
from dix.flow.text import read_flow

FLOW = """\
dix: 1
name: f
params:
  {rate: 0.1, epochs: 3, cards: [A100, H100], text: "{ds}", long: 1h, ref: "models:/digits/3", cpu: 500m, opt: {a: 1}}
defaults:
  resources: {cpu: 2, memory: "{{ 2 }}GiB", custom: {fpga: 1}}
  retries: 4
  timeout: "{{ params.long }}"
  env: {DAY: "{{ ds }}", LEVEL: low}
  stage: uri
nodes:
  a:
    kind: data
    uri: "digits/{{ ds }}/train.parquet"
    wait: {timeout: 1m}
    resources: {memory: 3GiB}
    timeout: 5s
    env: {LEVEL: high}
  c:
    kind: algorithm
    algorithm: cnn
    framework: torch
    inputs: {train: a}
    params: {learning_rate: "{{ params.rate }}", epochs: "{{ params.epochs }}", layers: ["{{ params.epochs }}", 2]}
    resources: {cpu: "{{ params.cpu }}", gpu: "{{ 1 / 2 }}", workers: "{{ 1 + 2 }}", accelerator: "{{ params.cards }}",
                custom: {fpga: "{{ 2 }}"}, disk: 1G}
    env: {EPOCHS: "{{ params.epochs }}", TEXT: "{{ params.text }}"}
    retries: 0
    retry: {wait: 10s, backoff: 2}
    model: "digits-{{ ds_nodash }}"
  m:
    kind: model
    model: "{{ params.ref }}"
    inputs: {data: a}
    output: "scores/{{ run_id }}/"
"""


def context(**params: Any) -> RunContext:
    return RunContext.at(datetime(2024, 1, 2, tzinfo=UTC), "r1", params)


def problems_of(document: str, **params: Any) -> tuple[Problem, ...]:
    with pytest.raises(BadDocument) as caught:
        render_flow(read_flow(document), context(**params))
    return caught.value.problems


def test_every_template_is_filled_in() -> None:
    ready = render_flow(read_flow(FLOW), context())
    a, c, m = ready.nodes["a"], ready.nodes["c"], ready.nodes["m"]
    assert isinstance(a, DataNode)
    assert isinstance(c, AlgorithmNode)
    assert isinstance(m, ModelNode)
    assert a.uri == "digits/2024-01-02/train.parquet"
    assert c.params == {"learning_rate": 0.1, "epochs": 3, "layers": [3, 2]}
    assert c.env == {"DAY": "2024-01-02", "LEVEL": "low", "EPOCHS": "3", "TEXT": "{ds}"}
    assert c.model == "digits-20240102"
    assert (m.model, m.output) == ("models:/digits/3", "scores/r1/")


def test_defaults_are_inherited_field_by_field() -> None:
    ready = render_flow(read_flow(FLOW), context())
    assert ready.needs["a"] == Needs(
        cpu=2.0, memory_bytes=3 * 2**30, custom={"fpga": 1.0}, timeout_s=5.0, retries=4, wait_timeout_s=60.0,
        wait_every_s=30.0,
    )  # fmt: skip
    assert ready.needs["c"] == Needs(
        cpu=0.5, gpu=0.5, memory_bytes=2 * 2**30, disk_bytes=10**9, workers=3, accelerators=("A100", "H100"),
        custom={"fpga": 2.0}, timeout_s=3600.0, retries=0, retry_wait_s=10.0, retry_backoff=2.0,
    )  # fmt: skip
    assert ready.nodes["a"].env == {"DAY": "2024-01-02", "LEVEL": "high"}
    assert (ready.nodes["a"].stage, ready.nodes["a"].cache, ready.nodes["a"].bad_rows) == ("uri", True, 0.0)


def test_a_flow_that_says_nothing_has_the_built_in_needs() -> None:
    ready = render_flow(read_flow("dix: 1\nname: f\nnodes: {a: {kind: data, uri: x}}"), context())
    assert ready.needs == {"a": Needs(cpu=1.0, gpu=0.0, memory_bytes=2**30, workers=1)}


def test_the_runs_parameters_go_over_the_flows() -> None:
    ready = render_flow(read_flow(FLOW), context(rate=1, epochs=5))
    assert ready.params["rate"] == 1.0
    assert ready.params["epochs"] == 5
    assert ready.nodes["c"].params["learning_rate"] == 1.0  # type: ignore[union-attr]  # it is an algorithm node


def test_text_that_a_template_gave_is_never_parsed_again(specs: AlgorithmSpecs) -> None:
    ready = render_flow(read_flow(FLOW), context(text="{{ nothing }}{%", long="2h"))
    assert ready.nodes["c"].env["TEXT"] == "{{ nothing }}{%"
    assert check_flow(ready, specs) == ()
    text = FLOW.replace("{DAY:", "{INNER: '{{ params.text }}', DAY:")
    again = render_flow(read_flow(text), context(text="{{ ds }}"))
    assert again.nodes["a"].env["INNER"] == "{{ ds }}"


@pytest.mark.parametrize(
    ("old", "new", "node", "field", "rule"),
    [
        ("digits/{{ ds }}/train.parquet", "{{ params.epochs }}", "a", "uri", "type"),
        ("digits/{{ ds }}/train.parquet", "{{ params.opt.b }}", "a", "uri", "unknown-name"),
        ("digits/{{ ds }}/train.parquet", "{{ 'a' * 10**10 }}", "a", "uri", "template"),
        ("digits/{{ ds }}/train.parquet", "{{ '' }}", "a", "uri", "type"),
        ("{{ params.cpu }}", "{{ params.opt }}", "c", "resources.cpu", "type"),
        ("{{ params.cpu }}", "{{ -1 }}", "c", "resources.cpu", "quantity"),
        ("{{ params.cards }}", "{{ params.rate }}", "c", "resources.accelerator.0", "type"),
        ("{{ params.long }}", "{{ 30 }}", None, "defaults.timeout", "quantity"),
        ("{{ params.long }}", "{{ params.none }}", None, "defaults.timeout", "unknown-name"),
        ("['{{ params.epochs }}'", "['{{ 1 / 0 }}'", "c", "params.layers.0", "template"),
    ],
)
def test_what_a_template_may_not_give_is_told(old: str, new: str, node: str | None, field: str, rule: str) -> None:
    text = FLOW.replace('layers: ["{{ params.epochs }}"', "layers: ['{{ params.epochs }}'").replace(old, new)
    (problem,) = problems_of(text)
    assert (problem.node, problem.field, problem.rule) == (node, field, rule)


def test_wrong_parameters_are_told_all_at_once() -> None:
    found = problems_of(FLOW, rat=1, epochs="x", cards="A100", text=None)
    assert [(problem.field, problem.rule, problem.nearest) for problem in found] == [
        ("params.rat", "unknown-parameter", "rate"),
        ("params.epochs", "type", None),
        ("params.cards", "type", None),
        ("params.text", "type", None),
    ]


def test_what_came_out_is_checked_against_the_algorithms(specs: AlgorithmSpecs) -> None:
    ready = render_flow(read_flow(FLOW), context(epochs=0, ref="nonsense here"))
    assert isinstance(ready, ReadyFlow)
    found = {(problem.node, problem.field) for problem in check_flow(ready, specs)}
    assert found == {("c", "params.epochs"), ("m", "model")}


def test_a_circle_may_be_told_its_model_by_a_parameter(specs: AlgorithmSpecs) -> None:
    ready = render_flow(read_flow(FLOW), context(ref="c"))
    assert check_flow(ready, specs) == ()
    assert topological_order(ready) == ("a", "c", "m")


def test_a_quantity_that_came_out_as_a_template_is_told() -> None:
    (problem,) = problems_of(FLOW, long="{{ ds }}")
    assert (problem.field, problem.rule) == ("defaults.timeout", "quantity")


def test_ten_thousand_nodes_are_rendered_and_checked_in_seconds(specs: AlgorithmSpecs, big_flow: str) -> None:
    doc = read_flow(big_flow)
    start = time.monotonic()
    ready = render_flow(doc, context())
    assert len(ready.needs) == 10_000
    assert check_flow(ready, specs) == ()
    assert time.monotonic() - start < 20  # 2 s on an idle core; the limit only tells linear from quadratic
