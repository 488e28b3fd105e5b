"""One server a module, and the command as a function that says what it printed."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from dix.cli.main import run_command
from tests.api.server import FLOW, TOKEN, Server, run_server


@dataclass(frozen=True)
class Said:
    """What a command left behind."""

    code: int
    out: str
    err: str

    def json(self) -> Any:
        return json.loads(self.out)


Dix = Callable[..., Said]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with run_server(tmp_path_factory.mktemp("server")) as running:
        yield running


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty DIX_HOME, and none of the surroundings' settings."""
    for name in ("DIX_ADDRESS", "DIX_TOKEN", "DIX_STORE", "DIX_LOG_LEVEL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("DIX_HOME", str(tmp_path))
    return tmp_path


@pytest.fixture
def bare_dix(home: Path, capsys: pytest.CaptureFixture[str]) -> Dix:
    """The command, without a server."""

    def dix(*arguments: str) -> Said:
        code = run_command(list(arguments))
        return Said(code, *capsys.readouterr())

    return dix


@pytest.fixture
def dix(server: Server, home: Path, bare_dix: Dix) -> Dix:
    """The command, where `dix up` has written down the address and the token of the server."""
    (home / "address").write_text(server.url + "\n")
    (home / "token").write_text(TOKEN + "\n")
    return bare_dix


@pytest.fixture
def flow_file(tmp_path: Path) -> str:
    path = tmp_path / "flow.yaml"
    path.write_text(FLOW, encoding="utf-8")
    return str(path)
