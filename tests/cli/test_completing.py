"""What Tab offers."""

from __future__ import annotations

import time

import httpx
import pytest

from dix.cli import completing
from tests.api.server import FLOW, TOKEN, Server
from tests.cli.conftest import Dix

SHELL = "_DIX_COMPLETE"


def complete(dix: Dix, monkeypatch: pytest.MonkeyPatch, line: str) -> list[str]:
    """What bash is told when Tab is pressed at the end of a line."""
    words = line.split(" ")
    monkeypatch.setattr(
        completing, "TIMEOUT_S", 30.0
    )  # a terminal is not kept waiting so long; a busy machine may be slow
    monkeypatch.setenv(SHELL, "complete_bash")
    monkeypatch.setenv("COMP_WORDS", line)
    monkeypatch.setenv("COMP_CWORD", str(len(words) - 1))
    said = dix()
    assert said.err == ""
    return said.out.split()


@pytest.fixture
def run_id(server: Server) -> str:
    with httpx.Client(headers={"Authorization": f"Bearer {TOKEN}"}, trust_env=False) as http:
        run: str = http.post(f"{server.url}/api/v1/runs", json={"text": FLOW}).json()["id"]
        return run


def test_commands_and_names_are_offered(dix: Dix, monkeypatch: pytest.MonkeyPatch, run_id: str) -> None:
    assert complete(dix, monkeypatch, "dix flo") == ["flows"]
    assert complete(dix, monkeypatch, "dix flows show dig") == ["digits"]
    assert complete(dix, monkeypatch, "dix run d") == ["digits"]
    assert run_id in complete(dix, monkeypatch, "dix runs show r")
    assert complete(dix, monkeypatch, "dix flows list --project def") == ["default"]
    assert complete(dix, monkeypatch, "dix flows show zzz") == []


def test_names_are_offered_beyond_the_first_page(dix: Dix, monkeypatch: pytest.MonkeyPatch, server: Server) -> None:
    with httpx.Client(headers={"Authorization": f"Bearer {TOKEN}"}, trust_env=False) as http:
        for number in range(51):
            text = FLOW.replace("name: digits", f"name: many-{number}")
            assert http.post(f"{server.url}/api/v1/flows", json={"text": text}).status_code == 201
    assert len(complete(dix, monkeypatch, "dix flows show many-")) == 51


@pytest.mark.parametrize("address", ["http://127.0.0.1:9", "nonsense"])
def test_where_nobody_answers_nothing_is_offered_at_once(
    bare_dix: Dix, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    monkeypatch.setenv("DIX_ADDRESS", address)
    began = time.monotonic()
    assert complete(bare_dix, monkeypatch, "dix flows show dig") == []
    assert time.monotonic() - began < 5


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_there_is_a_script_for_each_shell(bare_dix: Dix, monkeypatch: pytest.MonkeyPatch, shell: str) -> None:
    monkeypatch.setenv("_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION", "1")
    monkeypatch.setenv(SHELL, f"source_{shell}")
    assert SHELL in bare_dix().out
