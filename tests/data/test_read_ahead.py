"""Reading ahead changes nothing but the time it takes."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest

from dix.data.read_ahead import read_ahead

_LIMIT_S = 5


def test_items_come_in_order() -> None:
    assert list(read_ahead(range(100))) == list(range(100))
    assert list(read_ahead([])) == []


def test_an_error_comes_in_its_place() -> None:
    def fail() -> Iterator[int]:
        yield 1
        raise ValueError("broken")

    items = read_ahead(fail())
    assert next(items) == 1
    with pytest.raises(ValueError, match="broken"):
        next(items)


def test_only_a_few_items_are_read_ahead() -> None:
    read: list[int] = []

    def count() -> Iterator[int]:
        for number in range(100):
            read.append(number)
            yield number

    items = read_ahead(count())
    next(items)
    limit = time.monotonic() + _LIMIT_S
    while len(read) < 4 and time.monotonic() < limit:
        threading.Event().wait(0.01)
    assert len(read) <= 4
    items.close()  # type: ignore[attr-defined]


def test_the_thread_ends_when_nobody_reads_on() -> None:
    before = set(threading.enumerate())
    items = read_ahead(iter(int, 1))
    next(items)
    (thread,) = set(threading.enumerate()) - before
    items.close()  # type: ignore[attr-defined]
    thread.join(_LIMIT_S)
    assert not thread.is_alive()
