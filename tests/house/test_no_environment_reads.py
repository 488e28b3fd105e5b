"""The environment is read in one file; everyone else takes a Settings by argument."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
READER = ROOT / "dix" / "settings.py"
FILES = sorted(path for room in ("dix", "ui") for path in (ROOT / room).rglob("*.py") if path != READER)
WAYS = {"environ", "environb", "getenv", "getenvb", "putenv", "unsetenv"}


def find_reads(tree: ast.Module) -> list[int]:
    """The lines that touch the environment of this process: `os.environ`, `from os import getenv` ..."""
    lines = [
        node.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "os"
        if node.attr in WAYS
    ]
    lines += [
        node.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module == "os"
        if any(alias.name in WAYS for alias in node.names)
    ]
    return sorted(lines)


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_file_does_not_touch_the_environment(path: Path) -> None:
    assert find_reads(ast.parse(path.read_text(encoding="utf-8"))) == []


@pytest.mark.parametrize(
    "line", ["import os\nos.environ['HOME']", "from os import getenv", "import os\nos.getenv('A')"]
)
def test_a_read_is_found(line: str) -> None:
    assert find_reads(ast.parse(line)) != []
