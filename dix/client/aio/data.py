"""The store, as the client sees it.

Its asynchronous twin, in threads. Made from dix/client/data.py by `python -m tests.house.async_twin`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import Any, BinaryIO

from dix.client.aio.wire import AsyncWire
from dix.client.data import Data, DataEntry, Moved
from dix.client.data_looks import Preview, Profile
from dix.client.wire import Wire, copy_http


class AsyncData:
    """`client.data`: look into the store, bring files there and back. A URI is a path in the store, file:// or s3://."""

    def __init__(self, wire: AsyncWire) -> None:
        self._wire = wire

    @cached_property
    def _data(self) -> Data:
        return Data(Wire(copy_http(self._wire.http)))

    async def list(self, uri: str = "") -> tuple[DataEntry, ...]:
        """One level of a folder; NotFound when nothing is there."""
        return await asyncio.to_thread(self._data.list, uri)

    async def measure(self, uri: str) -> dict[str, Any]:
        """How many files and bytes lie at a URI: `{uri, files, bytes}`."""
        return await asyncio.to_thread(self._data.measure, uri)

    async def preview(self, uri: str, rows: int = 20) -> Preview:
        """The first rows of a table, lines of a text, or files of anything else; nothing is moved."""
        return await asyncio.to_thread(self._data.preview, uri, rows)

    async def profile(self, uri: str) -> Profile:
        """What each column of a table holds: missing and distinct values, extremes, mean, and how they spread."""
        return await asyncio.to_thread(self._data.profile, uri)

    async def read(self, uri: str, most_bytes: int) -> bytes:
        """The bytes of a file, or the first of them where it has more."""
        return await asyncio.to_thread(self._data.read, uri, most_bytes)

    async def send(
        self, source: BinaryIO, size_bytes: int, uri: str, on_progress: Callable[[int], None] | None = None
    ) -> Moved:
        """Send the bytes of an open file to a URI; they appear there whole or not at all.

        They go in pieces, and go on where they were cut off; `on_progress` is told after each how many are there.
        """
        return await asyncio.to_thread(self._data.send, source, size_bytes, uri, on_progress)

    async def put(self, source: Path, uri: str) -> Moved:
        """Copy a local file, or a folder with all that is in it, to a URI; it appears there whole or not at all.

        A file goes under its own name into a URI that ends with a slash. A folder replaces the one that is there.
        """
        return await asyncio.to_thread(self._data.put, source, uri)

    async def get(self, uri: str, target: Path) -> Moved:
        """Copy a file, or the content of a folder, to a local path; a file goes into a folder that is there."""
        return await asyncio.to_thread(self._data.get, uri, target)
