"""A connection that breaks after the server has done its work: nothing is made twice."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import httpx
import pytest

from dix.client.connection import connect
from dix.errors import Unreachable
from tests.api.server import FLOW, TOKEN, Server


@contextmanager
def run_cutter(server: Server, cuts: int) -> Iterator[str]:
    """A place before the server that swallows its first answers, each once all of it is there."""
    target = httpx.URL(server.url)
    listener = socket.create_server((target.host, 0))

    def answer() -> None:
        left = cuts
        while True:
            with suppress(OSError), listener.accept()[0] as near:
                with socket.create_connection((target.host, target.port or 80)) as far:
                    far.sendall(_read_request(near))
                    reply = b"".join(iter(lambda: far.recv(65536), b""))
                left -= 1
                if left < 0:
                    near.sendall(reply)
                continue
            return

    thread = threading.Thread(target=answer, daemon=True)
    thread.start()
    try:
        yield f"http://{target.host}:{listener.getsockname()[1]}"
    finally:
        with suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(5)


def _read_request(near: socket.socket) -> bytes:
    """A whole request, changed so that the server ends the connection with its answer."""
    got = b""
    while b"\r\n\r\n" not in got:
        got += near.recv(65536)
    head, _, body = got.partition(b"\r\n\r\n")
    lines = [line for line in head.split(b"\r\n") if not line.lower().startswith(b"connection:")]
    length = next(int(line.split(b":")[1]) for line in lines if line.lower().startswith(b"content-length:"))
    while len(body) < length:
        body += near.recv(65536)
    return b"\r\n".join([*lines, b"Connection: close"]) + b"\r\n\r\n" + body


def test_a_run_whose_answer_was_cut_off_is_started_once(server: Server) -> None:
    with run_cutter(server, 2) as address, connect(address, TOKEN) as client:
        run = client.runs.start(FLOW)
    with connect(server.url, TOKEN) as client:
        assert [one.id for one in client.runs.list().items] == [run.id]


def test_who_is_cut_off_each_time_is_told_so_in_the_end(server: Server) -> None:
    with run_cutter(server, 100) as address, connect(address, TOKEN) as client, pytest.raises(Unreachable):
        client.projects.create("cut-off")
    with connect(server.url, TOKEN) as client:
        assert [project.name for project in client.projects.list()] == ["cut-off", "default"]
