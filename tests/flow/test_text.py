"""Reading, writing, hashing."""

from __future__ import annotations

import json
import re
import time
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dix.errors import BadDocument, BadValue, Problem
from dix.flow.document import AlgorithmNode, DataNode, FlowDoc, ModelNode
from dix.flow.text import canonical_text, hash_flow, read_flow, read_scalar, write_flow

WHOLE = """\
dix: 1
name: digits
description: "识别手写数字 🎉 <script>alert('x')</script> \\"quoted\\" it's"
params: {learning_rate: 1e-2, epochs: 3, flag: no, day: 2024-01-01, deep: {a: [1, {b: null}]}}
defaults:
  resources: {cpu: 1, gpu: 0, memory: 1GiB}
  retries: 1
  retry: {wait: 10s, backoff: 2}
  timeout: 1d
  cache: false
  env: {LANG: C}
  stage: uri
  bad_rows: 0.1
nodes:
  train_set:
    kind: data
    title: "训练 🚀 <b>集</b>"
    uri: "digits/{{ ds }}/train.parquet"
    format: parquet
    wait: {timeout: 1h, every: 30s}
    muted: true
  cnn:
    kind: algorithm
    algorithm: cnn
    framework: torch
    inputs: {train: train_set, valid: train_set.data}
    params: {learning_rate: "{{ params.learning_rate }}", epochs: 3}
    resources:
      cpu: 500m
      gpu: 0.5
      memory: 2GiB
      disk: 1T
      workers: 2
      accelerator: [A100, H100]
      custom: {fpga: 1}
    model: digits
    output: "out/{{ run_id }}/"
    code: src/train.py
    entry: main
    env: {MODE: fast, "_X": "1"}
    secrets: [TOKEN]
    stage: copy
    bad_rows: 0.5
    retry: {wait: 1s}
    retries: 2
    timeout: 2h
    cache: true
  score:
    kind: model
    model: cnn
    inputs: {data: train_set}
    output: "scores/{{ ds }}/"
  sub: {kind: flow, flow: other, inputs: {x: train_set}, params: {a: 1}}
layout:
  nodes: {train_set: [0, 0], gone: [1.5, -2]}
  notes: [{text: "note\\nwith two lines", at: [1, 2]}]
  frames: []
"""


def problems_of(text: str | bytes) -> tuple[Problem, ...]:
    with pytest.raises(BadDocument) as caught:
        read_flow(text)
    return caught.value.problems


def in_flow(line: str) -> str:
    return f"dix: 1\nname: f\n{line}\nnodes: {{a: {{kind: data, uri: x}}}}\n"


def test_every_field_is_read() -> None:
    doc = read_flow(WHOLE)
    assert doc.params == {
        "learning_rate": 0.01, "epochs": 3, "flag": "no", "day": "2024-01-01", "deep": {"a": [1, {"b": None}]},
    }  # fmt: skip
    train, cnn, score = doc.nodes["train_set"], doc.nodes["cnn"], doc.nodes["score"]
    assert isinstance(train, DataNode)
    assert isinstance(cnn, AlgorithmNode)
    assert isinstance(score, ModelNode)
    assert train.title == "训练 🚀 <b>集</b>"
    assert (train.muted, train.format, train.wait and train.wait.timeout) == (True, "parquet", "1h")
    assert cnn.resources is not None
    assert cnn.resources.accelerator == ("A100", "H100")
    assert (cnn.code, cnn.entry, cnn.secrets, cnn.stage) == ("src/train.py", "main", ("TOKEN",), "copy")
    assert (cnn.retries, cnn.cache, cnn.timeout, cnn.bad_rows) == (2, True, "2h", 0.5)
    assert cnn.retry is not None
    assert (cnn.retry.wait, cnn.retry.backoff) == ("1s", 1.0)
    assert doc.layout.nodes["gone"] == (1.5, -2)
    assert list(doc.nodes) == ["train_set", "cnn", "score", "sub"]


def test_what_is_written_reads_as_the_same_document() -> None:
    doc = read_flow(WHOLE)
    assert read_flow(write_flow(doc)) == doc
    assert read_flow(canonical_text(doc)).nodes.keys() == doc.nodes.keys()
    assert hash_flow(read_flow(write_flow(doc))) == hash_flow(doc)
    assert hash_flow(read_flow(canonical_text(doc))) == hash_flow(doc)


def test_what_is_written_is_pleasant_to_read() -> None:
    text = write_flow(read_flow(WHOLE))
    assert text.startswith("dix: 1\nname: digits\n")
    assert "  cnn:\n    kind: algorithm\n    algorithm: cnn\n    framework: torch\n" in text
    assert "    inputs: {train: train_set, valid: train_set.data}\n" in text
    assert "训练 🚀" in text


def test_a_reader_of_yaml_1_1_reads_the_same() -> None:
    text = in_flow(
        'params: {a: "no", b: "1e3", c: 1e3, d: "2024-01-01", e: "12:30", f: "0o7", g: "=", h: "~", i: 1e-7}'
    )
    doc = read_flow(text)
    assert yaml.safe_load(write_flow(doc))["params"] == doc.params


EQUAL = [
    ("params: {a: 1e-3, b: text}", "params:\n  b: 'text'  # why\n  a: 0.001"),
    ("params: {a: &x [1, 2], b: [1, 2]}", "params: {b: [1, 2], a: [1, 2]}"),
    ("defaults: {timeout: 1h}", "defaults: {timeout: 60m, env: {}}"),
    ("defaults: {resources: {cpu: 500m, memory: 1GiB}}", "defaults: {resources: {memory: 1024Mi, cpu: 0.5}}"),
    ("defaults: {resources: {accelerator: A100}}", "defaults: {resources: {accelerator: [A100]}}"),
    ("layout: {nodes: {a: [1, 2]}}", "layout: {nodes: {a: [1.0, 2.0]}}"),
    ("description: ''", "layout: {}"),
    ("params: {x: 0xFF}", "params: {x: 255}"),
]


@pytest.mark.parametrize(("one", "other"), EQUAL)
def test_equal_ways_of_writing_have_one_hash(one: str, other: str) -> None:
    assert hash_flow(read_flow(in_flow(one))) == hash_flow(read_flow(in_flow(other)))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("params: {a: 1}", "params: {a: 2}"),
        ("params: {a: 1}", "params: {a: '1'}"),
        ("params: {a: true}", "params: {a: 1}"),
        ("defaults: {retries: 0}", "defaults: {}"),
        ("layout: {nodes: {a: [1, 2]}}", "layout: {nodes: {a: [1, 3]}}"),
        ("description: a", "description: b"),
    ],
)
def test_different_documents_have_different_hashes(one: str, other: str) -> None:
    assert hash_flow(read_flow(in_flow(one))) != hash_flow(read_flow(in_flow(other)))


def test_the_hash_of_a_document_does_not_change_between_releases() -> None:
    assert canonical_text(read_flow(in_flow("params: {b: 1e-3, a: é}"))) == (
        '{"dix":1,"name":"f","nodes":{"a":{"kind":"data","uri":"x"}},"params":{"a":"é","b":0.001}}'
    )


def test_json_and_yaml_are_the_same_document() -> None:
    value = {"dix": 1, "name": "f", "description": "🎉\t\u2028\x85", "nodes": {"a": {"kind": "data", "uri": "x"}}}
    for text in (json.dumps(value), json.dumps(value, ensure_ascii=False, indent="\t"), f"\ufeff\n{json.dumps(value)}"):
        try:
            assert read_flow(text).description == value["description"]
        except BadDocument as error:
            pytest.fail(str(error))
    assert read_flow("{dix: 1, name: f, nodes: {a: {kind: data, uri: x}}}") == read_flow(in_flow(""))
    assert read_flow(in_flow("").encode()) == read_flow(in_flow(""))
    assert read_flow(in_flow("").replace("\n", "\r\n")) == read_flow(in_flow(""))


@pytest.mark.parametrize(
    ("text", "rule", "says"),
    [
        ("", "type", "the document is empty"),
        ("# nothing", "type", "the document is empty"),
        ("- a", "type", "not a mapping"),
        ("just text", "type", "not a mapping"),
        ("a:\n\tb: 1", "syntax", "line 2, column 1 is not YAML: .* begins with a tab"),
        ("a: {{ ds }}/x\nb: 1", "key", "put the template in quotes"),
        ("a: @x", "syntax", "put the value in quotes"),
        ("a: b: c", "syntax", "needs quotes"),
        ("a: [1, 2", "syntax", "close the bracket"),
        ("a: 'x", "syntax", "a quote is opened and not closed"),
        ('a: "\\q"', "syntax", "use single quotes"),
        ("a: 1\n---\nb: 1", "syntax", "line 2 begins a second document"),
        ("a: &x [*x]", "alias", "stands inside what it stands for"),
        ("a: *x", "alias", r"\*x stands for nothing"),
        ("a: !!python/object:os.system x", "tag", "!!python/object:os.system cannot be used"),
        ("a: !foo x", "tag", "write the plain value"),
        ("a: \0", "encoding", r"line 1 has the character U\+0000"),
        ("a\n\x07", "encoding", r"line 2 has the character U\+0007"),
        ('a: "\\0"', "encoding", r"U\+0000"),
        (b"a: 1\nb: \xff", "encoding", "line 2 is not valid UTF-8"),
        ("a: 1".encode("utf-16"), "encoding", "UTF-16"),
        ("a" * (8 * 2**20 + 1), "size", "at most 8 MiB"),
        ("é" * (5 * 2**20), "size", "10.0 MiB"),
        ("[" * 5000, "depth", "nested more than 50"),
        ("- " * 5000, "depth", "nested more than 50"),
        ('{"a":' * 200_000, "depth", "nested more than 50"),
        ("[" * 60 + "1" + "]" * 60, "depth", "nested more than 50"),
        ("1: a", "key", "the number 1; put it in quotes"),
        ("~: a", "key", "empty; put it in quotes"),
        ("true: a", "key", "true; put it in quotes"),
        ("? [a]\n: b", "key", "a mapping or a list"),
        ("a: 1\nb: 2\na: 3", "duplicate-key", "'a' is written twice, in lines 1 and 3"),
        ('{"dix": 1, "dix": 1}', "duplicate-key", "'dix' is written twice"),
        ('{"dix": 1 "name": 2}', "syntax", "this is not JSON"),
        ('{"a": NaN}', "number", "NaN is not a value of JSON"),
        ('{"a": "\\ud800"}', "encoding", "half a surrogate pair"),
        ('{"a": 1e999}', "number", "too large for JSON"),
        ('{"a": %s}' % ("9" * 5000), "number", "at most 64 bits"),
        ("a: .inf", "number", "JSON cannot carry"),
        ("a: .nan", "number", "JSON cannot carry"),
        ("a: 99999999999999999999", "number", "at most 64 bits"),
    ],
)
def test_what_cannot_be_read_is_told_in_a_sentence(text: str | bytes, rule: str, says: str) -> None:
    problem = problems_of(text)[0]
    assert problem.rule == rule
    assert re.search(says, problem.message)


def test_a_bomb_of_aliases_is_refused_at_once() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]" for i in range(1, 12)]
    start = time.monotonic()
    (problem,) = problems_of("\n".join(lines))
    assert problem.rule == "alias"
    assert "more than 8 MiB" in problem.message
    long = f"a: &a {'x' * 1_000_000}\nb: [{', '.join(['*a'] * 10)}]"
    assert problems_of(long)[0].rule == "alias"
    assert time.monotonic() - start < 2


def test_endless_problems_end_the_reading() -> None:
    found = problems_of("a: 1\n" * 50_000)
    assert len(found) == 10_001
    assert "correct these first" in found[-1].message


def test_a_deep_alias_is_refused() -> None:
    lines = ["a0: &a0 [x]", *(f"a{i}: &a{i} [*a{i - 1}]" for i in range(1, 60))]
    assert problems_of("\n".join(lines))[0].rule == "depth"


def test_an_alias_within_bounds_is_what_it_stands_for() -> None:
    doc = read_flow(in_flow("params: {a: &x {b: [1]}, c: *x, d: &t text, e: *t}"))
    assert doc.params["c"] == {"b": [1]}
    assert doc.params["e"] == "text"
    assert read_flow(write_flow(doc)) == doc


@pytest.mark.parametrize(
    ("text", "value"),
    [("3", 3), ("1e-3", 0.001), ("no", "no"), ("true", True), ("", None), ("~", None), ("2024-01-01", "2024-01-01"),
     ('"3"', "3"), ("'a b'", "a b"), ("s3://b/x", "s3://b/x"), (" 5 ", 5), ("a: b", "a: b"), ("0x10", 16)],
)  # fmt: skip
def test_a_scalar_of_the_command_line_is_yaml(text: str, value: Any) -> None:
    found = read_scalar(text)
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    "text", ["[1]", "{a: 1}", "*x", "&x", "!x", "'open", '"a" b', "| x", "#", "99999999999999999999"]
)
def test_what_is_no_scalar_is_refused(text: str) -> None:
    with pytest.raises(BadValue):
        read_scalar(text)


ANY_TEXT = st.text(max_size=30).filter(lambda text: "\0" not in text)
VALUES = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-(2**63), 2**64 - 1),
        st.floats(allow_nan=False, allow_infinity=False),
        ANY_TEXT,
    ),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(ANY_TEXT, inner, max_size=3)),
    max_leaves=8,
)
IDENTIFIERS = st.from_regex(r"[A-Za-z_][A-Za-z0-9_]{0,10}", fullmatch=True)
NAMES = st.from_regex(r"[a-z0-9][a-z0-9-]{0,10}", fullmatch=True)
PARAMS = st.dictionaries(IDENTIFIERS, VALUES, max_size=3)
QUANTITIES = st.one_of(
    st.integers(0, 9), st.floats(0, 9), st.sampled_from(["500m", "2GiB", "30s", "{{ ds }}"]), ANY_TEXT
)
RESOURCES = st.fixed_dictionaries(
    {},
    optional={
        "cpu": QUANTITIES,
        "gpu": QUANTITIES,
        "memory": QUANTITIES,
        "disk": QUANTITIES,
        "workers": QUANTITIES,
        "accelerator": st.one_of(ANY_TEXT.filter(bool), st.lists(ANY_TEXT.filter(bool), max_size=2)),
        "custom": st.dictionaries(ANY_TEXT.filter(bool), QUANTITIES, max_size=2),
    },
)
COMMON: dict[str, st.SearchStrategy[Any]] = {
    "resources": RESOURCES,
    "retries": st.integers(0, 9),
    "retry": st.fixed_dictionaries({}, optional={"wait": QUANTITIES, "backoff": st.floats(1, 9)}),
    "timeout": QUANTITIES,
    "cache": st.booleans(),
    "env": st.dictionaries(IDENTIFIERS, ANY_TEXT, max_size=2),
    "stage": st.sampled_from(["copy", "uri"]),
    "bad_rows": st.floats(0, 1),
}
NODE: dict[str, st.SearchStrategy[Any]] = {
    **COMMON,
    "title": st.text(max_size=200).filter(lambda text: "\0" not in text),
    "muted": st.booleans(),
    "secrets": st.lists(IDENTIFIERS, max_size=2),
}
FILLED = ANY_TEXT.filter(bool)
INPUTS = st.dictionaries(IDENTIFIERS, FILLED, max_size=2)
NODES = st.one_of(
    st.fixed_dictionaries(
        {"kind": st.just("data"), "uri": FILLED}, optional={**NODE, "format": st.sampled_from(["csv"])}
    ),
    st.fixed_dictionaries(
        {"kind": st.just("algorithm"), "algorithm": FILLED},
        optional={**NODE, "framework": FILLED, "inputs": INPUTS, "params": PARAMS, "model": FILLED, "code": FILLED},
    ),
    st.fixed_dictionaries({"kind": st.just("model"), "model": FILLED}, optional={**NODE, "inputs": INPUTS}),
    st.fixed_dictionaries({"kind": st.just("flow"), "flow": NAMES}, optional={**NODE, "params": PARAMS}),
)
POSITIONS = st.tuples(st.floats(-1e6, 1e6), st.integers(-9, 9)).map(list)
DOCUMENTS = st.fixed_dictionaries(
    {"dix": st.just(1), "name": NAMES, "nodes": st.dictionaries(IDENTIFIERS, NODES, min_size=1, max_size=3)},
    optional={
        "description": ANY_TEXT,
        "params": PARAMS,
        "defaults": st.fixed_dictionaries({}, optional=COMMON),
        "layout": st.fixed_dictionaries({}, optional={"nodes": st.dictionaries(ANY_TEXT, POSITIONS, max_size=2)}),
    },
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(DOCUMENTS)
def test_any_document_survives_the_round_trip(value: dict[str, Any]) -> None:
    doc = FlowDoc.model_validate(value)
    text = write_flow(doc)
    assert read_flow(text) == doc
    assert hash_flow(read_flow(text)) == hash_flow(doc)
    assert read_flow(json.dumps(value)) == doc
    assert hash_flow(read_flow(json.dumps(value, sort_keys=True))) == hash_flow(doc)
    assert hash_flow(read_flow(canonical_text(doc))) == hash_flow(doc)


@settings(max_examples=200, deadline=None)
@given(st.one_of(st.text(), st.binary(), st.text(alphabet="{}[]:,&*!|>'\"#-? \n\tab1~")))
def test_garbage_is_a_document_or_a_sentence(text: str | bytes) -> None:
    try:
        read_flow(text)
    except BadDocument as error:
        assert error.problems  # noqa: PT017 - either way is right
        assert str(error)  # noqa: PT017


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_a_mutilated_document_is_a_document_or_a_sentence(data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(WHOLE)))
    end = data.draw(st.integers(start, min(len(WHOLE), start + 40)))
    middle = data.draw(
        st.one_of(st.just(""), st.text(max_size=5), st.sampled_from(["{", "- ", ": ", "\n", "'", "*a", "\t"]))
    )
    try:
        read_flow(WHOLE[:start] + middle + WHOLE[end:])
    except BadDocument as error:
        assert all(problem.message and problem.rule for problem in error.problems)  # noqa: PT017
