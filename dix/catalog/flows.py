"""The drawer of flow documents, in SQL."""

from __future__ import annotations

from dataclasses import dataclass, replace

from dix.catalog.base import Flows
from dix.catalog.columns import Row, from_micros, to_micros, to_text
from dix.catalog.file import CatalogFile
from dix.catalog.latest import LatestFilter, VersionTable, list_latest
from dix.catalog.sight import filter_named
from dix.catalog.writes import Connection, Write
from dix.errors import NotFound
from dix.names import find_nearest
from dix.records.flow_version import FlowVersion
from dix.records.moments import now
from dix.records.name_filter import ALL_NAMES, NameFilter
from dix.records.page import Page
from dix.records.sight import EVERYTHING, Sight
from dix.records.tag import Expected, check_tag
from dix.records.user import FIRST_USER

_COLUMNS = "flow, version, project, text, hash, created, description, user"
_VERSIONS = VersionTable("flow_versions", "flow", _COLUMNS, "flow || ' ' || description")


class FlowTable:
    """Texts by flow and version; a row is never changed."""

    def __init__(self, file: CatalogFile) -> None:
        self._file = file
        self._pushing = Write(self._push, encode=lambda pushed: str(pushed.version), decode=_find_pushed)

    def push_flow(
        self,
        flow: str,
        text: str,
        hash: str,
        project: str,
        description: str = "",
        *,
        user: str = FIRST_USER,
        expected: Expected | None = None,
        request: str | None = None,
    ) -> FlowVersion:
        draft = FlowVersion(flow, 1, project, to_text(text) or "", hash, now(), to_text(description) or "", user)
        return self._file.write(self._pushing, _Push(draft, expected), request)

    def get_flow(self, flow: str, version: int | None = None) -> FlowVersion:
        with self._file.reading() as cursor:
            return _get_version(cursor, flow, version)

    def list_flows(
        self,
        limit: int = 50,
        cursor: str | None = None,
        project: str | None = None,
        sight: Sight = EVERYTHING,
        wanted: NameFilter = ALL_NAMES,
    ) -> Page[FlowVersion]:
        seen = filter_named(sight, sight.flows, "flow")
        asked = LatestFilter(limit, cursor, seen, project, wanted.user, wanted.search, wanted.sort)
        with self._file.reading() as connection:
            return list_latest(connection, _VERSIONS, _read, asked)

    def list_flow_versions(self, flow: str) -> tuple[FlowVersion, ...]:
        with self._file.reading() as cursor:
            rows = cursor.execute(
                f"SELECT {_COLUMNS} FROM flow_versions WHERE flow = ? ORDER BY version DESC", [flow]
            ).fetchall()
            if not rows:
                raise _make_not_found(cursor, flow)
        return tuple(_read(row) for row in rows)

    def _push(self, connection: Connection, push: _Push) -> FlowVersion:
        draft = push.draft
        latest = _find_version(connection, draft.flow)
        if latest is not None and latest.hash == draft.hash:
            return latest
        found = (None, None, None) if latest is None else (latest.tag, latest.user, latest.created)
        check_tag(push.expected, "flow", draft.flow, found[0], by=found[1], at=found[2])
        pushed = replace(draft, version=latest.version + 1 if latest else 1)
        connection.execute(
            f"INSERT INTO flow_versions (seq, {_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                self._file.take_seq(),
                pushed.flow,
                pushed.version,
                pushed.project,
                pushed.text,
                pushed.hash,
                to_micros(pushed.created),
                pushed.description,
                pushed.user,
            ],
        )
        return pushed


@dataclass(frozen=True, slots=True)
class _Push:
    """A version without its number, and what the latest one has to be for it."""

    draft: FlowVersion
    expected: Expected | None


def _find_pushed(connection: Connection, push: _Push, answer: str) -> FlowVersion:
    return _get_version(connection, push.draft.flow, int(answer))


def _find_version(connection: Connection, flow: str, version: int | None = None) -> FlowVersion | None:
    row = connection.execute(
        f"""
        SELECT {_COLUMNS} FROM flow_versions WHERE flow = $flow AND version = coalesce($version, version)
        ORDER BY version DESC LIMIT 1
        """,
        {"flow": flow, "version": version},
    ).fetchone()
    return _read(row) if row else None


def _get_version(connection: Connection, flow: str, version: int | None) -> FlowVersion:
    found = _find_version(connection, flow, version)
    if found is not None:
        return found
    latest = _find_version(connection, flow)
    if latest is not None:
        raise NotFound("flow version", f"{flow}/{version}", f"{flow}/{latest.version}")
    raise _make_not_found(connection, flow)


def _make_not_found(connection: Connection, flow: str) -> NotFound:
    names = connection.execute("SELECT DISTINCT flow FROM flow_versions").fetchall()
    return NotFound("flow", flow, find_nearest(flow, (name for (name,) in names)))


def _read(row: Row) -> FlowVersion:
    flow, version, project, text, digest, created, description, user = row[:8]
    return FlowVersion(flow, version, project, text, digest, from_micros(created), description, user)


def _fits(table: FlowTable) -> Flows:
    return table
