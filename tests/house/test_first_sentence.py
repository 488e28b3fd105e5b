"""Line one of every file says what it is for, and an `__init__` is a door plate."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FILES = sorted(path for room in ("dix", "ui") for path in (ROOT / room).rglob("*.py"))
# The package itself hands out its few public names.
WITH_CODE = ROOT / "dix" / "__init__.py"
DOOR_PLATES = [path for path in FILES if path.name == "__init__.py" and path != WITH_CODE]


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


def test_there_is_something_to_read() -> None:
    assert len(FILES) > 20


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_a_file_starts_with_one_sentence(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    docstring = ast.get_docstring(ast.parse(text))
    assert docstring, "the file says nothing about itself"
    assert text.startswith('"""'), "the docstring is not on line one"
    first, *rest = docstring.splitlines()
    assert first[-1:] in {".", ":"}, f"the first line is no sentence: {first!r}"
    assert not rest or rest[0] == "", f"the first sentence goes on: {rest[0]!r}"


@pytest.mark.parametrize("path", DOOR_PLATES, ids=name_of)
def test_a_door_plate_has_no_code(path: Path) -> None:
    assert len(ast.parse(path.read_text(encoding="utf-8")).body) == 1


def test_every_room_has_a_door_plate() -> None:
    rooms = {path.parent for path in FILES if path.parent.name != "pages"}
    assert [name_of(room) for room in sorted(rooms) if not (room / "__init__.py").is_file()] == []
