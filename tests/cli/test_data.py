"""`dix data`."""

from __future__ import annotations

from pathlib import Path

from tests.cli.conftest import Dix


def test_files_go_there_and_come_back(dix: Dix, tmp_path: Path) -> None:
    assert dix("data", "ls", "--json").json() == {"items": [], "next_cursor": None}
    source = tmp_path / "source"
    source.mkdir()
    (source / "名字.txt").write_text("x")
    assert dix("data", "put", str(source), "box").code == 0
    moved = dix("data", "put", str(source / "名字.txt"), "single.txt", "--json").json()
    assert (moved["files"], moved["size_bytes"]) == (1, 1)
    assert [item["name"] for item in dix("data", "ls", "--json").json()["items"]] == ["box", "single.txt"]
    assert "名字.txt" in dix("data", "ls", "box").out
    assert dix("data", "get", "box", str(tmp_path / "back")).code == 0
    assert (tmp_path / "back" / "名字.txt").read_text() == "x"


def test_what_cannot_be_is_told(dix: Dix, tmp_path: Path) -> None:
    for arguments in (
        ["ls", "nothing"],
        ["get", "nothing", str(tmp_path / "x")],
        ["put", str(tmp_path / "nothing"), "x"],
        ["put", str(tmp_path), "../x"],
        ["ls", "http://x/y"],
    ):
        said = dix("data", *arguments)
        assert said.code == 2, arguments
        assert said.err.count("\n") == 1


def test_data_is_looked_at_where_it_lies(dix: Dix, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("name,size\na,1\nb,2\n", encoding="utf-8")
    assert dix("data", "put", str(tmp_path / "a.csv"), "looks/a.csv").code == 0
    said = dix("data", "preview", "looks/a.csv", "-n", "1")
    assert (said.code, "name" in said.out, "there is more" in said.err) == (0, True, True)
    assert dix("data", "profile", "looks/a.csv", "--json").json()["columns"][1]["mean"] == 1.5
    assert "2 rows" in dix("data", "profile", "looks/a.csv").err
    assert dix("data", "profile", "looks/nothing").code == 2
