"""What a worker process keeps from step to step, because making it anew costs more than a small step does."""

from __future__ import annotations

import atexit
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from dix.engine.pacemaker import Pacemaker
from dix.engine.removal import remove_tree


class Workbench:
    """One to a process that does steps, one at a time."""

    def __init__(self, base: Path | None = None) -> None:
        """`base` is the folder for its folders; without it the one for temporary files."""
        self._base = base
        self.pacemaker = Pacemaker()
        self._folder: Path | None = None  # empty, between two steps
        atexit.register(self.clear)

    @contextmanager
    def lend_folder(self) -> Iterator[Path]:
        """An empty folder for one step; what it leaves there is gone afterwards."""
        folder, self._folder = self._folder or Path(tempfile.mkdtemp(prefix="dix-step-", dir=self._base)), None
        try:
            yield folder
        finally:
            if _is_empty(folder):
                self._folder = folder
            else:
                remove_tree(folder)

    def clear(self) -> None:
        """Leave nothing behind on the disk."""
        if self._folder is not None:
            remove_tree(self._folder)
            self._folder = None


def measure_folder(folder: Path) -> int:
    """Bytes of all files in it."""
    size, heap = 0, [str(folder)]
    while heap:
        with os.scandir(heap.pop()) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    heap.append(entry.path)
                elif entry.is_file():
                    size += entry.stat().st_size
    return size


def _is_empty(folder: Path) -> bool:
    try:
        with os.scandir(folder) as entries:
            return next(entries, None) is None
    except OSError:
        return False
