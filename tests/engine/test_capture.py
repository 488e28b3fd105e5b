"""What a process prints, whoever prints it, becomes lines."""

from __future__ import annotations

import ctypes
import os
import subprocess
import sys
from pathlib import Path

import pytest

from dix.engine.capture import FileCapture, NoCapture


def texts(lines: list[tuple[str, str]], stream: str = "stdout") -> list[str]:
    return [text for name, text in lines if name == stream]


def test_everyone_who_prints_is_caught(capfd: pytest.CaptureFixture[str]) -> None:
    with capfd.disabled(), FileCapture() as capture:
        print("Python")
        print("error", file=sys.stderr)
        os.write(1, b"descriptor\n")
        ctypes.CDLL(None).printf(b"C library, not flushed\n")
        subprocess.run([sys.executable, "-c", "import os; os.write(2, b'child\\n')"], check=True)
        print("no line end", end="")
    lines = capture.read(to_the_end=True)
    assert sorted(texts(lines)) == ["C library, not flushed", "Python", "descriptor", "no line end"]
    assert texts(lines, "stderr") == ["error", "child"]


def test_outputs_are_given_back(capfd: pytest.CaptureFixture[str]) -> None:
    with FileCapture():
        os.write(1, b"inside\n")
    os.write(1, b"outside\n")
    assert capfd.readouterr().out == "outside\n"
    with pytest.raises(KeyError), FileCapture():
        raise KeyError
    os.write(1, b"again\n")
    assert capfd.readouterr().out == "again\n"


def test_no_descriptor_is_left_open() -> None:
    def count() -> int:
        return len(list(Path("/proc/self/fd").iterdir()))

    before = count()
    for _ in range(5):
        with FileCapture() as capture:
            print("x")
        capture.read(to_the_end=True)
    del capture
    assert count() == before


def test_lines_can_be_read_while_more_is_printed(capfd: pytest.CaptureFixture[str]) -> None:
    with capfd.disabled(), FileCapture() as capture:
        print("one")
        print("tw", end="")
        assert texts(capture.read()) == ["one"]
        print("o")
        assert texts(capture.read()) == ["two"]
        assert capture.read() == []
    assert capture.read(to_the_end=True) == []


def test_no_capture_has_nothing() -> None:
    with NoCapture() as capture:
        assert capture.read(to_the_end=True) == []
