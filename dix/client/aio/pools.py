"""Pools, as the client sees them.

Its asynchronous twin. Made from dix/client/pools.py by `python -m tests.house.async_twin`.
"""

from __future__ import annotations

from collections.abc import Iterable

from dix.client.aio.wire import AsyncWire
from dix.client.pools import Pool, _read
from dix.client.reading import read_page
from dix.client.wire import join


class AsyncPools:
    """`client.pools`: flows whose runs are counted together."""

    def __init__(self, wire: AsyncWire) -> None:
        self._wire = wire

    async def list(self) -> tuple[Pool, ...]:
        """Every pool, by name."""
        return read_page(await self._wire.get(join("pools")), _read).items

    async def put(self, name: str, most: int, flows: Iterable[str]) -> Pool:
        """Make a pool, or change it: it holds at once, and what runs already goes on. Takes an administrator."""
        return _read(await self._wire.put_json(join("pools", name), {"most": most, "flows": list(flows)}))

    async def delete(self, name: str) -> None:
        """Count its flows together no more."""
        await self._wire.delete(join("pools", name))
