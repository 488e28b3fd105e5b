"""What listens where is what the operating system says."""

from __future__ import annotations

import socket

import psutil

from dix.boot.instance import Instance
from dix.boot.listeners import list_listeners


def test_what_listens_is_named_and_where() -> None:
    with socket.create_server(("127.0.0.1", 0)) as api, socket.create_server(("0.0.0.0", 0)) as inner:
        ports = [each.getsockname()[1] for each in (api, inner)]
        instance = Instance("0", "file:///s", "127.0.0.1:1", f"http://127.0.0.1:{ports[0]}", "http://[broken")
        lines = list_listeners([psutil.Process()], instance)
    assert lines[0] == f"127.0.0.1:{ports[0]} the API and the endpoints"
    assert any(line.startswith(f"all interfaces:{ports[1]} Ray's ") for line in lines)


def test_a_process_that_has_ended_listens_nowhere() -> None:
    gone = psutil.Popen(["true"])
    gone.wait()
    assert list_listeners([gone], Instance("0", "", "", "", "")) == []
