"""Writers that come together, one that fails among them, and readers beside them."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from pathlib import Path

import pytest

from dix.catalog.file import CatalogFile
from dix.catalog.writes import Connection, Write
from dix.errors import CatalogError, Conflict

LIMIT_S = 20


@pytest.fixture
def file(path: Path) -> Iterator[CatalogFile]:
    file = CatalogFile(path)
    with file.cursor() as cursor:
        cursor.execute("CREATE TABLE numbers (number INTEGER)")
    yield file
    file.close()


class Numbers:
    """Writes numbers; the first one waits until the test lets it go, so that the others pile up behind it."""

    def __init__(self) -> None:
        self.has_begun = threading.Event()
        self.may_go_on = threading.Event()
        self.groups: list[list[int]] = []
        self.together = Write(lambda connection, number: self.write(connection, [number])[0], many=self.write)
        self.alone: Write[int, int] = Write(self.write_alone, encode=str, decode=lambda _c, _i, answer: -int(answer))

    def write(self, connection: Connection, numbers: list[int]) -> list[int]:
        self.has_begun.set()
        assert self.may_go_on.wait(LIMIT_S)
        self.groups.append(numbers)
        for number in numbers:
            connection.execute("INSERT INTO numbers VALUES (?)", [number])
        return [number * 10 for number in numbers]

    def write_alone(self, connection: Connection, number: int) -> int:
        if number < 0:
            raise Conflict("number", str(number), "negative", "written")
        connection.execute("INSERT INTO numbers VALUES (?)", [number])
        if number == 13:
            connection.execute("SELECT no_such_function()")
        return number


def test_writes_that_pile_up_share_a_transaction(file: CatalogFile) -> None:
    numbers = Numbers()
    with ThreadPoolExecutor(9) as pool:
        first = pool.submit(file.write, numbers.together, 0)
        assert numbers.has_begun.wait(LIMIT_S)
        others = [pool.submit(file.write, numbers.together, i) for i in range(1, 9)]
        _wait_until_piled_up(file, 8)
        numbers.may_go_on.set()
        assert [one.result(LIMIT_S) for one in (first, *others)] == [i * 10 for i in range(9)]
    assert [sorted(group) for group in numbers.groups] == [[0], list(range(1, 9))]
    assert _read(file) == list(range(9))


def test_one_that_fails_takes_nobody_with_it(file: CatalogFile) -> None:
    numbers = Numbers()
    with ThreadPoolExecutor(6) as pool:
        first = pool.submit(file.write, numbers.together, 0)
        assert numbers.has_begun.wait(LIMIT_S)
        others = {i: pool.submit(file.write, numbers.alone, i) for i in (1, 13, 2, -5, 3)}
        _wait_until_piled_up(file, 5)
        numbers.may_go_on.set()
        wait([first, *others.values()], LIMIT_S)
    assert [others[i].result() for i in (1, 2, 3)] == [1, 2, 3]
    with pytest.raises(CatalogError, match="no_such_function"):
        others[13].result()
    with pytest.raises(Conflict):
        others[-5].result()
    assert _read(file) == [0, 1, 2, 3]
    assert file.write(numbers.alone, 4) == 4


def test_repeat_of_a_request_changes_nothing(file: CatalogFile, path: Path) -> None:
    numbers = Numbers()
    assert file.write(numbers.alone, 5, "request") == 5
    assert file.write(numbers.alone, 5, "request") == -5
    file.close()
    again = CatalogFile(path)
    assert again.write(numbers.alone, 5, "request") == -5
    assert again.write(numbers.alone, 5, "another request") == 5
    assert _read(again) == [5, 5]
    again.close()


def test_request_that_comes_twice_at_once_is_made_once(file: CatalogFile) -> None:
    numbers = Numbers()
    with ThreadPoolExecutor(3) as pool:
        first = pool.submit(file.write, numbers.together, 0)
        assert numbers.has_begun.wait(LIMIT_S)
        twins = [pool.submit(file.write, numbers.together, 7, "request") for _ in range(2)]
        _wait_until_piled_up(file, 2)
        numbers.may_go_on.set()
        wait([first, *twins], LIMIT_S)
    assert _read(file) == [0, 7]


def test_request_that_failed_is_made_when_it_comes_again(file: CatalogFile) -> None:
    numbers = Numbers()
    for _ in range(2):
        with pytest.raises(CatalogError):
            file.write(numbers.alone, 13, "request")
        with pytest.raises(Conflict):
            file.write(numbers.alone, -1, "other")
    assert _read(file) == []


def test_reader_sees_one_moment_while_others_write(file: CatalogFile) -> None:
    numbers = Numbers()
    with file.reading() as cursor:
        assert cursor.execute("SELECT * FROM numbers").fetchall() == []
        file.write(numbers.alone, 1)
        assert cursor.execute("SELECT * FROM numbers").fetchall() == []
    assert _read(file) == [1]


def test_numbers_grow_after_the_file_was_closed(path: Path) -> None:
    first = CatalogFile(path)
    with first.cursor() as cursor:
        cursor.execute("INSERT INTO events VALUES (41, 'r', NULL, 0, 'running', 0, '{}')")
    first.close()
    second = CatalogFile(path)
    assert second.take_seq(3) == 42
    assert second.take_seq() == 45
    second.close()


def _wait_until_piled_up(file: CatalogFile, count: int) -> None:
    with file._turn:
        assert any(file._turn.wait_for(lambda: len(file._waiting) == count, 0.01) for _ in range(100 * LIMIT_S))


def _read(file: CatalogFile) -> list[int]:
    with file.reading() as cursor:
        return sorted(number for (number,) in cursor.execute("SELECT number FROM numbers").fetchall())
