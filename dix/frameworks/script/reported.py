"""Finds the numbers that a script reports: JSON lines and `name=value` on its standard output, `dix.report`."""

from __future__ import annotations

import json
import math
import re
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

_NUMBER = r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?"
_PAIR = re.compile(rf"(?<![\w.(\[/-])([A-Za-z_][\w./-]{{0,62}})\s?=\s?({_NUMBER})(?![\w:/]|\.\w)")
_EPOCH = re.compile(r"\b(?:epoch|step|iteration)\s*[:=#\[]?\s*(\d+)", re.IGNORECASE)
# What argparse prints of itself looks like numbers, and is none.
_NOT_NUMBERS = ("Namespace(", "INFO:tensorflow:")
_POSITIONS = ("epoch", "step", "global_step", "iteration", "position")
_MOST_POSITION = 2**53  # beyond that a number with a point is not exact
_MOST_ROWS = 20_000
_LONGEST = 4096

Tell = Callable[[int, Mapping[str, float]], None]


class NumberReader:
    """Makes rows of what one script says; `tell` gets each with its position. May be called from any thread."""

    def __init__(self, tell: Tell) -> None:
        self._tell = tell
        self._lock = threading.Lock()  # guards what follows
        self._position = 0
        self.last: dict[str, float] = {}
        self.rows: list[dict[str, float]] = []

    def hear(self, line: str) -> None:
        """A line of standard output."""
        if len(line) > _LONGEST:
            return
        text = line.strip()
        if text.startswith("{") and text.endswith("}"):
            self.hear_json(text)
        elif "=" in text and not any(mark in text for mark in _NOT_NUMBERS):
            numbers = {name: float(value) for name, value in _PAIR.findall(text)}
            epoch = _EPOCH.search(text)
            if epoch is not None and numbers:
                numbers = {"epoch": float(epoch[1])} | numbers
            self._take(numbers)

    def hear_json(self, text: str) -> None:
        """A line that may be a JSON object; what else is in it is left out."""
        try:
            found = json.loads(text)
        except (ValueError, RecursionError):
            return
        if isinstance(found, dict):
            numbers = {name[:63]: _read(value) for name, value in found.items()}
            self._take({name: number for name, number in numbers.items() if number is not None})

    def hear_row(self, position: int, numbers: Mapping[str, float]) -> None:
        """Numbers whose position is known."""
        self._take({"position": float(position), **numbers})

    def _take(self, numbers: dict[str, float]) -> None:
        named = {name.lower(): value for name, value in numbers.items()}
        position = next((named[name] for name in _POSITIONS if 0 <= named.get(name, -1) < _MOST_POSITION), None)
        said = {name: value for name, value in numbers.items() if name.lower() not in _POSITIONS}
        row = {name: value for name, value in said.items() if math.isfinite(value)}
        if not row:
            return
        with self._lock:
            if len(self.rows) >= _MOST_ROWS:
                return
            self._position = self._position + 1 if position is None else int(position)
            self.last |= row
            self.rows.append({"position": self._position, **row})
            self._tell(self._position, row)


class ReportFile:
    """Reads on in the file that `dix.report` appends to."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._read = 0
        path.touch()

    def read_lines(self) -> list[str]:
        """Whole lines since the last time."""
        try:
            with self.path.open("rb") as file:
                file.seek(self._read)
                fresh = file.read()
        except OSError:  # the script may have removed it
            return []
        whole = fresh[: fresh.rfind(b"\n") + 1]
        self._read += len(whole)
        return whole.decode("utf-8", "replace").splitlines()


def _read(value: Any) -> float | None:
    try:
        return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
    except OverflowError:
        return None
