"""How a folder on S3 changes as a whole, although S3 knows only single objects: by a ledger, written last.

`_dix.json` (the ledger) says which objects a folder consists of, and who looks at the folder looks at it first. It is
changed by compare-and-set only (If-Match, If-None-Match), so commits form a line and each knows which one it replaced.

1. The first commit writes a ledger without a manifest. From then on nothing in the folder is visible, and this commit
   alone (`Ledger.first`) may place objects under their plain names: `part-0.parquet`.
2. Every other commit places them under names with its token, `part-0.TOKEN.parquet`, that nobody else ever writes.
3. The staged objects are copied there on the server.
4. The ledger is swapped: here the new content replaces the old, at once.
5. The objects that the replaced manifest named are deleted.

A death before 4 leaves the old content visible, after 4 the new; what lies about is cleared by `tidy`. A deletion swaps
in a ledger without a manifest first, so that a folder vanishes at once, and takes the ledger away when nothing is left.
A commit that finds its ledger deleted, or its objects gone, starts again; one that finds a deletion under way takes the
ledger over, and the deletion keeps off what comes after.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import PurePosixPath

from dix.errors import Conflict, NotFound, StoreError
from dix.records.moments import now
from dix.store.manifest import MANIFEST_NAME, Ledger, Manifest, ManifestEntry, read_ledger, write_ledger
from dix.store.places import make_token
from dix.store.s3_client import S3Client

_ATTEMPTS = 100
_THREADS = 16
# `Ledger.first` of a folder that is being deleted.
_NOBODY = ""


@dataclass(frozen=True, slots=True)
class _Found:
    """A ledger, and the version of it that a swap has to match."""

    ledger: Ledger
    etag: str


@dataclass(frozen=True, slots=True)
class _Claim:
    """What a commit may do in a folder: the `first` of its ledger, and whether it may use plain names."""

    first: str
    is_plain: bool


class S3Committer:
    """Commits and deletes folders; paths are bucket/key."""

    def __init__(self, client: S3Client) -> None:
        self._client = client

    def commit(self, staged: str, target: str, files: tuple[ManifestEntry, ...], token: str) -> Manifest:
        """Make `target` hold exactly the objects below `staged`."""
        for _ in range(_ATTEMPTS):
            manifest = self._try_commit(staged, target, files, token)
            if manifest is not None:
                return manifest
            token = make_token()
        raise _busy(target)

    def remove_folder(self, folder: str) -> None:
        """Remove all below a folder; what was committed in it vanishes first, each folder at once."""
        token = make_token()
        ledgers = [item.path for item in self._client.walk(folder) if item.path.endswith(f"/{MANIFEST_NAME}")]
        for path in ledgers:
            self._remove_committed(path.removesuffix(f"/{MANIFEST_NAME}"), token)
        kept = {path.removesuffix(MANIFEST_NAME) for path in ledgers}
        paths = [item.path for item in self._client.walk(folder)]
        self._client.remove([path for path in paths if not any(path.startswith(prefix) for prefix in kept)])

    def tidy(self, target: str, stale: Sequence[str]) -> None:
        """Of these objects, remove those that nothing names any more."""
        found = self._find_ledger(target)
        if found is None:
            return
        files = found.ledger.manifest.files if found.ledger.manifest else ()
        named = {f"{target}/{entry.place}" for entry in files}
        ledger = f"{target}/{MANIFEST_NAME}"
        self._client.remove([path for path in stale if path not in named and path != ledger])
        if found.ledger.manifest is None and ledger in stale:
            self._client.remove_if(ledger, found.etag)

    def _try_commit(self, staged: str, target: str, files: tuple[ManifestEntry, ...], token: str) -> Manifest | None:
        """One attempt; None when the folder was deleted meanwhile."""
        claim = self._claim(target, token)
        placed = files if claim.is_plain else tuple(_rename(entry, token) for entry in files)
        self._copy_all(staged, target, placed)
        manifest = Manifest(placed, now())
        replaced = self._swap(target, Ledger(token, claim.first, manifest))
        if replaced is None or not self._is_complete(target, manifest):
            self._remove_files(target, placed)
            return None
        with suppress(StoreError):  # the commit stands; `tidy` removes what is left
            self._remove_files(target, replaced.manifest.files if replaced.manifest else ())
        return manifest

    def _claim(self, target: str, token: str) -> _Claim:
        pending = Ledger(token, token, None)
        for _ in range(_ATTEMPTS):
            found = self._find_ledger(target)
            if found is None:
                self._refuse_foreign(target)
                if self._put_ledger(target, pending, IfNoneMatch="*"):
                    return _Claim(token, is_plain=True)
            elif found.ledger.first != _NOBODY:
                return _Claim(found.ledger.first, is_plain=False)
            elif self._put_ledger(target, pending, IfMatch=found.etag):
                return _Claim(token, is_plain=False)
        raise _busy(target)

    def _refuse_foreign(self, target: str) -> None:
        paths = [item.path for item in self._client.walk(target)]
        if paths and f"{target}/{MANIFEST_NAME}" not in paths:  # otherwise somebody claimed it just now
            raise Conflict(
                "folder", f"s3://{target}", "holding files that were put there one by one", "replaced as a whole"
            )

    def _copy_all(self, staged: str, target: str, files: tuple[ManifestEntry, ...]) -> None:
        def copy(entry: ManifestEntry) -> None:
            self._client.copy(f"{staged}/{entry.path}", f"{target}/{entry.place}", entry.size_bytes)

        with ThreadPoolExecutor(_THREADS) as pool:
            list(pool.map(copy, files))

    def _swap(self, target: str, ledger: Ledger) -> Ledger | None:
        """Put a ledger in the place of what is there, and return that; None when the folder was deleted meanwhile."""
        for _ in range(_ATTEMPTS):
            found = self._find_ledger(target)
            if found is None or found.ledger.first != ledger.first:
                return None
            if found.ledger == ledger:  # the answer to our own request was lost
                return replace(ledger, manifest=None)
            if self._put_ledger(target, ledger, IfMatch=found.etag):
                return found.ledger
        return None

    def _remove_committed(self, folder: str, token: str) -> None:
        """Make a folder with a ledger invisible, and remove it; what is committed there from then on is left alone."""
        mark = Ledger(token, _NOBODY, None)
        etag = self._bury(folder, mark)
        while etag is not None:
            ledger = f"{folder}/{MANIFEST_NAME}"
            objects = [item.path for item in self._client.walk(folder) if item.path != ledger]
            if not objects:
                self._client.remove_if(ledger, etag)
                return
            found = self._find_ledger(folder)
            if found is None or found.ledger != mark:
                return
            self._client.remove(objects)

    def _bury(self, folder: str, mark: Ledger) -> str | None:
        """Put a mark in the place of a ledger, whatever it is, and return its version; None when it is gone."""
        path = f"{folder}/{MANIFEST_NAME}"
        while (facts := self._client.head(path)) is not None:
            if self._put_ledger(folder, mark, IfMatch=facts["ETag"]):
                written = self._find_ledger(folder)
                return written.etag if written is not None and written.ledger == mark else None
        return None

    def _remove_files(self, target: str, files: tuple[ManifestEntry, ...]) -> None:
        self._client.remove([f"{target}/{entry.place}" for entry in files])

    def _is_complete(self, target: str, manifest: Manifest) -> bool:
        """Whether a deletion at the same time has left the objects alone."""
        there = {item.path for item in self._client.walk(target)}
        return all(f"{target}/{entry.place}" in there for entry in manifest.files)

    def _find_ledger(self, target: str) -> _Found | None:
        try:
            content, facts = self._client.read(f"{target}/{MANIFEST_NAME}")
        except NotFound:
            return None
        return _Found(read_ledger(f"s3://{target}", content), facts["ETag"])

    def _put_ledger(self, target: str, ledger: Ledger, **condition: str) -> bool:
        return self._client.put_if(f"{target}/{MANIFEST_NAME}", write_ledger(ledger), **condition)


def _rename(entry: ManifestEntry, token: str) -> ManifestEntry:
    """The same entry under a name that only this commit uses; the suffix stays, because readers go by it."""
    path = PurePosixPath(entry.path)
    return replace(entry, key=str(path.with_name(f"{path.stem}.{token}{path.suffix}")))


def _busy(target: str) -> StoreError:
    return StoreError(f"s3://{target}", "others kept changing it at the same time")
