"""Models as files from Python: whole or not at all, also where the connection breaks off."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from dix.client.connection import Client, connect
from dix.errors import BadValue, Conflict, NotFound, Unreachable
from dix.records.model_version import ModelVersion
from tests.api.server import TOKEN, Server
from tests.api.test_model_archives import register


@pytest.fixture(scope="module")
def version(server: Server, tmp_path_factory: pytest.TempPathFactory) -> ModelVersion:
    folder = tmp_path_factory.mktemp("models") / "lamp"
    return register(server, folder, "lamp", weights_safetensors=bytes(range(256)) * 10_000)


@contextmanager
def breaking_proxy(url: str, most_bytes: int) -> Iterator[str]:
    """Passes each connection on to the server, and cuts it after so many bytes of the answer."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                near, _ = listener.accept()
            except OSError:
                return
            far = socket.create_connection((urlsplit(url).hostname or "", urlsplit(url).port or 0))
            with near, far, suppress(TimeoutError):
                far.settimeout(0.2)
                far.sendall(near.recv(65536))
                left = most_bytes
                while left > 0 and (data := far.recv(min(65536, left))):
                    near.sendall(data)
                    left -= len(data)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()
    thread.join(5)


def test_a_model_goes_and_comes_back(client: Client, version: ModelVersion, tmp_path: Path) -> None:
    path = client.models.export("lamp", tmp_path)
    assert path == tmp_path / "lamp-1.dixmodel"
    assert client.models.export("lamp", tmp_path / "deep" / "x", 1).read_bytes() == path.read_bytes()
    taken = client.models.import_file(path, "taken")
    assert (taken.reference, taken.manifest["checksum"]) == ("models:/taken/1", version.manifest["checksum"])
    client.data.put(path, "in/lamp.dixmodel")
    assert client.models.import_uri("in/lamp.dixmodel", "taken").version == 2


@pytest.mark.usefixtures("version")
def test_a_connection_that_breaks_off_is_taken_up_again(server: Server, client: Client, tmp_path: Path) -> None:
    whole = client.models.export("lamp", tmp_path / "whole").read_bytes()
    with breaking_proxy(server.url, 700_000) as address, connect(address, TOKEN) as broken:
        assert broken.models.export("lamp", tmp_path / "parts", 1).read_bytes() == whole
    with (
        breaking_proxy(server.url, 50) as address,
        connect(address, TOKEN) as broken,
        pytest.raises(Unreachable),
    ):
        broken.models.export("lamp", tmp_path / "nothing", 1)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["parts", "whole"]


@pytest.mark.usefixtures("version")
def test_what_cannot_be_is_told(client: Client, tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="did you mean lamp"):
        client.models.export("lamb", tmp_path)
    with pytest.raises(NotFound):
        client.models.export("lamp", tmp_path / "deep" / "x", 9)
    assert not (tmp_path / "deep").exists()
    with pytest.raises(NotFound, match="no file"):
        client.models.import_file(tmp_path / "nothing")
    (tmp_path / "bad").write_bytes(b"x" * 1000)
    with pytest.raises(BadValue, match="archive"):
        client.models.import_file(tmp_path / "bad")
    with pytest.raises(BadValue, match="file"):
        client.models.export("lamp", tmp_path / "bad" / "in")
    path = client.models.export("lamp", tmp_path)
    client.projects.create("elsewhere")
    with pytest.raises(Conflict, match="cannot be a model of elsewhere"):
        client.models.import_file(path, project="elsewhere")
