"""Marked processes are found and ended, and no others."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import psutil

from dix.boot.cluster import end_marked, find_marked, is_alive, join_environment, make_environment
from dix.boot.instance import MARK
from dix.settings import Settings

# Ignores the gentle signal, and has a child that has left its session.
STUBBORN = """
import signal, subprocess, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"], start_new_session=True)
print("ready", flush=True)
time.sleep(60)
"""


def _start(mark: str) -> subprocess.Popen[bytes]:
    process = subprocess.Popen([sys.executable, "-c", STUBBORN], env={**os.environ, MARK: mark}, stdout=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stdout.readline() == b"ready\n"
    return process


def test_a_stubborn_process_and_its_stray_child_end_and_a_neighbour_lives() -> None:
    ours, neighbour = _start("test-ours"), _start("test-neighbour")
    try:
        assert is_alive(ours.pid, "test-ours")
        assert len(find_marked("test-ours")) == 2
        end_marked("test-ours")
        assert ours.wait(5) is not None
        assert find_marked("test-ours") == []
        assert len(find_marked("test-neighbour")) == 2
    finally:
        end_marked("test-neighbour")
        neighbour.wait(5)
        ours.kill()


def test_a_child_that_has_lost_its_mark_ends_as_well() -> None:
    napping = "subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'], env={})"
    script = f"import subprocess, sys, time; print({napping}.pid, flush=True); time.sleep(60)"
    ours = subprocess.Popen(
        [sys.executable, "-c", script], env={**os.environ, MARK: "test-lost"}, stdout=subprocess.PIPE
    )
    assert ours.stdout is not None
    child = psutil.Process(int(ours.stdout.readline()))
    try:
        assert [process.pid for process in find_marked("test-lost")] == [ours.pid]
        end_marked("test-lost")
        assert not child.is_running() or child.status() == psutil.STATUS_ZOMBIE
    finally:
        ours.kill()
        ours.wait(5)


def test_ending_nothing_is_quick() -> None:
    began = time.monotonic()
    end_marked("test-nobody")
    assert time.monotonic() - began < 2


def test_what_is_started_gets_neither_the_doors_token_nor_foreign_ray_settings(tmp_path: Path) -> None:
    given = {"DIX_TOKEN": "secret", "RAY_ADDRESS": "http://elsewhere", "PATH": "/bin"}
    made = make_environment(Settings(home=tmp_path), given, "mark")
    assert "secret" not in made.values()
    assert "RAY_ADDRESS" not in made
    assert made["RAY_AUTH_MODE"] == "token"
    assert made["PATH"] == "/bin"
    assert Path(made["RAY_AUTH_TOKEN_PATH"]).stat().st_mode & 0o077 == 0
    joined = join_environment(Settings(home=tmp_path), given | {"RAY_AUTH_TOKEN": "theirs"}, "mark")
    assert joined["RAY_AUTH_TOKEN"] == "theirs"
    assert "secret" not in joined.values()
