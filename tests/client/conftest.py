"""One server a module, and a client of it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from dix.client.connection import Client, connect
from tests.api.server import TOKEN, Server, run_server


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with run_server(tmp_path_factory.mktemp("server")) as running:
        yield running


@pytest.fixture
def client(server: Server) -> Iterator[Client]:
    with connect(server.url, TOKEN) as client:
        yield client
