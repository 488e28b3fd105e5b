"""Two versions of a flow side by side, and a version as a file."""

from __future__ import annotations

import httpx
import pytest

from dix.flow.text import read_flow
from tests.api.server import FLOW


@pytest.fixture
def flow(http: httpx.Client) -> str:
    for epochs in (3, 5, 7):
        text = FLOW.replace("name: digits", "name: compared").replace("epochs: 3", f"epochs: {epochs}")
        http.post("/api/v1/flows", json={"text": text}).raise_for_status()
    return "/api/v1/flows/compared"


def test_versions_are_compared(http: httpx.Client, flow: str) -> None:
    answer = http.get(f"{flow}/diff", params={"from": 1, "to": 3}).json()
    assert (answer["first"], answer["second"]) == (1, 3)
    changed = {"node": None, "field": "params.epochs", "kind": "changed", "before": 3, "after": 7}
    assert answer["differences"] == [changed]
    latest = http.get(f"{flow}/diff").json()
    assert (latest["first"], latest["second"]) == (2, 3)
    assert http.get(f"{flow}/diff", params={"from": 1, "to": 1}).json()["differences"] == []
    assert http.get(f"{flow}/diff", params={"from": 9}).status_code == 404
    assert http.get(f"{flow}/diff", params={"to": 0}).status_code == 422


def test_a_version_is_a_file_as_it_was_kept_or_written_anew(http: httpx.Client, flow: str) -> None:
    kept = http.get(f"{flow}/export", params={"version": 1})
    assert kept.headers["Content-Type"].startswith("application/yaml")
    assert kept.headers["Content-Disposition"] == 'attachment; filename="compared-1.yaml"'
    assert "数字" in kept.text
    texts = [http.get(f"{flow}/export", params={"version": 1, "format": kind}) for kind in ("yaml", "json")]
    assert texts[1].json()["name"] == "compared"
    assert read_flow(kept.text) == read_flow(texts[0].text) == read_flow(texts[1].text)
    tag = kept.headers["ETag"]
    assert http.get(f"{flow}/export", params={"version": 1}, headers={"If-None-Match": tag}).status_code == 304
