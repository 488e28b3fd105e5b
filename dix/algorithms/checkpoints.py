"""Checkpoints of a step: a folder of this machine that is kept in the store while the step is not done."""

from __future__ import annotations

import time
from pathlib import Path

from dix.algorithms.base import CheckpointPlaces
from dix.errors import NotFound, PlatformError
from dix.logs import get_logger
from dix.store.store import Store

# How often a folder is looked at; what changes from one look to the next is still being written.
_EVERY_S = 5.0

Listing = tuple[tuple[str, int, int], ...]


class Checkpoints:
    """One attempt's; used from one thread."""

    def __init__(
        self, store: Store, places: CheckpointPlaces | None, folder: Path, *, every_s: float = _EVERY_S
    ) -> None:
        """Those of `places.earlier` are taken when there are none at its `uri` yet; without places nothing is kept."""
        self._store = store
        self._places = places
        self._folder = folder
        self._every_s = every_s
        self._next_at = time.monotonic() + every_s
        self._kept: Listing = ()  # as it lies in the store
        self._seen: Listing = ()  # at the last look

    def restore(self) -> bool:
        """Bring back what an earlier attempt has left; whether there was anything."""
        self._folder.mkdir(parents=True, exist_ok=True)
        places = self._places
        if places is None:
            return False
        if self._store.exists(places.uri):
            self._store.fetch(places.uri, self._folder)
            self._kept = self._seen = self._list()
            return True
        if places.earlier is None or not self._store.exists(places.earlier):
            return False
        self._store.fetch(places.earlier, self._folder)  # kept under our own name when we have worked on them
        return True

    def look(self) -> None:
        """Keep what is new and has been left alone since the last look; quick when it is not time yet."""
        if time.monotonic() < self._next_at:
            return
        found = self._list()
        if found == self._seen:
            self._keep(found)
        self._seen = found
        self._next_at = time.monotonic() + self._every_s

    def keep(self) -> None:
        """Keep what is there now; nobody writes any more."""
        self._keep(self._list())

    def _keep(self, found: Listing) -> None:
        if self._places is None or not found or found == self._kept:
            return
        try:
            self._store.commit_folder(self._folder, self._places.uri)
            self._kept = found
        except (PlatformError, OSError) as error:  # the step itself is not harmed
            get_logger("algorithms").warning("the checkpoints at %s cannot be kept now: %s", self._places.uri, error)

    def _list(self) -> Listing:
        found = []
        for path in self._folder.rglob("*"):
            try:
                stat = path.stat()
            except OSError:  # it was removed or renamed in this moment
                continue
            if path.is_file():
                found.append((path.relative_to(self._folder).as_posix(), stat.st_size, stat.st_mtime_ns))
        return tuple(sorted(found))


def drop_checkpoints(store: Store, uri: str) -> None:
    """Forget them, once the step has succeeded."""
    try:
        store.delete(uri)
    except NotFound:
        pass
    except PlatformError as error:
        get_logger("algorithms").warning("the checkpoints at %s are left behind: %s", uri, error)
