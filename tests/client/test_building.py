"""Flow documents built in Python."""

from __future__ import annotations

import doctest

import pytest

import dix
from dix.client import building
from dix.errors import AlreadyExists
from dix.flow.check import check_text
from dix.flow.document import AlgorithmNode, ModelNode
from dix.flow.text import hash_flow, read_flow
from tests.api.fakes import CNN

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


def test_it_is_the_same_document_as_the_text() -> None:
    assert hash_flow(read_flow(make_flow().to_text())) == hash_flow(read_flow(TEXT))


def test_it_passes_the_check() -> None:
    doc = check_text(make_flow().to_text(), {"cnn": CNN})
    assert isinstance(doc.nodes["cnn"], AlgorithmNode)
    assert isinstance(doc.nodes["score"], ModelNode)


def test_a_node_has_a_name_of_its_own() -> None:
    flow = dix.Flow("digits")
    flow.data("a", "x")
    with pytest.raises(AlreadyExists):
        flow.data("a", "y")


def test_the_example_in_the_docstring_runs() -> None:
    assert doctest.testmod(building).failed == 0
    assert doctest.testmod(building).attempted > 0
