"""The store: one folder of bytes, on a file system or on S3, behind one class.

Every method takes a URI: relative to the store, or `file:///…`, or `s3://…` (the rule for names is in `address.py`). A
store can be used from any process and thread, and pickled: it travels as its options.

Raised everywhere: BadValue for a URI that cannot be; NotFound for what is not there; StoreUnreachable, StoreDenied,
BucketMissing, StoreError when the medium fails. Conflict for changing part of a folder that was committed as a whole.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, BinaryIO

from dix.errors import AlreadyExists, BadValue, Conflict, NotFound
from dix.store.address import Address, read_address, read_store_url
from dix.store.commit import Stage, write_note
from dix.store.digest import hash_listing, hash_stream
from dix.store.fetch import fetch
from dix.store.listing import FolderLevel, Size, StoredFile
from dix.store.manifest import MANIFEST_NAME, Manifest, ManifestEntry
from dix.store.media import choose_medium
from dix.store.options import StoreOptions
from dix.store.places import RESERVED, find_staging, make_token
from dix.store.sweep import sweep_staging
from dix.store.view import View

_THREADS = 8


class Store:
    """Made by `choose.open_store`."""

    def __init__(self, options: StoreOptions) -> None:
        self._options = options
        self._root = read_store_url(options.url)

    def __reduce__(self) -> tuple[type[Store], tuple[StoreOptions]]:
        return Store, (self._options,)

    def __repr__(self) -> str:
        return f"Store({self.url!r})"

    @property
    def options(self) -> StoreOptions:
        """What another process opens the same store with."""
        return self._options

    @property
    def url(self) -> str:
        """The root of the store, itself a URI to list."""
        return str(self._root)

    def resolve(self, uri: str) -> str:
        """The absolute URI (`file:///…` or `s3://…`) that a URI stands for."""
        return str(self._read(uri))

    def is_reserved(self, uri: str) -> bool:
        """Whether a URI belongs to the platform: `dix/` of this store, and all that is in it."""
        return self._read(uri).is_within(self._root.join(RESERVED))

    def exists(self, uri: str) -> bool:
        """Whether there is a file, a committed folder, or a folder that holds a file."""
        address = self._read(uri)
        return self._view(address).exists(address)

    def measure(self, uri: str) -> Size:
        """How many files lie at or below a URI, and how many bytes they have."""
        files = self.list_files(uri)
        return Size(len(files), sum(file.size_bytes for file in files))

    def list_files(self, uri: str) -> list[StoredFile]:
        """The file itself, or every file below a folder, sorted by path; of a committed folder, what was committed."""
        address = self._read(uri)
        return self._view(address).list_files(address)

    def list_folder(self, uri: str) -> FolderLevel:
        """The folders and files directly in a folder."""
        address = self._read(uri)
        return self._view(address).list_level(address)

    def open(self, uri: str) -> BinaryIO:
        """A file for reading, from any position; close it.

        Reading file by file while somebody commits the folder anew can mix old and new; `fetch` cannot.
        """
        address = self._read(uri)
        medium = self._view(address).medium
        try:
            return medium.open(address.path)
        except NotFound:
            return medium.open(self._find_place(address).path)

    def read_bytes(self, uri: str) -> bytes:
        """All of a file."""
        address = self._read(uri)
        medium = self._view(address).medium
        found = medium.read_first([address.path])
        if found is None:
            with self.open(uri) as stream:
                return stream.read()
        return found[1]

    def write_bytes(self, uri: str, data: bytes, *, only_if_absent: bool = False) -> None:
        """Write a file; readers see the old or the new content, whole.

        With `only_if_absent`, one of many writers succeeds; AlreadyExists for all others.
        """
        address = self._read_for_change(uri)
        medium = self._view(address).medium
        if not only_if_absent:
            medium.write(address.path, data)
        elif not medium.create(address.path, data):
            raise AlreadyExists("file", str(address))

    def put(self, local: Path, uri: str) -> None:
        """Copy a file or folder of this machine to a URI; a folder is committed as a whole."""
        if local.is_dir():
            self.commit_folder(local, uri)
        elif local.is_file():
            address = self._read_for_change(uri)
            self._view(address).medium.upload(local, address.path)
        else:
            raise NotFound("file or folder", str(local))

    def fetch(self, uri: str, local: Path) -> Path:
        """Copy the file or folder at a URI to the path `local`, and return it.

        What was committed arrives as one commit left it, with checksums verified: ChecksumMismatch when it is damaged.
        A folder that is there already is added to; files of the same name are replaced.
        """
        address = self._read(uri)
        return fetch(self._view(address), address, local)

    def local_path(self, uri: str) -> Path | None:
        """Where a URI lies on this machine, to be read in place; None when it does not (fetch it then)."""
        address = self._read(uri)
        return Path(address.path) if address.scheme == "file" else None

    def delete(self, uri: str) -> None:
        """Delete a file, or a folder with all that is in it."""
        address = self._read(uri)
        if self._root.is_within(address):
            raise BadValue("uri", "something inside the store, not the store itself", uri)
        view = self._view(address)
        owner = view.find_owner(address.parent)
        if owner is not None:
            raise Conflict("folder", str(owner.folder), "committed as a whole", "changed in part")
        if view.medium.get_size(address.path) is not None:
            view.medium.remove([address.path])
        elif view.exists(address):
            place = find_staging(self._root, address, make_token())
            write_note(view, place, address)
            view.medium.remove_folder(address.path)
            view.medium.remove_folder(place.path)
        else:
            raise NotFound("data", str(address))

    def checksum(self, uri: str) -> str:
        """SHA-256 of a file; of a folder, of its sorted list of digests and paths (`digest.hash_listing`).

        What was committed is not read again: its manifest knows.
        """
        address = self._read(uri)
        view = self._view(address)
        owner = view.find_owner(address)
        if owner is None and view.medium.get_size(address.path) is not None:
            return self._hash(str(address))
        if owner is not None:
            return _digest(owner.get_entries(address))
        files = view.list_files(address)
        with ThreadPoolExecutor(_THREADS) as pool:
            digests = list(pool.map(self._hash, [file.uri for file in files]))
        return hash_listing(zip([file.path for file in files], digests, strict=True))

    def find_digest(self, uri: str) -> str | None:
        """The checksum of what was committed, as its manifest knows it; None for what was not committed."""
        address = self._read(uri)
        owner = self._view(address).find_owner(address)
        return _digest(owner.get_entries(address)) if owner is not None and owner.manifest is not None else None

    def sign(self, uri: str, seconds: int, *, for_writing: bool = False) -> str | None:
        """An address at which whoever has it reads (or writes) the file, for so long; None where that cannot be.

        Only S3 can, and only for files.
        """
        address = self._read_for_change(uri) if for_writing else self._read(uri)
        if address.scheme != "s3":
            return None
        view = self._view(address)
        if not for_writing and view.medium.get_size(address.path) is None:
            address = self._find_place(address)
        method = "put_object" if for_writing else "get_object"
        return str(view.medium.filesystem().sign(address.path, expiration=seconds, client_method=method))

    def filesystem(self, uri: str) -> tuple[Any, str]:
        """(fsspec file system, path in it) for readers such as pyarrow and Ray Data; both travel to other processes.

        For a folder take the paths from `list_files`: the file system itself knows nothing of manifests.
        """
        address = self._read(uri)
        return self._view(address).medium.filesystem(), address.path

    def stage(self, uri: str) -> Stage:
        """A private folder that becomes `uri` when it is committed (`commit.py`)."""
        address = self._read(uri)
        return Stage(self._view(address), address)

    def commit_folder(self, folder: Path, uri: str) -> Manifest:
        """Make `uri` hold exactly the files of a folder of this machine, at once and whole."""
        with self.stage(uri) as stage:
            stage.put_folder(folder)
            return stage.commit()

    def sweep_staging(self, older_than_s: float) -> int:
        """Clear what commits that died have left behind and nothing has touched for that long; how many there were."""
        return sweep_staging(self._view(self._root), older_than_s)

    def _read(self, uri: str) -> Address:
        return read_address(uri, self._root)

    def _read_for_change(self, uri: str) -> Address:
        """The address of a file to be written, checked to be free of a commit."""
        address = self._read(uri)
        if address.name == MANIFEST_NAME:
            raise BadValue("uri", f"a name other than {MANIFEST_NAME}, which belongs to DI-X", uri)
        if self._root.is_within(address):
            raise BadValue("uri", "something inside the store, not the store itself", uri)
        owner = self._view(address).find_owner(address)
        if owner is not None:
            raise Conflict("folder", str(owner.folder), "committed as a whole", "changed in part")
        return address

    def _view(self, address: Address) -> View:
        return View(choose_medium(address.scheme, self._options), self._root)

    def _find_place(self, address: Address) -> Address:
        """Where the bytes of a committed file lie when they are not under its own name."""
        owner = self._view(address).find_owner(address)
        entry = owner.find_entries(address).get("") if owner else None
        if owner is None or entry is None:
            raise NotFound("data", str(address))
        return owner.folder.join(entry.place)

    def _hash(self, uri: str) -> str:
        with self.open(uri) as stream:
            return hash_stream(stream)


def _digest(entries: dict[str, ManifestEntry]) -> str:
    """Of a committed file (its path is empty), or of the files of a folder."""
    return entries[""].sha256 if "" in entries else hash_listing((path, entries[path].sha256) for path in entries)
