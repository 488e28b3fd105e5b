"""Reads a file that a process prints into, line by line while it grows, up to a limit."""

from __future__ import annotations

import os

KEPT_BYTES = 64 * 2**20  # of each output of an attempt
_READ_BYTES = 4 * 2**20
_LONGEST_LINE = 64 * 2**10


class LineReader:
    """One output of one attempt; called from one thread at a time.

    A progress bar goes back to the start of its line with a carriage return: of all that it draws between two readings
    only the last picture becomes a line.
    """

    def __init__(self, file: int, kept_bytes: int = KEPT_BYTES) -> None:
        """`file` is the descriptor of a file that is only appended to."""
        self._file = file
        self._kept_bytes = kept_bytes
        self._read = 0  # bytes of the file
        self._rest = b""  # of a line whose end has not come yet
        self._is_full = False

    def read_lines(self, *, to_the_end: bool = False) -> list[str]:
        """The lines since the last call; with `to_the_end`, all of them, also the last one without a line end."""
        lines: list[str] = []
        while not self._is_full and (fresh := self._read_bytes()):
            lines += self._take(fresh)
            if not to_the_end:
                break
        if self._is_full:
            os.ftruncate(self._file, 0)  # what goes on being printed takes no room for long
        elif os.fstat(self._file).st_size > self._kept_bytes + 1:
            os.ftruncate(self._file, self._kept_bytes + 1)  # nor does what is printed faster than it is read
        if not self._is_full and to_the_end and self._rest:
            lines.append(_draw(self._rest))
            self._rest = b""
        return lines

    def _read_bytes(self) -> bytes:
        return os.pread(self._file, _READ_BYTES, self._read)

    def _take(self, fresh: bytes) -> list[str]:
        kept = fresh[: self._kept_bytes - self._read]
        self._read += len(kept)
        *whole, self._rest = (self._rest + kept).split(b"\n")
        lines = [_draw(line) for line in whole] + self._take_overdrawn()
        if len(kept) < len(fresh):
            self._is_full = True
            lines += [_draw(self._rest)] if self._rest else []
            lines.append(f"(more than {self._kept_bytes:,} bytes were printed here; the rest is not kept)")
            self._rest = b""
        return lines

    def _take_overdrawn(self) -> list[str]:
        """What has been drawn over in the unfinished line, or all of it when it grows out of bounds."""
        # A carriage return at the very end may be the first half of a line end.
        drawn, mark, _ = self._rest.removesuffix(b"\r").rpartition(b"\r")
        if mark:
            self._rest = self._rest[len(drawn) + 1 :]
        elif len(self._rest) > _LONGEST_LINE:
            drawn, self._rest = self._rest, b""
        text = _draw(drawn)
        return [text] if text else []


def _draw(line: bytes) -> str:
    """A line as it stands on a screen in the end, as far as carriage returns go."""
    pictures = [picture for picture in line.split(b"\r") if picture]
    return pictures[-1].decode(errors="replace") if pictures else ""
