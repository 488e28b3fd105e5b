"""`dix.report`: how a script that runs in a step tells of its numbers."""

from __future__ import annotations

import json
import os
from typing import Any

from dix.errors import BadValue
from dix.settings import find_report_file


def report(**numbers: Any) -> None:
    """One row of numbers, as `dix.report(epoch=3, loss=0.21)`; `epoch` or `step` is the position, or rows are counted.

    Outside of a step the row is printed. Raises BadValue for what is no number.
    """
    row = {name: _read(name, value) for name, value in numbers.items()}
    line = json.dumps(row) + "\n"
    path = find_report_file()
    if path is None:
        os.write(1, line.encode())
        return
    # One write at the end of a file is whole, also when several processes of the script report.
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(descriptor, line.encode())
    finally:
        os.close(descriptor)


def _read(name: str, value: Any) -> float:
    """A number, also of numpy or a tensor with one element."""
    try:
        return float(value)
    except (TypeError, ValueError):
        raise BadValue(name, "a number", repr(value)[:60]) from None
