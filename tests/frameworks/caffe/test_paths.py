from __future__ import annotations

from pathlib import Path

import pytest

from dix.errors import DataMissing
from dix.frameworks.caffe.paths import find_paths


def test_a_path_from_the_top_of_the_project_is_found_from_below(tmp_path: Path) -> None:
    folder = tmp_path / "examples" / "mnist"
    folder.mkdir(parents=True)
    for name in ("net.prototxt", "solver.prototxt"):
        (folder / name).touch()
    paths = find_paths(folder / "solver.prototxt", tmp_path)
    assert paths.find("examples/mnist/net.prototxt") == (folder / "net.prototxt").resolve()
    assert paths.find("net.prototxt") == (folder / "net.prototxt").resolve()


def test_nothing_is_looked_for_above_the_root(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "secret").touch()
    with pytest.raises(DataMissing, match="secret: it is not under"):
        find_paths(tmp_path / "a" / "solver.prototxt").find("secret")


def test_a_root_beside_the_file_is_one_more_place(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "data").touch()
    assert find_paths(tmp_path / "a" / "solver.prototxt", tmp_path / "b").find("data").name == "data"
