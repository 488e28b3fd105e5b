"""The flow document as the canvas has it: plain values, in which a browser can hold every number.

JavaScript knows 2.0 only as 2, and 12345678901234567890 only roughly. Such a number travels as the text that it is
written with, under a key that no document has.
"""

from __future__ import annotations

from typing import Any

from dix.errors import BadDocument
from dix.flow.canonical import settle_layout
from dix.flow.document import FlowDoc
from dix.flow.shape import shape_flow
from dix.flow.text import read_flow, write_flow
from dix.flow.writer import write_yaml

EXACT = "\0number"
MOST_EXACT = 2**53 - 1

Drawing = dict[str, Any]


def draw(doc: FlowDoc) -> Drawing:
    """The document as a drawing; what has its default is left out."""
    whole: Drawing = doc.model_dump(mode="json", exclude_defaults=True)
    settle_layout(whole)
    drawing: Drawing = _to_browser(whole)
    return drawing


def draw_text(text: str) -> Drawing:
    """A document's text as a drawing; raises BadDocument."""
    return draw(read_flow(text))


def make_blank(name: str) -> Drawing:
    """A flow in which nothing is yet."""
    return {"dix": 1, "name": name, "nodes": {}}


def write_drawing(drawing: Drawing) -> str:
    """The drawing as the text of a document, also where it is not a whole one yet."""
    tree = _from_browser(drawing)
    try:
        shaped = shape_flow(tree)
    except BadDocument:
        return write_yaml(tree)
    return write_yaml(tree) if shaped.problems or shaped.doc is None else write_flow(shaped.doc)


def _to_browser(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _to_browser(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_to_browser(each) for each in value]
    if isinstance(value, float) and value.is_integer():
        return {EXACT: repr(value)}
    if isinstance(value, int) and abs(value) > MOST_EXACT:
        return {EXACT: str(value)}
    return value


def _from_browser(value: Any) -> Any:
    if isinstance(value, dict):
        exact = value.get(EXACT)
        if isinstance(exact, str):
            return int(exact) if exact.lstrip("-").isdecimal() else float(exact)
        return {str(name): _from_browser(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_from_browser(each) for each in value]
    return value
