"""What is drawn for the nodes of a document."""

from __future__ import annotations

from dix.client.pictures.nodes import describe_node, find_trainers, make_shape
from dix.client.pictures.shapes import Kind
from dix.flow.text import read_flow
from dix.records.states import StepState

DOC = read_flow(
    """\
dix: 1
name: digits
nodes:
  data: {kind: data, uri: x}
  parts: {kind: algorithm, algorithm: split, inputs: {data: data}}
  named: {kind: algorithm, algorithm: cnn, framework: torch, title: A net, inputs: {train: parts.train}, model: digits}
  used: {kind: algorithm, algorithm: cnn, inputs: {train: parts.train}}
  score: {kind: model, model: used, inputs: {data: data}}
  other: {kind: model, model: "models:/digits/1", inputs: {data: data}}
"""
)


def test_a_flask_hangs_on_what_is_named_or_used() -> None:
    assert find_trainers(DOC) == {"named", "used"}


def test_the_flask_fills_when_the_model_is_there() -> None:
    node = DOC.nodes["named"]
    assert make_shape("named", node, None, True).flask is False
    assert make_shape("named", node, StepState.RUNNING, True).flask is False
    assert make_shape("named", node, StepState.SUCCEEDED, True).flask is True
    assert make_shape("named", node, StepState.SUCCEEDED, False).flask is None


def test_a_node_says_what_it_does_or_how_it_stands() -> None:
    shape = make_shape("named", DOC.nodes["named"], None, True)
    assert (shape.kind, shape.title, shape.subtitle) == (Kind.ALGORITHM, "A net", "cnn · torch")
    assert make_shape("score", DOC.nodes["score"], StepState.WAITING, False).subtitle == "waiting"
    assert [describe_node(node) for node in DOC.nodes.values()] == [
        "data",
        "split",
        "cnn · torch",
        "cnn",
        "model",
        "model",
    ]
