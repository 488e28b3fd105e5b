"""Finding the server, and showing it the token."""

from __future__ import annotations

from pathlib import Path

import pytest

import dix
from dix.client.connection import Client, connect
from dix.errors import BadValue, NotAuthenticated, Unreachable
from tests.api.server import TOKEN, Server


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("DIX_ADDRESS", "DIX_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("DIX_HOME", str(tmp_path))
    return tmp_path


def test_the_server_is_found_by_what_up_wrote_down(server: Server, home: Path) -> None:
    (home / "address").write_text(server.url + "\n")
    (home / "token").write_text(TOKEN + "\n")
    with dix.connect() as client:
        assert client.health()["status"] == "ok"
        assert client.status()["nodes"] == 1
        assert [spec["name"] for spec in client.algorithms()] == ["cnn"]


def test_an_argument_goes_before_the_environment_and_that_before_the_file(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert connect().address == "http://127.0.0.1:8000"
    (home / "address").write_text("http://file:1")
    assert connect().address == "http://file:1"
    monkeypatch.setenv("DIX_ADDRESS", "http://environment:1/")
    assert connect().address == "http://environment:1"
    assert connect("http://argument:1").address == "http://argument:1"


def test_a_missing_or_wrong_token_is_told_at_the_first_question(server: Server, home: Path) -> None:
    for token in (None, "guessed"):
        with connect(server.url, token) as client, pytest.raises(NotAuthenticated) as told:
            client.runs.list()
        assert told.value.fact("address") == server.url


def test_the_token_is_not_shown(client: Client) -> None:
    assert TOKEN not in repr(client) + repr(client.wire)


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1:8000", "ftp://host", "http://", "http://a b", "http://me:secret@host", "http://host:99999"],
)
def test_what_is_no_address_is_refused(home: Path, address: str) -> None:
    with pytest.raises(BadValue, match="DIX_ADDRESS"):
        connect(address)


@pytest.mark.parametrize("token", ["ü", "a\nb", " ", "a\x00"])
def test_what_is_no_token_is_refused(home: Path, token: str) -> None:
    with pytest.raises(BadValue, match="DIX_TOKEN"):
        connect("http://host", token)


@pytest.mark.parametrize("address", ["http://127.0.0.1:9", "http://nowhere.invalid"])
def test_a_silent_server_is_unreachable(home: Path, address: str) -> None:
    with connect(address, "token") as client, pytest.raises(Unreachable, match="does not answer"):
        client.health()
