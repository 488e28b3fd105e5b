"""Flows, as the client sees them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dix.client.building import Flow
from dix.client.local_code import check_local
from dix.client.pictures.cards import draw_version
from dix.client.reading import read_page, read_record
from dix.client.scripts import Scripts
from dix.client.tags import IfMatch
from dix.client.wire import Wire, join
from dix.errors import BadDocument
from dix.flow.difference import Difference, Kind
from dix.records.flow_version import FlowVersion
from dix.records.page import Page

# How many come with one request where all are wanted.
_PAGE = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientFlow(FlowVersion):
    """One version of a flow that is kept; a notebook draws it. `address` is the server that it was read from."""

    address: str = field(default="", compare=False, repr=False)

    def to_flow(self) -> Flow:
        """Its document, to be changed in Python; `text` must be there, which lists leave out.

        It is pushed in place of this version only: Changed where there is a later one.
        """
        flow = Flow.read(self.text)
        flow.keep_tag(self.address, self.tag)
        return flow

    def _repr_html_(self) -> str:
        return draw_version(self)


class Flows:
    """`client.flows`: check documents, keep them, find them again. Documents are text or a `dix.Flow`."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self._scripts = Scripts(wire)

    def concurrency(self, name: str) -> dict[str, int | None]:
        """How many runs of a flow may go at once, by driver; None for any number."""
        found: dict[str, int | None] = self._wire.get(join("flows", name, "concurrency"))
        return found

    def set_concurrency(self, name: str, **most: int | None) -> dict[str, int | None]:
        """Let more or fewer runs go at once, by driver: `timed=1, backfill=None` (any number). It holds at once."""
        changed: dict[str, int | None] = self._wire.patch(join("flows", name, "concurrency"), most)
        return changed

    def check(self, flow: str | Flow, base: Path | None = None) -> dict[str, Any]:
        """What the server makes of a document; raises BadDocument with everything that is wrong.

        The arguments of scripts on this machine, seen from the folder `base`, are checked here; nothing is sent.
        """
        text = to_text(flow)
        problems = check_local(text, find_base(flow, base))
        try:
            answer: dict[str, Any] = self._wire.post(join("flows", "check"), {"text": text})
        except BadDocument as error:
            raise BadDocument((*error.problems, *problems)) from None
        if problems:
            raise BadDocument(problems)
        return answer

    def push(
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
        text = self._scripts.settle(to_text(flow), find_base(flow, base))
        expected = find_expected(flow, self._wire.address, if_match)
        answer = self._wire.post(join("flows"), {"text": text, "project": project}, if_match=expected)
        kept = self._read(answer)
        if isinstance(flow, Flow):
            flow.keep_tag(kept.address, kept.tag)
        return kept

    def list(self, limit: int = 50, cursor: str | None = None, project: str | None = None) -> Page[ClientFlow]:
        """The latest version of every flow, without its text."""
        return read_page(self._wire.get(join("flows"), limit=limit, cursor=cursor, project=project), self._read)

    def all(self, project: str | None = None) -> Iterator[ClientFlow]:
        """Every flow that there is, page by page as it is asked for."""
        cursor: str | None = None
        while True:
            page = self.list(limit=_PAGE, cursor=cursor, project=project)
            for item in page.items:
                yield item
            cursor = page.next_cursor
            if cursor is None:
                return

    def get(self, name: str, version: int | None = None) -> ClientFlow:
        """One version with its text, the latest by default."""
        return self._read(self._wire.get(join("flows", name), version=version))

    def versions(self, name: str) -> tuple[ClientFlow, ...]:
        """All versions of a flow, newest first, without their texts."""
        return read_page(self._wire.get(join("flows", name, "versions")), self._read).items

    def diff(self, name: str, first: int | None = None, second: int | None = None) -> tuple[Difference, ...]:
        """What was changed from one version to another: to the latest, from the one before it, by default."""
        query = {"from": first, "to": second}
        found = self._wire.get(join("flows", name, "diff"), **query)["differences"]
        return tuple(Difference(**{**item, "kind": Kind(item["kind"])}) for item in found)

    def _read(self, document: Any) -> ClientFlow:
        more = {"flow": document["name"], "address": self._wire.address}
        return read_record(ClientFlow, {"text": "", **document}, **more)


def to_text(flow: str | Flow) -> str:
    """The document's text."""
    return flow.to_text() if isinstance(flow, Flow) else flow


def find_base(flow: str | Flow, base: Path | None = None) -> Path | None:
    """The folder from which a document names code of this machine; None where it names none."""
    return flow.base if base is None and isinstance(flow, Flow) else base


def find_expected(flow: str | Flow, address: str, if_match: IfMatch = None) -> IfMatch:
    """What the latest version has to be for this one to be kept: what was said, or what the flow knows by itself."""
    return flow.find_tag(address) if if_match is None and isinstance(flow, Flow) else if_match
