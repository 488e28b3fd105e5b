"""Catches what a step prints, also from C code and child processes, by pointing the process's outputs at files."""

from __future__ import annotations

import ctypes
import fcntl
import functools
import os
import sys
import tempfile
from typing import IO, Protocol, Self

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
    """Points file descriptors 1 and 2 of this process at two files without a name; one at a time in a process.

    Each attempt has files of its own: what a process that it left behind goes on printing is in nobody else's log.
    """

    def __init__(self, kept_bytes: int = KEPT_BYTES) -> None:
        """`kept_bytes` is the most that is kept of each of the two."""
        self._files = {number: _make_file() for number in (1, 2)}
        self._readers = {
            name: LineReader(file.fileno(), kept_bytes)
            for name, file in zip(("stdout", "stderr"), self._files.values(), strict=True)
        }
        self._saved: dict[int, int] = {}  # set between enter and exit

    def __enter__(self) -> Self:
        _flush()
        for number, file in self._files.items():
            self._saved[number] = os.dup(number)
            os.dup2(file.fileno(), number)
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


def _make_file() -> IO[bytes]:
    file: IO[bytes] = tempfile.TemporaryFile(buffering=0)  # noqa: SIM115 it lives as long as the capture
    # Whoever writes appends: so the file may be cut while it is written to.
    fcntl.fcntl(file, fcntl.F_SETFL, fcntl.fcntl(file, fcntl.F_GETFL) | os.O_APPEND)
    return file


def _flush() -> None:
    """Have Python and the C library write out what they still hold."""
    for stream in (sys.stdout, sys.stderr):
        if stream is not None and not stream.closed:
            stream.flush()
    _c_library().fflush(None)


@functools.cache
def _c_library() -> ctypes.CDLL:
    return ctypes.CDLL(None)


def _check(capture: FileCapture) -> Capture:
    return capture
