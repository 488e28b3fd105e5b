"""What a store tells about what it holds."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Size:
    """How much lies somewhere."""

    files: int
    bytes: int


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file: the URI where its bytes lie, its path relative to the folder that was listed, its size.

    `path` is what it is called; after a folder on S3 was committed again, the last part of `uri` differs from it.
    """

    uri: str
    path: str
    size_bytes: int


@dataclass(frozen=True, slots=True)
class StoredFolder:
    """A folder that holds at least one file."""

    uri: str
    name: str


@dataclass(frozen=True, slots=True)
class FolderLevel:
    """One level of a folder, both sorted by name."""

    folders: tuple[StoredFolder, ...]
    files: tuple[StoredFile, ...]
