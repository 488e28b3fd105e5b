"""Streams of messages, and what becomes of them when a connection breaks off."""

from __future__ import annotations

import json
from collections.abc import Iterator

import httpx
import pytest

from dix.client import wire as wire_module
from dix.client.messages import Message, MessageReader
from dix.client.wire import Wire, join
from dix.errors import NotFound, Unreachable

BEGIN = b': here\n\nid: 7\ndata: {"a":\ndata:  1}\n\n'


def read(text: str) -> list[Message]:
    """Read it at once, and byte by byte."""
    reader, slow = MessageReader(), MessageReader()
    messages = list(reader.feed(text.encode()))
    assert [message for byte in text.encode() for message in slow.feed(bytes([byte]))] == messages
    return messages


def test_messages_are_put_together_from_lines() -> None:
    text = ': c\n\nid: 1\nevent: end\ndata: {"a": 1}\n\ndata:2\n\nid: 3\n\nretry: 5\nodd\ndata: "数字"\n\n'
    assert read(text) == [Message("end", "1", {"a": 1}), Message("message", "1", 2), Message("message", "3", "数字")]


@pytest.mark.parametrize("end", "\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029")
def test_what_unicode_takes_for_the_end_of_a_line_stays_in_its_text(end: str) -> None:
    content = f"data: {json.dumps(f'a{end}b', ensure_ascii=False)}\r\n\r\nevent: end\ndata: {{}}\n\n".encode()
    wire, _ = make_wire(httpx.Response(200, content=content))
    assert [message.data for message in wire.follow(join("events"))] == [f"a{end}b"]


class Broken(httpx.SyncByteStream):
    """Some bytes, and then nothing more of the connection."""

    def __init__(self, content: bytes) -> None:
        self._content = content

    def __iter__(self) -> Iterator[bytes]:
        yield self._content
        raise httpx.ReadError("reset")


def make_wire(*answers: httpx.Response | Exception) -> tuple[Wire, list[httpx.Request]]:
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        given = answers[min(len(seen), len(answers)) - 1]
        if isinstance(given, Exception):
            raise given
        return given

    return Wire(httpx.Client(base_url="http://server:1", transport=httpx.MockTransport(answer))), seen


@pytest.fixture(autouse=True)
def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire_module, "PAUSE_S", 0.01)


def test_a_stream_goes_on_where_it_broke_off() -> None:
    wire, seen = make_wire(
        httpx.Response(200, stream=Broken(BEGIN + b"id: 8\ndata: half")),
        httpx.ConnectError("gone"),
        httpx.Response(200, content=b'id: 8\ndata: {"a": 2}\n\nevent: end\ndata: {}\n\n'),
    )
    assert [message.data["a"] for message in wire.follow(join("events"), after=3)] == [1, 2]
    assert [request.headers.get("last-event-id") for request in seen] == [None, "7", "7"]
    assert {request.headers["accept"] for request in seen} == {"text/event-stream"}
    assert seen[0].url.query == b"after=3"


def test_a_server_that_stays_silent_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire_module, "PATIENCE_S", 0.05)
    wire, _ = make_wire(httpx.ConnectError("gone"))
    with pytest.raises(Unreachable):
        list(wire.follow(join("events")))


def test_what_goes_wrong_in_a_stream_is_the_error_it_was() -> None:
    problem = b'event: problem\ndata: {"type": "urn:dix:problem:not-found", "facts": {"kind": "run", "name": "r1"}}\n\n'
    wire, _ = make_wire(httpx.Response(200, content=BEGIN + problem))
    messages = wire.follow(join("events"))
    assert next(messages).data == {"a": 1}
    with pytest.raises(NotFound, match="run r1"):
        next(messages)
