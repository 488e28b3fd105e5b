"""Scripts, as the client sees them: sent to the store, and looked at without being run.

Its asynchronous twin, in threads. Made from dix/client/scripts.py by `python -m tests.house.async_twin`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import Any

from dix.client.aio.wire import AsyncWire
from dix.client.local_code import LocalCode
from dix.client.scripts import Scripts, SentCode
from dix.client.wire import Wire, copy_http


class AsyncScripts:
    """`client.scripts`: bring code into the store, and see what arguments a script takes."""

    def __init__(self, wire: AsyncWire) -> None:
        self._wire = wire

    @cached_property
    def _scripts(self) -> Scripts:
        return Scripts(Wire(copy_http(self._wire.http)))

    async def send(self, path: Path | str) -> SentCode:
        """Bring a file (with the requirements.txt beside it) or a folder; the same code has the same address."""
        return await asyncio.to_thread(self._scripts.send, path)

    async def settle(
        self, text: str, base: Path | None = None, tell: Callable[[LocalCode, SentCode], None] | None = None
    ) -> str:
        """Send the local code that a document names, seen from the folder `base`, and name where it lies instead.

        Without `base` there is none: a document from elsewhere shall not take files of this machine along.

        `tell` hears of each.
        """
        return await asyncio.to_thread(self._scripts.settle, text, base, tell)

    async def inspect(self, path: Path | str) -> dict[str, Any]:
        """The JSON Schema of the parameters that a local script takes; `additionalProperties` where there may be more.

        Raises NotFound, and BadValue for what is not Python.
        """
        return await asyncio.to_thread(self._scripts.inspect, path)
