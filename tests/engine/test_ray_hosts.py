"""Hosts on a real Ray: what a step does to its process harms nobody else, and hosts are used again."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import ray

from dix.engine.badge import machine_folder
from dix.engine.host import list_hosts
from dix.engine.keeper import end_keepers
from dix.engine.logbook import read_lines
from dix.engine.machines import Place
from dix.engine.messages import Outcome, StepKey
from dix.engine.plan import Slice
from dix.engine.process_tree import find_process
from dix.engine.ray_executor import RayExecutor
from dix.engine.ray_machines import RayMachines
from dix.store.choose import open_store_with
from dix.store.options import StoreOptions
from dix.store.store import Store
from tests.engine.conftest import wait_until
from tests.engine.ears import MIB, Ears, make_order
from tests.engine.odd_host import OddHost
from tests.fixtures_ray import local_ray  # noqa: F401

pytestmark = pytest.mark.ray


@dataclass
class Bench:
    executor: RayExecutor
    ears: Ears
    store: Store
    place: Place

    def start(self, node: str, how: str = "nothing", after: str | None = None, **more: Any) -> StepKey:
        order = make_order(self.store.options, node, how=how, **more)
        self.executor.start(order, self.place, make_order(self.store.options, after).key if after else None)
        return order.key

    def pids(self, folder: str) -> list[int]:
        """The processes that a step has shown."""
        if not self.store.exists(folder):
            return []
        files = self.store.list_files(folder)
        return [int(part) for file in files for part in file.path.split("-") if part.isdigit()]

    def pid(self, node: str) -> int:
        [report] = self.ears.wait(node)
        self.executor.acknowledge(report.key)
        return int(report.metrics["pid"])


@pytest.fixture
def bench(local_ray: str, tmp_path: Path) -> Iterator[Bench]:  # noqa: F811
    """An executor on a cluster of one core."""
    ears = Ears()
    executor = RayExecutor(ears, RayMachines(), OddHost)
    machine = executor.capacity()[0]
    store = open_store_with(StoreOptions((tmp_path / "store").as_uri()))
    yield Bench(executor, ears, store, Place(machine.name, machine.id))
    executor.close()


def is_dead(pid: int) -> bool:
    return find_process(pid) is None


@pytest.mark.parametrize("how", ["exit", "segfault"])
def test_a_step_that_ends_its_process_harms_only_itself(bench: Bench, how: str) -> None:
    bench.start("a", how)
    bench.start("b", after="a", marks="done")
    bench.start("c", after="b", marks="done")
    [report] = bench.ears.wait("a")
    assert report.outcome is Outcome.BROKEN
    assert (report.error or "").startswith("the worker of a is gone: ")
    wait_until(lambda: {(one.key.node, one.alone) for one in bench.ears.returns} == {("b", True), ("c", True)})
    assert not bench.store.exists("done")
    bench.start("b")
    assert bench.ears.wait("b")[0].outcome is Outcome.SUCCEEDED


def test_it_is_known_which_of_a_line_has_ended_its_process(bench: Bench) -> None:
    bench.start("a")
    bench.start("b", "exit", after="a")
    bench.start("c", after="b")
    [report] = bench.ears.wait("b")
    assert report.outcome is Outcome.BROKEN
    wait_until(lambda: "c" in bench.ears.told())
    assert [one.outcome for one in bench.ears.ends if one.key.node == "a"] in ([Outcome.SUCCEEDED], [])
    assert sorted(bench.ears.told()) == ["a", "b", "c"]


def test_a_copy_of_the_process_does_not_go_on_as_if_it_were_the_step(bench: Bench) -> None:
    bench.start("a", "fork")
    bench.start("b", after="a")
    assert [report.outcome for report in bench.ears.wait("a", "b")] == [Outcome.SUCCEEDED] * 2
    assert sorted(bench.ears.told()) == ["a", "b"]


def test_what_a_step_leaves_running_ends_with_it(bench: Bench) -> None:
    bench.start("a", "leave")
    bench.ears.wait("a")
    [left] = bench.pids("left")
    assert is_dead(left)


@pytest.mark.parametrize(("how", "processes"), [("wait", 2), ("hold", 1)])
def test_a_step_is_stopped_at_once_with_its_children_and_its_slot_is_free(
    bench: Bench, how: str, processes: int
) -> None:
    key = bench.start("a", how, slice=Slice(1))
    wait_until(lambda: len(bench.pids("waits")) == processes)
    started = time.monotonic()
    bench.executor.stop(key)
    wait_until(lambda: all(is_dead(pid) for pid in bench.pids("waits")))
    assert time.monotonic() - started < 3
    bench.start("b", slice=Slice(1))
    bench.ears.wait("b")
    assert time.monotonic() - started < 15
    assert bench.ears.told() == ["b"]


def test_a_step_that_takes_more_memory_than_it_may_ends_with_the_reason_and_its_neighbour_lives(bench: Bench) -> None:
    bench.start("neighbour", "leave")
    bench.start("a", "eat", slice=Slice(0.3, memory_bytes=512 * MIB))
    bench.start("b", after="a")
    [report] = bench.ears.wait("a")
    assert report.outcome is Outcome.FAILED
    assert (report.error or "").startswith("used ")
    assert (report.error or "").endswith(
        " of the 512 MiB that resources.memory gives it; ask for more, or work in smaller pieces"
    )
    assert bench.ears.wait("neighbour")[0].outcome is Outcome.SUCCEEDED
    wait_until(lambda: "b" in bench.ears.told())


def test_a_step_that_fills_its_folder_ends_with_the_reason(bench: Bench) -> None:
    bench.start("a", "fill", slice=Slice(0.3, disk_bytes=32 * MIB))
    [report] = bench.ears.wait("a")
    assert report.outcome is Outcome.FAILED
    assert " of the 32 MiB that resources.disk gives it" in (report.error or "")


def test_a_step_that_prints_a_gigabyte_succeeds_and_what_is_kept_is_limited(bench: Bench) -> None:
    bench.start("a", "print")
    assert bench.ears.wait("a", limit_s=90)[0].outcome is Outcome.SUCCEEDED
    size = sum(file.size_bytes for file in bench.store.list_files("dix/runs/r/logs"))
    assert size < 80 * MIB
    assert read_lines(bench.store, "r", ["a"]).items


def test_a_host_is_used_again_by_steps_of_its_size_and_ends_when_its_slots_are_wanted(bench: Bench) -> None:
    bench.start("a", slice=Slice(0.6))
    first = bench.pid("a")
    bench.start("b", slice=Slice(0.6))
    assert bench.pid("b") == first
    started = time.monotonic()
    bench.start("c", slice=Slice(0.7))
    assert bench.pid("c") != first
    assert time.monotonic() - started < 8, "nobody waits until a warm host has cooled"
    assert is_dead(first)


def test_a_new_executor_finds_what_runs_and_what_was_queued_is_not_done_twice(bench: Bench) -> None:
    key = bench.start("a", "wait")
    bench.start("b", after="a", marks="done")
    wait_until(lambda: len(bench.pids("waits")) == 2)
    ears = Ears()
    second = RayExecutor(ears, RayMachines(), OddHost)
    [alive] = second.find_alive()
    assert (alive.key, alive.place.id) == (key, bench.place.id)
    assert alive.started is not None
    second.stop(key)
    wait_until(lambda: all(is_dead(pid) for pid in bench.pids("waits")))
    assert not bench.store.exists("done")
    second.close()


def test_of_a_step_that_was_ended_while_nobody_listened_the_reason_is_heard_later(bench: Bench) -> None:
    key = bench.start("a", "eat", slice=Slice(0.3, memory_bytes=512 * MIB))
    bench.executor.fall_silent()
    host = list_hosts()[0]
    wait_until(lambda: host not in list_hosts())
    folder = machine_folder(bench.place.id) / host
    assert folder.exists()
    ears = Ears()
    second = RayExecutor(ears, RayMachines(), OddHost)
    assert [alive.key for alive in second.find_alive()] == [key]
    assert [(one.key, one.outcome) for one in ears.ends] == [(key, Outcome.FAILED)]
    assert "of the 512 MiB that resources.memory gives it" in (ears.ends[0].error or "")
    assert not folder.exists()
    second.close()


def test_what_is_stopped_when_it_is_over_is_not_kept(bench: Bench) -> None:
    first = bench.start("a")
    bench.ears.wait("a")
    bench.executor.stop(first)
    bench.start("b")
    [report] = bench.ears.wait("b")
    second = RayExecutor(Ears(), RayMachines(), OddHost)
    assert [alive.key for alive in second.find_alive()] == [report.key]
    second.close()


def test_nothing_is_left_on_a_cluster_that_is_left(bench: Bench) -> None:
    bench.start("a", "wait")
    wait_until(lambda: len(bench.pids("waits")) == 2)
    end_keepers()
    wait_until(lambda: all(is_dead(pid) for pid in bench.pids("waits")))
    wait_until(lambda: not list_hosts())
    named = {one["name"] for one in ray.util.list_named_actors(all_namespaces=True)}
    assert not [name for name in named if name.startswith("keeper-")]
