"""Catches what a step prints, also from C code and child processes, by pointing the process's outputs at files."""

from __future__ import annotations

import ctypes
import os
import sys
from pathlib import Path
from typing import Protocol, Self

from dix.engine.lines import KEPT_BYTES, LineReader


class Capture(Protocol):
    """Collects printed lines between enter and exit; `read` gives the new ones as (stream, text)."""

    def __enter__(self) -> Self:
        """Begin."""

    def __exit__(self, *exception: object) -> None:
        """Stop, and give the outputs back."""

    def read(self, *, to_the_end: bool = False) -> list[tuple[str, str]]:
        """Whole lines since the last call; with `to_the_end`, also the last one without a line end."""


class NoCapture:
    """For steps in the caller's own process: they print where it prints."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        pass

    def read(self, *, to_the_end: bool = False) -> list[tuple[str, str]]:  # noqa: ARG002 the interface's name
        return []


class FileCapture:
    """Points file descriptors 1 and 2 of this process at two files; one at a time in a process."""

    def __init__(self, folder: Path, kept_bytes: int = KEPT_BYTES) -> None:
        """`folder` is there, and ours alone; `kept_bytes` is the most that is kept of each of the two."""
        self._paths = {1: folder / "stdout", 2: folder / "stderr"}
        self._readers = {path.name: LineReader(path, kept_bytes) for path in self._paths.values()}
        self._saved: dict[int, int] = {}  # set between enter and exit

    def __enter__(self) -> Self:
        _flush()
        for number, path in self._paths.items():
            self._saved[number] = os.dup(number)
            writer = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            os.dup2(writer, number)
            os.close(writer)
        return self

    def __exit__(self, *exception: object) -> None:
        _flush()
        for number, saved in self._saved.items():
            os.dup2(saved, number)
            os.close(saved)
        self._saved.clear()

    def read(self, *, to_the_end: bool = False) -> list[tuple[str, str]]:
        if self._saved:
            _flush()
        return [
            (stream, line)
            for stream, reader in self._readers.items()
            for line in reader.read_lines(to_the_end=to_the_end)
        ]


def _flush() -> None:
    """Have Python and the C library write out what they still hold."""
    for stream in (sys.stdout, sys.stderr):
        if stream is not None and not stream.closed:
            stream.flush()
    ctypes.CDLL(None).fflush(None)


def _check(capture: FileCapture) -> Capture:
    return capture
