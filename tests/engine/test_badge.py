"""A badge says who a host is, and what dead hosts leave is cleared away."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from dix.engine.badge import Badge, BadgeHolder, clear_dead_hosts, find_host, machine_folder, read_badge
from dix.engine.messages import StepKey
from dix.engine.process_tree import list_processes
from dix.errors import PlatformError


@pytest.fixture(autouse=True)
def _temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))


def mine(host: str, started: int | None = None) -> Badge:
    me = list_processes()[os.getpid()]
    return Badge(host, me.pid, started or me.started, 2**30)


def test_what_is_shown_is_read() -> None:
    folder = machine_folder("m1") / "host-1"
    assert read_badge(folder) is None
    holder = BadgeHolder(folder, mine("host-1"))
    assert read_badge(folder) == mine("host-1")
    holder.show(StepKey("a run with a long name", "node", 12))
    badge = read_badge(folder)
    assert badge
    assert badge.attempt == StepKey("a run with a long name", "node", 12)
    holder.show(None)
    assert read_badge(folder) == mine("host-1")
    assert find_host(mine("host-1"))
    assert find_host(mine("host-1", started=1)) is None


def test_only_dead_hosts_are_cleared_away() -> None:
    for name, started in (("alive", None), ("dead", 1)):
        BadgeHolder(machine_folder("m1") / name, mine(name, started))
    BadgeHolder(machine_folder("m2") / "dead", mine("dead", 1))
    (machine_folder("m1") / "starting").mkdir()
    clear_dead_hosts()
    assert sorted(path.name for path in machine_folder("m1").iterdir()) == ["alive", "starting"]
    assert not machine_folder("m2").exists()


def test_a_number_from_before_the_machine_was_started_anew_is_nobodys() -> None:
    """It is this very process's, by chance."""
    old = replace(mine("old"), boot="another")
    BadgeHolder(machine_folder("m1") / "old", old)
    assert find_host(old) is None
    clear_dead_hosts()
    assert not (machine_folder("m1") / "old").exists()


def test_a_host_in_another_container_is_left_alone() -> None:
    theirs = replace(mine("theirs", started=1), pids="pid:[1]")
    BadgeHolder(machine_folder("m1") / "theirs", theirs)
    assert find_host(replace(mine("theirs"), pids="pid:[1]")) is None
    clear_dead_hosts()
    assert read_badge(machine_folder("m1") / "theirs") == theirs


def test_nothing_is_left_when_all_hosts_are_gone(tmp_path: Path) -> None:
    BadgeHolder(machine_folder("m1") / "dead", mine("dead", 1))
    clear_dead_hosts()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("kind", ["open to others", "a link", "a file"])
def test_a_folder_that_others_could_write_to_is_not_believed(tmp_path: Path, kind: str) -> None:
    folder = tmp_path / f"dix-hosts-{os.getuid()}"
    if kind == "a link":
        (tmp_path / "theirs").mkdir()
        folder.symlink_to(tmp_path / "theirs")
    elif kind == "a file":
        folder.touch()
    else:
        folder.mkdir()
        folder.chmod(0o777)
    with pytest.raises(PlatformError, match="only this user may write to"):
        machine_folder("m1")
