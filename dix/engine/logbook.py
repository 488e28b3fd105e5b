"""What steps print: kept in the store as chunks of lines, so that it can be read while the step still works.

A chunk is one object, `dix/runs/<run>/logs/<node>/<attempt>/<first line>-<lines>.jsonl`: one JSON array a line, `[time,
stream, text]`. Chunks are written whole and never changed; their names sort by their first line's number.
"""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from dix.errors import BadValue, NotFound
from dix.records.log_line import LogLine
from dix.records.moments import from_text, now, to_text
from dix.store.listing import StoredFile
from dix.store.store import Store

CHUNK_BYTES = 2**20  # about so much text goes into one object, and no reader has to fetch more for a page
PAGE_LINES = 2000
PAGE_BYTES = 2**20
SCAN_LINES = 200_000  # how many lines one answer may look through in a search
_MAX_LINE = 16_384
_MAX_CURSOR = 2**20


@dataclass(frozen=True, slots=True)
class LogPage:
    """Some lines; `cursor` goes on after what was looked at, `is_whole` says that this was all there is now."""

    items: tuple[LogLine, ...]
    cursor: str
    is_whole: bool


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


def split_lines(lines: Sequence[LogLine]) -> Iterator[Sequence[LogLine]]:
    """The lines in parts that are fit to be a chunk each."""
    begin = size = 0
    for end, line in enumerate(lines):
        if size >= CHUNK_BYTES:
            yield lines[begin:end]
            begin, size = end, 0
        size += len(line.text)
    if begin < len(lines):
        yield lines[begin:]


def read_lines(
    store: Store,
    run: str,
    nodes: Sequence[str],
    attempt: int | None = None,
    *,
    cursor: str | None = None,
    search: str | None = None,
) -> LogPage:
    """Lines of these nodes, one node after the other, that follow the cursor and contain `search` (in any case).

    A page has an end (of lines, of bytes, of lines looked at): it may be empty while there is more to look at.
    """
    seen = _read_cursor(cursor)
    page = _PageInMaking((search or "").casefold())
    for (node, number), chunks in _list_attempts(store, run, nodes, attempt):
        key = f"{node}/{number}"
        for position, row in _iterate_rows(store, chunks, seen.get(key, 0)):
            if page.is_full():
                return LogPage(tuple(page.lines), _write_cursor(seen), is_whole=False)
            page.look_at(_read_row(row, node, number, position + 1))
            seen[key] = position + 1
    return LogPage(tuple(page.lines), _write_cursor(seen), is_whole=True)


def count_lines(store: Store, run: str) -> int:
    """How many lines a run has printed so far; nothing is opened for it."""
    names = (file.path.rsplit("/", 1)[-1] for file in _list_files(store, f"dix/runs/{run}/logs"))
    return sum(int(name.removesuffix(".jsonl").partition("-")[2]) for name in names)


class _PageInMaking:
    """Lines that match, up to one of three limits."""

    def __init__(self, search: str) -> None:
        self.lines: list[LogLine] = []
        self._search = search
        self._size = 0
        self._looked = 0

    def look_at(self, line: LogLine) -> None:
        """Take a line, if it matches."""
        self._looked += 1
        if not self._search or self._search in line.text.casefold():
            self.lines.append(line)
            self._size += len(line.text)

    def is_full(self) -> bool:
        """Whether the page is to end here."""
        return len(self.lines) >= PAGE_LINES or self._size >= PAGE_BYTES or self._looked >= SCAN_LINES


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


def _iterate_rows(store: Store, chunks: list[_Chunk], after: int) -> Iterator[tuple[int, str]]:
    """The rows that follow the first `after` ones with their positions; only chunks with such rows are opened."""
    for chunk in chunks:
        if chunk.end > after:
            rows = store.read_bytes(chunk.uri).decode().split("\n")
            skipped = max(0, after - chunk.first)
            yield from enumerate(rows[skipped:], start=chunk.first + skipped)
            after = chunk.end


def _read_row(row: str, node: str, attempt: int, line: int) -> LogLine:
    at, stream, text = json.loads(row)
    return LogLine(node, attempt, from_text(at) or now(), stream, text, line)


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
        return {str(key): max(0, int(count)) for key, count in seen.items()}
    except (ValueError, AttributeError, TypeError, OverflowError, RecursionError, zlib.error):
        raise BadValue("cursor", "one that an earlier answer gave", cursor) from None


def _inflate(data: bytes) -> bytes:
    """A cursor comes from outside: one that would fill the memory is cut, and then is no JSON."""
    return zlib.decompressobj().decompress(data, _MAX_CURSOR)
