"""What `dix up` started, written down under DIX_HOME so that the next command finds it."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from fcntl import LOCK_EX, flock
from pathlib import Path

from dix.settings import Settings

# In the environment of every process that `dix up` starts, and of theirs: what `dix down` looks for.
MARK = "DIX_INSTANCE"


@dataclass(frozen=True, slots=True)
class Instance:
    """One installation that is up. `ray_pid` and `jobs_address` are None where a cluster was joined."""

    id: str
    store: str
    ray_address: str
    api_address: str
    ui_address: str
    ray_folder: str | None = None
    jobs_address: str | None = None
    ray_pid: int | None = None
    ui_pid: int | None = None

    @property
    def has_joined(self) -> bool:
        """Whether the cluster belongs to somebody else."""
        return self.ray_pid is None


def find_instance(settings: Settings) -> Instance | None:
    """What is written down; None when nothing is up."""
    try:
        facts = json.loads(_file(settings).read_text())
    except FileNotFoundError:
        return None
    return Instance(**facts)


def write_instance(settings: Settings, instance: Instance) -> None:
    """Write down, for `find_instance` and, in the file `address`, for clients."""
    _write(_file(settings), json.dumps(asdict(instance), indent=1))
    _write(settings.home / "address", instance.api_address + "\n")


def forget_instance(settings: Settings) -> None:
    """Nothing is up any more."""
    _file(settings).unlink(missing_ok=True)
    (settings.home / "address").unlink(missing_ok=True)


@contextmanager
def only_one(settings: Settings) -> Iterator[None]:
    """While this is held, no other `up` or `down` of this home does anything."""
    settings.home.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (settings.home / "lock").open("w") as lock:
        flock(lock, LOCK_EX)
        yield


def logs_folder(settings: Settings) -> Path:
    """Where the logs of started processes lie."""
    folder = settings.home / "logs"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def catalog_file(home: Path) -> Path:
    """Where the catalog of an installation lies."""
    return home / "catalog.duckdb"


def _file(settings: Settings) -> Path:
    return settings.home / "instance.json"


def _write(path: Path, text: str) -> None:
    fresh = path.with_name(f"{path.name}.{os.getpid()}")
    fresh.write_text(text)
    fresh.replace(path)
