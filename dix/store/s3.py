"""The medium of S3 and of servers that speak like it."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, BinaryIO, cast

from dix.store.manifest import Manifest, ManifestEntry
from dix.store.medium import Item, Level, Medium
from dix.store.s3_client import S3Client, read_items
from dix.store.s3_commit import S3Committer
from dix.store.s3_reader import S3Reader

_BUFFER_BYTES = 4 << 20
_THREADS = 16


class S3Medium:
    """Objects under keys; a folder is what keys have in common before a slash."""

    def __init__(self, endpoint: str | None, addressing: str) -> None:
        self._client = S3Client(endpoint, addressing)
        self._committer = S3Committer(self._client)

    def walk(self, folder: str) -> Iterator[Item]:
        return self._client.walk(folder)

    def list_level(self, folder: str) -> Level:
        bucket = folder.partition("/")[0]
        files: list[Item] = []
        folders: list[str] = []
        for page in self._client.list_pages(folder, Delimiter="/"):
            files.extend(read_items(bucket, page))
            folders.extend(f"{bucket}/{prefix['Prefix'].rstrip('/')}" for prefix in page.get("CommonPrefixes", ()))
        with ThreadPoolExecutor(_THREADS) as pool:  # SeaweedFS goes on naming folders that were emptied
            full = list(pool.map(self._holds_files, folders))
        return Level(tuple(files), tuple(path for path, is_full in zip(folders, full, strict=True) if is_full))

    def get_size(self, path: str) -> int | None:
        facts = self._client.head(path)
        return None if facts is None else int(facts["ContentLength"])

    def read_first(self, paths: Sequence[str]) -> tuple[str, bytes] | None:
        found = zip(paths, self._client.read_all(paths), strict=True) if paths else ()
        return next(((path, content) for path, content in found if content is not None), None)

    def open(self, path: str) -> BinaryIO:
        facts = self._client.head(path)
        if facts is None:
            self._client.read(path)  # says whether the bucket or the object is missing
            return self.open(path)  # it was written in between
        reader = S3Reader(self._client, path, int(facts["ContentLength"]), facts["ETag"])
        return cast("BinaryIO", io.BufferedReader(reader, _BUFFER_BYTES))

    def download(self, path: str, local: Path) -> None:
        self._client.download(path, local)

    def filesystem(self) -> Any:
        return self._client.connection

    def write(self, path: str, data: bytes) -> None:
        self._client.call("put_object", path, Body=data)

    def create(self, path: str, data: bytes) -> bool:
        return self._client.put_if(path, data, IfNoneMatch="*")

    def upload(self, local: Path, path: str) -> None:
        self._client.upload(local, path)

    def remove(self, paths: Iterable[str]) -> None:
        self._client.remove(list(paths))

    def prepare(self, folder: str) -> None:
        """Nothing: folders are there when something is in them."""

    def commit(self, staged: str, target: str, files: tuple[ManifestEntry, ...], token: str) -> Manifest:
        return self._committer.commit(staged, target, files, token)

    def remove_folder(self, folder: str) -> None:
        self._committer.remove_folder(folder)

    def tidy(self, staging: str, target: str, before: float) -> None:  # noqa: ARG002 - all is told by the target
        self._committer.tidy(target, [item.path for item in self.walk(target) if item.modified < before])

    def _holds_files(self, folder: str) -> bool:
        return next(self._client.walk(folder, MaxKeys=2), None) is not None


_: type[Medium] = S3Medium
