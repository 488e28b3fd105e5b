"""Who a step host is: a file in its folder says which process it is, what it may use, and what it does just now.

The keeper of the machine reads it, also when the host is gone: then it tells what it died of doing. Each host has a
folder `<temporary folder>/dix-hosts-<user>/<machine>/<host>/` with its badge and the scratch folders of its steps.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from dix.engine.messages import StepKey
from dix.engine.process_tree import Process, end_tree, find_process
from dix.errors import PlatformError

_FILE = "badge.json"
_LENGTH = 4096  # always the same, so that a shorter one leaves nothing of a longer one


@dataclass(frozen=True, slots=True)
class Badge:
    """`started` is in the kernel's ticks, so that a process that got the same number later is not taken for it.

    `attempt` is what the host does, None while it waits for a step. Limits are bytes; without a disk limit None.
    """

    host: str
    pid: int
    started: int
    memory_bytes: int
    disk_bytes: int | None = None
    attempt: StepKey | None = None


class BadgeHolder:
    """The host's side: writes its badge anew with each attempt, which costs next to nothing."""

    def __init__(self, folder: Path, badge: Badge) -> None:
        """`folder` is the host's; it is made."""
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._badge = badge
        self._file = os.open(folder / _FILE, os.O_WRONLY | os.O_CREAT, 0o600)
        self.show(None)

    def show(self, attempt: StepKey | None) -> None:
        """This is what it does now."""
        facts = asdict(self._badge) | {"attempt": attempt and [attempt.run, attempt.node, attempt.attempt]}
        os.pwrite(self._file, json.dumps(facts).encode().ljust(_LENGTH), 0)


def machine_folder(machine: str) -> Path:
    """Where the hosts of a machine have their folders; two Ray nodes on one computer have two."""
    return _common_folder() / machine


def read_badge(folder: Path) -> Badge | None:
    """The badge of the host whose folder this is; None when it has none (yet, or any more)."""
    try:
        facts = json.loads((folder / _FILE).read_bytes())
    except (OSError, ValueError):
        return None
    attempt = facts.pop("attempt")
    return Badge(**facts, attempt=StepKey(*attempt) if attempt else None)


def find_host(badge: Badge) -> Process | None:
    """The process of a host, if it lives."""
    process = find_process(badge.pid)
    return process if process is not None and process.started == badge.started else None


def clear_dead_hosts() -> None:
    """Remove what hosts that are gone have left on this machine, whichever cluster they were of."""
    for machine in _list_folders(_common_folder()):
        for folder in _list_folders(machine):
            badge = read_badge(folder)
            if badge is not None and find_host(badge) is None:
                end_tree(badge.pid, badge.started)
                shutil.rmtree(folder, ignore_errors=True)
        _remove_empty(machine)
    _remove_empty(_common_folder())


def _common_folder() -> Path:
    """Where all hosts of this user have their folders; PlatformError when others could put a badge there.

    For a badge names a process that may be ended.
    """
    folder = Path(tempfile.gettempdir()) / f"dix-hosts-{os.getuid()}"
    with contextlib.suppress(FileExistsError):
        folder.mkdir(mode=0o700)
    facts = folder.lstat()
    if not stat.S_ISDIR(facts.st_mode) or facts.st_uid != os.getuid() or facts.st_mode & 0o022:
        raise PlatformError(f"{folder} must be a folder that only this user may write to; remove it, or set TMPDIR")
    return folder


def _remove_empty(folder: Path) -> None:
    with contextlib.suppress(OSError):  # hosts of another cluster live there
        folder.rmdir()


def _list_folders(folder: Path) -> Iterator[Path]:
    with contextlib.suppress(OSError):
        yield from [path for path in folder.iterdir() if path.is_dir()]
