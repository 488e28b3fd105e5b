"""What a file system needs so that nothing is lost: syncing, renaming, walking."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path


def sync_path(path: str) -> None:
    """Wait until a file, or the names in a folder, are on the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def make_folder(path: str) -> None:
    """Make a folder and those above it, all of them on the disk afterwards."""
    folder = Path(path)
    if folder.is_dir():
        return
    make_folder(str(folder.parent))
    folder.mkdir(exist_ok=True)
    sync_path(str(folder.parent))


def rename_durably(source: str, target: str) -> None:
    """Rename, replacing a file, or an empty folder by a folder; on the disk afterwards."""
    Path(source).rename(target)
    sync_path(str(Path(target).parent))


def walk_files(folder: str) -> Iterator[tuple[str, os.stat_result]]:
    """(path, facts) of every file below a folder, links followed, in no order; nothing when there is no folder.

    Left out: a link that leads in circles or nowhere, and what vanishes meanwhile.
    """
    if Path(folder).is_dir():
        yield from _walk(folder, frozenset({os.path.realpath(folder)}))


def _walk(folder: str, above: frozenset[str]) -> Iterator[tuple[str, os.stat_result]]:
    try:
        entries = list(os.scandir(folder))
    except FileNotFoundError:
        return
    for entry in entries:
        if entry.is_dir():
            real = os.path.realpath(entry.path) if entry.is_symlink() else entry.path
            if real not in above:
                yield from _walk(entry.path, above | {real})
        elif entry.is_file():
            try:
                yield entry.path, entry.stat()
            except FileNotFoundError:
                continue
