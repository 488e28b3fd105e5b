"""`dix up`, `down`, `status`, `demo` and `env`, as far as they go without a cluster."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.api.server import Server
from tests.cli.conftest import Dix


def test_where_nothing_is_up_that_is_said(bare_dix: Dix, home: Path) -> None:
    status = bare_dix("status", "--json")
    assert (status.code, status.json()["state"]) == (0, "down")
    assert "down" in bare_dix("status").out
    down = bare_dix("down")
    assert (down.code, down.err) == (0, "nothing was up\n")
    env = bare_dix("env")
    assert env.code == 2
    assert "dix up" in env.err
    assert env.out == ""


def test_status_asks_the_server_that_the_address_names(
    server: Server, dix: Dix, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DIX_ADDRESS", server.url)
    facts = dix("status", "--json").json()
    assert (facts["state"], facts["nodes"], facts["api"]) == ("up", 1, server.url)


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (["up", "--api-port", "0"], "api-port"),
        (["up", "--ui-port", "99999"], "ui-port"),
        (["up", "--num-cpus", "many"], "num-cpus"),
        (["up", "--store", "http://x/y"], "DIX_STORE"),
    ],
)
def test_wrong_use_of_up_is_told_before_anything_starts(bare_dix: Dix, arguments: list[str], word: str) -> None:
    said = bare_dix(*arguments)
    assert said.code == 2, said
    assert word in said.err
    assert "Traceback" not in said.err


def test_a_port_that_is_taken_is_told(server: Server, bare_dix: Dix) -> None:
    port = server.url.rsplit(":", 1)[1]
    said = bare_dix("up", "--api-port", port)
    assert said.code == 2
    assert port in said.err


def test_status_and_env_load_no_ray(home: Path) -> None:
    script = (
        "import sys\n"
        "from dix.cli.main import run_command\n"
        "run_command(['status', '--json']), run_command(['env'])\n"
        "print([m for m in ('ray', 'torch', 'duckdb') if m in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=True)
    assert done.stderr.splitlines()[-1] == "[]"
