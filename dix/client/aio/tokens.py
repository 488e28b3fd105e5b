"""Tokens, as the client sees them.

Its asynchronous twin. Made from dix/client/tokens.py by `python -m tests.house.async_twin`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from dix.client.aio.wire import AsyncWire
from dix.client.reading import read_page, read_record
from dix.client.tokens import NewToken, _read
from dix.client.wire import join
from dix.records.moments import to_text
from dix.records.token import Token


class AsyncTokens:
    """`client.tokens`: one's own tokens and sessions."""

    def __init__(self, wire: AsyncWire) -> None:
        self._wire = wire

    async def list(self, *, everybody: bool = False) -> tuple[Token, ...]:
        """Those that still open the door, newest first; with `everybody` of all users, for administrators."""
        return read_page(await self._wire.get(join("tokens"), everybody=everybody or None), _read).items

    async def create(
        self,
        name: str,
        scopes: Sequence[str] = ("read", "write", "predict"),
        *,
        projects: Sequence[str] | None = None,
        expires: datetime | None = None,
    ) -> NewToken:
        """Make a token, for oneself; with `projects` it reaches these only."""
        body = {"name": name, "scopes": list(scopes), "expires": to_text(expires)}
        document = await self._wire.post(
            join("tokens"), {**body, "projects": None if projects is None else list(projects)}
        )
        return read_record(NewToken, document)

    async def revoke(self, id: str) -> None:
        """From now on it opens nothing, within a second also no endpoint."""
        await self._wire.delete(join("tokens", id))
