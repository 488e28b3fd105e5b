"""A line that a step printed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class LogLine:
    """`stream` is `stdout` or `stderr` (`dix` for the platform's own word); `text` has no line end.

    `line` counts the lines of its attempt from 1; it is 0 until the line is kept.
    """

    node: str
    attempt: int
    at: datetime
    stream: str
    text: str
    line: int = 0
