"""Packages that a script asks for, in an environment of their own."""

from __future__ import annotations

import subprocess
import sys
import threading
import zipfile
from pathlib import Path

import pytest

from dix.errors import BadValue
from dix.frameworks.script.environment import find_python


def write_wheel(folder: Path, value: int) -> None:
    with zipfile.ZipFile(folder / "tiny-1.0-py3-none-any.whl", "w") as wheel:
        wheel.writestr("tiny.py", f"VALUE = {value}\n")
        head = "Metadata-Version: 2.1\nName: tiny\nVersion: 1.0\n"
        wheel.writestr("tiny-1.0.dist-info/METADATA", head)
        wheel.writestr("tiny-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr("tiny-1.0.dist-info/RECORD", "")


@pytest.fixture
def code(tmp_path: Path) -> Path:
    folder = tmp_path / "code"
    folder.mkdir()
    return folder


def ask(python: str) -> str:
    said = "import tiny, numpy, dix, sys; print(tiny.VALUE, sys.prefix)"
    return subprocess.run([python, "-c", said], capture_output=True, text=True, check=True).stdout


def test_without_requirements_it_is_our_own(code: Path) -> None:
    assert find_python(code) == sys.executable
    (code / "requirements.txt").write_text("# nothing\n\n")
    assert find_python(code) == sys.executable


def test_it_is_made_once_and_anew_when_a_file_beside_it_changes(code: Path, tmp_path: Path) -> None:
    write_wheel(code, 1)
    (code / "requirements.txt").write_text("--no-index\n./tiny-1.0-py3-none-any.whl\nnumpy\n")
    found: list[str] = []
    threads = [threading.Thread(target=lambda: found.append(find_python(code, tmp_path / "kept"))) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found[0] == found[1]
    assert ask(found[0]).startswith(f"1 {tmp_path / 'kept'}")
    write_wheel(code, 2)
    other = find_python(code, tmp_path / "kept")
    assert other != found[0]
    assert ask(other).startswith("2 ")


def test_what_pip_cannot_do_is_one_sentence(code: Path, tmp_path: Path) -> None:
    (code / "requirements.txt").write_text("--no-index\nno-such-package-here\n")
    with pytest.raises(BadValue) as caught:
        find_python(code, tmp_path / "kept")
    assert "No matching distribution found for no-such-package-here" in str(caught.value)
    assert "\n" not in str(caught.value)
    assert not [path for path in (tmp_path / "kept").iterdir() if path.is_dir()]
