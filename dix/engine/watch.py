"""The watch over one host: measures its process tree and its folder against what its step may use. No Ray."""

from __future__ import annotations

import contextlib
import math
import os
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from dix.engine.badge import Badge
from dix.engine.messages import StepKey
from dix.engine.process_tree import Process, find_tree, list_processes, measure_pss, measure_rss
from dix.records.moments import now

_TREE_EVERY_S = 0.5  # between, only those are measured that were there
_DISK_SHARE = 0.1  # of the time at most is spent on measuring folders


class Watch:
    """Of one host, from its first look to its end; `verdict` is why it is to be ended, `blamed` for doing what.

    `at` is when that was found.
    """

    def __init__(self, folder: Path) -> None:
        """`folder` is the host's."""
        self.seen: tuple[Process, ...] = ()  # what was in its tree at the last look
        self.verdict: str | None = None
        self.blamed: StepKey | None = None
        self.at: datetime | None = None
        self._folder = folder
        self._tree_due = 0.0
        self._disk_due = 0.0

    def find_excess(self, badge: Badge) -> str | None:
        """What its step uses too much of, in a sentence; None when all is well, or when it has no step."""
        if badge.attempt is None:
            self.seen, self._tree_due = (), 0.0
            return None
        self.verdict = self._weigh(badge) or self._weigh_folder(badge)
        self.blamed, self.at = (badge.attempt, now()) if self.verdict else (None, None)
        return self.verdict

    def _weigh(self, badge: Badge) -> str | None:
        clock = time.monotonic()
        if clock >= self._tree_due:
            self._tree_due = clock + _TREE_EVERY_S
            self.seen = tuple(find_tree(badge.pid, badge.started, list_processes()))
        if sum(measure_rss(process.pid) for process in self.seen) <= badge.memory_bytes:
            return None
        # Pages that several of them share were counted several times; the exact sum takes longer to get.
        used = sum(measure_pss(process.pid) for process in self.seen)
        if used <= badge.memory_bytes:
            return None
        return tell_excess(used, badge.memory_bytes, "memory", "ask for more, or work in smaller pieces")

    def _weigh_folder(self, badge: Badge) -> str | None:
        clock = time.monotonic()
        if badge.disk_bytes is None or clock < self._disk_due:
            return None
        used = sum(list_sizes(self._folder))
        self._disk_due = time.monotonic() + (time.monotonic() - clock) / _DISK_SHARE
        if used <= badge.disk_bytes:
            return None
        return tell_excess(used, badge.disk_bytes, "disk", "ask for more, or leave less in its scratch folder")


def tell_excess(used: int, limit: int, name: str, todo: str) -> str:
    """The sentence, as `used 2.1 GiB of the 2 GiB that resources.memory gives it; ask for more`."""
    return f"used {_gib(used)} of the {_gib(limit)} that resources.{name} gives it; {todo}"


def list_sizes(folder: Path) -> Iterator[int]:
    """Bytes on the disk of each file below a folder, as far as they are there when they are looked at."""
    heap = [str(folder)]  # not by recursion: a step may make folders within folders without end
    while heap:
        try:
            entries = list(os.scandir(heap.pop()))
        except OSError:
            continue
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                heap.append(entry.path)
                continue
            with contextlib.suppress(OSError):
                yield entry.stat(follow_symlinks=False).st_blocks * 512


def _gib(size: int) -> str:
    """Rounded up, so that what is too much reads as too much."""
    name, unit = ("GiB", 2**30) if size >= 2**30 else ("MiB", 2**20)
    return f"{math.ceil(size / unit * 100) / 100:g} {name}"
