"""Code of users, kept in the store under its own digest: what a run has run stays what it was."""

from __future__ import annotations

import re
import tempfile
from dataclasses import dataclass
from pathlib import Path

from dix.errors import BadValue
from dix.store.digest import hash_file, hash_listing
from dix.store.store import Store

CODE_FOLDER = "dix/code"
MAX_BYTES = 256 * 1024 * 1024
MAX_FILES = 10_000
# What lies beside a single file and belongs to it.
_BESIDE = ("requirements.txt",)
_KEPT = re.compile(rf"{CODE_FOLDER}/([0-9a-f]{{64}})(?:/(.+))?")


@dataclass(frozen=True, slots=True)
class KeptCode:
    """A folder of code under its digest, and the file in it that was named, if one was."""

    digest: str
    file: str | None = None

    @property
    def folder(self) -> str:
        """Where it lies, as a path in the store."""
        return f"{CODE_FOLDER}/{self.digest}"

    def __str__(self) -> str:
        return f"{self.folder}/{self.file}" if self.file else self.folder


def read_kept(uri: str) -> KeptCode | None:
    """What a path in the store names, if it is code that is kept there."""
    match = _KEPT.fullmatch(uri.rstrip("/"))
    return KeptCode(match[1], match[2]) if match else None


def keep_code(store: Store, folder: Path, file: str | None = None) -> KeptCode:
    """Keep a folder of this machine; nothing is written when it is there already."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    _check_size("code", len(paths), sum(path.stat().st_size for path in paths))
    digest = hash_listing((path.relative_to(folder).as_posix(), hash_file(path)) for path in paths)
    kept = KeptCode(digest, file)
    if store.find_digest(kept.folder) != digest:
        store.commit_folder(folder, kept.folder)
    return kept


def snapshot_code(store: Store, uri: str) -> KeptCode:
    """Keep what lies at a URI now: a folder, or a file with the requirements.txt beside it.

    Raises NotFound for what is not there, BadValue for more than code can be, and what the store raises.
    """
    kept = read_kept(uri)
    if kept is not None and store.find_digest(kept.folder) == kept.digest:
        return kept
    size = store.measure(uri)
    _check_size(uri, size.files, size.bytes)
    with tempfile.TemporaryDirectory(prefix="dix-code-") as place:
        name = store.resolve(uri).rpartition("/")[2]
        fetched = store.fetch(uri, Path(place) / "code" / name)
        if fetched.is_dir():
            return keep_code(store, fetched)
        for beside in _BESIDE:
            other = f"{store.resolve(uri).rpartition('/')[0]}/{beside}"
            if beside != name and store.exists(other):
                store.fetch(other, fetched.parent / beside)
        return keep_code(store, fetched.parent, name)


def _check_size(uri: str, files: int, size_bytes: int) -> None:
    if not files:
        raise BadValue(uri, "at least one file of code", "none")
    if files > MAX_FILES or size_bytes > MAX_BYTES:
        most = f"at most {MAX_FILES} files of {MAX_BYTES // 2**20} MiB together"
        raise BadValue(uri, most, f"{files} files, {size_bytes} bytes", "name the folder of the code alone")
