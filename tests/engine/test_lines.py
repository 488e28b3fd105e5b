"""A file that grows is read line by line, up to a limit."""

from __future__ import annotations

from pathlib import Path

import pytest

from dix.engine.lines import LineReader


class Printed:
    """A file that something is printed into."""

    def __init__(self, path: Path, kept_bytes: int = 10**6) -> None:
        self._path = path
        path.touch()
        self._file = path.open("rb+")
        self.reader = LineReader(self._file.fileno(), kept_bytes)

    def add(self, data: bytes) -> None:
        with self._path.open("ab") as file:
            file.write(data)

    def read(self, data: bytes = b"", *, to_the_end: bool = False) -> list[str]:
        self.add(data)
        return self.reader.read_lines(to_the_end=to_the_end)

    @property
    def size(self) -> int:
        return self._path.stat().st_size


@pytest.fixture
def printed(tmp_path: Path) -> Printed:
    return Printed(tmp_path / "stdout")


def test_empty_lines_and_windows_line_ends_are_kept_apart(printed: Printed) -> None:
    assert printed.read(b"a\n\nb\r\n\r\nc") == ["a", "", "b", ""]
    assert printed.read(b"\r") == []
    assert printed.read(b"\nd\n") == ["c", "d"]


def test_of_a_progress_bar_the_last_picture_of_each_reading_is_a_line(printed: Printed) -> None:
    assert printed.read(b"\r 10%\r 20%\r 30%") == [" 20%"]
    assert printed.read(b"\r 40%\r 50%") == [" 40%"]
    assert printed.read(b"\r100%\n") == ["100%"]
    assert printed.read(b"10%\r20%\r") == ["10%"]
    assert printed.read(b"30%\r") == ["20%"]
    assert printed.read(to_the_end=True) == ["30%"]


def test_binary_garbage_does_no_harm(printed: Printed) -> None:
    assert printed.read(b"\xff\xfe\x00\x80\n\xf0\x9f\x99\x82\n") == ["\ufffd\ufffd\x00\ufffd", "🙂"]


def test_a_character_that_arrives_in_halves_is_whole(printed: Printed) -> None:
    assert printed.read("数字".encode()[:4]) == []
    assert printed.read("数字".encode()[4:] + b"\n") == ["数字"]


def test_what_is_beyond_the_limit_is_said_and_thrown_away(tmp_path: Path) -> None:
    printed = Printed(tmp_path / "stdout", kept_bytes=10)
    assert printed.read(b"12345\n") == ["12345"]
    note = "(more than 10 bytes were printed here; the rest is not kept)"
    assert printed.read(b"6789abcdef\n") == ["6789", note]
    assert printed.size == 0, "it fills the disk"
    assert printed.read(b"more\n") == []
    assert printed.size == 0
    assert printed.read(b"and more", to_the_end=True) == []


def test_what_is_printed_faster_than_it_is_read_takes_no_room_for_long(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dix.engine.lines._READ_BYTES", 6)
    printed = Printed(tmp_path / "stdout", kept_bytes=12)
    assert printed.read(b"12345\n" * 1000) == ["12345"]
    assert printed.size == 13, "what will not be kept fills the disk"
    assert printed.read(b"12345\n" * 1000) == ["12345"]
    note = "(more than 12 bytes were printed here; the rest is not kept)"
    assert printed.read(b"end") == [note]
    assert printed.size == 0


def test_exactly_the_limit_is_not_beyond_it(tmp_path: Path) -> None:
    printed = Printed(tmp_path / "stdout", kept_bytes=6)
    assert printed.read(b"12345\n", to_the_end=True) == ["12345"]


def test_a_line_without_end_does_not_grow_for_ever(printed: Printed) -> None:
    lines = [line for _ in range(20) for line in printed.read(b"x" * 10_000)]
    lines += printed.read(to_the_end=True)
    assert sum(map(len, lines)) == 200_000
    assert len(lines) > 1


def test_much_at_once_comes_in_parts_and_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dix.engine.lines._READ_BYTES", 7)
    printed = Printed(tmp_path / "stdout")
    wanted = [f"line {i}" for i in range(100)]
    printed.add("\n".join(wanted).encode())
    first = printed.read()
    assert first == ["line 0"]
    assert first + printed.read(to_the_end=True) == wanted
