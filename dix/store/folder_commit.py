"""How a folder of a file system changes as a whole: it is prepared elsewhere, synced, and renamed into place.

A first commit is one rename. A later one swaps the new folder and the old (RENAME_EXCHANGE), so at every moment, also
when the machine dies, the one or the other is there. Where the system cannot swap, the old one is renamed away first:
between those two renames the target is absent for a moment, and stays so if the process dies just then; `sweep_staging`
brings the old one back.
"""

from __future__ import annotations

import errno
import os
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from dix.errors import Conflict, StoreError
from dix.records.moments import now
from dix.store.disk import make_folder, rename_durably, sync_path, walk_files
from dix.store.exchange import exchange
from dix.store.manifest import MANIFEST_NAME, Ledger, Manifest, ManifestEntry, write_ledger

# What a stage can hold beside the new files: the folder that was in their place; a folder that is being deleted.
OLD = "old"
REMOVED = "removed"
_ATTEMPTS = 100
_THREADS = 8
_TAKEN = frozenset({errno.ENOTEMPTY, errno.EEXIST, errno.ENOTDIR})


def commit_folder(staged: str, target: str, files: tuple[ManifestEntry, ...], token: str) -> Manifest:
    """Make `target` the folder `staged`, with the manifest in it."""
    manifest = Manifest(files, now())
    (Path(staged) / MANIFEST_NAME).write_bytes(write_ledger(Ledger(token, token, manifest)))
    _sync_tree(staged)
    make_folder(str(Path(target).parent))
    for _ in range(_ATTEMPTS):
        check_replaceable(target)
        if _put_in_place(staged, target):
            return manifest
    raise StoreError(f"file://{target}", "others kept changing it at the same time")


def check_replaceable(target: str) -> None:
    """Raises Conflict when the target is a file, or holds files that no commit put there."""
    folder = Path(target)
    if folder.is_file():
        raise Conflict("data", f"file://{target}", "a file", "replaced by a folder; delete it first")
    # Files first: whole folders come and go meanwhile, and one with files but no manifest is nobody's commit.
    found = next(walk_files(target), None)
    if found is not None and not (folder / MANIFEST_NAME).is_file() and Path(found[0]).exists():
        raise Conflict(
            "folder", f"file://{target}", "holding files that were put there one by one", "replaced as a whole"
        )


def restore(staging: str, target: str) -> None:
    """Bring back what a commit had renamed away when it died before its own folder was in place."""
    old = Path(staging) / OLD
    if old.is_dir() and not Path(target).exists():
        rename_durably(str(old), target)


def remove_folder(folder: str, aside: str) -> None:
    """Rename a folder to `aside`, where nobody looks, and remove it there."""
    make_folder(str(Path(aside).parent))
    rename_durably(folder, aside)
    sync_path(str(Path(folder).parent))
    discard(aside)


def discard(path: str) -> None:
    """Remove a folder that nobody looks at; what cannot be removed is left to a later sweep."""
    if Path(path).is_symlink():
        Path(path).unlink(missing_ok=True)
    shutil.rmtree(path, ignore_errors=True)


def _put_in_place(staged: str, target: str) -> bool:
    """One attempt; False when another commit came in between."""
    try:
        rename_durably(staged, target)
        return True
    except OSError as error:
        if error.errno not in _TAKEN:
            raise
    try:
        if not exchange(staged, target):
            return _rename_aside(staged, target)
    except FileNotFoundError:
        return False
    sync_path(str(Path(target).parent))
    sync_path(str(Path(staged).parent))
    return True


def _rename_aside(staged: str, target: str) -> bool:
    old = str(Path(staged).parent / OLD)
    rename_durably(target, old)
    try:
        rename_durably(staged, target)
    except OSError as error:
        if error.errno not in _TAKEN:
            raise
        discard(old)
        return False
    return True


def _sync_tree(folder: str) -> None:
    """Wait until all below a folder is on the disk; many at a time, because the disk writes them together."""
    folders: list[str] = []
    files: list[str] = []
    for path, _, names in os.walk(folder, topdown=False):
        folders.append(path)
        files.extend(f"{path}/{name}" for name in names)
    with ThreadPoolExecutor(_THREADS) as pool:
        list(pool.map(sync_path, files))
        list(pool.map(sync_path, folders))
