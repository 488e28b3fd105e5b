"""The requests that the store makes to an S3 server: s3fs's connection, bounded in time, with names taken literally."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import aiohttp
from fsspec.asyn import sync
from s3fs import S3FileSystem

from dix.errors import StoreError
from dix.store.failures import explaining, find_code
from dix.store.medium import Item

# A server that does not answer is reported after two attempts.
_CONFIG = {
    "connect_timeout": 3,
    "read_timeout": 15,
    "retries": {"total_max_attempts": 2, "mode": "standard"},
    "max_pool_connections": 32,
    "signature_version": "s3v4",
}
_BLOCK_BYTES = 16 << 20
_MOST_PARTS = 9_000
# A server-side copy answers when it is done, so each is kept short enough for the read timeout.
_COPY_BYTES = 128 << 20
_MOST_DELETED = 1_000
_CONDITION_FAILED = frozenset({"412", "PreconditionFailed", "404", "NoSuchKey"})
# Another request was changing the object at that moment: ask again.
_CONDITION_OPEN = frozenset({"409", "ConditionalRequestConflict", "OperationAborted"})
_ATTEMPTS = 20


class LiteralS3FileSystem(S3FileSystem):  # type: ignore[misc]  # s3fs has no types
    """s3fs, without a meaning for `?versionId=` in a name, and with botocore alone repeating requests."""

    retries = 1

    def split_path(self, path: str) -> tuple[str, str, None]:
        """Bucket and key, exactly."""
        bucket, _, key = path.removeprefix("s3://").partition("/")
        return bucket, key, None


class S3Client:
    """All methods take paths as bucket/key. Raises what `failures.explaining` makes of botocore's errors."""

    def __init__(self, endpoint: str | None, addressing: str) -> None:
        self._endpoint = endpoint
        self._addressing = addressing
        # By process: a connection does not survive a fork. The parent's stays, because closing it there would hang.
        self._connections: dict[int, LiteralS3FileSystem] = {}

    @property
    def connection(self) -> LiteralS3FileSystem:
        """The connection of this process."""
        pid = os.getpid()
        if pid not in self._connections:
            self._connections[pid] = self._connect()
        return self._connections[pid]

    def call(self, operation: str, path: str, **arguments: Any) -> dict[str, Any]:
        """One request about an object."""
        bucket, _, key = path.partition("/")
        with explaining(f"s3://{path}"):
            answer: dict[str, Any] = self.connection.call_s3(operation, Bucket=bucket, Key=key, **arguments)
            return answer

    def list_pages(self, folder: str, **arguments: Any) -> Iterator[dict[str, Any]]:
        """The pages of a listing of everything below a folder."""
        bucket, _, key = folder.partition("/")
        token: dict[str, str] = {}
        while True:
            with explaining(f"s3://{folder}"):
                page = self.connection.call_s3(
                    "list_objects_v2", Bucket=bucket, Prefix=f"{key}/" if key else "", **arguments, **token
                )
            yield page
            if not page.get("IsTruncated"):
                return
            token = {"ContinuationToken": page["NextContinuationToken"]}

    def walk(self, folder: str, **arguments: Any) -> Iterator[Item]:
        """Every object below a folder."""
        bucket = folder.partition("/")[0]
        for page in self.list_pages(folder, **arguments):
            yield from read_items(bucket, page)

    def head(self, path: str) -> dict[str, Any] | None:
        """What the server knows of an object; None when there is none, or no bucket."""
        bucket, _, key = path.partition("/")
        if not key:
            return None
        with explaining(f"s3://{path}"):
            try:
                facts: dict[str, Any] = self.connection.call_s3("head_object", Bucket=bucket, Key=key)
                return facts
            except FileNotFoundError:
                return None

    def read(self, path: str, **arguments: Any) -> tuple[bytes, dict[str, Any]]:
        """The content of an object, and what the server says of it."""
        with explaining(f"s3://{path}"):
            connection = self.connection
            answer: tuple[bytes, dict[str, Any]] = sync(connection.loop, _read, connection, path, arguments)
            return answer

    def read_all(self, paths: Sequence[str]) -> list[bytes | None]:
        """The contents of many small objects, read at the same time; None for each that is not there."""
        with explaining(f"s3://{paths[0].rpartition('/')[0]}"):
            connection = self.connection
            contents: list[bytes | None] = sync(connection.loop, _read_all, connection, paths)
            return contents

    def put_if(self, path: str, data: bytes, **condition: str) -> bool:
        """Write an object under a condition (IfMatch, IfNoneMatch); False when it does not hold."""
        bucket, _, key = path.partition("/")
        with explaining(f"s3://{path}"):
            for _ in range(_ATTEMPTS):
                try:
                    self.connection.call_s3("put_object", Bucket=bucket, Key=key, Body=data, **condition)
                    return True
                except OSError as error:
                    code = find_code(error)
                    if code in _CONDITION_FAILED:
                        return False
                    if code not in _CONDITION_OPEN:
                        raise
        raise StoreError(f"s3://{path}", "others kept changing it at the same time")

    def remove_if(self, path: str, etag: str) -> None:
        """Remove an object if it is still that version of it."""
        bucket, _, key = path.partition("/")
        with explaining(f"s3://{path}"):
            try:
                self.connection.call_s3("delete_object", Bucket=bucket, Key=key, IfMatch=etag)
            except OSError as error:
                if find_code(error) not in _CONDITION_FAILED:
                    raise

    def upload(self, local: Path, path: str) -> None:
        """Copy a file of this machine, in parts when it is large."""
        with explaining(f"s3://{path}"):
            part_bytes = max(_BLOCK_BYTES, local.stat().st_size // _MOST_PARTS + 1)
            self.connection.put_file(str(local), path, chunksize=part_bytes)

    def download(self, path: str, local: Path) -> None:
        """Copy an object to this machine."""
        with explaining(f"s3://{path}"):
            self.connection.get_file(path, str(local))

    def copy(self, source: str, target: str, size_bytes: int) -> None:
        """Copy an object on the server, in parts when it is large."""
        bucket, _, key = source.partition("/")
        origin = {"Bucket": bucket, "Key": key}
        if size_bytes <= _COPY_BYTES:
            self.call("copy_object", target, CopySource=origin)
            return
        upload = self.call("create_multipart_upload", target)["UploadId"]
        parts = []
        for number, start in enumerate(range(0, size_bytes, _COPY_BYTES), 1):
            extent = f"bytes={start}-{min(start + _COPY_BYTES, size_bytes) - 1}"
            part = self.call(
                "upload_part_copy",
                target,
                CopySource=origin,
                CopySourceRange=extent,
                UploadId=upload,
                PartNumber=number,
            )
            parts.append({"PartNumber": number, "ETag": part["CopyPartResult"]["ETag"]})
        self.call("complete_multipart_upload", target, UploadId=upload, MultipartUpload={"Parts": parts})

    def remove(self, paths: Sequence[str]) -> None:
        """Remove objects of one bucket; one that is not there is passed over."""
        for start in range(0, len(paths), _MOST_DELETED):
            batch = paths[start : start + _MOST_DELETED]
            bucket = batch[0].partition("/")[0]
            objects = [{"Key": path.partition("/")[2]} for path in batch]
            with explaining(f"s3://{batch[0]}"):
                answer = self.connection.call_s3(
                    "delete_objects", Bucket=bucket, Delete={"Objects": objects, "Quiet": True}
                )
            for refused in answer.get("Errors", ()):
                raise StoreError(f"s3://{bucket}/{refused.get('Key')}", f"{refused.get('Code')} on deleting it")

    def _connect(self) -> LiteralS3FileSystem:
        return LiteralS3FileSystem(
            endpoint_url=self._endpoint,
            config_kwargs={**_CONFIG, "s3": {"addressing_style": self._addressing}},
            default_block_size=_BLOCK_BYTES,
            default_cache_type="readahead",
            max_concurrency=4,
            use_listings_cache=False,
            skip_instance_cache=True,
        )


def read_items(bucket: str, page: dict[str, Any]) -> Iterator[Item]:
    """The objects of a page; keys that end with a slash are marks of folders, made by consoles, and left out."""
    for entry in page.get("Contents", ()):
        if not entry["Key"].endswith("/"):
            yield Item(f"{bucket}/{entry['Key']}", int(entry["Size"]), entry["LastModified"].timestamp())


async def _read(connection: LiteralS3FileSystem, path: str, arguments: dict[str, Any]) -> tuple[bytes, dict[str, Any]]:
    bucket, _, key = path.partition("/")
    try:
        return await _read_once(connection, bucket, key, arguments)
    except aiohttp.ClientPayloadError:  # the connection broke inside the content, where botocore does not repeat
        return await _read_once(connection, bucket, key, arguments)


async def _read_once(
    connection: LiteralS3FileSystem, bucket: str, key: str, arguments: dict[str, Any]
) -> tuple[bytes, dict[str, Any]]:
    answer = await connection._call_s3("get_object", Bucket=bucket, Key=key, **arguments)  # noqa: SLF001 - fsspec's async half
    async with answer["Body"] as body:
        return await body.read(), answer


async def _read_all(connection: LiteralS3FileSystem, paths: Sequence[str]) -> list[bytes | None]:
    return await asyncio.gather(*(_read_or_none(connection, path) for path in paths))


async def _read_or_none(connection: LiteralS3FileSystem, path: str) -> bytes | None:
    try:
        return (await _read(connection, path, {}))[0]
    except FileNotFoundError as error:
        if find_code(error) == "NoSuchBucket":
            raise
        return None
