"""Trained models over HTTP."""

from __future__ import annotations

import httpx
import pytest

from dix.records.model_version import ModelDraft
from tests.api.server import Server


@pytest.fixture(scope="module", autouse=True)
def models(server: Server) -> None:
    for loss in (0.5, float("inf")):
        draft = ModelDraft("digits", f"file:///m/{loss}", {"labels": ["零", "一"], "metrics": {"loss": loss}})
        server.parts.catalog.models.register_model(draft, "default", "r1", "cnn")


def test_the_latest_version_of_each_model_is_listed(http: httpx.Client) -> None:
    document = http.get("/api/v1/models").json()
    assert [(item["name"], item["version"]) for item in document["items"]] == [("digits", 2)]
    assert document["items"][0]["reference"] == "models:/digits/2"
    assert document["next_cursor"] is None


def test_versions_are_found_with_their_manifest(http: httpx.Client) -> None:
    assert http.get("/api/v1/models/digits").json()["version"] == 2
    assert [item["version"] for item in http.get("/api/v1/models/digits/versions").json()["items"]] == [2, 1]
    first = http.get("/api/v1/models/digits/versions/1").json()
    assert first["manifest"] == {"labels": ["零", "一"], "metrics": {"loss": 0.5}}
    assert (first["run"], first["node"]) == ("r1", "cnn")
    assert http.get("/api/v1/models/digits").json()["manifest"]["metrics"] == {"loss": "Infinity"}


@pytest.mark.parametrize("path", ["digitz", "digitz/versions", "digits/versions/3", "digits/versions/0"])
def test_what_is_not_there_is_not_found(http: httpx.Client, path: str) -> None:
    assert http.get(f"/api/v1/models/{path}").status_code == 404


def test_a_version_is_a_number(http: httpx.Client) -> None:
    assert http.get("/api/v1/models/digits/versions/last").status_code == 422
    assert http.get(f"/api/v1/models/digits/versions/{10**30}").status_code in {404, 422}


def test_a_version_is_deleted_unless_it_is_needed(http: httpx.Client, server: Server) -> None:
    for uri in ("file:///old1", "file:///old2", "file:///old3"):
        server.parts.catalog.models.register_model(ModelDraft("old", uri), "default")
    http.put("/api/v1/models/old/aliases/champion", json={"version": 1})
    for path in ("old", "old/versions/1"):
        answer = http.delete(f"/api/v1/models/{path}")
        assert answer.status_code == 409
        assert "in use (alias champion)" in answer.json()["detail"]
    assert http.delete("/api/v1/models/old/versions/3").status_code == 204
    assert http.delete("/api/v1/models/old/versions/3").status_code == 404
    http.delete("/api/v1/models/old/aliases/champion")
    assert http.delete("/api/v1/models/old").status_code == 204
    assert http.get("/api/v1/models/old").status_code == 404
