"""The store, as the client sees it.

Its asynchronous twin, in threads. Made from dix/client/data.py by `python -m tests.house.async_twin`.
"""

from __future__ import annotations

import asyncio
from functools import cached_property
from pathlib import Path
from typing import Any

from dix.client.aio.wire import AsyncWire
from dix.client.data import Data, DataEntry, Moved
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

    async def put(self, source: Path, uri: str) -> Moved:
        """Copy a local file, or a folder with all that is in it, to a URI; it appears there whole or not at all.

        A file goes under its own name into a URI that ends with a slash. A folder replaces the one that is there.
        """
        return await asyncio.to_thread(self._data.put, source, uri)

    async def get(self, uri: str, target: Path) -> Moved:
        """Copy a file, or the content of a folder, to a local path; a file goes into a folder that is there."""
        return await asyncio.to_thread(self._data.get, uri, target)
