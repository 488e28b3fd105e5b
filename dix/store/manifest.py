"""The manifest of a committed folder: `_dix.json`, the list of what is in it.

Its name begins with `_`, so pyarrow, Spark and DuckDB pass over it when they read the folder.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from dix.errors import StoreError
from dix.records.moments import from_text, to_text
from dix.store.address import check_part_names
from dix.store.digest import hash_listing

MANIFEST_NAME = "_dix.json"
_FORMAT = 1


@dataclass(frozen=True, slots=True)
class ManifestEntry:
    """One file: its path in the folder, its size and its SHA-256 in hexadecimal.

    `key` is where its bytes lie in the folder; None: at `path`. It differs on S3, where a later commit must not write
    over the objects of an earlier one.
    """

    path: str
    size_bytes: int
    sha256: str
    key: str | None = None

    @property
    def place(self) -> str:
        """Where its bytes lie, relative to the folder."""
        return self.key or self.path


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a folder holds since the moment `committed`; files are sorted by path."""

    files: tuple[ManifestEntry, ...]
    committed: datetime

    @property
    def size_bytes(self) -> int:
        """The sum of all files."""
        return sum(entry.size_bytes for entry in self.files)

    @property
    def checksum(self) -> str:
        """The digest of the folder, by what its files are called and hold."""
        return hash_listing((entry.path, entry.sha256) for entry in self.files)


@dataclass(frozen=True, slots=True)
class Ledger:
    """What `_dix.json` says: the manifest, and who wrote it.

    `manifest` is None while the first commit of a folder, or its deletion, is under way: nothing in it is visible then.
    `token` is who wrote it; `first` the one commit that may place files under their plain names (`s3_commit.py`).
    """

    token: str
    first: str
    manifest: Manifest | None


def write_ledger(ledger: Ledger) -> bytes:
    """The text of `_dix.json`."""
    manifest = ledger.manifest
    document = {
        "dix": _FORMAT,
        "token": ledger.token,
        "first": ledger.first,
        "committed": to_text(manifest.committed) if manifest else None,
        "files": [_write_entry(entry) for entry in manifest.files] if manifest else [],
    }
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()


def read_ledger(uri: str, text: bytes) -> Ledger:
    """What `write_ledger` wrote; raises StoreError when it is something else."""
    try:
        document = json.loads(text)
        if document["dix"] != _FORMAT:
            raise StoreError(uri, f"its manifest has the format {document['dix']!r}; this DI-X reads {_FORMAT}")
        committed = from_text(document["committed"])
        files = tuple(_read_entry(entry) for entry in document["files"])
        return Ledger(document["token"], document["first"], Manifest(files, committed) if committed else None)
    except (ValueError, KeyError, TypeError) as error:
        raise StoreError(uri, f"its manifest {MANIFEST_NAME} cannot be read ({error!r})") from error


def _write_entry(entry: ManifestEntry) -> dict[str, Any]:
    kept = {"path": entry.path, "size_bytes": entry.size_bytes, "sha256": entry.sha256}
    return kept | ({"key": entry.key} if entry.key else {})


def _read_entry(document: dict[str, Any]) -> ManifestEntry:
    entry = ManifestEntry(document["path"], document["size_bytes"], document["sha256"], document.get("key"))
    if not (check_part_names(entry.path) and check_part_names(entry.place)):
        raise ValueError(f"the path {entry.path!r} leads out of the folder")
    return entry
