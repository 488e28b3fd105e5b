"""The audit, as the client sees it.

Its asynchronous twin. Made from dix/client/audit.py by `python -m tests.house.async_twin`.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date, datetime
from typing import Any

from dix.client.aio.wire import AsyncWire
from dix.client.audit import _PAGE, _read
from dix.client.reading import read_page
from dix.client.wire import join
from dix.records.audit_entry import AuditEntry
from dix.records.page import Page


class AsyncAudit:
    """`client.audit`: who did what. Administrators see all of it, managers what was done in their projects."""

    def __init__(self, wire: AsyncWire) -> None:
        self._wire = wire

    async def list(
        self,
        limit: int = 50,
        cursor: str | None = None,
        *,
        user: str | None = None,
        action: str | None = None,
        kind: str | None = None,
        name: str | None = None,
        project: str | None = None,
        since: date | datetime | str | None = None,
        until: date | datetime | str | None = None,
        failed: bool | None = None,
    ) -> Page[AuditEntry]:
        """What was done, newest first: by a user, as an operation, to a kind of thing or one of a name."""
        query = {
            "limit": limit,
            "cursor": cursor,
            "user": user,
            "action": action,
            "kind": kind,
            "name": name,
            "project": project,
            "since": since,
            "until": until,
            "failed": failed,
        }
        return read_page(await self._wire.get(join("audit"), **query), _read)

    async def all(self, **wanted: Any) -> AsyncIterator[AuditEntry]:
        """Every entry that is wanted, newest first, page by page as it is asked for; see `list`."""
        cursor: str | None = None
        while True:
            page = await self.list(limit=_PAGE, cursor=cursor, **wanted)
            for item in page.items:
                yield item
            cursor = page.next_cursor
            if cursor is None:
                return
