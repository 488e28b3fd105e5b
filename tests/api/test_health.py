"""Whether the server answers, what is behind it, and what its algorithms are."""

from __future__ import annotations

import httpx


def test_health_says_ok_and_the_version(http: httpx.Client) -> None:
    document = http.get("/api/v1/health").json()
    assert document["status"] == "ok"
    assert document["version"]


def test_status_is_what_the_cluster_says_and_the_version(http: httpx.Client) -> None:
    document = http.get("/api/v1/status").json()
    assert (document["state"], document["nodes"]) == ("up", 1)
    assert document["version"]


def test_algorithms_publish_ports_and_parameters(http: httpx.Client) -> None:
    (cnn,) = http.get("/api/v1/algorithms").json()["items"]
    assert http.get("/api/v1/algorithms/cnn").json() == cnn
    assert [(port["name"], port["kind"], port["required"]) for port in cnn["inputs"]] == [
        ("train", "data", True),
        ("valid", "data", False),
    ]
    assert cnn["params"]["properties"]["epochs"]["default"] == 3
    assert http.get("/api/v1/algorithms/cnm").json()["facts"]["nearest"] == "cnn"


def test_algorithms_are_sorted_and_divided(http: httpx.Client) -> None:
    names = [item["name"] for item in http.get("/api/v1/algorithms", params={"sort": "-name"}).json()["items"]]
    assert names == sorted(names, reverse=True)
    assert len(http.get("/api/v1/algorithms", params={"limit": 1}).json()["items"]) == 1
    assert http.get("/api/v1/algorithms", params={"sort": "help"}).status_code == 422
