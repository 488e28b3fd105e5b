"""What a process has started is found and ended, also what has hidden itself."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from dix.engine.process_tree import (
    Process,
    end_tree,
    find_process,
    find_tree,
    list_processes,
    measure_pss,
    measure_rss,
)
from tests.engine.conftest import wait_until

# Starts a child, a grandchild, and one that leaves its session and whose parent ends; says so, and waits.
FAMILY = """
import os, subprocess, sys, time
nap = [sys.executable, "-c", "import time; time.sleep(300)"]
child = subprocess.Popen([sys.executable, "-c", f"import subprocess, time; subprocess.Popen({nap}); time.sleep(300)"])
leaver = f"import subprocess; print(subprocess.Popen({nap}, start_new_session=True, stdout=subprocess.DEVNULL).pid)"
print(subprocess.run([sys.executable, "-c", leaver], stdout=subprocess.PIPE, text=True).stdout, end="", flush=True)
time.sleep(300)
"""


@pytest.fixture
def family() -> Iterator[tuple[subprocess.Popen[str], int]]:
    """A process with a family, leader of its group, and the one that has left."""
    root = subprocess.Popen([sys.executable, "-c", FAMILY], stdout=subprocess.PIPE, text=True, process_group=0)
    assert root.stdout
    left = int(root.stdout.readline())
    wait_until(lambda: len(psutil.Process(root.pid).children(recursive=True)) >= 2)
    yield root, left
    for pid in (root.pid, left):
        if psutil.pid_exists(pid):
            os.kill(pid, signal.SIGKILL)
    root.wait()
    root.stdout.close()


def lives(pid: int) -> bool:
    return find_process(pid) is not None


def test_a_name_that_is_cut_in_the_middle_of_a_character_hides_nobody(tmp_path: Path) -> None:
    program = tmp_path / "обработка-данных"
    shutil.copy(shutil.which("sleep") or "", program)
    process = subprocess.Popen([program, "60"])
    try:
        wait_until(lambda: b"\xd0" in Path(f"/proc/{process.pid}/stat").read_bytes())
        assert lives(process.pid)
        assert process.pid in list_processes()
    finally:
        process.kill()
        process.wait()


def test_what_is_older_than_the_root_is_none_of_its_tree() -> None:
    root = Process(pid=10, parent=1, group=10, session=10, started=500)
    older, younger = Process(11, 1, 10, 10, 400), Process(12, 1, 10, 10, 600)
    processes = {process.pid: process for process in (older, younger)}
    assert find_tree(root.pid, root.started, processes) == [younger]


def test_a_process_is_known_by_its_number_and_start() -> None:
    me = find_process(os.getpid())
    assert me is not None
    assert (me.pid, me.parent, me.group) == (os.getpid(), os.getppid(), os.getpgrp())
    assert find_process(2**22 + 1) is None


def test_a_whole_family_is_ended(family: tuple[subprocess.Popen[str], int]) -> None:
    root, left = family
    head = find_process(root.pid)
    assert head
    tree = {process.pid for process in find_tree(root.pid, head.started, list_processes())}
    assert len(tree) == 3
    assert left not in tree, "its parent has ended, and its session is its own"
    known = [process for process in list_processes().values() if process.pid == left]
    end_tree(root.pid, head.started, known)
    root.wait()
    wait_until(lambda: not any(lives(pid) for pid in (*tree, left)))


def test_what_a_dead_process_has_left_is_found_by_its_group(family: tuple[subprocess.Popen[str], int]) -> None:
    root, _left = family
    head = find_process(root.pid)
    assert head
    tree = {process.pid for process in find_tree(root.pid, head.started, list_processes())}
    root.kill()
    root.wait()
    assert {process.pid for process in find_tree(root.pid, head.started, list_processes())} == tree - {root.pid}
    end_tree(root.pid, head.started)
    wait_until(lambda: not any(lives(pid) for pid in tree))


def test_another_process_with_the_same_number_is_left_alone() -> None:
    nap = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(300)"], process_group=0)
    head = find_process(nap.pid)
    assert head
    end_tree(nap.pid, head.started - 1)
    assert lives(nap.pid)
    nap.kill()
    nap.wait()


def test_children_and_those_they_left_behind_are_ended_and_collected() -> None:
    code = f"""
import os, sys
sys.path.insert(0, {str(Path.cwd())!r})
import subprocess
from dix.engine.process_tree import adopt_orphans, end_children, list_processes
adopt_orphans()
end_children()
nap = [sys.executable, "-c", "import time; time.sleep(300)"]
subprocess.Popen(nap)
subprocess.run([sys.executable, "-c", f"import subprocess; subprocess.Popen({{nap}}, start_new_session=True)"])
mine = lambda: [one for one in list_processes().values() if one.parent == os.getpid()]
assert len(mine()) == 2, mine()
end_children()
assert mine() == []
"""
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


def test_memory_is_measured() -> None:
    assert measure_rss(os.getpid()) > 2**20
    assert 0 < measure_pss(os.getpid()) <= measure_rss(os.getpid()) * 1.5
    assert measure_rss(2**22 + 1) == measure_pss(2**22 + 1) == 0
