"""The dashboard's process: found, started, waited for, and said plainly when it does not start."""

from __future__ import annotations

import os
import signal
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from dix.boot.dashboard import find_dashboard, make_command, make_environment, start_dashboard
from dix.errors import BadValue
from dix.settings import Settings

ROOT = Path(__file__).parents[2]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path, address="http://127.0.0.1:1", token=None)


@pytest.fixture
def port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


@pytest.fixture
def surroundings() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("DIX_")}


def wait_until_gone(pid: int) -> None:
    limit = time.monotonic() + 10
    while os.waitpid(pid, os.WNOHANG) == (0, 0):
        assert time.monotonic() < limit, "the dashboard did not end"
        time.sleep(0.02)


@pytest.fixture
def running(settings: Settings, port: int, surroundings: dict[str, str], tmp_path: Path) -> Iterator[int]:
    settings.token_file.write_text("hush\n")
    pid = start_dashboard(settings, "127.0.0.1", port, tmp_path / "logs", surroundings)
    yield pid
    os.killpg(pid, signal.SIGKILL)
    wait_until_gone(pid)


def test_the_dashboard_of_a_source_tree_is_at_its_top() -> None:
    assert find_dashboard() == ROOT


def test_only_the_new_process_can_import_it(settings: Settings) -> None:
    environment = make_environment(settings, {"PATH": "/bin", "PYTHONPATH": "/elsewhere", "DIX_ADDRESS": "old"})
    assert environment == {
        "PATH": "/bin",
        "PYTHONPATH": f"{ROOT}{os.pathsep}/elsewhere",
        "DIX_HOME": str(settings.home),
        "DIX_ADDRESS": "http://127.0.0.1:1",
    }


def test_nothing_is_reported_to_anybody_and_no_files_are_watched() -> None:
    command = make_command(ROOT, "127.0.0.1", 8501)
    assert "--browser.gatherUsageStats=false" in command
    assert "--server.fileWatcherType=none" in command
    assert "--server.enableXsrfProtection=true" in command
    assert "--server.address=127.0.0.1" in command


def test_it_answers_when_it_has_been_started_and_wants_visitors_to_sign_in(running: int, port: int) -> None:
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", headers={"Accept": "text/html"}, trust_env=False) as client:
        assert "Sign in" in client.get("/").text
        assert client.get("/", params={"token": "hush"}).status_code == 401
        assert "does not answer" in client.get("/", params={"login": "code"}).text


def test_it_lives_in_a_session_of_its_own(running: int) -> None:
    assert os.getsid(running) == running


def test_a_taken_port_is_refused_before_anything_is_started(settings: Settings, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, pytest.raises(BadValue, match="a port that is free"):
        start_dashboard(settings, "127.0.0.1", server.getsockname()[1], tmp_path / "logs", {})
    assert not (tmp_path / "logs").exists()
