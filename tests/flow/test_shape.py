"""Problems of shape: what was expected, what came, what to do."""

from __future__ import annotations

import re
import time
from typing import Any

import pytest

from dix.flow.shape import shape_flow

SOUND: dict[str, Any] = {"dix": 1, "name": "f", "nodes": {"a": {"kind": "data", "uri": "x"}}}


def with_node(**fields: Any) -> dict[str, Any]:
    return {**SOUND, "nodes": {**SOUND["nodes"], "n": {"kind": "data", "uri": "x", **fields}}}


SHAPES: list[tuple[dict[str, Any], str | None, str, str, str, str | None]] = [
    ({**SOUND, "dix": 2}, None, "dix", "choice", "expected dix: 1", "1"),
    ({**SOUND, "name": "A b"}, None, "name", "name", "expected a flow's name of 1 to 63", None),
    ({**SOUND, "name": 3}, None, "name", "type", "expected text, got the number 3; put it in quotes", None),
    ({**SOUND, "nodes": {}}, None, "nodes", "missing", "at least one node", None),
    ({**SOUND, "nodes": []}, None, "nodes", "type", "expected a mapping .* got a list", None),
    ({**SOUND, "node": {}}, None, "node", "unknown-field", "has no field node", "nodes"),
    ({**SOUND, "xyz": {}}, None, "xyz", "unknown-field", "it may have dix, name", None),
    ({**SOUND, "<<": {}}, None, "<<", "unknown-field", "merge keys", None),
    ({**SOUND, "params": {"1a": 1}}, None, "params.1a", "name", "a parameter's name of 1 to 63 letters", None),
    ({**SOUND, "defaults": {"retry": {"wait": []}}}, None, "defaults.retry.wait", "type", "got a list", None),
    ({**SOUND, "layout": {"nodes": {"a": [1]}}}, None, "layout.nodes.a.1", "type", "two numbers", None),
    ({**SOUND, "layout": {"nodes": {"a": [1, 2, 3]}}}, None, "layout.nodes.a", "type", "two numbers", None),
    ({**SOUND, "nodes": {"a b": {"kind": "data", "uri": "x"}}}, "a b", "", "name", "a node's name of 1 to 63", None),
    ({**SOUND, "nodes": {"n": 3}}, "n", "", "type", "expected a mapping .*, got the number 3", None),
    ({**SOUND, "nodes": {"n": {"uri": "x"}}}, "n", "", "missing", "a node needs kind: one of data, algorithm", None),
    ({**SOUND, "nodes": {"n": {"kind": "dat"}}}, "n", "", "choice", "expected kind: one of", "data"),
    ({**SOUND, "nodes": {"n": {"kind": ["x"]}}}, "n", "", "choice", "got a list", None),
    ({**SOUND, "nodes": {"n": {"kind": "data"}}}, "n", "uri", "missing", "a data node needs uri; add it", None),
    ({**SOUND, "nodes": {"n": {"kind": "algorithm"}}}, "n", "algorithm", "missing", "an algorithm node needs", None),
    (with_node(urii="x"), "n", "urii", "unknown-field", "a data node has no field urii", "uri"),
    (with_node(params={}), "n", "params", "unknown-field", "belongs to algorithm nodes and flow nodes", None),
    (with_node(uri=""), "n", "uri", "missing", "got an empty one", None),
    (with_node(format="parket"), "n", "format", "choice", "expected one of auto, parquet", "parquet"),
    (with_node(title="x" * 201), "n", "title", "length", "at most 200 characters, got 201", None),
    (with_node(muted="true"), "n", "muted", "type", "expected true or false, got the text 'true'; write", None),
    (with_node(bad_rows="5%"), "n", "bad_rows", "type", "expected a number, got the text '5%'; write 5% as 0.05", None),
    (with_node(retries=-1), "n", "retries", "range", "expected 0 or more, got -1", None),
    (with_node(retries=1.5), "n", "retries", "type", "expected a whole number, got the number 1.5", None),
    (with_node(retries=True), "n", "retries", "type", "expected a whole number, got true", None),
    (with_node(retries="{{ 1 }}"), "n", "retries", "type", "templates are not allowed here", None),
    (with_node(bad_rows=2), "n", "bad_rows", "range", "1.0 or less", None),
    (with_node(stage="move"), "n", "stage", "choice", "one of copy, uri", None),
    (with_node(env={"A": 1}), "n", "env.A", "type", "put it in quotes", None),
    (with_node(env={"A-B": "x"}), "n", "env.A-B", "name", "a variable's name", None),
    (with_node(secrets=["A", 1]), "n", "secrets.1", "type", "expected text", None),
    (with_node(retry={"backoff": 0}), "n", "retry.backoff", "range", "1.0 or more", None),
    (with_node(wait={}), "n", "wait.timeout", "missing", "wait needs timeout", None),
    (with_node(wait=3), "n", "wait", "type", "expected a mapping", None),
    (with_node(timeout=[]), "n", "timeout", "type", "a number, or text such as", None),
    (with_node(timeout=True), "n", "timeout", "type", "got true", None),
    (with_node(resources={"cpus": 1}), "n", "resources.cpus", "unknown-field", "has no field cpus", "cpu"),
    (with_node(resources={"accelerator": 3}), "n", "resources.accelerator", "type", "expected a list", None),
    (with_node(resources={"custom": {"": 1}}), "n", "resources.custom.", "name", "an empty text", None),
]  # fmt: skip


@pytest.mark.parametrize(
    ("value", "node", "field", "rule", "says", "nearest"), SHAPES, ids=lambda part: str(part)[-40:]
)
def test_each_shape_is_told_with_its_place(
    value: dict[str, Any], node: str | None, field: str, rule: str, says: str, nearest: str | None
) -> None:
    (problem,) = shape_flow(value).problems
    assert (problem.node, problem.field or "", problem.rule, problem.nearest) == (node, field, rule, nearest)
    assert re.search(says, problem.message)


def test_what_is_sound_is_kept() -> None:
    value = {**SOUND, "name": "A b", "params": {"a": 1, "1b": 2}, "foo": 1}
    value["nodes"] = {**SOUND["nodes"], "b": {"kind": "data"}, "c": {"kind": "data", "uri": "x", "format": "y"}}
    shaped = shape_flow(value)
    assert len(shaped.problems) == 5
    assert shaped.doc is not None
    assert shaped.doc.params == {"a": 1}
    assert list(shaped.doc.nodes) == ["a", "c"]
    assert shaped.broken == {"b"}


def test_forty_thousand_wrong_fields_are_told_in_seconds() -> None:
    start = time.monotonic()
    shaped = shape_flow(
        {**with_node(**{f"uri{i}": 1 for i in range(30_000)}), "params": {f"{i}": 1 for i in range(9999)}}
    )
    assert len(shaped.problems) == 39_999
    assert time.monotonic() - start < 20
