"""Caffe's log lines, to the letter, so that the tools that read them go on working."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from datetime import UTC, datetime

Log = Callable[[str], None]
# Where in Caffe's source a line comes from; its log readers look for some of these.
_PLACES = {
    "solving": "solver.cpp:289",
    "policy": "solver.cpp:290",
    "testing": "solver.cpp:347",
    "score": "solver.cpp:414",
    "iteration": "solver.cpp:239",
    "output": "solver.cpp:258",
    "rate": "sgd_solver.cpp:112",
    "clip": "sgd_solver.cpp:94",
    "step": "sgd_solver.cpp:51",
    "snapshot": "solver.cpp:464",
    "state": "sgd_solver.cpp:284",
    "end": "solver.cpp:327",
    "done": "solver.cpp:332",
    "unknown": "upgrade_proto.cpp:79",
    "weights": "solver.cpp:72",
    "restore": "solver.cpp:293",
}


def format_line(kind: str, text: str) -> str:
    """A line as glog writes it: severity and date, time, process, place, text."""
    return f"I{datetime.now(UTC):%m%d %H:%M:%S.%f} {os.getpid():>5} {_PLACES[kind]}] {text}"


def print_line(line: str) -> None:
    """A line of the log as a line of what the step prints."""
    sys.stdout.write(f"{line}\n")


def format_number(value: float) -> str:
    """A number as C++ streams print it: six digits at most."""
    return f"{value:.6g}"


def format_output(head: str, place: int, name: str, value: float, weight: float) -> str:
    """One value of an output blob, with its part in the loss if it has one."""
    line = f"    {head} net output #{place}: {name} = {format_number(value)}"
    if weight:
        line += f" (* {format_number(weight)} = {format_number(weight * value)} loss)"
    return line
