"""Code on this machine goes to the store, and documents name where it lies there."""

from __future__ import annotations

from pathlib import Path

import pytest

import dix
from dix.client.connection import Client
from dix.client.local_code import LocalCode, list_local, put_addresses
from dix.errors import BadDocument, BadValue, NotFound
from tests.api.server import Server

TRAIN = """import argparse
parser = argparse.ArgumentParser()
parser.add_argument("--epochs", type=int)
parser.parse_args()
"""
FLOW = """\
# the code is ours
dix: 1
name: own
nodes:
  數: {kind: data, uri: "code: script"}
  one:
    kind: algorithm
    algorithm: script
    code: train.py   # a file
    params: {epochs: 3}
  two: {kind: algorithm, algorithm: script, code: 'src', entry: train.py}
  three: {kind: algorithm, algorithm: script, code: "{{ params.code }}"}
  four: {kind: algorithm, algorithm: script, code: elsewhere/train.py}
  five: {kind: algorithm, algorithm: cnn, code: train.py}
"""


@pytest.fixture
def base(tmp_path: Path) -> Path:
    (tmp_path / "train.py").write_text(TRAIN)
    (tmp_path / "requirements.txt").write_text("numpy\n")
    (tmp_path / "src" / "inner").mkdir(parents=True)
    (tmp_path / "src" / "train.py").write_text(TRAIN)
    (tmp_path / "src" / "inner" / "net.py").write_text("")
    for left_out in (".git/config", "__pycache__/train.pyc", "inner/x.pyc"):
        (tmp_path / "src" / left_out).parent.mkdir(exist_ok=True)
        (tmp_path / "src" / left_out).write_text("")
    return tmp_path


def test_only_what_is_here_is_found_and_only_that_is_replaced(base: Path) -> None:
    assert [code.named for code in list_local(FLOW, base)] == ["train.py", "src"]
    text = put_addresses(FLOW, {"train.py": "dix/code/1/train.py", "src": "dix/code/2"})
    expected = FLOW.replace("code: train.py   #", 'code: "dix/code/1/train.py"   #').replace("'src'", '"dix/code/2"')
    assert text == expected


@pytest.mark.parametrize("text", ["", "script code: [", "[" * 3000 + "script code", "- script\n- code", "script: code"])
def test_what_is_no_document_is_left_to_the_server(text: str, base: Path) -> None:
    assert list_local(text, base) == []


def test_a_document_from_elsewhere_takes_nothing_along(base: Path, client: Client) -> None:
    outside = FLOW.replace("'src'", "'../'")
    with pytest.raises(BadValue, match="below the flow's own folder"):
        client.scripts.settle(outside, base / "src")
    assert client.scripts.settle(FLOW) == FLOW
    assert dix.Flow.read("dix: 1\nname: x\nnodes: {a: {kind: data, uri: x}}").base is None


def test_a_folder_is_sent_without_what_is_no_code(base: Path, client: Client, server: Server) -> None:
    sent = client.scripts.send(base / "src")
    files = server.parts.store.list_files(sent.uri)
    assert [file.path for file in files] == ["inner/net.py", "train.py"]
    assert sent.uri == f"dix/code/{sent.sha256}"
    assert client.scripts.send(base / "src") == sent


def test_a_file_is_sent_with_what_it_requires(base: Path, client: Client, server: Server) -> None:
    sent = client.scripts.send(base / "train.py")
    assert sent.uri == f"dix/code/{sent.sha256}/train.py"
    files = server.parts.store.list_files(sent.uri.rpartition("/")[0])
    assert [file.path for file in files] == ["requirements.txt", "train.py"]


def test_a_document_tells_what_was_sent(base: Path, client: Client) -> None:
    told: list[LocalCode] = []
    text = client.scripts.settle(FLOW, base, lambda code, _sent: told.append(code))
    assert [code.named for code in told] == ["train.py", "src"]
    assert text.count('code: "dix/code/') == 2
    assert client.scripts.settle(text, base) == text


def test_what_cannot_be_sent_is_said(base: Path, client: Client) -> None:
    with pytest.raises(NotFound):
        client.scripts.send(base / "nothing.py")
    (base / "empty").mkdir()
    with pytest.raises(BadValue, match="expected files of code"):
        client.scripts.send(base / "empty")


def test_arguments_are_checked_before_anything_is_sent(
    base: Path, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(base)
    flow = dix.Flow("own")
    flow.algorithm("train", "script", framework="torch", code="train.py", params={"epoch": 3})
    with pytest.raises(BadDocument) as caught:
        client.flows.check(flow)
    assert "train.py has no parameter epoch" in str(caught.value)


def test_a_script_can_be_looked_at(base: Path, client: Client) -> None:
    schema = client.scripts.inspect(base / "train.py")
    assert schema["properties"] == {"epochs": {"type": "integer"}}
    with pytest.raises(BadValue):
        client.scripts.inspect(base / "src")
