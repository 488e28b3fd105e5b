"""The store from Python."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from dix.client.connection import Client
from dix.client.data import DataEntry
from dix.client.wire import Wire
from dix.errors import BadValue, NotFound

NAMES = ("a.txt", "inner/名字 1#?%.txt", "inner/deep/" + "long" * 40, "empty")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in NAMES:
        path = tmp_path / "source" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"" if name == "empty" else name.encode() * 100)
    return tmp_path / "source"


def read_all(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_folder_goes_there_and_comes_back_the_same(client: Client, folder: Path, tmp_path: Path) -> None:
    moved = client.data.put(folder, "round/trip")
    assert (moved.files, moved.size_bytes) == (4, sum(len(data) for data in read_all(folder).values()))
    back = client.data.get("round/trip", tmp_path / "back")
    assert back.files == 4
    assert read_all(tmp_path / "back") == read_all(folder)
    assert client.data.measure("round/trip")["files"] == 4


def test_a_file_goes_under_its_own_name_into_a_folder(client: Client, folder: Path, tmp_path: Path) -> None:
    moved = client.data.put(folder / "a.txt", "single/")
    assert moved.uri.endswith("/single/a.txt")
    assert client.data.list("single") == (DataEntry("a.txt", moved.uri, "file", 500),)
    assert client.data.get("single/a.txt", tmp_path).uri == str(tmp_path / "a.txt")
    client.data.get("single/a.txt", tmp_path / "other")
    client.data.get("single", tmp_path / "whole")
    assert read_all(tmp_path / "whole") == {"a.txt": (tmp_path / "other").read_bytes()}


def test_what_is_not_there_is_not_found(client: Client, tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        client.data.put(tmp_path / "nothing", "x")
    with pytest.raises(NotFound):
        client.data.get("nothing", tmp_path / "x")
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(NotFound):
        client.data.list("nothing")


@pytest.mark.parametrize("name", ["../out", "/etc/out", "a/../../out", "a\x00b"])
def test_a_name_that_leads_outside_is_refused(tmp_path: Path, name: str) -> None:
    items = [{"name": name, "uri": "file:///x", "kind": "file", "size_bytes": 1}] * 2

    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json={"items": items, "next_cursor": None})

    evil = Client(Wire(httpx.Client(base_url="http://evil", transport=httpx.MockTransport(answer))))
    with pytest.raises(BadValue):
        evil.data.get("x", tmp_path / "in")
    assert list(tmp_path.iterdir()) == []


def test_a_download_that_breaks_off_leaves_nothing(client: Client, folder: Path, tmp_path: Path) -> None:
    client.data.put(folder / "a.txt", "breaking/a.txt")
    target = tmp_path / "taken"
    target.mkdir()
    (target / "a.txt").mkdir()
    with pytest.raises(BadValue):
        client.data.get("breaking", target)
    assert [path.name for path in target.rglob("*")] == ["a.txt"]
