"""The store over HTTP."""

from __future__ import annotations

import gzip
import io
import tarfile
from collections.abc import Iterator

import httpx
import pytest

from tests.api.server import Server

NAME = "名字 a&b#1?100%.txt"


def put(http: httpx.Client, uri: str, content: bytes) -> httpx.Response:
    return http.put("/api/v1/data/file", params={"uri": uri}, content=content)


def get(http: httpx.Client, what: str, uri: str) -> httpx.Response:
    return http.get(f"/api/v1/data{what}", params={"uri": uri})


def make_tar(*names: str, kind: bytes = tarfile.REGTYPE) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        for name in names:
            info = tarfile.TarInfo(name)
            info.type, info.linkname = kind, "/etc/passwd"
            info.size = len(name) if kind == tarfile.REGTYPE else 0
            tar.addfile(info, io.BytesIO(name.encode()))
    return out.getvalue()


def make_holes() -> bytes:
    """A file of a terabyte, all of it holes, as GNU tar packs it with --sparse."""
    info = tarfile.TarInfo("holes")
    info.type = tarfile.GNUTYPE_SPARSE
    header = bytearray(info.tobuf(tarfile.GNU_FORMAT))
    header[483:495] = tarfile.itn(2**40, 12, tarfile.GNU_FORMAT)
    header[148:156] = b"%06o\0 " % tarfile.calc_chksums(bytes(header))[0]
    return bytes(header) + bytes(1024)


def make_long_header() -> bytes:
    """A header of a terabyte, which would have to be read before the file that it is about."""
    info = tarfile.TarInfo("long")
    info.type, info.size = tarfile.XHDTYPE, 2**40
    return info.tobuf(tarfile.GNU_FORMAT) + bytes(1024)


def test_an_empty_store_is_an_empty_list(http: httpx.Client) -> None:
    assert http.get("/api/v1/data").json() == {"items": [], "next_cursor": None}


def test_a_file_goes_there_and_comes_back(http: httpx.Client, server: Server) -> None:
    answer = put(http, f"box/{NAME}", b"x" * 3_000_000)
    assert answer.status_code == 201, answer.text
    size = {"files": 1, "bytes": 3_000_000, "sha256": None}
    assert answer.json() == {"uri": f"{server.parts.store.url}/box/{NAME}", **size}
    for uri in (f"box/{NAME}", answer.json()["uri"]):
        back = get(http, "/file", uri)
        assert back.content == b"x" * 3_000_000
        assert back.headers["Content-Disposition"] == "attachment"
    assert get(http, "/measure", "box").json()["bytes"] == 3_000_000


def test_a_folder_is_listed_by_level_and_as_a_whole(http: httpx.Client) -> None:
    put(http, "tree/a.txt", b"a")
    put(http, "tree/inner/b.txt", b"bb")
    level = get(http, "", "tree").json()["items"]
    assert [(item["name"], item["kind"], item["size_bytes"]) for item in level] == [
        ("inner", "folder", None),
        ("a.txt", "file", 1),
    ]
    whole = get(http, "/files", "tree").json()["items"]
    assert [item["name"] for item in whole] == ["a.txt", "inner/b.txt"]
    assert get(http, "/file", whole[1]["uri"]).content == b"bb"
    assert [item["uri"] for item in get(http, "/files", "tree/a.txt").json()["items"]] == [level[1]["uri"]]


def test_a_folder_comes_as_a_tar_and_replaces_the_one_before(http: httpx.Client) -> None:
    for names in (("a", "deep/b"), ("c",)):
        tar = make_tar(*names)
        answer = http.put("/api/v1/data/folder", params={"uri": "whole"}, content=tar)
        assert answer.status_code == 201, answer.text
        assert answer.json()["files"] == len(names)
        assert [item["name"] for item in get(http, "/files", "whole").json()["items"]] == list(names)
    assert put(http, "whole/d", b"part").status_code == 409


@pytest.mark.parametrize(
    "tar",
    [
        b"",
        b"not a tar",
        make_tar(),
        make_tar("../out"),
        make_tar("/etc/out"),
        make_tar("a/../../out"),
        make_tar("ok", "link", kind=tarfile.SYMTYPE),
        make_tar("fifo", kind=tarfile.FIFOTYPE),
        make_tar("a", "b")[:700],
        make_tar("a", "a/b"),
        make_tar("a", "a"),
        gzip.compress(make_tar("a")),
        make_holes(),
        make_long_header(),
    ],
)
def test_a_tar_that_is_none_or_leads_outside_leaves_nothing(http: httpx.Client, tar: bytes) -> None:
    answer = http.put("/api/v1/data/folder", params={"uri": "refused"}, content=tar)
    assert answer.status_code in {409, 422}, answer.text
    assert get(http, "", "refused").status_code == 404


@pytest.mark.parametrize(
    "uri", ["../out", "/etc/out", "a//b", "http://x/y", "", "dix/models/x", "models:/a/1", "a\x00b"]
)
def test_a_place_that_cannot_be_is_refused(http: httpx.Client, uri: str) -> None:
    assert put(http, uri, b"x").status_code == 422


def test_what_is_not_there_is_not_found(http: httpx.Client) -> None:
    for what in ("", "/files", "/measure", "/file"):
        assert get(http, what, "nothing/here").status_code == 404, what


def test_a_folder_has_no_bytes_of_its_own(http: httpx.Client) -> None:
    put(http, "shelf/a", b"a")
    assert get(http, "/file", "shelf").status_code in {404, 409, 422}


def test_an_upload_that_breaks_off_leaves_nothing(http: httpx.Client, server: Server) -> None:
    def broken() -> Iterator[bytes]:
        yield b"half"
        raise ConnectionError

    with pytest.raises(ConnectionError), server.open() as other:
        other.put("/api/v1/data/file", params={"uri": "broken/file"}, content=broken())
    assert get(http, "", "broken").status_code == 404
