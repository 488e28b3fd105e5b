"""News of runs reach whoever waits, and gaps are told."""

from __future__ import annotations

import threading

from dix.engine.news import KEPT, News, NewsBoard


def test_what_happened_since_a_mark_is_told_once() -> None:
    board = NewsBoard()
    first = board.wait_for_news("", 0)
    board.tell(ended=["r1"], measured=["r2", "r2"])
    second = board.wait_for_news(first.mark, 0)
    assert (second.ended, second.measured, second.is_whole) == (("r1",), ("r2",), True)
    assert board.wait_for_news(second.mark, 0) == News(second.mark)


def test_a_waiter_is_woken() -> None:
    board = NewsBoard()
    mark = board.wait_for_news("", 0).mark
    heard: list[News] = []
    waiter = threading.Thread(target=lambda: heard.append(board.wait_for_news(mark, 30)))
    waiter.start()
    board.tell(ended=["r1"])
    waiter.join(10)
    assert heard[0].ended == ("r1",)


def test_a_mark_of_another_life_is_answered_at_once_and_not_whole() -> None:
    mark = NewsBoard().wait_for_news("", 0).mark
    other = NewsBoard()
    news = other.wait_for_news(mark, 30)
    assert not news.is_whole
    assert other.wait_for_news(news.mark, 0).is_whole


def test_a_reader_who_was_away_for_too_long_is_told_so() -> None:
    board = NewsBoard()
    mark = board.wait_for_news("", 0).mark
    board.tell(ended=[f"r{i}" for i in range(KEPT + 1)])
    news = board.wait_for_news(mark, 0)
    assert not news.is_whole
    assert len(news.ended) == KEPT
