"""A flow as one picture."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest

from dix.client.pictures.graphs import MAX_NODES, draw_graph
from dix.errors import BadDocument
from dix.flow.text import read_flow
from dix.records.states import StepState
from tests.client.test_building import make_flow

SVG = "{http://www.w3.org/2000/svg}"


def test_a_flow_has_its_shapes_and_lines() -> None:
    picture = ET.fromstring(draw_graph(make_flow().to_doc()))
    assert len(picture.findall(f"{SVG}svg")) == 4
    assert len(list(picture.iter(f"{SVG}polygon"))) == 2
    assert len(list(picture.iter(f"{SVG}circle"))) == 1
    assert len(picture.findall(f"{SVG}path")) == 3
    left, top, width, height = map(float, picture.attrib["viewBox"].split())
    for node in picture.findall(f"{SVG}svg"):
        assert left <= float(node.attrib["x"]) <= left + width - float(node.attrib["width"])
        assert top <= float(node.attrib["y"]) <= top + height - float(node.attrib["height"])


def test_states_have_their_colours() -> None:
    assert draw_graph(make_flow().to_doc()) != draw_graph(make_flow().to_doc(), {"cnn": StepState.FAILED})


def test_a_large_flow_is_drawn_in_part_and_a_cycle_refused(big_flow: str) -> None:
    assert draw_graph(read_flow(big_flow)).count("<svg") == MAX_NODES + 1
    with pytest.raises(BadDocument, match="cycle"):
        draw_graph(read_flow("dix: 1\nname: a\nnodes: {a: {kind: model, model: x/y, inputs: {data: a}}}"))


@pytest.fixture
def big_flow() -> str:
    nodes = "".join(f"  n{i}: {{kind: data, uri: x}}\n" for i in range(MAX_NODES + 5))
    return f"dix: 1\nname: big\nnodes:\n{nodes}"
