"""What steps print: kept in the store as chunks of lines, so that it can be read while the step still works.

A chunk is one object, `dix/runs/<run>/logs/<node>/<attempt>/<first line>.jsonl`: one JSON array a line, `[time, stream,
text]`. Chunks are written whole and never changed; their names sort by their first line's number.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Sequence
from typing import Any

from dix.errors import BadValue
from dix.records.log_line import LogLine
from dix.records.moments import from_text, now, to_text
from dix.records.page import Page
from dix.store.listing import StoredFile
from dix.store.store import Store

PAGE_LINES = 2000
_MAX_LINE = 16_384


def write_chunk(store: Store, run: str, first: int, lines: list[LogLine]) -> None:
    """Keep lines of one attempt; `first` counts the lines that were kept before."""
    rows = (json.dumps([to_text(line.at), line.stream, line.text[:_MAX_LINE]], ensure_ascii=False) for line in lines)
    uri = f"{_attempt_uri(run, lines[0].node, lines[0].attempt)}/{first:012d}.jsonl"
    store.write_bytes(uri, "\n".join(rows).encode())


def read_lines(
    store: Store, run: str, nodes: Sequence[str], attempt: int | None = None, cursor: str | None = None
) -> Page[LogLine]:
    """Up to `PAGE_LINES` lines of these nodes, one after the other, after the cursor; the next cursor is never None."""
    seen = _read_cursor(cursor)
    lines: list[LogLine] = []
    for (node, number), chunks in _list_attempts(store, run, nodes, attempt):
        key = f"{node}/{number}"
        fresh = _read_chunks(store, chunks, seen.get(key, 0), PAGE_LINES - len(lines))
        seen[key] = seen.get(key, 0) + len(fresh)
        lines.extend(_read_row(row, node, number) for row in fresh)
        if len(lines) >= PAGE_LINES:
            break
    return Page(tuple(lines), base64.urlsafe_b64encode(json.dumps(seen).encode()).decode())


def _list_attempts(
    store: Store, run: str, nodes: Sequence[str], attempt: int | None
) -> list[tuple[tuple[str, int], list[StoredFile]]]:
    """The chunks of each attempt in order, attempts in the order of the nodes."""
    place = {node: i for i, node in enumerate(nodes)}
    found: dict[tuple[str, int], list[StoredFile]] = {}
    for file in sorted(store.list_files(f"dix/runs/{run}/logs"), key=lambda file: file.path):
        node, number, _ = file.path.split("/")
        if node in place and attempt in {None, int(number)}:
            found.setdefault((node, int(number)), []).append(file)
    return sorted(found.items(), key=lambda item: (place[item[0][0]], item[0][1]))


def _read_chunks(store: Store, chunks: list[StoredFile], after: int, limit: int) -> list[str]:
    """The rows that follow the first `after` ones, at most `limit`; chunks that were read before are not opened."""
    starts = [int(chunk.path.rpartition("/")[2].removesuffix(".jsonl")) for chunk in chunks]
    rows: list[str] = []
    for i, chunk in enumerate(chunks):
        is_read = i + 1 < len(starts) and starts[i + 1] <= after
        if not is_read and len(rows) < limit:
            rows.extend(store.read_bytes(chunk.uri).decode().split("\n")[max(0, after - starts[i]) :])
    return rows[:limit]


def _read_row(row: str, node: str, attempt: int) -> LogLine:
    at, stream, text = json.loads(row)
    return LogLine(node, attempt, from_text(at) or now(), stream, text)


def _attempt_uri(run: str, node: str, attempt: int) -> str:
    return f"dix/runs/{run}/logs/{node}/{attempt}"


def _read_cursor(cursor: str | None) -> dict[str, int]:
    if cursor is None:
        return {}
    try:
        seen: Any = json.loads(base64.urlsafe_b64decode(cursor))
        return {str(key): int(count) for key, count in seen.items()}
    except (ValueError, AttributeError, TypeError, binascii.Error):
        raise BadValue("cursor", "one that an earlier answer gave", cursor) from None
