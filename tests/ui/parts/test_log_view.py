"""The end of a log: read on, not read again."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import cast

from dix.client.runs import Runs
from dix.records.log_line import LogLine
from dix.records.page import Page
from ui.parts.log_view import SHOWN_LINES, Tail


class TwoAtATime:
    """A log that is still written, two lines a page; counts the pages that were asked for."""

    def __init__(self) -> None:
        self.lines: list[LogLine] = []
        self.is_over = False
        self.asked = 0

    def log_page(self, run: str, node: str | None, *, search: str | None, cursor: str | None) -> Page[LogLine]:
        self.asked += 1
        begin = int(cursor or 0)
        page = tuple(self.lines[begin : begin + 2])
        end = begin + len(page)
        return Page(page, None if self.is_over and end == len(self.lines) else str(end))

    def write(self, count: int) -> None:
        at = datetime(2024, 5, 1, tzinfo=UTC)
        self.lines += [LogLine("cnn", 1, at, "stdout", f"{len(self.lines) + i}") for i in range(count)]


def test_each_look_reads_only_what_is_new() -> None:
    log = TwoAtATime()
    tail = Tail(("r1", None, ""))
    log.write(3)
    tail.read_on(cast("Runs", log))
    assert [line.text for line in tail.lines] == ["0", "1", "2"]
    asked = log.asked
    log.write(1)
    tail.read_on(cast("Runs", log))
    assert [line.text for line in tail.lines] == ["0", "1", "2", "3"]
    assert log.asked == asked + 2


def test_the_end_of_an_ended_run_is_not_asked_for_again() -> None:
    log = TwoAtATime()
    log.write(SHOWN_LINES + 5)
    log.is_over = True
    tail = Tail(("r1", None, ""))
    tail.read_on(cast("Runs", log))
    assert tail.is_whole
    assert tail.count == SHOWN_LINES + 5
    assert len(tail.lines) == SHOWN_LINES
    assert tail.lines[-1].text == str(SHOWN_LINES + 4)
    asked = log.asked
    tail.read_on(cast("Runs", log))
    assert log.asked == asked
