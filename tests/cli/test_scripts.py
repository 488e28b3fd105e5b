"""`dix scripts`, and the code that flows name."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.api.server import Server
from tests.cli.conftest import Dix

FLOW = """\
dix: 1
name: own-code
nodes:
  train: {kind: algorithm, algorithm: script, framework: torch, code: train.py, params: {epochs: 3}}
"""


@pytest.fixture
def flow(tmp_path: Path) -> Path:
    text = "import argparse\nparser = argparse.ArgumentParser()\n"
    text += 'parser.add_argument("--epochs", type=int, default=1, help="passes <b>over</b> the data")\n'
    (tmp_path / "train.py").write_text(text + "parser.parse_args()\n")
    (tmp_path / "flow.yaml").write_text(FLOW)
    return tmp_path / "flow.yaml"


def test_a_script_is_looked_at(dix: Dix, flow: Path) -> None:
    said = dix("scripts", "inspect", str(flow.with_name("train.py")))
    assert said.code == 0
    assert "epochs" in said.out
    assert "integer" in said.out
    schema = dix("scripts", "inspect", str(flow.with_name("train.py")), "--json").json()
    assert schema["properties"]["epochs"]["default"] == 1
    assert not schema["additionalProperties"]


def test_code_is_sent(dix: Dix, flow: Path) -> None:
    sent = dix("scripts", "send", str(flow.with_name("train.py")), "--json").json()
    assert sent["uri"].endswith("/train.py")
    assert dix("scripts", "send", str(flow.with_name("gone.py"))).code == 2


def test_pushing_a_flow_sends_its_code_and_says_so(dix: Dix, flow: Path, server: Server) -> None:
    said = dix("flows", "push", str(flow), "--json")
    assert said.code in {0, 2}
    assert said.err.startswith("code train.py is sent: 1 file of ")
    assert server.parts.store.exists("dix/code")


def test_a_check_finds_wrong_arguments_and_sends_nothing(dix: Dix, flow: Path) -> None:
    flow.write_text(FLOW.replace("epochs: 3", "epoch: 3"))
    said = dix("flows", "check", str(flow))
    assert said.code == 2
    assert "train.py has no parameter epoch" in said.err
    assert "is sent" not in said.err
