"""Files straight to and from the store, at addresses that the server signs; the rest goes through the server."""

from __future__ import annotations

import base64
import hashlib
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

import httpx

from dix.client.packing import read_chunks
from dix.client.wire import STORE_TIMEOUT_S, is_far

_TIMEOUT = httpx.Timeout(STORE_TIMEOUT_S, connect=5.0)


def put(url: str, source: Path) -> bool:
    """Send a file; the store compares it with its MD5. False when that did not work."""
    with source.open("rb") as file:
        digest = base64.b64encode(hashlib.file_digest(file, "md5").digest()).decode()
    headers = {"Content-Length": str(source.stat().st_size), "Content-MD5": digest}
    try:
        with _open(url) as http:
            return http.put(url, content=read_chunks(source), headers=headers).is_success
    except httpx.HTTPError:
        return False


def fetch(url: str, out: BinaryIO) -> None:
    """Bring what can be brought of a file; the rest is for others."""
    with suppress(httpx.HTTPError), _open(url) as http, http.stream("GET", url) as answer:
        if answer.is_success:
            out.writelines(answer.iter_raw())


def _open(url: str) -> httpx.Client:
    return httpx.Client(timeout=_TIMEOUT, trust_env=is_far(httpx.URL(url)))
