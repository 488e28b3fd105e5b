"""The owner: the one process that has the catalog's file open, as a detached actor that Ray restarts."""

from __future__ import annotations

import os
import pickle
import threading
from pathlib import Path
from typing import Any, Final

import ray
from ray.actor import ActorHandle
from ray.exceptions import ActorDiedError, GetTimeoutError, RayTaskError
from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

from dix.catalog.direct import DirectCatalog
from dix.errors import CatalogError, Unreachable

OWNER_NAME: Final = "catalog"
NAMESPACE: Final = "dix"

# Threads of the actor: reads go beside writes, and writers that wait for each other share one transaction.
READERS: Final = 8
WRITERS: Final = 32

_START_TIMEOUT_S = 60.0


class Owner:
    """Does on the file what proxies ask for; `drawer` and `method` are names of the interface.

    It opens the file when it is first asked, and tries again with each question while that does not succeed: an owner
    that was restarted while the disk was full is whole again when there is room.
    """

    def __init__(self, path: str, *, is_alone: bool = False) -> None:
        """With `is_alone` in its process, no other account can read what that writes, as the log begun anew."""
        if is_alone:
            os.umask(0o077)
        self._path = path
        self._opening = threading.Lock()
        self._catalog: DirectCatalog | None = None

    def ping(self) -> str:
        """Where the file lies, once it is open."""
        self.open()
        return self._path

    def ask(self, drawer: str, method: str, values: dict[str, Any]) -> Any:
        """Call a method of a drawer; a write that must not be done twice carries its `request`."""
        return getattr(getattr(self.open(), drawer), method)(**values)

    def answer(self, drawer: str, method: str, values: bytes) -> bytes:
        """The same, with values and answer pickled."""
        return pickle.dumps(self.ask(drawer, method, pickle.loads(values)))  # noqa: S301 a proxy's

    def save_snapshot(self, path: str) -> None:
        """A consistent copy, on the owner's machine."""
        self.open().save_snapshot(Path(path))

    def close(self) -> None:
        """Let go of the file; whatever is asked after this is refused."""
        with self._opening:
            if self._catalog is not None:
                self._catalog.close()

    def open(self) -> DirectCatalog:
        """The catalog of this process; CatalogError when the file cannot be opened."""
        with self._opening:
            if self._catalog is None:
                self._catalog = DirectCatalog(Path(self._path))
            return self._catalog


def start_owner(path: Path, namespace: str = NAMESPACE) -> ActorHandle[Owner]:
    """The running owner, started on this machine when there is none; returns once the file is open.

    Raises CatalogError when the file cannot be opened, Unreachable when the owner does not answer in time, and
    CatalogError when an owner of another file runs in this namespace.
    """
    owner = _get_or_create(path, namespace)
    try:
        opened = _wait_until_open(owner)
    except ActorDiedError:
        # One that was just being ended still had the name.
        owner = _get_or_create(path, namespace)
        opened = _wait_until_open(owner)
    if opened != str(path):
        raise CatalogError(f"the owner in namespace {namespace} has {opened} open, not {path}; run `dix down` first")
    return owner


def find_owner(namespace: str = NAMESPACE) -> ActorHandle[Owner] | None:
    """The owner that runs in this namespace; None when there is none, or this process has no connection to Ray."""
    if not ray.is_initialized():
        return None
    try:
        return ray.get_actor(OWNER_NAME, namespace=namespace)
    except ValueError:
        return None


def stop_owner(namespace: str = NAMESPACE, timeout_s: float = 30.0) -> None:
    """Have the owner write everything into the file and end it; nothing happens when there is none."""
    owner = find_owner(namespace)
    if owner is None:
        return
    try:
        ray.get(owner.close.remote(), timeout=timeout_s)
    except (GetTimeoutError, ActorDiedError):
        pass  # what was answered is in the write-ahead log; the next owner reads it
    finally:
        ray.kill(owner)


def _get_or_create(path: Path, namespace: str) -> ActorHandle[Owner]:
    # A call that dies with the owner is made again by Ray when it is back: reads may be repeated, and writes carry a
    # request id that the file remembers. The file is on this machine's disk, so the owner must not move to another.
    actor: Any = ray.remote(num_cpus=0, concurrency_groups={"reads": READERS, "writes": WRITERS})  # type: ignore[call-overload]
    owner: ActorHandle[Owner] = (
        actor(Owner)
        .options(
            name=OWNER_NAME,
            namespace=namespace,
            lifetime="detached",
            get_if_exists=True,
            max_restarts=-1,
            max_task_retries=-1,
            scheduling_strategy=NodeAffinitySchedulingStrategy(ray.get_runtime_context().get_node_id(), soft=False),
        )
        .remote(str(path), is_alone=True)
    )
    return owner


def _wait_until_open(owner: ActorHandle[Owner]) -> str:
    try:
        return str(ray.get(owner.ping.remote(), timeout=_START_TIMEOUT_S))
    except GetTimeoutError:
        raise Unreachable("the catalog", f"its owner did not start within {_START_TIMEOUT_S:.0f} s") from None
    except RayTaskError as error:
        ray.kill(owner)
        raise error.cause from None
