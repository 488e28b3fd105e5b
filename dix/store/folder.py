"""The medium of a file system: files and folders of this machine, or of a mount that all machines share."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, BinaryIO, cast

from fsspec.implementations.local import LocalFileSystem

from dix.store.address import Address
from dix.store.disk import make_folder, rename_durably, sync_path, walk_files
from dix.store.failures import explaining
from dix.store.folder_commit import REMOVED, commit_folder, discard, remove_folder, restore
from dix.store.manifest import Manifest, ManifestEntry
from dix.store.medium import Item, Level, Medium
from dix.store.places import find_staging, is_staging, make_token


class FolderMedium:
    """`root` is the root of the store, wherever it lies: what is written below it is prepared in its staging."""

    def __init__(self, root: Address) -> None:
        self._root = root

    def walk(self, folder: str) -> Iterator[Item]:
        with explaining(f"file://{folder}"):
            for path, facts in walk_files(folder):
                yield _make_item(path, facts)

    def list_level(self, folder: str) -> Level:
        files, folders = [], []
        with explaining(f"file://{folder}"):
            for entry in os.scandir(folder) if Path(folder).is_dir() else ():
                if entry.is_file():
                    files.append(_make_item(entry.path, entry.stat()))
                elif entry.is_dir() and next(walk_files(entry.path), None) is not None:
                    folders.append(entry.path)
        return Level(tuple(files), tuple(folders))

    def get_size(self, path: str) -> int | None:
        with explaining(f"file://{path}"):
            file = Path(path)
            return file.stat().st_size if file.is_file() else None

    def read_first(self, paths: Sequence[str]) -> tuple[str, bytes] | None:
        for path in paths:
            with (
                explaining(f"file://{Path(path).parent}"),
                suppress(FileNotFoundError, IsADirectoryError, NotADirectoryError),
            ):
                return path, Path(path).read_bytes()
        return None

    def open(self, path: str) -> BinaryIO:
        with explaining(f"file://{path}"):
            return cast("BinaryIO", Path(path).open("rb"))

    def download(self, path: str, local: Path) -> None:
        with explaining(f"file://{path}"):
            shutil.copyfile(path, local)

    def filesystem(self) -> Any:
        return LocalFileSystem(skip_instance_cache=True)

    def write(self, path: str, data: bytes) -> None:
        with explaining(f"file://{path}"), self._draft(path) as draft:
            Path(draft).write_bytes(data)
            self._place(draft, path)

    def create(self, path: str, data: bytes) -> bool:
        with explaining(f"file://{path}"), self._draft(path) as draft:
            try:
                with Path(draft).open("xb") as stream:
                    stream.write(data)
                if draft != path:
                    sync_path(draft)
                    os.link(draft, path)  # fails when the name is taken, in one step
                    sync_path(str(Path(path).parent))
                return True
            except FileExistsError:
                return False

    def upload(self, local: Path, path: str) -> None:
        with explaining(f"file://{path}"), self._draft(path) as draft:
            shutil.copyfile(local, draft)
            self._place(draft, path)

    def remove(self, paths: Iterable[str]) -> None:
        for path in paths:
            with explaining(f"file://{path}"):
                Path(path).unlink(missing_ok=True)

    def prepare(self, folder: str) -> None:
        with explaining(f"file://{folder}"):
            Path(folder).mkdir(parents=True, exist_ok=True)

    def commit(self, staged: str, target: str, files: tuple[ManifestEntry, ...], token: str) -> Manifest:
        with explaining(f"file://{target}"):
            return commit_folder(staged, target, files, token)

    def remove_folder(self, folder: str) -> None:
        with explaining(f"file://{folder}"):
            if self._is_private(folder):
                discard(folder)
                return
            place = find_staging(self._root, Address("file", folder), make_token())
            remove_folder(folder, place.join(REMOVED).path)
            discard(place.path)

    def tidy(self, staging: str, target: str, before: float) -> None:  # noqa: ARG002 - a rename leaves nothing else
        with explaining(f"file://{target}"):
            restore(staging, target)

    @contextmanager
    def _draft(self, path: str) -> Iterator[str]:
        """Where to write what is to become `path`: a free name on the same file system, folders made."""
        if self._is_private(path):
            Path(path).parent.mkdir(parents=True, exist_ok=True)
            yield path
            return
        draft = Path(find_staging(self._root, Address("file", path), make_token()).path)
        draft.parent.mkdir(parents=True, exist_ok=True)
        make_folder(str(Path(path).parent))
        try:
            yield str(draft)
        finally:
            draft.unlink(missing_ok=True)

    def _place(self, draft: str, path: str) -> None:
        if draft != path:
            sync_path(draft)
            rename_durably(draft, path)

    def _is_private(self, path: str) -> bool:
        """Whether it lies in a stage: nobody reads there before a commit, which syncs all of it."""
        return is_staging(self._root, Address("file", path))


def _make_item(path: str, facts: os.stat_result) -> Item:
    return Item(path, facts.st_size, facts.st_mtime)


_: type[Medium] = FolderMedium
