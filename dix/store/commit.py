"""Making a folder appear whole: stage, write from as many processes as you like, commit.

    with store.stage("scores/2024-01-01") as stage:
        ...                      # write files below stage.uri
        stage.commit()           # now, and only now, scores/2024-01-01 holds them, and exactly them

Whoever reads sees what the commit before left, or what this one leaves, also when a process or machine dies at any
moment. Of two commits to one target, the later one stands whole. What dies half-way is left in the staging area, which
`Store.sweep_staging` clears.
"""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from dix.errors import BadValue, Conflict, StoreError, StoreUnreachable
from dix.logs import get_logger
from dix.records.moments import now, to_text
from dix.store.address import Address
from dix.store.digest import hash_file, hash_stream
from dix.store.disk import walk_files
from dix.store.manifest import MANIFEST_NAME, Manifest, ManifestEntry
from dix.store.places import find_staging, make_token
from dix.store.view import View

if TYPE_CHECKING:
    from typing import Self

__all__ = ["Manifest", "ManifestEntry", "Stage"]

STAGE_NAME = "stage.json"
_FILES = "files"
_THREADS = 8


class Stage:
    """A private folder that becomes the target at once, or never. Made by `Store.stage`.

    Raises Conflict when the target is a file, lies in a folder that was committed as a whole, or holds files that were
    not committed.
    """

    def __init__(self, view: View, target: Address) -> None:
        self._view = view
        self._target = target
        self._token = make_token()
        self._place = find_staging(view.root, target, self._token)
        self._files = self._place.join(_FILES)
        self._known: dict[str, ManifestEntry] = {}
        # Set by commit and abort: nothing can be done with the stage afterwards.
        self._is_over = False
        self._start()

    @property
    def uri(self) -> str:
        """The folder to write into, from any process; a folder on this machine is there already."""
        return str(self._files)

    def put(self, local: Path, path: str) -> None:
        """Copy a file of this machine to a path in the folder, with its checksum taken on the way."""
        _check_name(path)
        entry = ManifestEntry(path, local.stat().st_size, hash_file(local))
        self._view.medium.upload(local, self._files.join(path).path)
        self._known[path] = entry

    def put_folder(self, folder: Path) -> None:
        """Copy all files below a folder of this machine."""
        paths = [Path(path).relative_to(folder).as_posix() for path, _ in walk_files(str(folder))]
        with ThreadPoolExecutor(_THREADS) as pool:
            list(pool.map(lambda path: self.put(folder / path, path), paths))

    def commit(self) -> Manifest:
        """Make the target hold exactly the files that are in the folder now."""
        self._check_open("committed")
        manifest = self._view.medium.commit(self._files.path, self._target.path, self._list_entries(), self._token)
        self._clear()
        return manifest

    def abort(self) -> None:
        """Throw away what was written; harmless when it is over already."""
        if not self._is_over:
            self._clear()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if isinstance(error, StoreUnreachable):
            self._is_over = True  # asking a server that does not answer once more would take as long again
        self.abort()

    def _start(self) -> None:
        check_free(self._view, self._target)
        write_note(self._view, self._place, self._target)
        self._view.medium.prepare(self._files.path)

    def _clear(self) -> None:
        """Remove the stage; that this fails changes nothing about the target."""
        self._is_over = True
        try:
            self._view.medium.remove_folder(self._place.path)
        except StoreError as error:
            get_logger("store").warning("%s is left to a later sweep: %s", self._place, error)

    def _list_entries(self) -> tuple[ManifestEntry, ...]:
        items = list(self._view.medium.walk(self._files.path))
        with ThreadPoolExecutor(_THREADS) as pool:
            entries = list(pool.map(lambda item: self._make_entry(item.path, item.size_bytes), items))
        lost = self._known.keys() - {entry.path for entry in entries}
        if lost:  # SeaweedFS keeps `a\\b` as `a/b`
            raise StoreError(self.uri, f"the server did not keep the file {min(lost)!r} under its name; rename it")
        return tuple(sorted(entries, key=lambda entry: entry.path))

    def _make_entry(self, place: str, size_bytes: int) -> ManifestEntry:
        path = Address(self._files.scheme, place).relative_to(self._files)
        _check_name(path)
        known = self._known.get(path)
        if known is not None and known.size_bytes == size_bytes:
            return known
        with self._view.medium.open(place) as stream:
            return ManifestEntry(path, size_bytes, hash_stream(stream))

    def _check_open(self, wanted: str) -> None:
        if self._is_over:
            raise Conflict("stage of", str(self._target), "over", wanted)


def write_note(view: View, place: Address, target: Address) -> None:
    """Write down in a stage what it is about to change, so that a sweep can put that right."""
    note = {"target": str(target), "started": to_text(now())}
    view.medium.write(place.join(STAGE_NAME).path, json.dumps(note).encode())


def check_free(view: View, target: Address) -> None:
    """Raises Conflict when a file, or a folder that was committed as a whole, is in the way of a new folder."""
    if view.root.is_within(target):
        raise BadValue("uri", "a folder inside the store, not the store itself", str(target))
    owner = view.find_owner(target.parent)
    if owner is not None:
        raise Conflict("folder", str(owner.folder), "committed as a whole", "changed in part")
    if view.medium.get_size(target.path) is not None:
        raise Conflict("data", str(target), "a file", "replaced by a folder; delete it first")


def _check_name(path: str) -> None:
    if path.rsplit("/", 1)[-1] == MANIFEST_NAME:
        raise BadValue("file name", f"anything but {MANIFEST_NAME}, which belongs to DI-X", path)
