"""The example of how an endpoint is asked is one that can be sent."""

from __future__ import annotations

import json
import shlex
from typing import Any

import pytest

from ui.parts.asking import make_request, write_curl


def manifest(*inputs: dict[str, Any]) -> dict[str, Any]:
    return {"signature": {"inputs": list(inputs), "outputs": []}}


def test_one_row_of_each_input_is_asked_about() -> None:
    request = make_request(
        manifest(
            {"name": "image", "datatype": "UINT8", "shape": [-1, 2, 3]},
            {"name": "text", "datatype": "BYTES", "shape": [-1, 1]},
            {"name": "flag", "datatype": "BOOL", "shape": [-1]},
            {"name": "any", "datatype": "FP32", "shape": [-1, -1]},
        )
    )
    assert [(tensor["shape"], tensor["data"]) for tensor in request["inputs"]] == [
        ([1, 2, 3], [0] * 6),
        ([1, 1], [""]),
        ([1], [False]),
        ([1, 1], [0]),
    ]


@pytest.mark.parametrize("unknown", [{}, {"signature": None}, {"signature": {"inputs": "?"}}])
def test_an_unknown_signature_gives_the_form_of_a_request(unknown: dict[str, Any]) -> None:
    assert make_request(unknown)["inputs"][0]["name"] == "input"


def test_a_shell_reads_the_command_as_it_was_meant() -> None:
    name = "it's $(rm) `x`"
    card = manifest({"name": name, "datatype": "FP32", "shape": [-1]})
    words = shlex.split(write_curl("http://127.0.0.1:8000/v2/models/digits", card))
    assert words[:2] == ["curl", "http://127.0.0.1:8000/v2/models/digits/infer"]
    assert json.loads(words[-1])["inputs"][0]["name"] == name


def test_a_large_input_is_named_and_not_written_out() -> None:
    request = make_request(manifest({"name": "image", "datatype": "UINT8", "shape": [-1, 512, 512, 3]}))
    assert request["inputs"][0]["data"] == ["786432 values"]
