"""A keeper ends hosts with all they have started, and those that take more than they may; their neighbours live."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from dix.engine.badge import read_badge
from dix.engine.hosting import Obituary
from dix.engine.keeper import Keeper
from dix.engine.messages import StepKey
from dix.engine.process_tree import find_process
from tests.engine.conftest import wait_until

KEY = StepKey("r", "eater", 1)
MIB = 2**20
# A host as its keeper sees it: a process with a badge, which does what the test says.
HOST = """
import os, subprocess, sys, tempfile, time
sys.path.insert(0, {root!r})
from dix.engine.badge import Badge, BadgeHolder, machine_folder
from dix.engine.messages import StepKey
from dix.engine.process_tree import list_processes
tempfile.tempdir = {temporary!r}
folder = machine_folder("m1") / {name!r}
holder = BadgeHolder(folder, Badge({name!r}, os.getpid(), list_processes()[os.getpid()].started, {memory}, {disk}))
holder.show({attempt} and StepKey("r", {name!r}, 1))
{does}
print(flush=True)
time.sleep(300)
"""
Start = Callable[..., subprocess.Popen[bytes]]


@pytest.fixture(autouse=True)
def _temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Starts a host and waits until it has done what it does."""
    started: list[subprocess.Popen[bytes]] = []

    def start(
        name: str, does: str = "", memory: int = 2**30, disk: int | None = None, *, attempt: bool = True
    ) -> subprocess.Popen[bytes]:
        code = HOST.format(
            root=str(Path.cwd()), temporary=str(tmp_path), name=name, memory=memory, disk=disk, does=does,
            attempt=attempt,
        )  # fmt: skip
        process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, process_group=0)
        started.append(process)
        assert process.stdout
        assert process.stdout.readline() == b"\n"
        return process

    yield start
    for process in started:
        process.kill()
        process.wait()
        assert process.stdout
        process.stdout.close()


def is_dead(process: subprocess.Popen[bytes]) -> bool:
    return process.poll() is not None


def test_a_host_is_buried_with_its_children_and_its_folder(start: Start, tmp_path: Path) -> None:
    child = "child = subprocess.Popen(['sleep', '300']); (folder / 'pid').write_text(str(child.pid))"
    host = start("eater", child)
    folder = next(tmp_path.glob("dix-hosts-*/m1/eater"))
    child_pid = int((folder / "pid").read_text())
    keeper = Keeper("m1", watches=False)
    assert keeper.bury("eater") == Obituary(KEY)
    wait_until(lambda: is_dead(host) and find_process(child_pid) is None)
    assert not folder.exists()
    assert keeper.bury("eater") == Obituary(), "there is nothing left to say"
    assert keeper.bury("nobody") == Obituary()


def test_of_a_host_that_died_by_itself_the_last_deed_is_known(start: Start) -> None:
    keeper = Keeper("m1", watches=False)
    host = start("eater")
    host.kill()
    host.wait()
    assert keeper.look() is False
    assert keeper.bury("eater") == Obituary(KEY)


def test_a_step_that_takes_too_much_memory_ends_with_the_reason_and_its_neighbour_lives(start: Start) -> None:
    neighbour = start("neighbour")
    eater = start("eater", "food = b'x' * (300 << 20)", memory=200 * MIB)
    keeper = Keeper("m1", watches=False)
    assert keeper.look()
    wait_until(lambda: is_dead(eater))
    assert not is_dead(neighbour)
    told = keeper.bury("eater")
    assert told.attempt == KEY
    assert told.verdict
    assert told.verdict.endswith(
        " MiB of the 200 MiB that resources.memory gives it; ask for more, or work in smaller pieces"
    )
    assert told.verdict.startswith("used 3")


def test_what_the_children_of_a_step_take_counts_as_well(start: Start) -> None:
    eat = "food = 'x' * (300 << 20); print(flush=True); import time; time.sleep(300)"
    code = f"child = subprocess.Popen([sys.executable, '-c', {eat!r}], stdout=subprocess.PIPE); child.stdout.readline()"
    eater = start("eater", code, memory=200 * MIB)
    Keeper("m1", watches=False).look()
    wait_until(lambda: is_dead(eater))


def test_a_step_that_fills_its_folder_ends_with_the_reason(start: Start) -> None:
    write = "(folder / 'scratch').mkdir(); (folder / 'scratch' / 'big').write_bytes(b'x' * (30 << 20))"
    fits = start("fits", write, disk=40 * MIB)
    eater = start("eater", write, disk=20 * MIB)
    keeper = Keeper("m1", watches=False)
    keeper.look()
    wait_until(lambda: is_dead(eater))
    assert not is_dead(fits)
    verdict = keeper.bury("eater").verdict
    assert verdict
    assert "of the 20 MiB that resources.disk gives it; ask for more, or leave less in its scratch folder" in verdict


def test_a_host_without_a_step_is_left_alone(start: Start) -> None:
    idle = start("idle", "food = b'x' * (300 << 20)", memory=200 * MIB, attempt=False)
    assert not Keeper("m1", watches=False).look()
    assert not is_dead(idle)


def test_a_keeper_tells_of_those_that_it_has_ended_while_nobody_listened(start: Start, tmp_path: Path) -> None:
    spared = start("spared")
    eater = start("eater", "food = b'x' * (300 << 20)", memory=200 * MIB)
    died = start("died")
    keeper = Keeper("m1", watches=False)
    keeper.look()
    died.kill()
    wait_until(lambda: is_dead(eater) and is_dead(died))
    told = {one.attempt: one for one in keeper.bury_all(["spared"])}
    assert told.keys() == {KEY, StepKey("r", "died", 1)}
    assert "of the 200 MiB that resources.memory gives it" in (told[KEY].verdict or "")
    assert told[KEY].at is not None
    assert told[StepKey("r", "died", 1)].verdict is None
    assert not is_dead(spared)
    assert [path.name for path in next(tmp_path.glob("dix-hosts-*/m1")).iterdir()] == ["spared"]


def test_all_hosts_of_a_machine_are_buried(start: Start, tmp_path: Path) -> None:
    hosts = [start("a"), start("b")]
    Keeper("m1", watches=False).bury_all()
    wait_until(lambda: all(is_dead(host) for host in hosts))
    assert read_badge(tmp_path / "a") is None
