"""The server's own part of the Open Inference Protocol."""

from __future__ import annotations

import httpx

from dix.serve.protocol import write_error
from tests.api.server import Server


def test_the_server_says_what_it_is(http: httpx.Client) -> None:
    document = http.get("/v2").json()
    assert document["name"] == "dix"
    assert document.keys() == {"name", "version", "extensions"}


def test_health_is_yes_or_no(http: httpx.Client) -> None:
    assert http.get("/v2/health/live").json() == {"live": True}
    assert http.get("/v2/health/ready").json() == {"ready": True}


def test_a_model_that_does_not_answer_is_named_in_the_protocols_words(http: httpx.Client, server: Server) -> None:
    server.deployer.deploy("digits", "digits")
    for method, path in (("GET", ""), ("GET", "/ready"), ("POST", "/infer"), ("POST", "/versions/1/infer")):
        answer = http.request(method, f"/v2/models/digitz{path}")
        assert answer.status_code == 404
        assert answer.json() == {"error": "no endpoint digitz; did you mean digits?"}
    assert http.get("/v2/models/digits/ready").status_code == 409
    assert http.get("/v2/nothing").json().keys() == {"error"}


def test_an_endpoint_that_is_not_there_is_refused_in_the_bytes_of_one_that_is_hidden(http: httpx.Client) -> None:
    assert http.get("/v2/models/ghost").content == write_error("no endpoint ghost")
