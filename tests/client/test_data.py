"""The store from Python."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from dix.client import data
from dix.client.connection import Client
from dix.client.data import Data, DataEntry
from dix.client.wire import Wire
from dix.errors import BadValue, ChecksumMismatch, NotFound, Unreachable

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


def test_a_file_with_another_checksum_than_is_known_does_not_appear(
    client: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.txt").write_text("one")
    client.data.put(tmp_path / "a.txt", "sums/a.txt")
    measure = Data.measure
    monkeypatch.setattr(Data, "measure", lambda self, uri: measure(self, uri) | {"sha256": "0" * 64})
    with pytest.raises(ChecksumMismatch):
        client.data.get("sums/a.txt", tmp_path / "back.txt")
    assert [path.name for path in tmp_path.iterdir()] == ["a.txt"]


def test_a_large_file_goes_on_where_it_was_cut_off(
    client: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = bytes(range(256)) * 4000
    (tmp_path / "big.bin").write_bytes(content)
    monkeypatch.setattr(data, "PIECE_BYTES", 300_000)
    wire, cuts = client.wire, iter([True, False, True])
    send, stream = type(wire).patch_bytes, type(wire).stream

    def cut_piece(self: Wire, path: str, piece: bytes, **query: Any) -> Any:
        if not next(cuts, False):
            return send(self, path, piece, **query)
        send(self, path, piece[:1000], **query)
        raise Unreachable("the server", "cut off")

    @contextmanager
    def cut_stream(self: Wire, path: str, *, begin: int = 0, **query: Any) -> Iterator[Iterator[bytes]]:
        with stream(self, path, begin=begin, **query) as chunks:
            if begin:
                yield chunks
            else:
                yield iter([next(chunks)[:1000]])
        if not begin:
            raise Unreachable("the server", "cut off")

    monkeypatch.setattr(Wire, "patch_bytes", cut_piece)
    assert client.data.put(tmp_path / "big.bin", "cuts/big.bin").size_bytes == len(content)
    monkeypatch.setattr(Wire, "stream", cut_stream)
    client.data.get("cuts/big.bin", tmp_path / "back.bin")
    assert (tmp_path / "back.bin").read_bytes() == content


def test_what_is_sent_from_memory_tells_how_far_it_is(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(data, "PIECE_BYTES", 4)
    told: list[int] = []
    content = "a,b\n1,名\n".encode()
    moved = client.data.send(io.BytesIO(content), len(content), "sent/<b> 名.csv", told.append)
    assert (moved.files, moved.size_bytes) == (1, len(content))
    assert told == [4, 8, len(content)]
    assert client.data.read("sent/<b> 名.csv", 1000) == content
    assert client.data.read("sent/<b> 名.csv", 3) == content[:3]


def test_a_look_says_what_the_server_says(client: Client) -> None:
    content = "name,size\n名字,1\nb,3\n".encode()
    client.data.send(io.BytesIO(content), len(content), "looked/a.csv")
    seen = client.data.preview("looked/a.csv", rows=1)
    assert (seen.format, seen.rows, seen.is_whole) == ("csv", ({"name": "名字", "size": 1},), False)
    size = client.data.profile("looked/a.csv").columns[1]
    assert (size.name, size.mean, sum(one.count for one in size.histogram)) == ("size", 2.0, 2)
