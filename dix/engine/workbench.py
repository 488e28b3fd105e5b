"""What a worker process keeps from step to step, because making it anew costs more than a small step does."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from dix.engine.pacemaker import Pacemaker


class Workbench:
    """One to a process that does steps, one at a time."""

    def __init__(self) -> None:
        # Ray ends worker processes without ceremony: nothing may lie about while there is nothing to do.
        self.pacemaker = Pacemaker(on_quiet=self.clear)
        self._lock = threading.Lock()  # guards the next
        self._folder: Path | None = None  # empty, between two steps
        atexit.register(self.clear)

    @contextmanager
    def lend_folder(self) -> Iterator[Path]:
        """An empty folder for one step; what it leaves there is gone afterwards."""
        folder = self._take_folder() or Path(tempfile.mkdtemp(prefix="dix-step-"))
        try:
            yield folder
        finally:
            if _is_empty(folder):
                self._folder = folder
            else:
                shutil.rmtree(folder, ignore_errors=True)

    def clear(self) -> None:
        """Leave nothing behind on the disk."""
        folder = self._take_folder()
        if folder is not None:
            shutil.rmtree(folder, ignore_errors=True)

    def _take_folder(self) -> Path | None:
        with self._lock:
            folder, self._folder = self._folder, None
        return folder


def _is_empty(folder: Path) -> bool:
    try:
        with os.scandir(folder) as entries:
            return next(entries, None) is None
    except OSError:
        return False
