"""A script in a process of its own: what it prints is heard, how it ended is told, nothing is left behind."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import psutil
import pytest

from dix.frameworks.script.child import Ended, run_child


def run(code: str, folder: Path, heard: list[str] | None = None) -> Ended:
    hear = [] if heard is None else heard
    command = [sys.executable, "-c", code]
    return run_child(command, folder, {"PATH": "/bin", "PYTHONUNBUFFERED": "1"}, hear=hear.append, look=lambda: None)


def is_gone(pid: int, limit_s: float = 5) -> bool:
    """Whether a process ends in time; one that nobody has collected yet has ended."""
    end = time.monotonic() + limit_s
    while time.monotonic() < end:
        try:
            if psutil.Process(pid).status() == psutil.STATUS_ZOMBIE:
                return True
        except psutil.NoSuchProcess:
            return True
    return False


def test_lines_are_heard_also_those_of_a_bar_and_the_last(tmp_path: Path) -> None:
    heard: list[str] = []
    code = "import sys; sys.stdout.write('a\\n1%\\r2%\\rb\\n'); sys.stdout.buffer.write(b'\\xff end')"
    assert run(code, tmp_path, heard).code == 0
    assert heard == ["a", "1%", "2%", "b", "\ufffd end"]


def test_it_works_in_its_folder_and_has_no_input(tmp_path: Path) -> None:
    ended = run("import os, sys; print(os.getcwd(), repr(sys.stdin.read()))", tmp_path)
    assert ended.printed == (f"{tmp_path} ''",)


@pytest.mark.parametrize(
    ("code", "cause", "complaint"),
    [
        ("raise ValueError('two\\nlines')", "ended with exit code 1", "ValueError: two"),
        ("import sys; sys.exit('no rows')", "ended with exit code 1", "no rows"),
        ("import os; os.kill(os.getpid(), 9)", "was ended by SIGKILL", ""),
        ("print('almost'); raise SystemExit(3)", "ended with exit code 3", "almost"),
        (
            "try:\n    1 / 0\nexcept ZeroDivisionError as error:\n    raise RuntimeError('it broke') from error",
            "ended with exit code 1",
            "RuntimeError: it broke",
        ),
    ],
)
def test_how_it_ended_is_told(tmp_path: Path, code: str, cause: str, complaint: str) -> None:
    ended = run(code, tmp_path)
    assert (ended.cause, ended.complaint) == (cause, complaint)


def test_the_trace_has_the_cause_of_the_cause(tmp_path: Path) -> None:
    code = (
        "print('x')\ntry:\n    1 / 0\nexcept ZeroDivisionError as error:\n    raise RuntimeError('it broke') from error"
    )
    trace = run(code, tmp_path).trace
    assert trace.startswith("Traceback")
    assert "ZeroDivisionError" in trace
    assert trace.endswith("RuntimeError: it broke")


def test_what_it_leaves_behind_ends_with_it(tmp_path: Path) -> None:
    code = (
        "import subprocess, sys; "
        "print(subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)']).pid, flush=True)"
    )
    begin = time.monotonic()
    (pid,) = run(code, tmp_path).printed
    assert time.monotonic() - begin < 5
    assert is_gone(int(pid))


def test_whatever_is_raised_meanwhile_ends_it(tmp_path: Path) -> None:
    pids: list[str] = []

    def look() -> None:
        if pids:
            raise KeyboardInterrupt

    code = "import os, time; print(os.getpid(), flush=True); time.sleep(60)"
    with pytest.raises(KeyboardInterrupt):
        run_child([sys.executable, "-c", code], tmp_path, {}, hear=pids.append, look=look)
    assert not psutil.pid_exists(int(pids[0]))


def test_much_that_is_printed_comes_through(tmp_path: Path) -> None:
    heard: list[str] = []
    run("for i in range(20000): print('x' * 100, i)", tmp_path, heard)
    assert len(heard) == 20000
