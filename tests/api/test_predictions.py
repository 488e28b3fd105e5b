"""Bulk predictions over HTTP."""

from __future__ import annotations

import httpx
import pytest

from dix.flow.document import ModelNode
from dix.flow.text import read_flow
from dix.records.model_version import ModelDraft
from tests.api.server import Server

LONG = "m" * 63


@pytest.fixture(scope="module", autouse=True)
def models(server: Server) -> None:
    for name in ("digits", LONG):
        server.parts.catalog.models.register_model(ModelDraft(name, "file:///m"), "default")


@pytest.mark.parametrize("model", ["digits", "models:/digits", "models:/digits/1"])
def test_a_prediction_is_a_run_of_a_small_flow(server: Server, http: httpx.Client, model: str) -> None:
    body = {"model": model, "data": "images/测试 {1}: #x", "output": "scores/today"}
    answer = http.post("/api/v1/predictions", json=body)
    assert answer.status_code == 201, answer.text
    run = answer.json()
    assert run["flow"] == "predict-digits"
    assert [step["node"] for step in run["steps"]] == ["data", "predictions"]
    doc = read_flow(server.parts.catalog.flows.get_flow("predict-digits").text)
    circle = doc.nodes["predictions"]
    assert isinstance(circle, ModelNode)
    assert circle.model == "models:/digits/1"
    assert circle.output == "scores/today"
    assert doc.nodes["data"].uri == "images/测试 {1}: #x"


def test_a_long_name_still_makes_a_flow(http: httpx.Client) -> None:
    answer = http.post("/api/v1/predictions", json={"model": LONG, "data": "x"})
    assert answer.status_code == 201
    assert len(answer.json()["flow"]) == 63


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"model": "nothing", "data": "x"}, 404),
        ({"model": "models:/digits/9", "data": "x"}, 404),
        ({"model": "models:/digits@best", "data": "x"}, 404),
        ({"model": "Digits!", "data": "x"}, 422),
        ({"model": "digits", "data": ""}, 422),
        ({"model": "digits"}, 422),
        ({"model": "digits", "data": "x", "project": "No Name"}, 422),
    ],
)
def test_what_cannot_be_meant_is_refused(http: httpx.Client, body: dict, status: int) -> None:
    assert http.post("/api/v1/predictions", json=body).status_code == status
