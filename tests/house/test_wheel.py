"""What the wheel puts into a user's environment: `dix`, with the dashboard and the examples inside, and no more."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def names(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


def list_files(room: str) -> set[str]:
    """The files of a room as they lie in the tree, leaving out what Python wrote."""
    files = (path for path in (ROOT / room).rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    return {path.relative_to(ROOT).as_posix() for path in files}


def test_it_has_one_package_and_its_description(names: set[str]) -> None:
    tops = {name.split("/")[0] for name in names}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"dix"}


def test_the_dashboard_is_inside(names: set[str]) -> None:
    assert {f"dix/_dashboard/{name}" for name in list_files("ui")} <= names


def test_the_examples_are_inside(names: set[str]) -> None:
    inside = {f"dix/_{name}" for name in list_files("examples")}
    assert inside
    assert inside <= names


def test_all_of_dix_is_inside_and_nothing_that_python_wrote(names: set[str]) -> None:
    assert {name for name in list_files("dix") if name.endswith((".py", "py.typed"))} <= names
    assert not [name for name in names if "__pycache__" in name]


def test_the_canvas_is_inside(names: set[str]) -> None:
    assert "dix/pyproject.toml" in names
    assert [name for name in names if name.startswith("dix/_canvas/canvas-") and name.endswith(".js")]
