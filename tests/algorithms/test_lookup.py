"""Ready algorithms publish what they are, without loading what they need."""

from __future__ import annotations

import json
import subprocess
import sys

import jsonschema
import pytest

from dix.algorithms.lookup import list_specs, make_algorithm, make_score, make_source
from dix.errors import NotFound
from dix.flow.spec import PortKind


def test_the_ports_are_those_that_were_promised() -> None:
    ports = {
        name: ([port.name for port in spec.inputs], [port.name for port in spec.outputs])
        for name, spec in list_specs().items()
    }
    assert ports == {
        "caffe": (["train", "valid"], ["model", "metrics"]),
        "cnn": (["train", "valid"], ["model", "metrics"]),
        "dbn": (["train", "valid"], ["model", "metrics"]),
        "evaluate": (["data"], ["metrics", "report"]),
        "join": (["left", "right"], ["data"]),
        "lstm": (["train", "valid"], ["model", "metrics"]),
        "noop": (["data"], ["data"]),
        "normalize": (["data", "fit"], ["data", "metrics"]),
        "recommendation": (["train", "valid"], ["model", "metrics"]),
        "risk": (["train", "valid"], ["model", "metrics"]),
        "rnn": (["train", "valid"], ["model", "metrics"]),
        "sample": (["data"], ["data"]),
        "script": ([], ["model", "metrics", "data"]),
        "speech": (["train", "valid"], ["model", "metrics"]),
        "split": (["data"], ["train", "valid", "test"]),
        "sql": ([], ["data"]),
        "video": (["train", "valid"], ["model", "metrics"]),
    }


@pytest.mark.parametrize("name", list_specs())
def test_parameters_have_type_default_and_help(name: str) -> None:
    schema = list_specs()[name].params
    jsonschema.Draft202012Validator.check_schema(schema)
    for one in schema["properties"].values():
        assert {"type", "default", "description"} <= one.keys()
        assert one["description"].endswith(".")
    jsonschema.validate({key: one["default"] for key, one in schema["properties"].items()}, schema)
    json.dumps(schema)


def test_only_what_trains_has_a_flask() -> None:
    for spec in list_specs().values():
        assert spec.trains == any(port.kind is PortKind.MODEL for port in spec.outputs)


def test_algorithms_are_made_by_name() -> None:
    assert make_algorithm("cnn").spec.name == "cnn"
    assert make_source().spec.name == "source"
    assert make_score().spec.name == "score"
    with pytest.raises(NotFound, match=r"no algorithm cn; did you mean cnn\?"):
        make_algorithm("cn")


def test_reading_the_specs_loads_no_framework() -> None:
    code = (
        "import sys, dix.algorithms.lookup as l; l.list_specs(); print([m for m in sys.modules if m in sys.argv[1:]])"
    )
    heavy = ["torch", "tensorflow", "ray", "sklearn"]
    result = subprocess.run([sys.executable, "-c", code, *heavy], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"
