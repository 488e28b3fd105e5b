"""What is visible at an address: a committed folder is what its manifest says, everything else is what lies there.

Where a folder has a manifest, files that it does not name are not there, for lists and questions alike; while its first
commit or its deletion is under way, nothing in it is. What is being prepared (`places.py`) is seen only by who asks for
exactly that.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from dix.errors import BadData, NotFound
from dix.store.address import Address, check_part_names
from dix.store.listing import FolderLevel, StoredFile, StoredFolder
from dix.store.manifest import MANIFEST_NAME, Manifest, ManifestEntry, read_ledger
from dix.store.medium import Medium
from dix.store.places import is_staging

_THREADS = 16


@dataclass(frozen=True, slots=True)
class Owner:
    """A folder with a manifest; `manifest` is None while nothing in it is visible."""

    folder: Address
    manifest: Manifest | None

    def find_entries(self, address: Address) -> dict[str, ManifestEntry]:
        """The files at or below an address in the folder, by path relative to it; a file itself is under ""."""
        files = self.manifest.files if self.manifest else ()
        inner = address.relative_to(self.folder)
        if not inner:
            return {entry.path: entry for entry in files}
        return {
            entry.path[len(inner) + 1 :]: entry
            for entry in files
            if entry.path == inner or entry.path.startswith(f"{inner}/")
        }

    def get_entries(self, address: Address) -> dict[str, ManifestEntry]:
        """The same; NotFound where nothing is visible."""
        entries = self.find_entries(address)
        if self.manifest is None or not (entries or self.folder == address):
            raise NotFound("data", str(address))
        return entries


@dataclass(frozen=True, slots=True)
class View:
    """One medium, seen from a store with this root."""

    medium: Medium
    root: Address

    def find_owner(self, address: Address) -> Owner | None:
        """The nearest folder with a manifest, at the address or above; None where nothing of the kind is."""
        if is_staging(self.root, address):
            return None
        paths = [folder.join(MANIFEST_NAME).path for folder in _list_folders(address, self.root)]
        found = self.medium.read_first(paths)
        if found is None:
            return None
        folder = Address(address.scheme, found[0]).parent
        return Owner(folder, read_ledger(str(folder), found[1]).manifest)

    def exists(self, address: Address) -> bool:
        """Whether there is a file, a committed folder, or a folder with a visible file in it."""
        owner = self.find_owner(address)
        if owner is not None:
            return owner.manifest is not None and (owner.folder == address or bool(owner.find_entries(address)))
        return self.medium.get_size(address.path) is not None or self._holds_something(address)

    def list_files(self, address: Address) -> list[StoredFile]:
        """The file itself, or all files below, sorted by path; NotFound when there is nothing."""
        owner = self.find_owner(address)
        if owner is not None:
            return _list_committed(owner, address)
        size_bytes = self.medium.get_size(address.path)
        if size_bytes is not None:
            return [StoredFile(str(address), address.name, size_bytes)]
        files = sorted(self._walk(address), key=lambda file: file.path)
        if not files:
            raise NotFound("data", str(address))
        return files

    def list_level(self, address: Address) -> FolderLevel:
        """The folders and files directly in a folder; NotFound when there is nothing."""
        owner = self.find_owner(address)
        level = self._level_of(address) if owner is None else _fold(_list_committed(owner, address), address)
        if not (level.files or level.folders) and owner is None:
            raise NotFound("data", str(address))
        return level

    def _holds_something(self, address: Address) -> bool:
        """Whether a folder that no manifest covers has anything visible in it; the first file mostly says so."""
        unseen: set[str] = set()
        for item in self.medium.walk(address.path):
            file = Address(address.scheme, item.path)
            folders = {folder.path for folder in _list_folders(file.parent, address)}
            if self._is_hidden(file, address) or folders & unseen:
                continue
            owner = self.find_owner(file.parent)
            if owner is None or owner.manifest is not None:
                return True
            unseen.add(owner.folder.path)
        return False

    def _walk(self, address: Address) -> Iterator[StoredFile]:
        """Visible files below a folder that no manifest above covers; those of committed folders in it by manifest."""
        items = [(Address(address.scheme, item.path), item.size_bytes) for item in self.medium.walk(address.path)]
        items = [(file, size_bytes) for file, size_bytes in items if not self._is_hidden(file, address)]
        folders = [file.parent for file, _ in items if file.name == MANIFEST_NAME]
        owned = {folder.path for folder in folders}
        for file, size_bytes in items:
            if not any(folder.path in owned for folder in _list_folders(file.parent, address)):
                yield StoredFile(str(file), _check_inner(file.relative_to(address), address), size_bytes)
        with ThreadPoolExecutor(_THREADS) as pool:
            for owner in pool.map(self._read_owner, folders):
                if owner is not None and owner.manifest is not None:
                    prefix = owner.folder.relative_to(address)
                    for inner in _list_committed(owner, owner.folder):
                        yield StoredFile(inner.uri, f"{prefix}/{inner.path}", inner.size_bytes)

    def _level_of(self, address: Address) -> FolderLevel:
        level = self.medium.list_level(address.path)
        files = [(Address(address.scheme, item.path), item.size_bytes) for item in level.files]
        folders = [Address(address.scheme, path) for path in sorted(level.folders)]
        folders = [folder for folder in folders if not self._is_hidden(folder, address)]
        with ThreadPoolExecutor(_THREADS) as pool:
            owners = list(pool.map(self._read_owner, folders))
        return FolderLevel(
            tuple(
                StoredFolder(str(folder), folder.name)
                for folder, owner in zip(folders, owners, strict=True)
                if owner is None or owner.manifest is not None
            ),
            tuple(
                StoredFile(str(file), file.name, size_bytes)
                for file, size_bytes in sorted(files, key=lambda pair: pair[0].name)
                if not self._is_hidden(file, address) and file.name != MANIFEST_NAME
            ),
        )

    def _is_hidden(self, address: Address, seen_from: Address) -> bool:
        return is_staging(self.root, address) and not is_staging(self.root, seen_from)

    def _read_owner(self, folder: Address) -> Owner | None:
        """The folder itself, when it has a manifest."""
        found = self.medium.read_first([folder.join(MANIFEST_NAME).path])
        return None if found is None else Owner(folder, read_ledger(str(folder), found[1]).manifest)


def _list_folders(address: Address, root: Address) -> list[Address]:
    """The address and the folders above it, nearest first; up to the root of the store, without it, or to the top."""
    folders = []
    while address not in {root, address.parent}:
        folders.append(address)
        address = address.parent
    return folders


def _list_committed(owner: Owner, address: Address) -> list[StoredFile]:
    return [
        StoredFile(str(owner.folder.join(entry.place)), path or address.name, entry.size_bytes)
        for path, entry in owner.get_entries(address).items()
    ]


def _fold(files: list[StoredFile], address: Address) -> FolderLevel:
    """One level of the files of a committed folder."""
    names = sorted({file.path.split("/", 1)[0] for file in files if "/" in file.path})
    return FolderLevel(
        tuple(StoredFolder(str(address.join(name)), name) for name in names),
        tuple(file for file in files if "/" not in file.path),
    )


def _check_inner(path: str, folder: Address) -> str:
    if not check_part_names(path):
        raise BadData(
            str(folder), f"it holds a file called {path!r}, which no folder of a machine can hold", "rename it"
        )
    return path
