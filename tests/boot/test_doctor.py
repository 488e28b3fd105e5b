"""What `dix doctor` finds; of an installation that is up in `test_main_job.py`."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from dix.boot.doctor import Finding, examine
from dix.boot.instance import Instance, catalog_file, write_instance
from dix.catalog.direct import DirectCatalog
from dix.settings import Settings
from tests.boot.house import find_free_ports


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    api, ui = find_free_ports(2)
    return Settings(home=home, address=f"http://127.0.0.1:{api}", ui_port=ui)


def find(settings: Settings, check: str) -> list[Finding]:
    return [finding for finding in examine(settings) if finding.check == check]


def test_a_sound_home_has_no_problems(settings: Settings) -> None:
    (settings.home / "store").mkdir()
    findings = examine(settings)
    assert {finding.check for finding in findings} >= {"home", "tokens", "disk", "store", "clock", "packages", "api"}
    assert [finding for finding in findings if finding.state == "problem"] == []
    assert [path for path in (settings.home / "store").rglob("doctor*") if path.is_file()] == []


def test_a_home_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    home = tmp_path / "none"
    assert find(Settings(home=home), "home")[0].state == "ok"
    assert not home.exists()


def test_what_others_can_read_or_write_is_told(settings: Settings) -> None:
    (settings.home / "token").write_text("secret")
    (settings.home / "token").chmod(0o644)
    settings.home.chmod(0o777)
    (tokens,), (home,) = find(settings, "tokens"), find(settings, "home")
    assert (tokens.state, home.state) == ("problem", "problem")
    assert "chmod 600" in tokens.todo
    assert "secret" not in str(examine(settings))


def test_a_catalog_that_others_can_read_is_told(settings: Settings) -> None:
    path = catalog_file(settings.home)
    DirectCatalog(path).close()
    assert find(settings, "catalog")[0].state == "ok"
    path.chmod(0o644)
    (finding,) = find(settings, "catalog")
    assert (finding.state, finding.todo) == ("problem", f"chmod 600 {path}")


def test_a_port_that_is_taken_is_named(settings: Settings) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", settings.ui_port))
        taken.listen()
        (finding,) = find(settings, "dashboard")
    assert finding.state == "problem"
    assert str(settings.ui_port) in finding.message
    assert "--ui-port" in finding.todo


@pytest.mark.parametrize("store", ["ftp://nowhere", "s3://bucket/prefix"])
def test_a_store_that_cannot_be_used_is_a_problem(
    settings: Settings, store: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "x")
    broken = settings.model_copy(update={"store": store, "s3_endpoint": "http://127.0.0.1:9"})
    assert [finding.state for finding in find(broken, "store")] == ["problem"]


def test_a_clock_behind_the_files_is_told(settings: Settings) -> None:
    path = catalog_file(settings.home)
    path.touch()
    os.utime(path, (2e9, 2e9))
    assert find(settings, "clock")[0].state == "problem"


def test_what_should_run_and_does_not_is_a_problem(settings: Settings) -> None:
    gone = Instance("0" * 16, "file:///gone", "127.0.0.1:1", "http://127.0.0.1:1", "http://127.0.0.1:2", ray_pid=1)
    write_instance(settings, gone)
    assert [find(settings, check)[0].state for check in ("processes", "api", "dashboard")] == ["problem"] * 3
