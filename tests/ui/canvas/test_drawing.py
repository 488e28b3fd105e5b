"""A document becomes a drawing and a document again, and nothing is lost on the way through a browser."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dix.flow.document import FlowDoc
from dix.flow.text import canonical_text, read_flow, write_flow
from ui.canvas.drawing import EXACT, draw, draw_text, make_blank, write_drawing

NAMES = st.from_regex(r"[A-Za-z_][A-Za-z0-9_]{0,10}", fullmatch=True)
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)
NUMBERS = st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False, allow_infinity=False)
VALUES = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=6,
)
PARAMS = st.dictionaries(NAMES, VALUES, max_size=3)
PLACES = st.tuples(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6))


@st.composite
def documents(draw: Any) -> FlowDoc:
    names = draw(st.lists(NAMES, min_size=1, max_size=4, unique=True))
    nodes: dict[str, Any] = {names[0]: {"kind": "data", "uri": "x", "title": draw(TEXTS)}}
    for name in names[1:]:
        inputs = {"data": names[0]}
        nodes[name] = {"kind": "algorithm", "algorithm": "noop", "inputs": inputs, "params": draw(PARAMS)}
    layout = {
        "nodes": draw(st.dictionaries(NAMES, PLACES, max_size=3)),
        "notes": draw(st.lists(st.dictionaries(TEXTS, VALUES, max_size=2), max_size=2)),
        "frames": draw(st.lists(st.dictionaries(TEXTS, VALUES, max_size=2), max_size=2)),
    }
    whole = {"dix": 1, "name": "flow", "params": draw(PARAMS), "nodes": nodes, "layout": layout}
    return FlowDoc.model_validate(whole)


def through_a_browser(drawing: dict[str, Any]) -> dict[str, Any]:
    """What JavaScript makes of it: whole floats are integers there, and integers are held to 53 bits."""

    def squeeze(value: Any) -> Any:
        if isinstance(value, float) and value.is_integer():
            return int(value)
        if isinstance(value, int) and not isinstance(value, bool):
            return int(float(value))
        if isinstance(value, dict):
            return {name: squeeze(each) for name, each in value.items()}
        return [squeeze(each) for each in value] if isinstance(value, list) else value

    squeezed: dict[str, Any] = squeeze(json.loads(json.dumps(drawing)))
    return squeezed


@given(documents())
def test_nothing_is_lost_through_a_browser(doc: FlowDoc) -> None:
    assert canonical_text(read_flow(write_drawing(through_a_browser(draw(doc))))) == canonical_text(doc)


@given(documents())
def test_a_drawing_is_the_same_after_it_was_kept(doc: FlowDoc) -> None:
    drawing = draw(doc)
    assert draw_text(write_drawing(drawing)) == drawing


def test_what_is_kept_reads_as_people_write_it() -> None:
    text = "dix: 1\nname: flow\nnodes:\n  a: {kind: data, uri: x}\nlayout: {nodes: {a: [1, 2], gone: [3, 4]}}\n"
    doc = read_flow(text)
    assert write_drawing(draw(doc)) == write_flow(doc)


@pytest.mark.parametrize("number", [2.0, -1e300, 2**62 + 1, -(2**63)])
def test_a_number_that_javascript_cannot_hold_travels_as_text(number: float) -> None:
    doc = read_flow(f"dix: 1\nname: flow\nparams: {{x: {number!r}}}\nnodes:\n  a: {{kind: data, uri: x}}\n")
    drawing = draw(doc)
    assert set(drawing["params"]["x"]) == {EXACT}
    back = read_flow(write_drawing(drawing)).params["x"]
    assert (back, type(back)) == (doc.params["x"], type(doc.params["x"]))


def test_what_is_no_whole_document_yet_can_be_written_all_the_same() -> None:
    assert write_drawing(make_blank("new")) == "dix: 1\nname: new\nnodes: {}\n"
    half = {**make_blank("new"), "nodes": {"a": {"kind": "data", "uri": "", "colour": "red"}}}
    assert "colour: red" in write_drawing(half)
