"""`dix endpoints`."""

from __future__ import annotations

from pathlib import Path

from dix.cli.endpoints import make_sample
from tests.cli.conftest import Dix


def test_an_endpoint_comes_is_seen_and_goes(dix: Dix) -> None:
    said = dix("endpoints", "deploy", "digits", "models:/digits/1")
    assert said.code == 0
    assert "/v2/models/digits/infer" in said.err
    assert dix("endpoints", "list", "--json").json()["items"][0]["state"] == "ready"
    assert "ready" in dix("endpoints", "list").out
    assert dix("endpoints", "show", "digits", "--json").json()["name"] == "digits"
    assert dix("endpoints", "delete", "digits", "--json").json() == {"name": "digits", "deleted": True}
    assert dix("endpoints", "show", "digits").code == 2


def test_wrong_use_is_told(dix: Dix, tmp_path: Path) -> None:
    bad = tmp_path / "request.json"
    bad.write_text("[1")
    for arguments in (
        ["deploy", "Not Good", "digits"],
        ["deploy", "a", "digits", "--replicas", "0"],
        ["test", "nothing"],
        ["test", "nothing", "--request", str(bad)],
        ["delete", "nothing"],
    ):
        said = dix("endpoints", *arguments)
        assert said.code == 2, arguments
        assert said.err.count("\n") == 1


def test_a_sample_has_one_row_of_zeros() -> None:
    inputs = [
        {"name": "image", "datatype": "UINT8", "shape": [-1, 2, 3]},
        {"name": "text", "datatype": "BYTES", "shape": [-1]},
        {"name": "flag", "datatype": "BOOL", "shape": [-1, 1]},
    ]
    assert make_sample({"inputs": inputs}) == {
        "inputs": [
            {"name": "image", "datatype": "UINT8", "shape": [1, 2, 3], "data": [0] * 6},
            {"name": "text", "datatype": "BYTES", "shape": [1], "data": [""]},
            {"name": "flag", "datatype": "BOOL", "shape": [1, 1], "data": [False]},
        ]
    }
