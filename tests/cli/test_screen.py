"""What the command prints is harmless, whole and readable."""

from __future__ import annotations

import io
import json
import sys

import pytest

from dix.cli.screen import show, show_list, show_object, tell_files
from dix.client.cells import clean, write_cell


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain", "plain"),
        ("名字 🎉 e\u0301 👩\u200d🔬", "名字 🎉 e\u0301 👩\u200d🔬"),
        ("\x1b]0;title\x07", "\\x1b]0;title\\x07"),
        ("a\nb\tc\rd", "a\\nb\\tc\\rd"),
        ("\x9b31m\x7f", "\\x9b31m\\x7f"),
        ("abc\u202edef\u2028", "abc\\u202edef\\u2028"),
        ("\ud800", "\\ud800"),
    ],
)
def test_text_cannot_steer_the_terminal(text: str, shown: str) -> None:
    assert clean(text) == shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, ""),
        (True, "yes"),
        (0.1 + 0.2, "0.3"),
        (7, "7"),
        ({"a": 1.0, "b\x07": "[red]"}, "a=1, b\\x07=[red]"),
        (["x", 2], "x, 2"),
        ({"shape": [-1, 8], "scale": {"mean": 0.5}}, "shape=[-1, 8], scale=(mean=0.5)"),
    ],
)
def test_a_cell_is_one_line(value: object, shown: str) -> None:
    assert write_cell(value) == shown


def test_a_table_is_as_wide_as_it_has_to_be(capsys: pytest.CaptureFixture[str]) -> None:
    item = {"name": "[bold]" + "x" * 300, "about": ":smile:", "more": 1}
    show_list({"items": [item], "next_cursor": "c1"}, {"name": "NAME", "about": "ABOUT"}, as_json=False, empty="none")
    out, err = capsys.readouterr()
    assert "[bold]" + "x" * 300 in out.splitlines()[1]
    assert ":smile:" in out
    assert "--cursor c1" in err


def test_an_empty_list_is_a_sentence_beside_the_output(capsys: pytest.CaptureFixture[str]) -> None:
    show_list({"items": [], "next_cursor": None}, {"name": "NAME"}, as_json=False, empty="nothing yet")
    assert capsys.readouterr() == ("", "nothing yet\n")


def test_an_object_is_a_line_for_each_member(capsys: pytest.CaptureFixture[str]) -> None:
    show_object({"id": "r1", "error": None, "params": {"epochs": 3}}, as_json=False)
    assert capsys.readouterr().out == "id      r1\nparams  epochs=3\n"


@pytest.mark.parametrize("encoding", ["utf-8", "ascii", "latin-1"])
def test_a_document_is_json_whatever_the_output_can_say(monkeypatch: pytest.MonkeyPatch, encoding: str) -> None:
    out = io.TextIOWrapper(io.BytesIO(), encoding=encoding, errors="backslashreplace")
    monkeypatch.setattr(sys, "stdout", out)
    show({"name": "数字 🎉"})
    out.seek(0)
    assert json.loads(out.buffer.read().decode(encoding)) == {"name": "数字 🎉"}


def test_a_long_member_has_lines_of_its_own(capsys: pytest.CaptureFixture[str]) -> None:
    files = [{"path": "weights\x1b", "sha256": "a" * 64}, {"path": "model.json", "sha256": "b" * 64}]
    show_object({"name": "digits", "manifest": {"labels": ["0", "1"], "files": files, "none": []}}, as_json=False)
    assert capsys.readouterr().out.splitlines() == [
        "name      digits",
        "manifest",
        "  labels  0, 1",
        "  files",
        "    path    weights\\x1b",
        f"    sha256  {'a' * 64}",
        "    path    model.json",
        f"    sha256  {'b' * 64}",
    ]


def test_a_table_leaves_out_columns_with_nothing_in_them(capsys: pytest.CaptureFixture[str]) -> None:
    items = [{"name": "a", "why": None, "at": "2026-01-31T06:00:00.123456Z"}, {"name": "b", "why": ""}]
    show_list({"items": items}, {"name": "NAME", "why": "WHY", "at": "TIME"}, as_json=False, empty="none")
    assert capsys.readouterr().out.splitlines() == ["NAME  TIME", "a     2026-01-31T06:00:00Z", "b"]


def test_one_file_is_one_file() -> None:
    assert tell_files(1, 100) == "1 file of 100 bytes"
    assert tell_files(2, 1) == "2 files of 1 byte"


def test_of_a_long_list_some_are_shown(capsys: pytest.CaptureFixture[str]) -> None:
    show_object({"words": [f"word-{i}" for i in range(5000)]}, as_json=False)
    (line,) = capsys.readouterr().out.splitlines()
    assert line.startswith("words  word-0, word-1, ")
    assert line.endswith("word-9 and 4990 more; --json has all")
