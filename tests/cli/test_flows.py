"""`dix flows`."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.api.server import FLOW
from tests.cli.conftest import Dix


def test_a_good_document_is_said_to_be_good(dix: Dix, flow_file: str) -> None:
    said = dix("flows", "check", flow_file)
    assert (said.code, said.out) == (0, "")
    assert "digits can run" in said.err
    assert dix("flows", "check", flow_file, "--json").json()["problems"] == []


def test_a_bad_document_has_all_its_problems_told(dix: Dix, tmp_path: Path) -> None:
    bad = tmp_path / "bad.yaml"
    bad.write_text(FLOW.replace("train: train_set", "trian: train_sett").replace("epochs: 3", "[1"), encoding="utf-8")
    said = dix("flows", "check", str(bad))
    assert said.code == 2
    bad.write_text(FLOW.replace("train: train_set", "trian: train_sett"), encoding="utf-8")
    said = dix("flows", "check", str(bad))
    assert said.code == 2
    assert "\n  cnn.inputs.trian: " in said.err
    document = dix("flows", "check", str(bad), "--json").json()
    assert document["status"] == 422
    assert len(document["problems"]) >= 2
    assert all(item.keys() == {"node", "field", "rule", "message", "nearest"} for item in document["problems"])


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"\x00", b"- 1", b"a: &a [*a]", b"{" * 5000])
def test_what_is_no_document_is_told_in_words(dix: Dix, tmp_path: Path, content: bytes) -> None:
    bad = tmp_path / "bad.yaml"
    bad.write_bytes(content)
    said = dix("flows", "check", str(bad))
    assert said.code == 2
    assert "Traceback" not in said.err
    assert "nobody foresaw" not in said.err


def test_a_folder_is_no_document(dix: Dix, tmp_path: Path) -> None:
    said = dix("flows", "push", str(tmp_path))
    assert said.code == 2
    assert str(tmp_path) in said.err


def test_a_flow_is_kept_shown_and_exported_as_it_was(dix: Dix, flow_file: str, tmp_path: Path) -> None:
    assert dix("flows", "push", flow_file, "--json").json()["version"] == 1
    assert "digits" in dix("flows", "list").out
    assert dix("flows", "history", "digits", "--json").json()["items"][0]["version"] == 1
    assert dix("flows", "show", "digits").out.endswith(FLOW)
    assert dix("flows", "export", "digits").out == FLOW
    target = tmp_path / "out.yaml"
    said = dix("flows", "export", "digits", "-o", str(target))
    assert (said.code, said.out) == (0, "")
    assert target.read_text(encoding="utf-8") == FLOW


def test_exporting_to_where_nothing_can_be_written_is_told(dix: Dix, flow_file: str, tmp_path: Path) -> None:
    dix("flows", "push", flow_file)
    said = dix("flows", "export", "digits", "-o", str(tmp_path / "no" / "such" / "folder.yaml"))
    assert said.code == 2
    assert "folder.yaml" in said.err


def test_a_document_that_holds_control_characters_is_printed_harmless_on_a_terminal(
    dix: Dix, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "flow.yaml"
    path.write_text(FLOW.replace("数字", '"\\e[2J"') + "# \u202e\n", encoding="utf-8")
    assert dix("flows", "push", str(path)).code == 0
    assert "\\x1b[2J" in dix("flows", "list").out
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    assert "\u202e" not in dix("flows", "show", "digits").out


def test_versions_are_compared_and_taken_out_as_files(dix: Dix, tmp_path: Path) -> None:
    for epochs in (3, 5):
        text = FLOW.replace("name: digits", "name: compared").replace("epochs: 3", f"epochs: {epochs}")
        (tmp_path / "f.yaml").write_text(text, encoding="utf-8")
        assert dix("flows", "push", str(tmp_path / "f.yaml")).code == 0
    said = dix("flows", "diff", "compared")
    assert said.code == 0
    assert "params.epochs" in said.out
    assert dix("flows", "diff", "compared", "--from", "1", "--to", "2", "--json").json()["differences"][0]["after"] == 5
    assert "mean the same" in dix("flows", "diff", "compared", "--from", "2").err
    assert '"epochs": 5' in dix("flows", "export", "compared", "--format", "json").out
    assert dix("flows", "export", "compared", "--format", "xml").code == 2


def test_a_document_is_kept_in_place_of_the_version_that_was_edited(dix: Dix, tmp_path: Path) -> None:
    file = tmp_path / "guarded.yaml"
    for epochs in (3, 4):
        file.write_text(FLOW.replace("name: digits", "name: guarded").replace("epochs: 3", f"epochs: {epochs}"))
        assert dix("flows", "push", str(file)).code == 0
    file.write_text(file.read_text().replace("epochs: 4", "epochs: 5"))
    said = dix("flows", "push", str(file), "--if-version", "1")
    assert (said.code, said.out, len(said.err.splitlines())) == (2, "", 1)
    assert "flow guarded was changed by admin at" in said.err
    assert "version 3" in dix("flows", "push", str(file), "--if-version", "2").err
