"""What every executor does, in this process and on Ray."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from dix.engine.executor import Executor
from dix.engine.inline_executor import InlineExecutor
from dix.engine.machines import Machine, Place
from dix.engine.messages import Outcome
from dix.store.choose import open_store_with
from dix.store.options import StoreOptions
from dix.store.store import Store
from tests.engine.conftest import wait_until
from tests.engine.ears import Ears, make_order
from tests.engine.oddities import Gate, install
from tests.fixtures_ray import local_ray  # noqa: F401


class Bench:
    """An executor with what it needs."""

    def __init__(self, executor: Executor, ears: Ears, store: Store) -> None:
        self.executor = executor
        self.ears = ears
        self.store = store
        machine = executor.capacity()[0]
        self.place = Place(machine.name, machine.id)

    def start(self, node: str, algorithm: str = "wrecker", after: str | None = None, **params: str) -> None:
        order = make_order(self.store.options, node, algorithm, **params)
        self.executor.start(order, self.place, make_order(self.store.options, after).key if after else None)

    def stop(self, node: str) -> None:
        self.executor.stop(make_order(self.store.options, node).key)

    def take_back(self, *nodes: str) -> None:
        self.executor.take_back([make_order(self.store.options, node).key for node in nodes])

    def let_go(self) -> None:
        self.store.write_bytes("go", b"")

    def wait_until_it_works(self, node: str) -> None:
        wait_until(lambda: node in {beat.key.node for beat in self.ears.beats})


@pytest.fixture(params=["inline", pytest.param("ray", marks=pytest.mark.ray)])
def bench(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bench]:
    ears, store = Ears(), open_store_with(StoreOptions((tmp_path / "store").as_uri()))
    executor: Executor
    if request.param == "ray":
        request.getfixturevalue("local_ray")
        from dix.engine.ray_executor import RayExecutor
        from dix.engine.ray_machines import RayMachines
        from tests.engine.odd_host import Beats, OddHost

        beats = Beats(ears)
        executor = RayExecutor(ears, RayMachines(), OddHost)
    else:
        install(monkeypatch)
        beats = None
        executor = InlineExecutor(ears, Machine("here", "m1", 2, 0, 8 * 2**30))
    yield Bench(executor, ears, store)
    store.write_bytes("go", b"")
    if hasattr(Gate, "opened"):
        Gate.open_all()
    executor.close()
    if beats is not None:
        beats.close()


def test_there_is_a_machine_and_nothing_is_alive_at_first(bench: Bench) -> None:
    assert bench.executor.capacity()[0].cpu >= 1
    assert bench.executor.find_alive() == ()


def test_of_each_attempt_the_end_is_told_once(bench: Bench) -> None:
    for i in range(5):
        bench.start(f"n{i}")
    assert {report.outcome for report in bench.ears.wait(*(f"n{i}" for i in range(5)))} == {Outcome.SUCCEEDED}
    assert sorted(bench.ears.told()) == [f"n{i}" for i in range(5)]


def test_queued_attempts_come_after_the_one_before_them(bench: Bench) -> None:
    bench.start("a", "chatter", until="go")
    for before, node in ("ab", "bc", "cd"):
        bench.start(node, after=before)
    bench.wait_until_it_works("a")
    assert bench.ears.told() == []
    bench.let_go()
    bench.ears.wait("d")
    assert bench.ears.told() == ["a", "b", "c", "d"]


def test_what_is_taken_back_returns_and_may_go_anew_and_what_has_begun_goes_on(bench: Bench) -> None:
    bench.start("a", "chatter", until="go")
    bench.start("b", after="a")
    bench.wait_until_it_works("a")
    bench.take_back("a", "b", "nobody")
    wait_until(lambda: [returned.key.node for returned in bench.ears.returns] == ["b"])
    bench.start("b", after="a")
    bench.let_go()
    bench.ears.wait("a", "b")
    assert bench.ears.told() == ["a", "b", "b"]


def test_of_what_is_stopped_nothing_is_told_and_others_go_on(bench: Bench) -> None:
    bench.start("a", "chatter", until="go")
    bench.start("b", after="a")
    bench.start("c", after="b")
    bench.wait_until_it_works("a")
    bench.stop("b")
    bench.let_go()
    bench.ears.wait("a", "c")
    assert bench.ears.told() == ["a", "c"]
    bench.stop("a")
    bench.stop("nobody")


def test_an_end_is_acknowledged(bench: Bench) -> None:
    bench.start("a")
    [report] = bench.ears.wait("a")
    bench.executor.acknowledge(report.key)
    bench.executor.acknowledge(report.key)
    bench.start("b")
    bench.ears.wait("b")
