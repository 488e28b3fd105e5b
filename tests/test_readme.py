"""The README tells the truth: its commands, files and Python lines exist."""

from __future__ import annotations

import ast
import re
import shlex
from pathlib import Path

import pytest

import dix
from dix.cli.main import run_command

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()
BLOCKS = re.findall(r"```(\w*)\n(.*?)```", README, flags=re.DOTALL)
COMMANDS = sorted(
    {
        tuple(word for word in shlex.split(line, comments=True))
        for kind, text in BLOCKS
        if kind == "bash"
        for line in text.splitlines()
        if line.startswith("dix ")
    }
)


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_commands_and_their_options_exist(words: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    path = [word for word in words[1:4] if re.fullmatch(r"[a-z]+", word)]
    while path and run_command([*path, "--help"]) != 0:
        path.pop()
    assert path, words
    shown = capsys.readouterr().out
    for option in (word for word in words if word.startswith("-")):
        assert option in shown, (words, option)


def test_python_lines_call_what_there_is() -> None:
    (python,) = [text for kind, text in BLOCKS if kind == "python"]
    names = {node.attr for node in ast.walk(ast.parse(python)) if isinstance(node, ast.Attribute)}
    assert {"connect", "runs", "start", "wait", "step"} <= names
    assert callable(dix.connect)


def test_files_that_are_named_exist() -> None:
    for name in set(re.findall(r"`((?:cluster|examples|dix|tests|\.ci)/[\w./-]+)`", README)):
        assert (ROOT / name).exists(), name


def test_the_test_command_is_what_ci_runs() -> None:
    assert any(kind == "bash" and text.strip() == ".ci/test" for kind, text in BLOCKS)
    assert "bash .ci/test" in (ROOT / ".ci" / "run").read_text()
