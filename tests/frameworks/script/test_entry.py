"""Which file of the code is run."""

from __future__ import annotations

from pathlib import Path

import pytest

from dix.errors import BadValue, NotFound
from dix.frameworks.script.entry import find_entry


@pytest.mark.parametrize(
    ("names", "asked", "found"),
    [
        (["fit.py"], None, "fit.py"),
        (["train.py", "model.py"], None, "train.py"),
        (["main.py", "model.py"], None, "main.py"),
        (["run.sh"], None, "run.sh"),
        (["src/fit.py", "setup.py"], "src/fit.py", "src/fit.py"),
    ],
)
def test_it_is_found(tmp_path: Path, names: list[str], asked: str | None, found: str) -> None:
    for name in names:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    assert find_entry(tmp_path, asked) == found


def test_what_cannot_be_guessed_is_asked_for(tmp_path: Path) -> None:
    (tmp_path / "a.py").touch()
    (tmp_path / "b.py").touch()
    with pytest.raises(BadValue, match=r"got 'a.py, b.py'; name one"):
        find_entry(tmp_path, None)
    with pytest.raises(NotFound, match=r"no file in the code c.py"):
        find_entry(tmp_path, "c.py")
    for bad in ("../a.py", "/a.py", "a.exe"):
        with pytest.raises(BadValue):
            find_entry(tmp_path, bad)
