"""Flows, as the client sees them.

Its asynchronous twin. Made from dix/client/flows.py by `python -m tests.house.async_twin`.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from dix.client.aio.scripts import AsyncScripts
from dix.client.aio.wire import AsyncWire
from dix.client.building import Flow
from dix.client.flows import _PAGE, ClientFlow, find_base, find_expected, to_text
from dix.client.local_code import check_local
from dix.client.reading import read_page, read_record
from dix.client.tags import IfMatch
from dix.client.wire import join
from dix.errors import BadDocument
from dix.flow.difference import Difference, Kind
from dix.records.page import Page


class AsyncFlows:
    """`client.flows`: check documents, keep them, find them again. Documents are text or a `dix.Flow`."""

    def __init__(self, wire: AsyncWire) -> None:
        self._wire = wire
        self._scripts = AsyncScripts(wire)

    async def concurrency(self, name: str) -> dict[str, int | None]:
        """How many runs of a flow may go at once, by driver; None for any number."""
        found: dict[str, int | None] = await self._wire.get(join("flows", name, "concurrency"))
        return found

    async def set_concurrency(self, name: str, **most: int | None) -> dict[str, int | None]:
        """Let more or fewer runs go at once, by driver: `timed=1, backfill=None` (any number). It holds at once."""
        changed: dict[str, int | None] = await self._wire.patch(join("flows", name, "concurrency"), most)
        return changed

    async def check(self, flow: str | Flow, base: Path | None = None) -> dict[str, Any]:
        """What the server makes of a document; raises BadDocument with everything that is wrong.

        The arguments of scripts on this machine, seen from the folder `base`, are checked here; nothing is sent.
        """
        text = to_text(flow)
        problems = check_local(text, find_base(flow, base))
        try:
            answer: dict[str, Any] = await self._wire.post(join("flows", "check"), {"text": text})
        except BadDocument as error:
            raise BadDocument((*error.problems, *problems)) from None
        if problems:
            raise BadDocument(problems)
        return answer

    async def push(
        self,
        flow: str | Flow,
        project: str | None = None,
        base: Path | None = None,
        *,
        if_match: IfMatch = None,
    ) -> ClientFlow:
        """Keep a document as the next version of its flow; the latest version comes back when it is the same.

        Local code that it names, seen from the folder `base`, is sent to the store, and the document names where it
        lies there. A `dix.Flow` made in Python is seen from the current folder, one that was read from a file from
        where that lies; a text without `base` is kept as it is.

        With `if_match`, the version that was edited or its tag, Changed when another one is the latest by now; "*" is
        any. A `dix.Flow` that was read from here, or pushed before, knows its version by itself.
        """
        text = await self._scripts.settle(to_text(flow), find_base(flow, base))
        expected = find_expected(flow, self._wire.address, if_match)
        answer = await self._wire.post(join("flows"), {"text": text, "project": project}, if_match=expected)
        kept = self._read(answer)
        if isinstance(flow, Flow):
            flow.keep_tag(kept.address, kept.tag)
        return kept

    async def list(self, limit: int = 50, cursor: str | None = None, project: str | None = None) -> Page[ClientFlow]:
        """The latest version of every flow, without its text."""
        return read_page(await self._wire.get(join("flows"), limit=limit, cursor=cursor, project=project), self._read)

    async def all(self, project: str | None = None) -> AsyncIterator[ClientFlow]:
        """Every flow that there is, page by page as it is asked for."""
        cursor: str | None = None
        while True:
            page = await self.list(limit=_PAGE, cursor=cursor, project=project)
            for item in page.items:
                yield item
            cursor = page.next_cursor
            if cursor is None:
                return

    async def get(self, name: str, version: int | None = None) -> ClientFlow:
        """One version with its text, the latest by default."""
        return self._read(await self._wire.get(join("flows", name), version=version))

    async def versions(self, name: str) -> tuple[ClientFlow, ...]:
        """All versions of a flow, newest first, without their texts."""
        return read_page(await self._wire.get(join("flows", name, "versions")), self._read).items

    async def diff(self, name: str, first: int | None = None, second: int | None = None) -> tuple[Difference, ...]:
        """What was changed from one version to another: to the latest, from the one before it, by default."""
        query = {"from": first, "to": second}
        found = (await self._wire.get(join("flows", name, "diff"), **query))["differences"]
        return tuple(Difference(**{**item, "kind": Kind(item["kind"])}) for item in found)

    def _read(self, document: Any) -> ClientFlow:
        more = {"flow": document["name"], "address": self._wire.address}
        return read_record(ClientFlow, {"text": "", **document}, **more)
