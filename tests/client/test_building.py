"""Flow documents built in Python."""

from __future__ import annotations

import doctest
import math
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings

import dix
from dix.client import building
from dix.client.connection import Client
from dix.client.fields import Defaults, Layout, NodeFields, Resources, Retry, Wait
from dix.errors import AlreadyExists, BadDocument, BadValue, NotFound
from dix.flow import document
from dix.flow.check import check_text
from dix.flow.document import NODE_KINDS, AlgorithmNode, FlowDoc, ModelNode
from dix.flow.text import hash_flow, read_flow
from tests.api.fakes import CNN
from tests.flow.test_text import DOCUMENTS

TEXT = """\
dix: 1
name: digits
description: "no"
params: {epochs: 3, rate: 1.0e-3}
defaults: {retries: 1}
nodes:
  train_set: {kind: data, uri: "数字/{{ ds }}/train.parquet"}
  cnn:
    kind: algorithm
    algorithm: cnn
    framework: torch
    inputs: {train: train_set}
    params: {epochs: "{{ params.epochs }}"}
    model: digits
  test_set: {kind: data, uri: digits/test.parquet, format: parquet}
  score: {kind: model, model: cnn, inputs: {data: test_set.data}}
"""


def make_flow() -> dix.Flow:
    flow = dix.Flow("digits", description="no", params={"epochs": 3, "rate": 1e-3}, defaults={"retries": 1})
    train = flow.data("train_set", uri="数字/{{ ds }}/train.parquet")
    cnn = flow.algorithm(
        "cnn", framework="torch", inputs={"train": train}, params={"epochs": flow.param("epochs")}, model="digits"
    )
    test = flow.data("test_set", "digits/test.parquet", format="parquet")
    flow.model("score", model=cnn, inputs={"data": test["data"]})
    return flow


def build(value: dict[str, Any]) -> dix.Flow:
    """A document, built by the calls that a person would write."""
    head = {field: value[field] for field in ("description", "params", "defaults", "layout") if field in value}
    flow = dix.Flow(value["name"], **head)
    for name, node in value["nodes"].items():
        fields = dict(node)
        getattr(flow, fields.pop("kind"))(name, **fields)
    return flow


def test_it_is_the_same_document_as_the_text() -> None:
    assert hash_flow(read_flow(make_flow().to_text())) == hash_flow(read_flow(TEXT))


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(DOCUMENTS)
def test_any_document_can_be_built_and_comes_back(value: dict[str, Any]) -> None:
    doc = FlowDoc.model_validate(value)
    flow = build(value)
    for text in (flow.to_text(), flow.to_yaml(), dix.Flow.read(flow.to_text()).to_yaml()):
        assert read_flow(text) == doc
    assert flow.to_doc() == doc


@pytest.mark.parametrize(
    ("fields", "part"),
    [
        (Defaults, document.Defaults),
        (Resources, document.Resources),
        (Retry, document.Retry),
        (Wait, document.Wait),
        (Layout, document.Layout),
    ],
)
def test_fields_are_those_of_the_document(fields: Any, part: Any) -> None:
    assert set(fields.__annotations__) == set(part.model_fields)


@pytest.mark.parametrize("kind", NODE_KINDS)
def test_every_field_of_a_node_is_an_argument(kind: str) -> None:
    named = set(getattr(dix.Flow, kind).__annotations__) | set(NodeFields.__annotations__)
    assert set(NODE_KINDS[kind].model_fields) - {"kind"} <= named


def test_it_passes_the_check() -> None:
    doc = check_text(make_flow().to_text(), {"cnn": CNN})
    assert isinstance(doc.nodes["cnn"], AlgorithmNode)
    assert isinstance(doc.nodes["score"], ModelNode)


def test_a_node_has_a_name_of_its_own() -> None:
    flow = dix.Flow("digits")
    flow.data("a", "x")
    with pytest.raises(AlreadyExists):
        flow.data("a", "y")


def test_a_field_that_there_is_not_is_refused_with_the_one_that_was_meant() -> None:
    flow = dix.Flow("digits")
    with pytest.raises(NotFound, match=r"no field of algorithm node cnn: retrys; did you mean retry"):
        flow.algorithm("cnn", retrys=2)  # type: ignore[call-arg]
    with pytest.raises(NotFound, match="did you mean timeout"):
        dix.Flow("digits", defaults={"timeot": 2})  # type: ignore[typeddict-unknown-key]


def test_values_of_python_become_values_of_the_document() -> None:
    flow = dix.Flow("digits", params={"rate": np.float64(0.5), "shuffle": np.bool_(True)})
    flow.data("a", Path("digits/train.parquet"), wait={"timeout": timedelta(minutes=5)})
    flow.algorithm("cnn", params={"layers": (np.int64(3), 4)}, secrets=("KEY",))
    document = flow.to_document()
    assert document["params"] == {"rate": 0.5, "shuffle": True}
    assert document["nodes"]["a"] == {"kind": "data", "uri": "digits/train.parquet", "wait": {"timeout": "300s"}}
    assert document["nodes"]["cnn"]["params"] == {"layers": [3, 4]}
    with pytest.raises(BadValue, match=r"cnn2.params.net: expected text, a number.*got 'object'"):
        flow.algorithm("cnn2", params={"net": object()})
    with pytest.raises(BadValue, match="ports to nodes"):
        flow.model("score", "digits", inputs="a")  # type: ignore[arg-type]


def test_what_is_wrong_in_its_shape_is_told_without_a_server() -> None:
    flow = dix.Flow("Digits", params={"rate": math.inf})
    flow.data("1a", "", resources={"cpus": 1})  # type: ignore[typeddict-unknown-key]
    with pytest.raises(BadDocument) as told:
        flow.to_doc()
    assert len(told.value.problems) >= 4


def test_a_flow_is_read_changed_checked_kept_and_run(client: Client, tmp_path: Path) -> None:
    path = tmp_path / "flow.yaml"
    path.write_text(TEXT, encoding="utf-8")
    flow = dix.Flow.read(path)
    flow.algorithm("second", "cnn", framework="torch", inputs={"train": "train_set"})
    flow.place("second", 10, 20)
    flow.check(client)
    kept = flow.push(client)
    assert flow.run({"epochs": 5}, client).flow_version == kept.version == client.flows.push(flow).version
    flow.data("bad", "x", format="parket")  # type: ignore[arg-type]
    with pytest.raises(BadDocument, match="parquet"):
        flow.check(client)


def test_the_document_handed_out_is_a_copy() -> None:
    flow = make_flow()
    flow.to_document()["nodes"].clear()
    assert len(flow.to_document()["nodes"]) == 4


def test_the_example_in_the_docstring_runs() -> None:
    assert doctest.testmod(building).failed == 0
    assert doctest.testmod(building).attempted > 0
