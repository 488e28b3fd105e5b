"""One thread lets all steps of a process beat, and sleeps when there is none."""

from __future__ import annotations

import threading

import pytest

from dix.engine import pacemaker as pacemaker_file
from dix.engine.pacemaker import Pacemaker
from tests.engine.conftest import wait_until


class Heart:
    def __init__(self) -> None:
        self.ticks = 0
        self.reminders = 0

    def tick(self) -> None:
        self.ticks += 1

    def remind(self) -> None:
        self.reminders += 1


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pacemaker_file, "TICK_S", 0.005)
    monkeypatch.setattr(pacemaker_file, "_QUIET_S", 0.02)


def test_all_that_were_added_tick_until_they_are_removed() -> None:
    pacemaker, first, second = Pacemaker(), Heart(), Heart()
    pacemaker.add(first)
    wait_until(lambda: first.ticks >= 2)
    pacemaker.add(second)
    wait_until(lambda: second.ticks >= 2)
    pacemaker.remove(first)
    seen, other = first.ticks, second.ticks
    wait_until(lambda: second.ticks >= other + 3)
    assert first.ticks <= seen + 1


def test_it_sleeps_when_there_is_nothing_and_wakes_for_the_next() -> None:
    pacemaker, heart = Pacemaker(), Heart()
    pacemaker.add(heart)
    pacemaker.remove(heart)
    wait_until(lambda: pacemaker._sleeps)
    pacemaker.add(heart)
    wait_until(lambda: heart.ticks >= 2)
    assert len([thread for thread in threading.enumerate() if thread is pacemaker._thread]) == 1


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_one_that_fails_does_not_stop_the_next_steps() -> None:
    class Broken:
        def tick(self) -> None:
            raise KeyError

        def remind(self) -> None: ...

    pacemaker, broken, heart = Pacemaker(), Broken(), Heart()
    pacemaker.add(broken)
    wait_until(lambda: pacemaker._thread is not None and not pacemaker._thread.is_alive())
    pacemaker.remove(broken)
    pacemaker.add(heart)
    wait_until(lambda: heart.ticks >= 2)


def test_what_is_led_beats_inside_the_block_also_when_it_fails() -> None:
    pacemaker, heart = Pacemaker(), Heart()

    def fail() -> None:
        with pacemaker.lead(heart):
            wait_until(lambda: heart.ticks > 0)
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    assert pacemaker._beating == []


def test_everybody_is_reminded() -> None:
    pacemaker, heart, gone = Pacemaker(), Heart(), Heart()
    pacemaker.add(heart)
    pacemaker.add(gone)
    pacemaker.remove(gone)
    pacemaker.remind()
    assert (heart.reminders, gone.reminders) == (1, 0)
    pacemaker.remove(heart)
