"""Catches what a step prints, also from C code and child processes, by pointing the process's outputs at files."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Protocol, Self

_READ_BYTES = 4 * 2**20
KEPT_BYTES = 64 * 2**20  # per attempt and stream; what is printed beyond is counted, not kept


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

    def __init__(self, folder: Path) -> None:
        self._streams = {1: _Stream("stdout", folder / "stdout"), 2: _Stream("stderr", folder / "stderr")}
        self._saved: dict[int, int] = {}

    def __enter__(self) -> Self:
        _flush()
        for number, stream in self._streams.items():
            self._saved[number] = os.dup(number)
            os.dup2(stream.writer, number)
        return self

    def __exit__(self, *exception: object) -> None:
        _flush()
        for number, saved in self._saved.items():
            os.dup2(saved, number)
            os.close(saved)
        self._saved.clear()
        for stream in self._streams.values():
            os.close(stream.writer)

    def read(self, *, to_the_end: bool = False) -> list[tuple[str, str]]:
        if self._saved:
            _flush()
        return [
            (stream.name, line)
            for stream in self._streams.values()
            for line in stream.read_lines(to_the_end=to_the_end)
        ]


class _Stream:
    """One output: a file that grows, read line by line up to a limit."""

    def __init__(self, name: str, path: Path) -> None:
        self.name = name
        self.writer = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        self._path = path
        self._read = 0
        self._rest = b""
        self._is_full = False

    def read_lines(self, *, to_the_end: bool) -> list[str]:
        """New whole lines; carriage returns of progress bars are ends of lines too."""
        lines: list[str] = []
        while not self._is_full:
            fresh = self._read_bytes()
            *whole, self._rest = (self._rest + fresh).replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
            lines.extend(line.decode(errors="replace") for line in whole)
            self._is_full = self._read >= KEPT_BYTES
            if len(fresh) < _READ_BYTES or not to_the_end:
                break
        if self._is_full and (lines or self._rest):
            lines.append(f"(more than {KEPT_BYTES // 2**20} MiB were printed here; the rest is not kept)")
            self._rest = b""
        if to_the_end and self._rest:
            lines.append(self._rest.decode(errors="replace"))
            self._rest = b""
        return lines

    def _read_bytes(self) -> bytes:
        with self._path.open("rb") as file:
            file.seek(self._read)
            fresh = file.read(_READ_BYTES)
        self._read += len(fresh)
        return fresh


def _flush() -> None:
    for stream in (sys.stdout, sys.stderr):
        if stream is not None and not stream.closed:
            stream.flush()
