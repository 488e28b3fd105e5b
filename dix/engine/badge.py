"""Who a step host is: a file in its folder says which process it is, what it may use, and what it does just now.

The keeper of the machine reads it, also when the host is gone: then it tells what it died of doing. Each host has a
folder `<temporary folder>/dix-hosts-<user>/<machine>/<host>/` with its badge and the scratch folders of its steps.
"""

from __future__ import annotations

import contextlib
import json
import os
import stat
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path

from dix.engine.messages import StepKey
from dix.engine.process_tree import Process, end_tree, find_process
from dix.engine.removal import remove_tree
from dix.errors import PlatformError

_FILE = "badge.json"
_LENGTH = 4096  # always the same, so that a shorter one leaves nothing of a longer one
_BOOT = Path("/proc/sys/kernel/random/boot_id")
_PIDS = Path("/proc/self/ns/pid")


def find_boot() -> str:
    """Since which start of the machine its processes have their numbers; empty where that is not said."""
    try:
        return _BOOT.read_text().strip()
    except OSError:
        return ""


def find_pids() -> str:
    """In which space of process numbers we are: that of a container, for instance; empty where that is not said."""
    try:
        return str(_PIDS.readlink())
    except OSError:
        return ""


@dataclass(frozen=True, slots=True)
class Badge:
    """`started` is in the kernel's ticks, so that a process that got the same number later is not taken for it.

    `attempt` is what the host does, None while it waits for a step. Limits are bytes; without a disk limit None.
    `boot` and `pids` say of which start of the machine, and in which space of numbers, the number is.
    """

    host: str
    pid: int
    started: int
    memory_bytes: int
    disk_bytes: int | None = None
    attempt: StepKey | None = None
    boot: str = field(default_factory=find_boot)
    pids: str = field(default_factory=find_pids)

    def may_live(self) -> bool:
        """Whether the host's process can still be there: not when the machine has been started anew since."""
        return self.boot == find_boot()

    def is_of_ours(self) -> bool:
        """Whether its number means a process that we see."""
        return self.may_live() and self.pids == find_pids()


def make_badge(host: str, memory_bytes: int, disk_bytes: int | None) -> Badge:
    """The badge of a host that is this very process."""
    process = find_process(os.getpid())
    assert process is not None  # noqa: S101 we live
    return Badge(host, process.pid, process.started, memory_bytes, disk_bytes)


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
    """The process of a host, if it lives and we see it."""
    process = find_process(badge.pid) if badge.is_of_ours() else None
    return process if process is not None and process.started == badge.started else None


def end_host(badge: Badge, known: Iterable[Process] = ()) -> None:
    """End a host with all that it has started, also what is left of it when it is gone; `known` as in `end_tree`."""
    if badge.is_of_ours():
        end_tree(badge.pid, badge.started, known)


def clear_dead_hosts() -> None:
    """Remove what hosts that are gone have left on this machine, whichever cluster they were of.

    Of one in another space of process numbers nobody here can say whether it lives: it is left alone.
    """
    for machine in _list_folders(_common_folder()):
        for folder in _list_folders(machine):
            badge = read_badge(folder)
            if badge is not None and _is_dead(badge):
                end_host(badge)
                remove_tree(folder)
        _remove_empty(machine)
    _remove_empty(_common_folder())


def _is_dead(badge: Badge) -> bool:
    return not badge.may_live() or (badge.is_of_ours() and find_host(badge) is None)


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
