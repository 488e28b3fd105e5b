"""`dix doctor`, `backup` and `restore`."""

from __future__ import annotations

from pathlib import Path

from dix.boot.instance import catalog_file
from dix.catalog.direct import DirectCatalog
from tests.cli.conftest import Dix


def test_the_doctor_says_a_line_for_each_thing(bare_dix: Dix, home: Path) -> None:
    home.chmod(0o700)
    said = bare_dix("doctor")
    assert "store" in said.out
    assert said.err.strip().endswith(("problem", "problems"))
    listed = bare_dix("doctor", "--json").json()
    assert {"check", "state", "message", "todo"} == listed["items"][0].keys()
    (home / "token").touch()
    (home / "token").chmod(0o666)
    assert bare_dix("doctor").code == 1


def test_a_catalog_is_saved_and_put_back(bare_dix: Dix, home: Path, tmp_path: Path) -> None:
    file = str(tmp_path / "backup.tar")
    assert bare_dix("backup", file).code == 2
    DirectCatalog(catalog_file(home)).close()
    assert bare_dix("backup", file, "--json").json()["manifest"]["format"] == 1
    assert "already" in bare_dix("backup", file).err
    said = bare_dix("restore", file)
    assert (said.code, said.out) == (0, "")
    assert "before" in said.err
    assert bare_dix("restore", str(tmp_path / "nothing")).code == 2
