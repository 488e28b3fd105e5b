"""The interface of a medium: what bytes can lie on (a file system, S3), by plain paths.

A path is an absolute one on a file system, and bucket and key on S3. A medium knows files and folders as they are;
manifests, staging and what is visible are the store's business. All may be called from any thread and after a fork.

Raised everywhere: NotFound, StoreUnreachable, StoreDenied, BucketMissing, StoreError.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Protocol

from dix.store.manifest import Manifest, ManifestEntry


@dataclass(frozen=True, slots=True)
class Item:
    """A file on a medium; `modified` is in seconds since 1970."""

    path: str
    size_bytes: int
    modified: float


@dataclass(frozen=True, slots=True)
class Level:
    """What lies directly in a folder: its files, and the paths of its folders (which all hold some file)."""

    files: tuple[Item, ...]
    folders: tuple[str, ...]


class Reading(Protocol):
    """How bytes are found and read."""

    def walk(self, folder: str) -> Iterator[Item]:
        """Every file below a folder, in no order; nothing when there is no such folder."""

    def list_level(self, folder: str) -> Level:
        """One level of a folder; empty when there is no such folder."""

    def get_size(self, path: str) -> int | None:
        """The bytes of a file; None when there is no such file."""

    def read_first(self, paths: Sequence[str]) -> tuple[str, bytes] | None:
        """The first of these files that is there, and its content; None when none is."""

    def open(self, path: str) -> BinaryIO:
        """A file for reading from any position."""

    def download(self, path: str, local: Path) -> None:
        """Copy a file to this machine."""

    def filesystem(self) -> Any:
        """The fsspec file system that takes the same paths; picklable."""


class Writing(Protocol):
    """How single files are changed: each is there as a whole or not at all."""

    def write(self, path: str, data: bytes) -> None:
        """Write a file, in the place of one that is there."""

    def create(self, path: str, data: bytes) -> bool:
        """Write a new file; False, with nothing changed, when there is one. Of many callers one gets True."""

    def upload(self, local: Path, path: str) -> None:
        """Copy a file of this machine."""

    def remove(self, paths: Iterable[str]) -> None:
        """Remove files; one that is not there is passed over."""


class Committing(Protocol):
    """How a folder changes as a whole."""

    def prepare(self, folder: str) -> None:
        """Make ready a folder that many will write into."""

    def commit(self, staged: str, target: str, files: tuple[ManifestEntry, ...], token: str) -> Manifest:
        """Make `target` hold exactly the files that lie in `staged`; Conflict when it holds what was not committed."""

    def remove_folder(self, folder: str) -> None:
        """Remove a folder with all that is in it; it vanishes at once."""

    def tidy(self, staging: str, target: str, before: float) -> None:
        """Put right what a commit of `target` left undone when it died, having touched nothing since `before`."""


class Medium(Reading, Writing, Committing, Protocol):
    """All of it."""
