"""Every rule of the check, all problems at once."""

from __future__ import annotations

import re
import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dix.errors import BadDocument, Problem
from dix.flow.check import check_flow, check_text
from dix.flow.shape import shape_flow
from dix.flow.spec import AlgorithmSpec, AlgorithmSpecs
from dix.flow.text import read_flow
from dix.flow.yaml_reader import read_yaml

HEAD = "dix: 1\nname: f\nparams: {rate: 0.1, epochs: 3}\n"
NODES = """\
  a: {kind: data, uri: a.parquet}
  s: {kind: algorithm, algorithm: split, inputs: {data: a}, params: {test: 0.2}}
  c: {kind: algorithm, algorithm: cnn, framework: torch, inputs: {train: s.train, valid: s.valid}, model: digits}
  m: {kind: model, model: c, inputs: {data: s.test}, output: "scores/{{ ds }}/"}
  e: {kind: algorithm, algorithm: evaluate, inputs: {data: m}}
"""


def flow(*lines: str) -> str:
    """A sound flow with more nodes, or with the fields before them."""
    nodes = "".join(f"  {line}\n" for line in lines if not line.startswith("defaults"))
    heads = "".join(f"{line}\n" for line in lines if line.startswith("defaults"))
    return f"{HEAD}{heads}nodes:\n{NODES}{nodes}"


def problems_of(text: str, specs: AlgorithmSpecs) -> tuple[Problem, ...]:
    return check_flow(read_flow(text), specs)


def test_a_sound_flow_has_no_problems(specs: AlgorithmSpecs) -> None:
    assert problems_of(flow(), specs) == ()
    assert check_text(flow(), specs) == read_flow(flow())


def data(field: str) -> str:
    return f"n: {{kind: data, uri: x, {field}}}"


def cnn(field: str) -> str:
    return f"n: {{kind: algorithm, algorithm: cnn, framework: torch, inputs: {{train: a}}, {field}}}"


RULES: list[tuple[str, str, str, str, str | None]] = [
    ("n: {kind: algorithm, algorithm: cn, inputs: {}}",
     "algorithm", "unknown-algorithm", "there is no algorithm cn", "cnn"),
    ("n: {kind: algorithm, algorithm: lstm}", "algorithm", "not-yet", "is not there yet", None),
    ("n: {kind: algorithm, algorithm: dbn}", "algorithm", "not-yet", "is not there yet", None),
    ("n: {kind: flow, flow: other}", "kind", "not-yet", "is not there yet|are not there yet", None),
    ("n: {kind: algorithm, algorithm: cnn, inputs: {train: a}}", "framework", "framework", "more than one", None),
    (cnn("params: {}").replace("torch", "troch"), "framework", "unknown-framework", "does not run on troch", "torch"),
    ("n: {kind: algorithm, algorithm: split, framework: torch, inputs: {data: a}, params: {test: 1}}",
     "framework", "unused", "uses no framework", None),
    (cnn("params: {epoch: 1}"), "params.epoch", "unknown-parameter", "has no parameter epoch", "epochs"),
    (cnn("params: {epochs: many}"), "params.epochs", "parameter", "expected a whole number, got the text 'many'", None),
    (cnn("params: {epochs: 1.5}"), "params.epochs", "parameter", "expected a whole number", None),
    (cnn("params: {epochs: true}"), "params.epochs", "parameter", "expected a whole number, got true", None),
    (cnn("params: {epochs: 0}"), "params.epochs", "parameter", "expected 1 or more", "1"),
    (cnn("params: {epochs: 1001}"), "params.epochs", "parameter", "expected 1000 or less", "1000"),
    (cnn("params: {learning_rate: 0}"), "params.learning_rate", "parameter", "more than 0.*the size of a step", None),
    (cnn("params: {optimizer: adan}"), "params.optimizer", "parameter", "expected one of sgd, adam", "adam"),
    (cnn("params: {layers: [1, x]}"), "params.layers.1", "parameter", "expected a whole number", None),
    (cnn("params: {name: x}"), "params.name", "parameter", "at least 2 characters", None),
    ("n: {kind: algorithm, algorithm: split, inputs: {data: a}}",
     "params.test", "missing-parameter", "needs the param", None),
    (cnn("model: Big Name"), "model", "name", "expected a model's name", None),
    ("n: {kind: algorithm, algorithm: split, inputs: {data: a}, params: {test: 1}, model: x}",
     "model", "no-flask", "trains no model", None),
    (cnn("code: x.py"), "code", "unused", "belongs to algorithm: script", None),
    ("n: {kind: model, model: c, inputs: {data: aa}}", "inputs.data", "unknown-node", "there is no node 'aa'", "a"),
    ("n: {kind: model, model: c, inputs: {data: 'models:/x/1'}}",
     "inputs.data", "unknown-node", "use a model node", None),
    ("n: {kind: model, model: c, inputs: {data: s.tst}}", "inputs.data", "unknown-port", "no output 'tst'", "s.test"),
    ("n: {kind: model, model: c, inputs: {data: c}}",
     "inputs.data", "port-kind", "gives model and data takes data", None),
    ("n: {kind: model, model: c, inputs: {data: e}}", "inputs.data", "port-kind", "take e.report", "e.report"),
    ("n: {kind: model, model: c, inputs: {dat: a, data: a}}", "inputs.dat", "unknown-port", "no input dat", "data"),
    ("n: {kind: model, model: c}", "inputs.data", "missing-input", "nothing flows into data", None),
    ("n: {kind: model, model: s, inputs: {data: a}}", "model", "no-flask", "the node s trains no model", None),
    ("n: {kind: model, model: a, inputs: {data: a}}", "model", "no-flask", "the node a trains no model", None),
    ("n: {kind: model, model: cc, inputs: {data: a}}", "model", "unknown-node", "there is no node cc", "c"),
    ("n: {kind: model, model: 'models:/Digits', inputs: {data: a}}", "model", "model-reference", "models:/name", None),
    ("n: {kind: model, model: 'models:/d/0', inputs: {data: a}}", "model", "model-reference", "number from 1", None),
    ("n: {kind: model, model: 'digits-old', inputs: {data: a}}", "model", "model-reference", "models:/NAME", None),
    ("n: {kind: model, model: c, inputs: {data: n}}", "inputs", "cycle", "n → n is a cycle", None),
    ("n: {kind: data, uri: /data/x}", "uri", "uri", "as a URI", "file:///data/x"),
    ("n: {kind: data, uri: 'http://x/y'}", "uri", "uri", "http:// is not read here", None),
    ("n: {kind: data, uri: ../x}", "uri", "uri", "lead out of the store", None),
    ("n: {kind: data, uri: 'file://x'}", "uri", "uri", "absolute path", "file:///x"),
    ("n: {kind: data, uri: 's3://'}", "uri", "uri", "name the bucket", None),
    ("n: {kind: model, model: c, inputs: {data: a}, output: /x}", "output", "uri", "as a URI", "file:///x"),
    ("n: {kind: model, model: c, inputs: {data: a}, output: 'scores/{{ ds }}'}",
     "output", "output-clash", "m writes", None),
    (data("timeout: 30"), "timeout", "quantity", "add a unit, as in 30s", None),
    (data("timeout: 0s"), "timeout", "quantity", "longer than 0s", None),
    (data("timeout: soon"), "timeout", "quantity", "a number with ms, s, m, h or d", None),
    (data("wait: {timeout: x}"), "wait.timeout", "quantity", "a number with", None),
    (data("wait: {timeout: 1h, every: 0s}"), "wait.every", "quantity", "longer than 0s", None),
    (data("wait: {timeout: '{{ ds }}'}"), "wait.timeout", "template-place", "templates are allowed in uri", None),
    (data("retry: {wait: -1s}"), "retry.wait", "quantity", "from 0s", None),
    (data("resources: {cpu: -1}"), "resources.cpu", "quantity", "a number from 0", None),
    (data("resources: {gpu: 1.5}"), "resources.gpu", "quantity", "a part of one card, or whole cards", None),
    (data("resources: {memory: 2GB}"), "resources.memory", "quantity", "did you mean 2G", None),
    (data("resources: {memory: 0}"), "resources.memory", "quantity", "more than 0 bytes", None),
    (data("resources: {disk: x}"), "resources.disk", "quantity", "whole bytes", None),
    (data("resources: {workers: 0}"), "resources.workers", "quantity", "a whole number from 1", None),
    (data("resources: {workers: 1.5}"), "resources.workers", "quantity", "a whole number from 1", None),
    (data("resources: {custom: {GPU: 1}}"), "resources.custom.GPU", "quantity", "use cpu, gpu or memory", None),
    (data("resources: {cpu: '{{ params.cpus }}'}"), "resources.cpu", "unknown-name", "no parameter cpus", None),
    ("n: {kind: data, uri: '{{ dss }}'}", "uri", "unknown-name", "no name dss", "ds"),
    ("n: {kind: data, uri: '{{ params.rates }}'}", "uri", "unknown-name", "no parameter rates", "rate"),
    ("n: {kind: data, uri: '{{ ds'}", "uri", "template", "is not a template", None),
    ("n: {kind: data, uri: '{% for a in b %}{% endfor %}'}", "uri", "template", "not allowed in a template", None),
    (cnn("params: {layers: [1, '{{ x }}']}"), "params.layers.1", "unknown-name", "no name x", None),
    (cnn("env: {A: '{{ x }}'}"), "env.A", "unknown-name", "no name x", None),
    ("n: {kind: model, model: c, inputs: {data: '{{ ds }}'}}", "inputs.data", "template-place", "not here", None),
]  # fmt: skip


@pytest.mark.parametrize(("line", "field", "rule", "says", "nearest"), RULES, ids=lambda text: str(text)[:40])
def test_each_rule_is_told_with_its_place(
    line: str, field: str, rule: str, says: str, nearest: str | None, specs: AlgorithmSpecs
) -> None:
    (problem,) = [each for each in problems_of(flow(line), specs) if each.rule == rule]
    assert (problem.node, problem.field) == ("n", field)
    assert re.search(says, problem.message)
    assert problem.nearest == nearest
    assert len(problems_of(flow(line), specs)) == 1 or rule in {"not-yet", "cycle"}


def test_what_nodes_inherit_is_checked_once_and_named_as_defaults(specs: AlgorithmSpecs) -> None:
    found = problems_of(flow("defaults: {resources: {cpu: -1}, timeout: '{{ x }}', env: {A: '{{ ds }}'}}"), specs)
    assert [(problem.node, problem.field) for problem in found] == [
        (None, "defaults.timeout"),
        (None, "defaults.resources.cpu"),
    ]


def test_templates_do_not_stand_in_the_flows_own_parameters(specs: AlgorithmSpecs) -> None:
    text = flow().replace("rate: 0.1", "rate: ['{{ ds }}']")
    (problem,) = problems_of(text, specs)
    assert (problem.field, problem.rule) == ("params.rate.0", "template-place")


def test_braces_in_titles_and_descriptions_are_text(specs: AlgorithmSpecs) -> None:
    text = flow("n: {kind: data, uri: x, title: '{{ nothing }} {%'}") + "description: '{{ x'\n"
    assert problems_of(text, specs) == ()


def test_words_of_the_language_are_checked_once_their_algorithm_is_there(specs: AlgorithmSpecs) -> None:
    anything = {"type": "object", "additionalProperties": True}
    more = {**specs, "script": AlgorithmSpec("script", "", "", (), (), params=anything)}
    sound = "n: {kind: algorithm, algorithm: script, code: src/, entry: main, params: {anything: 1}}"
    assert problems_of(flow(sound), more) == ()
    (problem,) = problems_of(flow("n: {kind: algorithm, algorithm: script}"), more)
    assert (problem.field, problem.rule) == ("code", "missing")


def test_a_schema_that_speaks_of_several_parameters_is_heard(specs: AlgorithmSpecs) -> None:
    schema = {
        "type": "object",
        "properties": {"low": {"type": "integer", "default": 1}, "high": {"type": "integer"}},
        "dependentRequired": {"high": ["seed"]},
    }
    more = {**specs, "range": AlgorithmSpec("range", "", "", (), (), params=schema)}
    (problem,) = problems_of(flow("n: {kind: algorithm, algorithm: range, params: {high: 3}}"), more)
    assert problem.rule == "parameter"
    assert "seed" in problem.message


def test_syntax_shape_and_sense_are_told_in_one_go(specs: AlgorithmSpecs) -> None:
    text = flow(
        "n: {kind: data, uri: x, urii: y, uri: z}",
        "o: {kind: dat, uri: x}",
        "p: {kind: model, model: c, inputs: {data: o}, retries: x}",
        "q: {kind: model, model: c, inputs: {data: nowhere}, retries: -1}",
        "r: {kind: model, model: c, inputs: 3}",
        "9: {kind: data, uri: x}",
    ).replace("epochs: 3}", "epochs: 3, 1a: 2}")
    with pytest.raises(BadDocument) as caught:
        check_text(text, specs)
    assert {(problem.node, problem.field, problem.rule) for problem in caught.value.problems} == {
        (None, "nodes", "key"),
        (None, "params.1a", "name"),
        ("n", "uri", "duplicate-key"),
        ("n", "urii", "unknown-field"),
        ("o", None, "choice"),
        ("p", "retries", "type"),
        ("q", "retries", "range"),
        ("q", "inputs.data", "unknown-node"),
        ("r", "inputs", "type"),
    }


def test_ten_thousand_nodes_are_read_and_checked_in_seconds(specs: AlgorithmSpecs, big_flow: str) -> None:
    start = time.monotonic()
    assert check_flow(read_flow(big_flow), specs) == ()
    assert time.monotonic() - start < 15  # 1.5 s on an idle core; the limit only tells linear from quadratic


def test_three_thousand_wrong_nodes_are_told_in_seconds(specs: AlgorithmSpecs) -> None:
    lines = [
        f"  n{i}: {{kind: model, model: c{i}, inputs: {{data: x{i}, y: a}}, output: '{{{{ z{i} }}}}'}}"
        for i in range(3_000)
    ]
    start = time.monotonic()
    found = problems_of(f"{HEAD}nodes:\n{NODES}" + "\n".join(lines), specs)
    assert len(found) == 12_000
    assert time.monotonic() - start < 20


ANYTHING = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-5, 5), st.floats(), st.text(max_size=8)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=5), inner, max_size=3)),
    max_leaves=6,
)
FIELDS = st.sampled_from(
    [
        "kind",
        "uri",
        "model",
        "inputs",
        "params",
        "resources",
        "retry",
        "wait",
        "env",
        "timeout",
        "output",
        "title",
        "nonsense",
    ]
)


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(["a", "s", "c", "m", "e"]), FIELDS, ANYTHING)
def test_any_value_in_any_field_gives_problems_and_no_error(node: str, field: str, value: Any) -> None:
    tree = read_yaml(flow()).value
    tree["nodes"][node][field] = value
    shaped = shape_flow(tree)
    assert all(problem.message for problem in shaped.problems)
    assert shaped.doc is not None
    assert all(problem.rule for problem in check_flow(shaped.doc, {}))
