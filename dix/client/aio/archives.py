"""Models as files: brought to this machine from the server, and from here to the server.

Its asynchronous twin, in threads. Made from dix/client/archives.py by `python -m tests.house.async_twin`.
"""

from __future__ import annotations

import asyncio
from functools import cached_property
from pathlib import Path

from dix.client.aio.wire import AsyncWire
from dix.client.archives import Archives
from dix.client.model import ClientModel
from dix.client.wire import Wire, copy_http


class AsyncArchives:
    """What `client.models` does with files; where the connection breaks off, a transfer to here goes on from there."""

    def __init__(self, wire: AsyncWire) -> None:
        self._wire = wire

    @cached_property
    def _archives(self) -> Archives:
        return Archives(Wire(copy_http(self._wire.http)))

    async def export(self, name: str, version: int, target: Path) -> Path:
        """Write a version as one file, at `target` or into that folder; it appears whole or not at all."""
        return await asyncio.to_thread(self._archives.export, name, version, target)

    async def import_file(self, source: Path, name: str | None = None, project: str | None = None) -> ClientModel:
        """The version that a file of this machine became."""
        return await asyncio.to_thread(self._archives.import_file, source, name, project)

    async def import_uri(self, uri: str, name: str | None = None, project: str | None = None) -> ClientModel:
        """The version that a file in the store became."""
        return await asyncio.to_thread(self._archives.import_uri, uri, name, project)
