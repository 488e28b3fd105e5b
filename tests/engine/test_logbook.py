"""Logs in the store: whole, in order, paged exactly while they grow."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

import pytest

from dix.engine import logbook
from dix.engine.logbook import read_lines, split_lines, write_chunk
from dix.errors import BadValue
from dix.records.log_line import LogLine
from dix.records.moments import now
from dix.store.choose import open_store_with
from dix.store.options import StoreOptions
from dix.store.store import Store


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return open_store_with(StoreOptions((tmp_path / "store").as_uri()))


def line(node: str, text: str, attempt: int = 1) -> LogLine:
    return LogLine(node, attempt, now(), "stdout", text)


def texts(store: Store, *nodes: str, **where: object) -> list[str]:
    return [one.text for one in read_lines(store, "r1", nodes, **where).items]  # type: ignore[arg-type]


def test_lines_come_back_as_they_were(store: Store) -> None:
    lines = [
        line("a", text) for text in ("plain", "", "数字 🙂", 'quotes " and \\', "tab\t nul\x00 \u2028 sep", "cr\r")
    ]
    write_chunk(store, "r1", 0, lines)
    kept = read_lines(store, "r1", ["a"]).items
    assert kept == tuple(replace(one, line=number) for number, one in enumerate(lines, start=1))


def test_half_characters_are_spelled_out(store: Store) -> None:
    write_chunk(store, "r1", 0, [line("a", "half \udce4")])
    assert texts(store, "a") == ["half \\udce4"]


def test_a_line_that_is_too_long_says_what_is_missing(store: Store) -> None:
    write_chunk(store, "r1", 0, [line("a", "x" * 20_000)])
    assert texts(store, "a") == ["x" * 16_384 + "… (3,616 more)"]


def test_nodes_come_in_the_given_order_and_attempts_in_theirs(store: Store) -> None:
    for node, attempt in (("z", 1), ("a", 10), ("a", 2), ("a", 1)):
        write_chunk(store, "r1", 0, [line(node, f"{node}{attempt}", attempt)])
    assert texts(store, "z", "a") == ["z1", "a1", "a2", "a10"]
    assert texts(store, "a") == ["a1", "a2", "a10"]
    assert texts(store, "z", "a", attempt=2) == ["a2"]
    assert texts(store, "nobody") == []


def test_a_run_that_has_printed_nothing_has_no_lines(store: Store) -> None:
    page = read_lines(store, "r0", ["a"])
    assert page.items == ()
    assert read_lines(store, "r0", ["a"], cursor=page.cursor).items == ()


def test_paging_is_exact_while_the_log_grows(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    chance = random.Random(7)
    monkeypatch.setattr(logbook, "PAGE_LINES", 10)
    written: dict[str, list[str]] = {"a": [], "b": [], "c": []}
    read: dict[str, list[str]] = {"a": [], "b": [], "c": []}
    cursor = None
    for _ in range(200):
        node = chance.choice("abc")
        fresh = [f"{node}{len(written[node]) + i}" for i in range(chance.randint(1, 25))]
        if chance.random() < 0.5:
            write_chunk(store, "r1", len(written[node]), [line(node, text) for text in fresh])
            written[node] += fresh
        page = read_lines(store, "r1", ["a", "b", "c"], cursor=cursor)
        assert len(page.items) <= 10
        cursor = page.cursor
        for one in page.items:
            read[one.node].append(one.text)
    while (page := read_lines(store, "r1", ["a", "b", "c"], cursor=cursor)).items:
        cursor = page.cursor
        for one in page.items:
            read[one.node].append(one.text)
    assert read == written


def test_chunks_that_were_read_are_not_opened_again(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    for first in range(0, 100, 10):
        write_chunk(store, "r1", first, [line("a", str(first + i)) for i in range(10)])
    cursor = read_lines(store, "r1", ["a"]).cursor
    opened: list[str] = []
    read_bytes = Store.read_bytes
    monkeypatch.setattr(Store, "read_bytes", lambda self, uri: opened.append(uri) or read_bytes(self, uri))
    assert read_lines(store, "r1", ["a"], cursor=cursor).items == ()
    assert opened == []
    write_chunk(store, "r1", 100, [line("a", "new")])
    assert [one.text for one in read_lines(store, "r1", ["a"], cursor=cursor).items] == ["new"]
    assert len(opened) == 1


def test_a_chunk_that_was_written_twice_counts_once(store: Store) -> None:
    """The first answer was lost, so the lines went with the next ones again."""
    lines = [line("a", str(i)) for i in range(5)]
    write_chunk(store, "r1", 0, lines[:3])
    write_chunk(store, "r1", 0, lines)
    assert texts(store, "a") == ["0", "1", "2", "3", "4"]


def test_the_cursor_of_a_large_run_fits_into_an_address(store: Store) -> None:
    nodes = [f"node_number_{i}" for i in range(1000)]
    for node in nodes:
        write_chunk(store, "r1", 0, [line(node, "x")])
    assert len(read_lines(store, "r1", nodes).cursor) < 6000


@pytest.mark.parametrize("cursor", ["", "x", "e30", "bnVsbA==", "eJwDAAAAAAE=", "é"])
def test_a_cursor_that_is_not_ours_is_refused(store: Store, cursor: str) -> None:
    with pytest.raises(BadValue, match="cursor: expected one that an earlier answer gave"):
        read_lines(store, "r1", ["a"], cursor=cursor)


@pytest.mark.parametrize("text", [b'{"a/1": Infinity}', b"[" * 100_000])
def test_a_cursor_of_numbers_or_depths_that_cannot_be_is_refused(store: Store, text: bytes) -> None:
    import base64
    import zlib

    with pytest.raises(BadValue, match="cursor: expected one that an earlier answer gave"):
        read_lines(store, "r1", ["a"], cursor=base64.urlsafe_b64encode(zlib.compress(text)).decode())


def test_a_cursor_that_would_fill_the_memory_is_refused(store: Store) -> None:
    import base64
    import zlib

    bomb = base64.urlsafe_b64encode(zlib.compress(b'{"' + b"a" * 10**8 + b'": 1}')).decode()
    with pytest.raises(BadValue):
        read_lines(store, "r1", ["a"], cursor=bomb)


def test_a_search_finds_lines_with_their_attempts_and_numbers(store: Store) -> None:
    for attempt in (1, 2):
        write_chunk(store, "r1", 0, [line("a", f"epoch {i}", attempt) for i in range(5)])
        write_chunk(store, "r1", 5, [line("a", "ValueError: Ünlucky", attempt), line("a", "done", attempt)])
    write_chunk(store, "r1", 0, [line("b", 'a "quoted" word')])
    found = read_lines(store, "r1", ["a", "b"], search="üNLUCKY")
    assert [(one.node, one.attempt, one.line) for one in found.items] == [("a", 1, 6), ("a", 2, 6)]
    assert found.is_whole
    assert [one.line for one in read_lines(store, "r1", ["a", "b"], search='"quoted"').items] == [1]
    assert read_lines(store, "r1", ["a"], search="nothing like it").items == ()


def test_a_search_through_much_goes_on_where_it_stopped(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logbook, "SCAN_LINES", 10)
    write_chunk(store, "r1", 0, [line("a", str(i)) for i in range(35)])
    page = read_lines(store, "r1", ["a"], search="34")
    looks = 1
    while not page.is_whole:
        assert page.items == ()
        page = read_lines(store, "r1", ["a"], search="34", cursor=page.cursor)
        looks += 1
    assert ([one.line for one in page.items], looks) == ([35], 4)
    assert read_lines(store, "r1", ["a"], search="34", cursor=page.cursor).cursor == page.cursor


def test_a_page_of_long_lines_is_short(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logbook, "PAGE_BYTES", 1000)
    write_chunk(store, "r1", 0, [line("a", "x" * 400) for _ in range(7)])
    pages, cursor = [], None
    while (page := read_lines(store, "r1", ["a"], cursor=cursor)).items:
        pages.append(len(page.items))
        cursor = page.cursor
    assert pages == [3, 3, 1]


def test_lines_are_divided_into_parts_that_are_not_too_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logbook, "CHUNK_BYTES", 100)
    lines = [line("a", "x" * 30) for _ in range(10)]
    parts = list(split_lines(lines))
    assert [len(part) for part in parts] == [4, 4, 2]
    assert [one for part in parts for one in part] == lines
    assert list(split_lines([])) == []
