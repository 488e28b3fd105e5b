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
in a ledger without a manifest first, so that a folder vanishes at once. A commit that finds its ledger deleted, or its
objects gone, starts again.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import PurePosixPath

from dix.errors import Conflict, NotFound, StoreError
from dix.records.moments import now
from dix.store.manifest import MANIFEST_NAME, Ledger, Manifest, ManifestEntry, read_ledger, write_ledger
from dix.store.places import make_token
from dix.store.s3_client import S3Client

_ATTEMPTS = 100
_THREADS = 16


@dataclass(frozen=True, slots=True)
class _Found:
    """A ledger, and the version of it that a swap has to match."""

    ledger: Ledger
    etag: str


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
        raise StoreError(f"s3://{target}", "others kept changing it at the same time")

    def remove_folder(self, paths: Sequence[str]) -> None:
        """Remove the objects of a folder; committed folders among them vanish first, each at once."""
        token = make_token()
        ledgers = [path for path in paths if path.endswith(f"/{MANIFEST_NAME}")]
        for path in ledgers:
            self._bury(path.removesuffix(f"/{MANIFEST_NAME}"), token)
        self._client.remove([path for path in paths if path not in set(ledgers)])
        for path in ledgers:
            found = self._find_ledger(path.removesuffix(f"/{MANIFEST_NAME}"))
            if found is not None and found.ledger.token == token:
                self._client.remove([path])

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
            self._client.remove([ledger])

    def _try_commit(self, staged: str, target: str, files: tuple[ManifestEntry, ...], token: str) -> Manifest | None:
        """One attempt; None when the folder was deleted meanwhile."""
        first = self._claim(target, token)
        placed = files if first == token else tuple(_rename(entry, token) for entry in files)
        self._copy_all(staged, target, placed)
        manifest = Manifest(placed, now())
        replaced = self._swap(target, Ledger(token, first, manifest))
        if replaced is None or not self._is_complete(target, manifest):
            return None
        kept = {entry.place for entry in placed}
        old = replaced.manifest.files if replaced.manifest else ()
        self._client.remove([f"{target}/{entry.place}" for entry in old if entry.place not in kept])
        return manifest

    def _claim(self, target: str, token: str) -> str:
        """Which commit may use plain names in the folder: this one, when it is the first."""
        for _ in range(_ATTEMPTS):
            found = self._find_ledger(target)
            if found is not None:
                return found.ledger.first
            self._refuse_foreign(target)
            if self._put_ledger(target, Ledger(token, token, None), IfNoneMatch="*"):
                return token
        raise StoreError(f"s3://{target}", "others kept changing it at the same time")

    def _refuse_foreign(self, target: str) -> None:
        for page in self._client.list_pages(target, MaxKeys=10):
            for entry in page.get("Contents", ()):
                if entry["Key"].endswith("/"):
                    continue
                if f"{target}/{MANIFEST_NAME}".endswith(f"/{entry['Key']}"):
                    return  # somebody claimed it just now
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

    def _bury(self, folder: str, token: str) -> None:
        """Make a committed folder invisible."""
        while (found := self._find_ledger(folder)) is not None:
            if self._put_ledger(folder, Ledger(token, token, None), IfMatch=found.etag):
                return

    def _is_complete(self, target: str, manifest: Manifest) -> bool:
        """Whether a deletion at the same time has left the objects alone."""
        bucket = target.partition("/")[0]
        there = {
            f"{bucket}/{entry['Key']}" for page in self._client.list_pages(target) for entry in page.get("Contents", ())
        }
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
