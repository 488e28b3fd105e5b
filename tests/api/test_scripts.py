"""Code that comes in over HTTP is kept under what it holds."""

from __future__ import annotations

import io
import tarfile

import httpx
import pytest

from tests.api.server import Server


def pack(*names: str, text: bytes = b"print(1)\n") -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        for name in names:
            info = tarfile.TarInfo(name)
            info.size = len(text)
            tar.addfile(info, io.BytesIO(text))
    return out.getvalue()


def test_the_same_code_has_the_same_address(http: httpx.Client, server: Server) -> None:
    first = http.post("/api/v1/scripts", content=pack("train.py", "src/net.py"))
    assert first.status_code == 201
    found = first.json()
    assert found == {"uri": f"dix/code/{found['sha256']}", "sha256": found["sha256"], "files": 2, "bytes": 18}
    assert server.parts.store.find_digest(found["uri"]) == found["sha256"]
    assert http.post("/api/v1/scripts", content=pack("src/net.py", "train.py")).json() == found
    assert http.post("/api/v1/scripts", content=pack("train.py", text=b"2")).json()["uri"] != found["uri"]


@pytest.mark.parametrize(
    "body", [b"", b"no tar", pack(), pack("../train.py"), pack("/train.py"), pack("a", "a/b"), pack("x" * 300)]
)
def test_what_is_no_folder_of_code_is_refused(http: httpx.Client, body: bytes) -> None:
    answer = http.post("/api/v1/scripts", content=body)
    assert answer.status_code == 422, answer.text
    assert answer.json()["detail"]


def test_code_is_read_by_who_can_name_it_and_not_listed(http: httpx.Client) -> None:
    uri = http.post("/api/v1/scripts", content=pack("train.py")).json()["uri"]
    assert http.get("/api/v1/data/file", params={"uri": f"{uri}/train.py"}).content == b"print(1)\n"
