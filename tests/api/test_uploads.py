"""Uploads and downloads that go on where they were cut off."""

from __future__ import annotations

import base64
import hashlib
import socket
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from dix.api.upload_shelf import UploadShelf
from dix.api.uploads import make_shelf
from dix.errors import PlatformError
from dix.records.member import Role
from tests.api.people import add_person, come_in
from tests.api.server import TOKEN, Server

UPLOADS = "/api/v1/uploads"
CONTENT = bytes(range(256)) * 5000


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def begin(http: httpx.Client, uri: str, size: int | None = None) -> str:
    answer = http.post(UPLOADS, json={"uri": uri, "size_bytes": size})
    assert answer.status_code == 201, answer.text
    return f"{UPLOADS}/{answer.json()['id']}"


def read(http: httpx.Client, uri: str, **headers: str) -> httpx.Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return http.get("/api/v1/data/file", params={"uri": uri}, headers=named)


def test_pieces_become_a_file_that_appears_whole(http: httpx.Client) -> None:
    upload = begin(http, "up/名 1.bin", len(CONTENT))
    for offset in range(0, len(CONTENT), 500_000):
        piece = CONTENT[offset : offset + 500_000]
        assert http.patch(upload, params={"offset": offset}, content=piece).json()["offset"] == offset + len(piece)
    assert read(http, "up/名 1.bin").status_code == 404
    done = http.post(f"{upload}/complete", json={"sha256": sha256(CONTENT)})
    assert (done.status_code, done.json()["bytes"]) == (201, len(CONTENT))
    assert read(http, "up/名 1.bin").content == CONTENT
    assert http.get(upload).status_code == 404


def test_a_piece_that_is_cut_off_is_gone_on_with(http: httpx.Client, server: Server) -> None:
    upload = begin(http, "up/cut.bin", len(CONTENT))
    place = urlsplit(server.url)
    with socket.create_connection((place.hostname or "", place.port or 0)) as line:
        head = f"PATCH {upload}?offset=0 HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {TOKEN}\r\n"
        line.sendall(f"{head}Content-Length: {len(CONTENT)}\r\n\r\n".encode() + CONTENT[:300_000])
        wait_for(lambda: http.get(upload).json()["offset"] == 300_000)
    there = http.get(upload).json()["offset"]
    wrong = http.patch(upload, params={"offset": 7}, content=b"x")
    assert (wrong.status_code, "go on at 300000" in wrong.json()["detail"]) == (409, True)
    wait_for(lambda: http.patch(upload, params={"offset": there}, content=CONTENT[there:]).status_code == 200)
    assert http.post(f"{upload}/complete", json={"sha256": sha256(CONTENT)}).status_code == 201
    assert read(http, "up/cut.bin").content == CONTENT


def wait_for(is_so: object) -> None:
    import time

    limit = time.monotonic() + 20
    while not is_so():  # type: ignore[operator]
        assert time.monotonic() < limit
        time.sleep(0.02)


def test_what_is_not_what_was_sent_does_not_appear(http: httpx.Client) -> None:
    upload = begin(http, "up/bad.bin")
    http.patch(upload, params={"offset": 0}, content=b"abc").raise_for_status()
    answer = http.post(f"{upload}/complete", json={"sha256": sha256(b"abd")})
    assert (answer.status_code, answer.json()["facts"]["field"]) == (422, "sha256")
    assert read(http, "up/bad.bin").status_code == 404
    short = begin(http, "up/short.bin", 5)
    assert http.post(f"{short}/complete", json={"sha256": sha256(b"")}).status_code == 409
    assert http.patch(short, params={"offset": 0}, content=b"abcdef").status_code == 422
    assert http.delete(short).status_code == 204
    assert http.get(short).status_code == 404


def test_uploads_are_ones_own_and_go_where_one_may_write(http: httpx.Client, server: Server) -> None:
    upload = begin(http, "up/own.bin")
    add_person(server, "uma", {"default": Role.USER})
    with come_in(server, "uma") as uma:
        assert uma.get(upload).status_code == 404
        assert uma.post(UPLOADS, json={"uri": "dix/runs/x"}).status_code in {403, 404, 422}
        assert uma.post(UPLOADS, json={"uri": "file:///etc/passwd"}).status_code == 403
        assert uma.post(UPLOADS, json={"uri": "up/hers.bin"}).status_code == 201
    for wrong in ("../x", "u0", "u" + "0" * 16):
        assert http.get(f"{UPLOADS}/{wrong}").status_code == 404


def test_a_part_of_a_file_is_downloaded(http: httpx.Client) -> None:
    http.put("/api/v1/data/file", params={"uri": "down.bin"}, content=CONTENT).raise_for_status()
    whole = read(http, "down.bin")
    tag = whole.headers["ETag"]
    assert whole.headers["Content-Length"] == str(len(CONTENT))
    part = read(http, "down.bin", Range="bytes=1000-", If_Range=tag)
    assert (part.status_code, part.content) == (206, CONTENT[1000:])
    assert part.headers["Content-Range"] == f"bytes 1000-{len(CONTENT) - 1}/{len(CONTENT)}"
    assert read(http, "down.bin", Range="bytes=10-19").content == CONTENT[10:20]
    assert read(http, "down.bin", Range="bytes=10-", If_Range='"old"').status_code == 200
    assert read(http, "down.bin", If_None_Match=tag).status_code == 304
    for wrong in ("bytes=-5", "bytes=5-2", f"bytes={len(CONTENT)}-", "lines=1-"):
        assert read(http, "down.bin", Range=wrong).status_code == 416
    http.put("/api/v1/data/file", params={"uri": "down.bin"}, content=b"other").raise_for_status()
    assert read(http, "down.bin", Range="bytes=1-", If_Range=tag).content == b"other"


def test_what_was_committed_comes_with_its_checksum(http: httpx.Client, server: Server, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"hello")
    server.parts.store.commit_folder(tmp_path, "committed")
    digest = base64.b64encode(hashlib.sha256(b"hello").digest()).decode()
    assert read(http, "committed/a.txt").headers["Repr-Digest"] == f"sha-256=:{digest}:"
    measured = http.get("/api/v1/data/measure", params={"uri": "committed/a.txt"}).json()
    assert measured["sha256"] == sha256(b"hello")


@pytest.fixture(autouse=True, scope="module")
def _tidy(server: Server) -> object:
    yield
    folder = make_shelf(server.parts)._folder
    for path in folder.glob("*"):
        path.unlink()
    folder.rmdir()


def test_a_folder_that_leads_elsewhere_is_not_used(tmp_path: Path) -> None:
    (tmp_path / "theirs").mkdir()
    (tmp_path / "shelf").symlink_to(tmp_path / "theirs")
    with pytest.raises(PlatformError):
        UploadShelf(tmp_path / "shelf").begin("ana", "x", None)
    assert not list((tmp_path / "theirs").iterdir())
