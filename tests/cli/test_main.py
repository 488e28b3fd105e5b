"""The command as a whole: exit codes, sentences, one JSON document."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.cli.conftest import Dix

UNREACHABLE = "http://127.0.0.1:9"


def test_a_silent_server_is_one_sentence_and_exit_code_1(bare_dix: Dix, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DIX_ADDRESS", UNREACHABLE)
    said = bare_dix("runs", "list")
    assert said.code == 1
    assert said.err.startswith(f"dix: {UNREACHABLE} does not answer")
    assert said.err.count("\n") == 1
    assert said.out == ""


def test_a_failure_with_json_is_one_problem_document(bare_dix: Dix, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DIX_ADDRESS", UNREACHABLE)
    problem = bare_dix("runs", "list", "--json").json()
    assert problem["type"] == "urn:dix:problem:unreachable"
    assert problem["status"] == 503
    assert problem["facts"]["address"] == UNREACHABLE


@pytest.mark.parametrize(
    "arguments",
    [
        ["runs", "show"],
        ["runs", "show", "a", "b"],
        ["runs", "dance"],
        ["dance"],
        ["runs", "list", "--dance"],
        ["--dance"],
        ["run", "digits", "--priority", "high"],
        ["run", "digits", "--priority", "5000"],
    ],
)
def test_wrong_use_is_one_sentence_and_exit_code_2(bare_dix: Dix, arguments: list[str]) -> None:
    said = bare_dix(*arguments)
    assert said.code == 2
    assert said.err.startswith("dix: ")
    assert said.err.strip().endswith("--help` says how it is used")
    assert "Input should" not in said.err
    assert said.out == ""
    assert bare_dix(*arguments, "--json").json()["type"] == "urn:dix:problem:wrong-use"


@pytest.mark.parametrize("arguments", [[], ["runs"]])
def test_a_group_alone_prints_its_help(bare_dix: Dix, arguments: list[str]) -> None:
    said = bare_dix(*arguments)
    assert said.code == 2
    assert "Usage: dix" in said.out + said.err
    assert "dix: " not in said.err


@pytest.mark.parametrize("arguments", [["models", "diff", "a", "b"], ["endpoints", "rollback", "a"]])
def test_what_is_to_come_says_so(bare_dix: Dix, arguments: list[str]) -> None:
    said = bare_dix(*arguments)
    assert said.code == 2
    assert "is not there yet" in said.err
    assert bare_dix(*arguments, "--json").json()["type"] == "urn:dix:problem:not-yet"


def test_a_wrong_token_is_refused_with_what_to_do(dix: Dix, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DIX_TOKEN", "guessed")
    said = dix("runs", "list")
    assert said.code == 2
    assert "DIX_TOKEN" in said.err


@pytest.mark.parametrize(
    ("name", "value"), [("DIX_ADDRESS", "127.0.0.1:8000"), ("DIX_TOKEN", "ü"), ("DIX_UI_PORT", "x")]
)
def test_a_bad_setting_is_named(dix: Dix, monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    said = dix("runs", "list")
    assert said.code == 2
    assert name in said.err


def test_what_answers_but_is_not_dix_is_named(bare_dix: Dix, monkeypatch: pytest.MonkeyPatch) -> None:
    import http.server
    import threading

    class Other(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"<html>hello</html>")

        def log_message(self, *args: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Other) as other:
        threading.Thread(target=other.serve_forever, daemon=True).start()
        monkeypatch.setenv("DIX_ADDRESS", f"http://127.0.0.1:{other.server_port}")
        said = bare_dix("runs", "list")
        other.shutdown()
    assert said.code == 1
    assert "is not DI-X" in said.err


def test_help_loads_neither_ray_nor_the_client() -> None:
    script = (
        "import sys\n"
        "from dix.cli.main import run_command\n"
        "run_command(['--help'])\n"
        "print([m for m in ('ray', 'torch', 'httpx', 'fastapi', 'duckdb', 'pydantic_settings') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_a_client_command_loads_no_ray(dix: Dix) -> None:
    script = (
        "import sys\n"
        "from dix.cli.main import run_command\n"
        "assert run_command(['runs', 'list', '--json']) == 0\n"
        "print([m for m in ('ray', 'torch', 'duckdb', 'fastapi') if m in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=True)
    assert done.stderr.splitlines()[-1] == "[]"
