"""Requests out, JSON back, and failures as the errors they were."""

from __future__ import annotations

import httpx
import pytest

from dix.client.wire import Wire, join
from dix.errors import Conflict, NotAuthenticated, PlatformError, Unreachable, WrongUse


def make_wire(*answers: httpx.Response | Exception) -> tuple[Wire, list[httpx.Request]]:
    """A wire to a server that gives these answers, one after the other."""
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        given = answers[len(seen) - 1]
        if isinstance(given, Exception):
            raise given
        return given

    return Wire(httpx.Client(base_url="http://server:1", transport=httpx.MockTransport(answer))), seen


def test_a_connection_that_broke_is_tried_again_for_a_question_and_never_for_a_change_without_a_key() -> None:
    wire, seen = make_wire(httpx.ReadError("reset"), httpx.Response(200, json={"a": 1}))
    assert wire.get(join("health")) == {"a": 1}
    assert len(seen) == 2
    for path in (join("login"), "/v2/models/digits/infer"):
        wire, seen = make_wire(httpx.ReadError("reset"))
        with pytest.raises(Unreachable, match="reset"):
            wire.post(path, {})
        assert len(seen) == 1
        assert "Idempotency-Key" not in seen[0].headers
    wire, seen = make_wire(httpx.ReadError("reset"))
    with pytest.raises(Unreachable, match="reset"):
        wire.patch(join("projects", "vision"), {})
    assert len(seen) == 1
    wire, seen = make_wire(httpx.ReadError("reset"), httpx.ReadError("again"))
    with pytest.raises(Unreachable, match="again"):
        wire.get(join("health"))


def test_a_server_that_is_not_there_is_told_of_at_once() -> None:
    wire, seen = make_wire(httpx.ConnectError("refused"))
    with pytest.raises(Unreachable, match="refused"):
        wire.post(join("runs"), {})
    assert len(seen) == 1


@pytest.mark.parametrize(
    ("response", "kind", "word"),
    [
        (httpx.Response(401, text="no"), NotAuthenticated, "DIX_TOKEN"),
        (httpx.Response(400, json={"error": "wrong shape"}), WrongUse, "wrong shape"),
        (httpx.Response(500, json={"error": "no memory"}), PlatformError, "no memory"),
        (httpx.Response(404, text="<html>"), Unreachable, "not DI-X: HTTP status 404"),
        (httpx.Response(302, headers={"Location": "http://evil"}), Unreachable, "not DI-X: HTTP status 302"),
        (httpx.Response(502, json=["a"]), Unreachable, "502"),
        (httpx.Response(200, text="<html>"), Unreachable, "not DI-X"),
        (
            httpx.Response(
                409,
                json={
                    "type": "urn:dix:problem:conflict",
                    "status": 409,
                    "facts": {"kind": "run", "name": "r1", "state": "failed", "wanted": "cancelled"},
                },
            ),
            Conflict,
            "run r1 is failed, so it cannot be cancelled",
        ),
    ],
)
def test_a_failure_is_the_error_it_was(response: httpx.Response, kind: type[Exception], word: str) -> None:
    wire, _ = make_wire(response, response)
    with pytest.raises(kind, match=word):
        wire.get(join("runs"))


def test_nothing_is_followed_to_another_place() -> None:
    wire, seen = make_wire(httpx.Response(307, headers={"Location": "http://evil/"}))
    with pytest.raises(Unreachable):
        wire.post(join("runs"), {})
    assert len(seen) == 1


def test_parts_of_a_path_are_escaped_whole_and_empty_parameters_left_out() -> None:
    wire, seen = make_wire(httpx.Response(200, json={}))
    wire.get(join("runs", "a/b?c#d", 3), limit=5, cursor=None)
    assert str(seen[0].url) == "http://server:1/api/v1/runs/a%2Fb%3Fc%23d/3?limit=5"
