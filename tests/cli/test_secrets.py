"""`dix secrets` and `dix audit`."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from tests.api.server import Server
from tests.cli.conftest import Dix


def test_a_secret_is_read_from_standard_input_or_a_file(
    dix: Dix, server: Server, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("first\nsecond\n"))
    said = dix("secrets", "set", "PIPED")
    assert (said.code, said.out) == (0, "")
    assert "secrets: [PIPED]" in said.err
    (tmp_path / "key").write_text("from a file\n")
    assert dix("secrets", "set", "FILED", "--from-file", str(tmp_path / "key"), "--json").json()["name"] == "FILED"
    values = server.parts.catalog.secrets.read_values("default", ("PIPED", "FILED"))
    assert values == {"PIPED": "first\nsecond", "FILED": "from a file\n"}
    listed = dix("secrets", "list")
    assert "PIPED" in listed.out
    assert "second" not in listed.out
    assert dix("secrets", "delete", "PIPED").code == 0
    assert dix("secrets", "delete", "PIPED").code == 2


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("set", "1KEY"), "a name of letters, digits and _"),
        (("set", "KEY", "--from-file", "/nowhere"), "a file that can be read"),
        (("list", "--project", "visoin"), "no project visoin"),
    ],
)
def test_wrong_use_is_one_sentence(dix: Dix, arguments: tuple[str, ...], told: str) -> None:
    said = dix("secrets", *arguments)
    assert said.code == 2
    assert told in said.err


def test_the_audit_is_listed(dix: Dix) -> None:
    dix("projects", "create", "audited")
    listed = dix("audit", "list", "--name", "audited", "--done", "--json").json()
    assert [entry["action"] for entry in listed["items"]] == ["create_project"]
    assert "create_project" in dix("audit", "list").out
    assert dix("audit", "list", "--csv", "--json").code == 2


def test_the_audit_is_exported_whole(dix: Dix) -> None:
    dix("projects", "create", "exported")
    rows = dix("audit", "list", "--csv", "--name", "exported").out.splitlines()
    assert rows[0].startswith("seq,at,user")
    assert len(rows) == 2
