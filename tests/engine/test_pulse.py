"""The pulse tells how far a step is and keeps what it prints, whatever the store does."""

from __future__ import annotations

import os
import threading
from pathlib import Path
from types import SimpleNamespace

import pytest

from dix.engine import pulse as pulse_file
from dix.engine.capture import FileCapture
from dix.engine.logbook import read_lines
from dix.engine.messages import Beat, StepKey
from dix.engine.pacemaker import Pacemaker
from dix.engine.pulse import Pulse, keep_in_store
from dix.errors import StoreUnreachable
from dix.store.choose import open_store_with
from dix.store.options import StoreOptions
from dix.store.store import Store
from tests.engine.conftest import wait_until

KEY = StepKey("r1", "a", 2)


class Prints:
    """A capture that is told what was printed."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def __enter__(self) -> Prints:
        return self

    def __exit__(self, *exception: object) -> None: ...

    def read(self, *, to_the_end: bool = False) -> list[tuple[str, str]]:
        taken, self.lines = self.lines, []
        return [("stdout", text) for text in taken]


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pulse_file, "FIRST_BEAT_S", 0.01)
    monkeypatch.setattr(pulse_file, "BEAT_S", 0.01)
    monkeypatch.setattr(pulse_file, "_CHUNK_S", 0.01)
    monkeypatch.setattr("dix.engine.pacemaker.TICK_S", 0.005)


@pytest.fixture
def pacemaker() -> Pacemaker:
    return Pacemaker()


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return open_store_with(StoreOptions((tmp_path / "store").as_uri()))


@pytest.fixture
def prints() -> Prints:
    return Prints()


def texts(store: Store) -> list[str]:
    return [line.text for line in read_lines(store, "r1", ["a"]).items]


def test_the_first_beat_says_that_the_step_works(store: Store, prints: Prints, pacemaker: Pacemaker) -> None:
    beats: list[Beat] = []
    pulse = Pulse(KEY, prints, beats.append, keep_in_store(store, KEY.run))
    pacemaker.add(pulse)
    wait_until(lambda: bool(beats))
    assert pulse.stop() == ()
    assert beats == [Beat(KEY, pulse.started)]


def test_rows_are_told_while_the_step_works_and_nothing_is_told_twice_for_nothing(
    store: Store, prints: Prints, pacemaker: Pacemaker
) -> None:
    beats: list[Beat] = []
    pulse = Pulse(KEY, prints, beats.append, keep_in_store(store, KEY.run))
    pacemaker.add(pulse)
    wait_until(lambda: len(beats) == 1)
    pulse.report(1, 0.5, loss=2)
    wait_until(lambda: len(beats) == 2)
    assert (beats[1].progress, [dict(row.values) for row in beats[1].rows]) == (0.5, [{"loss": 2.0}])
    looks = threading.Event()
    prints.read = lambda *, to_the_end=False: looks.set() or []  # type: ignore[method-assign]
    assert looks.wait(5)
    assert len(beats) == 2
    pulse.stop()


def test_the_end_repeats_the_rows_of_the_last_beat_which_it_may_overtake(
    store: Store, prints: Prints, pacemaker: Pacemaker
) -> None:
    beats: list[Beat] = []
    pulse = Pulse(KEY, prints, beats.append, keep_in_store(store, KEY.run))
    pacemaker.add(pulse)
    pulse.report(1, loss=3.0)
    wait_until(lambda: any(beat.rows for beat in beats))
    pulse.report(2, loss=2.0)
    assert [row.position for row in pulse.stop()][-1] == 2
    told = {row.position for beat in beats for row in beat.rows}
    assert told | {2} == {1, 2}


def test_what_was_told_last_is_told_again_when_somebody_else_listens(
    store: Store, prints: Prints, pacemaker: Pacemaker
) -> None:
    beats: list[Beat] = []
    pulse = Pulse(KEY, prints, beats.append, keep_in_store(store, KEY.run))
    pacemaker.add(pulse)
    for epoch in (1, 2):
        pulse.report(epoch, loss=1.0)
        wait_until(lambda epoch=epoch: [row.position for beat in beats for row in beat.rows][-1:] == [epoch])
    beats.clear()
    pulse.remind()
    wait_until(lambda: bool(beats))
    assert [row.position for row in beats[0].rows] == [1, 2]
    pacemaker.remove(pulse)
    pulse.stop()


def test_a_step_that_ends_at_once_tells_its_rows_in_the_end_only(
    store: Store, prints: Prints, pacemaker: Pacemaker
) -> None:
    beats: list[Beat] = []
    pulse = Pulse(KEY, prints, beats.append, keep_in_store(store, KEY.run))
    pulse.report(1, 7.5, loss=1)
    pacemaker.add(pulse)
    rows = pulse.stop()
    assert [(row.position, dict(row.values)) for row in rows] == [(1, {"loss": 1.0})]


def test_progress_stays_between_0_and_1(store: Store, prints: Prints, pacemaker: Pacemaker) -> None:
    beats: list[Beat] = []
    pulse = Pulse(KEY, prints, beats.append, keep_in_store(store, KEY.run))
    pulse.report(1, 7.5)
    pacemaker.add(pulse)
    wait_until(lambda: bool(beats))
    pulse.report(2, -1.0)
    wait_until(lambda: len(beats) == 2)
    pulse.stop()
    assert [beat.progress for beat in beats] == [1.0, 0.0]


def test_lines_can_be_read_while_the_step_works(store: Store, prints: Prints, pacemaker: Pacemaker) -> None:
    pulse = Pulse(KEY, prints, lambda beat: None, keep_in_store(store, KEY.run))
    pacemaker.add(pulse)
    prints.lines = ["one", "two"]
    wait_until(lambda: texts(store) == ["one", "two"])
    prints.lines = ["three"]
    pulse.stop()
    assert texts(store) == ["one", "two", "three"]
    assert {line.attempt for line in read_lines(store, "r1", ["a"]).items} == {2}


def test_the_platforms_word_comes_last_line_by_line(store: Store, prints: Prints, pacemaker: Pacemaker) -> None:
    pulse = Pulse(KEY, prints, lambda beat: None, keep_in_store(store, KEY.run))
    pacemaker.add(pulse)
    prints.lines = ["printed"]
    pulse.say("Traceback\n  here\nValueError: no")
    pulse.stop()
    lines = read_lines(store, "r1", ["a"]).items
    assert [(line.stream, line.text) for line in lines] == [
        ("stdout", "printed"),
        ("dix", "Traceback"),
        ("dix", "  here"),
        ("dix", "ValueError: no"),
    ]


def test_lines_wait_for_a_store_that_is_away(
    store: Store, prints: Prints, pacemaker: Pacemaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[int] = []
    write = pulse_file.write_chunk

    def write_later(*what: object) -> None:
        calls.append(1)
        if len(calls) < 3:
            raise StoreUnreachable("s3://b", "away")
        write(*what)  # type: ignore[arg-type]

    monkeypatch.setattr(pulse_file, "write_chunk", write_later)
    pulse = Pulse(KEY, prints, lambda beat: None, keep_in_store(store, KEY.run))
    pacemaker.add(pulse)
    prints.lines = ["one"]
    wait_until(lambda: len(calls) == 1)
    prints.lines = ["two"]
    wait_until(lambda: texts(store) == ["one", "two"])
    pulse.stop()


def test_a_step_ends_also_when_the_store_is_gone(
    store: Store, prints: Prints, pacemaker: Pacemaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*what: object) -> None:
        raise StoreUnreachable("s3://b", "away")

    monkeypatch.setattr(pulse_file, "write_chunk", fail)
    pulse = Pulse(KEY, prints, lambda beat: None, keep_in_store(store, KEY.run))
    pacemaker.add(pulse)
    prints.lines = ["one"]
    pulse.report(1, loss=1)
    assert pulse.stop()


def test_a_step_that_works_long_leaves_few_chunks(
    store: Store, prints: Prints, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = [0.0]
    monkeypatch.setattr(pulse_file, "time", SimpleNamespace(monotonic=lambda: clock[0]))
    monkeypatch.setattr(pulse_file, "_CHUNK_S", 1.0)
    pulse = Pulse(KEY, prints, lambda beat: None, keep_in_store(store, KEY.run))
    for second in range(10_000):
        clock[0] = float(second)
        prints.lines += [str(second)]
        pulse.tick()
    pulse.stop()
    chunks = store.list_files("dix/runs/r1/logs")
    assert len(chunks) < 800
    pages, cursor = [], None
    while (page := read_lines(store, "r1", ["a"], cursor=cursor)).items:
        pages += [line.text for line in page.items]
        cursor = page.cursor
    assert pages == [str(second) for second in range(10_000)]


def test_nothing_is_told_after_the_end(store: Store, prints: Prints, pacemaker: Pacemaker) -> None:
    beats: list[Beat] = []
    pulse = Pulse(KEY, prints, beats.append, keep_in_store(store, KEY.run))
    pulse.stop()
    pulse.report(1, loss=1)
    pulse.tick()
    assert beats == []


def test_a_flood_is_kept_part_by_part_and_in_objects_of_a_bounded_size(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dix.engine.logbook.CHUNK_BYTES", 5000)
    monkeypatch.setattr("dix.engine.lines._READ_BYTES", 20_000)
    with FileCapture(kept_bytes=200_000) as capture:
        pulse = Pulse(KEY, capture, lambda beat: None, keep_in_store(store, KEY.run))
        os.write(1, b"".join(b"line %d\n" % i for i in range(100_000)))
        pulse.tick()
        most = 0
        keep = pulse._keep_lines

        def keep_and_count() -> None:
            nonlocal most
            most = max(most, sum(len(line.text) for line in pulse._lines))
            keep()

        monkeypatch.setattr(pulse, "_keep_lines", keep_and_count)
    pulse.stop()
    assert most <= 40_000, "it holds more than two readings in memory"
    sizes = [file.size_bytes for file in store.list_files("dix/runs/r1/logs")]
    assert max(sizes) < 40_000
    assert len(sizes) < 60
    lines, cursor = [], None
    while (page := read_lines(store, "r1", ["a"], cursor=cursor)).items:
        lines += page.items
        cursor = page.cursor
    whole = [line.text for line in lines]
    assert whole[0] == "line 0"
    assert "rest is not kept" in whole[-1]
    assert [line.line for line in lines] == list(range(1, len(lines) + 1))
    assert 190_000 < sum(len(text) + 1 for text in whole[:-1]) <= 200_001
