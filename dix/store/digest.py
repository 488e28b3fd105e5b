"""SHA-256 of files, streams and folders."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path
from typing import BinaryIO


def hash_stream(stream: BinaryIO) -> str:
    """The digest of what is left in a stream, in hexadecimal."""
    digest = hashlib.sha256()
    while chunk := stream.read(1 << 20):
        digest.update(chunk)
    return digest.hexdigest()


def hash_file(path: Path) -> str:
    """The digest of a local file, in hexadecimal."""
    with path.open("rb") as stream:
        return hash_stream(stream)


def hash_listing(files: Iterable[tuple[str, str]]) -> str:
    """The digest of a folder, from the (path, digest) of its files: of the lines `digest  path`, sorted by path.

    The date of a commit is not in it, so the same files have the same digest wherever and whenever they were written.
    """
    lines = (f"{digest}  {path}\n" for path, digest in sorted(files))
    return hashlib.sha256("".join(lines).encode()).hexdigest()
