"""Runs a script in a process of its own, and hears what it prints on its way to the step's log."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

_PIECE = 65536
_LONGEST_LINE = 100_000  # of a line that is looked at; all of it goes to the log
_REMEMBERED = 200  # last lines
_FIRST_PAUSE_S, _PAUSE_S = 0.01, 0.2
_PATIENCE_S = 5.0  # for the last words of a process that is gone
_TRACEBACK = "Traceback (most recent call last)"
_SHOWN = 40
_LINE_END = re.compile(rb"[\r\n]+")


@dataclass(frozen=True, slots=True)
class Ended:
    """How a script ended: its exit code (negative: the signal that ended it), and its last lines of each stream.

    `failed_at` is when its last traceback began, in seconds since 1970: before it was gone, and anybody missed it.
    """

    code: int
    printed: tuple[str, ...] = ()
    complained: tuple[str, ...] = ()
    failed_at: float | None = None

    @property
    def cause(self) -> str:
        """How it ended, in a few words."""
        if self.code < 0:
            with contextlib.suppress(ValueError):
                return f"was ended by {signal.Signals(-self.code).name}"
            return f"was ended by signal {-self.code}"
        return f"ended with exit code {self.code}"

    @property
    def complaint(self) -> str:
        """The line that says why: of a traceback the exception, else the last one."""
        lines = self.complained or self.printed
        places = [i for i, line in enumerate(lines) if line.startswith(_TRACEBACK)]
        after = [line for line in lines[places[-1] + 1 :] if not line.startswith(" ")] if places else []
        return next(iter(after), "") or next((line for line in reversed(lines) if line.strip()), "")

    @property
    def trace(self) -> str:
        """Its own traceback, with what it was caused by; else its last lines."""
        lines = self.complained or self.printed
        place = next((i for i, line in enumerate(lines) if line.startswith(_TRACEBACK)), None)
        return "\n".join(lines[-_SHOWN:] if place is None else lines[place:])


def run_child(
    command: Sequence[str],
    folder: Path,
    environment: Mapping[str, str],
    *,
    hear: Callable[[str], None],
    look: Callable[[], None],
) -> Ended:
    """Run a command in a folder until it ends; then everything that it has started and left behind ends, too.

    `hear` gets each line of its standard output, `look` is called now and then. Whatever is raised meanwhile ends it.
    """
    process = subprocess.Popen(  # noqa: S603 the user's own code is what this is for
        command,
        cwd=folder,
        env=dict(environment),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
        bufsize=0,
    )
    assert process.stdout is not None and process.stderr is not None  # noqa: S101, PT018 both are pipes
    out, complaints = _Tee(process.stdout, 1, hear), _Tee(process.stderr, 2)
    try:
        _wait(process.pid, look)
    finally:
        # Its number is its own until it is collected, and so is that of its group.
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        code = process.wait()
        for tee in (out, complaints):
            tee.finish()
    return Ended(code, out.lines, complaints.lines, complaints.failed_at)


def _wait(pid: int, look: Callable[[], None]) -> None:
    pause_s = _FIRST_PAUSE_S
    while os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None:
        time.sleep(pause_s)
        pause_s = min(_PAUSE_S, pause_s * 1.5)
        look()


class _Tee:
    """Hands on what comes through a pipe, byte by byte, and remembers the last lines; in a thread of its own."""

    def __init__(self, pipe: IO[bytes], target: int, hear: Callable[[str], None] | None = None) -> None:
        self._pipe = pipe
        self._target = target
        self._hear = hear
        self._lines: deque[str] = deque(maxlen=_REMEMBERED)
        self.failed_at: float | None = None
        self._thread = threading.Thread(target=self._hand_on, name="script-output", daemon=True)
        self._thread.start()

    @property
    def lines(self) -> tuple[str, ...]:
        """The last lines."""
        return tuple(self._lines)

    def finish(self) -> None:
        """Wait until the pipe is empty, but not for ever: a process that hides may still hold it."""
        self._thread.join(_PATIENCE_S)

    def _hand_on(self) -> None:
        with self._pipe:
            for line in self._read_lines():
                text = line.decode("utf-8", "replace")
                self._lines.append(text)
                if text.startswith(_TRACEBACK):
                    self.failed_at = time.time()
                if self._hear is not None:
                    self._hear(text)

    def _read_lines(self) -> Iterator[bytes]:
        rest = b""
        while piece := os.read(self._pipe.fileno(), _PIECE):
            _write(self._target, piece)
            *whole, rest = _LINE_END.split(rest + piece)
            rest = rest[:_LONGEST_LINE]
            yield from (line[:_LONGEST_LINE] for line in whole if line)
        if rest:
            yield rest


def _write(target: int, piece: bytes) -> None:
    left = memoryview(piece)
    while left:
        left = left[os.write(target, left) :]
