"""What steps print: kept in the store as chunks of lines, so that it can be read while the step still works.

A chunk is one object, `dix/runs/<run>/logs/<node>/<attempt>/<first line>-<lines>.jsonl`: one JSON array a line, `[time,
stream, text]`. Chunks are written whole and never changed; their names sort by their first line's number.
"""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from dix.errors import BadValue, NotFound
from dix.records.log_line import LogLine
from dix.records.moments import from_text, now, to_text
from dix.records.page import Page
from dix.store.listing import StoredFile
from dix.store.store import Store

PAGE_LINES = 2000
_MAX_LINE = 16_384
_MAX_CURSOR = 2**20


@dataclass(frozen=True, slots=True)
class _Chunk:
    """Where the lines from `first` to before `end` of an attempt lie."""

    uri: str
    first: int
    end: int


def write_chunk(store: Store, run: str, first: int, lines: Sequence[LogLine]) -> None:
    """Keep lines of one attempt; `first` counts the lines that were kept before."""
    rows = (json.dumps([to_text(line.at), line.stream, _cut(line.text)], ensure_ascii=False) for line in lines)
    folder = f"dix/runs/{run}/logs/{lines[0].node}/{lines[0].attempt}"
    store.write_bytes(f"{folder}/{first:012d}-{len(lines)}.jsonl", "\n".join(rows).encode())


def read_lines(
    store: Store, run: str, nodes: Sequence[str], attempt: int | None = None, cursor: str | None = None
) -> Page[LogLine]:
    """Up to `PAGE_LINES` lines of these nodes, one after the other, after the cursor; the next cursor is never None."""
    seen = _read_cursor(cursor)
    lines: list[LogLine] = []
    for (node, number), chunks in _list_attempts(store, run, nodes, attempt):
        key = f"{node}/{number}"
        fresh = _read_chunks(store, chunks, seen.get(key, 0), PAGE_LINES - len(lines))
        if fresh:
            seen[key] = seen.get(key, 0) + len(fresh)
            lines.extend(_read_row(row, node, number) for row in fresh)
        if len(lines) >= PAGE_LINES:
            break
    return Page(tuple(lines), _write_cursor(seen))


def _list_attempts(
    store: Store, run: str, nodes: Sequence[str], attempt: int | None
) -> list[tuple[tuple[str, int], list[_Chunk]]]:
    """The chunks of each attempt in order, attempts in the order of the nodes."""
    place = {node: i for i, node in enumerate(nodes)}
    found: dict[tuple[str, int], list[_Chunk]] = {}
    for file in _list_files(store, f"dix/runs/{run}/logs"):
        node, number, name = file.path.split("/")
        if node in place and attempt in {None, int(number)}:
            first, _, count = name.removesuffix(".jsonl").partition("-")
            chunk = _Chunk(file.uri, int(first), int(first) + int(count))
            found.setdefault((node, int(number)), []).append(chunk)
    return sorted(found.items(), key=lambda item: (place[item[0][0]], item[0][1]))


def _list_files(store: Store, uri: str) -> list[StoredFile]:
    """The files below a folder by path; none when nothing has been printed yet."""
    try:
        return sorted(store.list_files(uri), key=lambda file: file.path)
    except NotFound:
        return []


def _read_chunks(store: Store, chunks: list[_Chunk], after: int, limit: int) -> list[str]:
    """The rows that follow the first `after` ones, at most `limit`; only chunks with such rows are opened."""
    rows: list[str] = []
    for chunk in chunks:
        position = after + len(rows)
        if chunk.end > position and len(rows) < limit:
            text = store.read_bytes(chunk.uri).decode()
            rows.extend(text.split("\n")[max(0, position - chunk.first) :])
    return rows[:limit]


def _read_row(row: str, node: str, attempt: int) -> LogLine:
    at, stream, text = json.loads(row)
    return LogLine(node, attempt, from_text(at) or now(), stream, text)


def _cut(text: str) -> str:
    """A line that is Unicode, and not too long to show."""
    shown = text if len(text) <= _MAX_LINE else f"{text[:_MAX_LINE]}… ({len(text) - _MAX_LINE:,} more)"
    return shown.encode("utf-8", "backslashreplace").decode()


def _write_cursor(seen: dict[str, int]) -> str:
    """Short also for a run of thousands of steps: it travels in an address."""
    return base64.urlsafe_b64encode(zlib.compress(json.dumps(seen, separators=(",", ":")).encode(), 9)).decode()


def _read_cursor(cursor: str | None) -> dict[str, int]:
    if cursor is None:
        return {}
    try:
        seen: Any = json.loads(_inflate(base64.urlsafe_b64decode(cursor)))
        return {str(key): int(count) for key, count in seen.items()}
    except (ValueError, AttributeError, TypeError, zlib.error):
        raise BadValue("cursor", "one that an earlier answer gave", cursor) from None


def _inflate(data: bytes) -> bytes:
    """A cursor comes from outside: one that would fill the memory is cut, and then is no JSON."""
    return zlib.decompressobj().decompress(data, _MAX_CURSOR)
