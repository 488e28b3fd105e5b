"""A host does one step at a time, keeps what came of it, and begins nothing that an earlier life had queued."""

from __future__ import annotations

import pickle
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from dix.engine.badge import read_badge
from dix.engine.host import StepHost
from dix.engine.hosting import HostSize, Ticket
from dix.engine.machines import Place
from dix.engine.messages import Outcome, StepKey, StepOrder, StepReport
from dix.engine.plan import PlannedStep, Slice
from dix.store.options import StoreOptions
from tests.engine.oddities import Gate, install

SIZE = HostSize(Place("here", "m1"), Slice(disk_bytes=5))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    install(monkeypatch)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    return tmp_path


@pytest.fixture
def host(folder: Path) -> Iterator[StepHost]:
    yield StepHost("host-1", SIZE, "one", lambda beat: None, owns_process=False)
    Gate.open_all()


def order(node: str, algorithm: str = "noop") -> bytes:
    step = PlannedStep(node, "algorithm", algorithm=algorithm)
    store = StoreOptions(Path(tempfile.gettempdir(), "store").as_uri())
    return pickle.dumps(StepOrder(StepKey("r", node, 1), step, {}, {}, {}, store))


def read(report: bytes | None) -> StepReport:
    assert report is not None
    found: StepReport = pickle.loads(report)
    return found


def ticket(number: int, life: str = "one") -> Ticket:
    return Ticket(life, number)


def in_thread(host: StepHost, number: int, algorithm: str) -> threading.Thread:
    thread = threading.Thread(target=host.do, args=(ticket(number), order(f"n{number}", algorithm)))
    thread.start()
    Gate.entered.acquire(timeout=10)
    return thread


def test_a_report_is_kept_until_it_has_been_heard(host: StepHost) -> None:
    assert read(host.do(ticket(1), order("a"))).outcome is Outcome.SUCCEEDED
    host.do(ticket(2), order("b"))
    assert [one for one, _report in host.report_status("one").reports] == [ticket(1), ticket(2)]
    host.do(ticket(3), order("c"), heard=[ticket(1)])
    assert [one for one, _report in host.report_status("one").reports] == [ticket(2), ticket(3)]
    assert read(host.hand_over(ticket(2))).key.node == "b"
    assert host.hand_over(ticket(1)) is None


def test_what_is_refused_is_never_begun_and_what_has_begun_goes_on(host: StepHost) -> None:
    thread = in_thread(host, 1, "gate")
    assert host.refuse([ticket(1), ticket(2)]) == (ticket(2),)
    Gate.open_all()
    thread.join()
    assert host.do(ticket(2), order("b")) is None
    assert host.refuse([ticket(1)]) == (), "it is over"
    assert host.do(ticket(3), order("b")) is not None, "the same attempt, ordered anew"


def test_a_new_supervisor_hears_what_runs_and_what_the_old_one_had_queued_is_not_begun(host: StepHost) -> None:
    thread = in_thread(host, 1, "gate")
    running = host.report_status("two").running
    assert running
    assert (running.ticket, running.key) == (ticket(1), StepKey("r", "n1", 1))
    Gate.open_all()
    thread.join()
    assert host.do(ticket(2), order("b")) is None
    assert read(host.hand_over(ticket(1))).outcome is Outcome.SUCCEEDED
    assert host.do(Ticket("two", 1), order("b")) is not None
    assert host.report_status("two").running is None
    assert host.report_status("two").size == SIZE


def test_its_badge_says_what_it_does(host: StepHost, folder: Path) -> None:
    place = next(folder.glob("dix-hosts-*/m1/host-1"))
    badge = read_badge(place)
    assert badge
    assert (badge.host, badge.attempt, badge.memory_bytes, badge.disk_bytes) == ("host-1", None, 2**30, 5)
    thread = in_thread(host, 1, "gate")
    badge = read_badge(place)
    assert badge
    assert badge.attempt == StepKey("r", "n1", 1)
    Gate.open_all()
    thread.join()
    badge = read_badge(place)
    assert badge
    assert badge.attempt is None


def test_a_host_that_has_grown_does_no_more(host: StepHost, monkeypatch: pytest.MonkeyPatch) -> None:
    host.do(ticket(1), order("a"))
    host._has_grown = True
    assert host.do(ticket(2), order("b")) is None
