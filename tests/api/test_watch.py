"""One question to the catalog serves everybody who waits."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from dix.api import watch
from dix.api.watch import EventWatch
from dix.errors import Unreachable


@pytest.fixture(autouse=True)
def _hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watch, "LOOK_S", 0.01)


class Source:
    """The number of the last event, as the test says."""

    def __init__(self) -> None:
        self.last = 5
        self.asked = 0
        self.is_away = False

    def find_last(self) -> int:
        self.asked += 1
        if self.is_away:
            raise Unreachable("the catalog", "no answer")
        return self.last


async def until(is_so: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not is_so():  # noqa: ASYNC110 the source is plain, and knows nothing of the loop
            await asyncio.sleep(0.005)


def test_all_who_wait_are_woken_by_one_question_a_look() -> None:
    source = Source()

    async def wait() -> list[bool]:
        one = EventWatch(source.find_last)
        waiting = [asyncio.create_task(one.wait_after(5, 10)) for _ in range(50)]
        await until(lambda: source.asked >= 3)
        asked, source.last = source.asked, 6
        answers = await asyncio.gather(*waiting)
        assert source.asked - asked < 10
        return answers

    assert asyncio.run(wait()) == [True] * 50


def test_what_has_happened_already_is_not_waited_for_and_time_runs_out() -> None:
    source = Source()

    async def wait() -> tuple[bool, bool]:
        one = EventWatch(source.find_last)
        return await one.wait_after(4, 10), await one.wait_after(5, 0.05)

    assert asyncio.run(wait()) == (True, False)


def test_nothing_is_asked_while_nobody_waits() -> None:
    source = Source()

    async def wait() -> int:
        one = EventWatch(source.find_last)
        await one.wait_after(5, 0.02)
        await asyncio.sleep(0.05)
        asked = source.asked
        await asyncio.sleep(0.1)
        return source.asked - asked

    assert asyncio.run(wait()) == 0


def test_a_catalog_that_is_away_for_a_while_is_asked_again() -> None:
    source = Source()
    source.is_away = True

    async def wait() -> bool:
        one = EventWatch(source.find_last)
        waiting = asyncio.create_task(one.wait_after(5, 10))
        await until(lambda: source.asked >= 3)
        source.is_away, source.last = False, 9
        return await waiting

    assert asyncio.run(wait())
