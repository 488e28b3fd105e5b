"""Model folders on this machine: read in place where the store lies here, else kept in a cache that processes share."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

from dix.errors import BadModel, ChecksumMismatch, PlatformError
from dix.records.model_version import ModelVersion
from dix.registry.artifact import check_files
from dix.store.store import Store


def default_cache() -> Path:
    """Where models are kept on a machine that has been told no other place."""
    return Path(tempfile.gettempdir()) / f"dix-models-{os.getuid()}"


def fetch_model(store: Store, version: ModelVersion, cache: Path) -> Path:
    """A local folder that holds exactly what the version's manifest says; not to be written to.

    Raises ChecksumMismatch or BadModel when somebody changed the artifact, and what the store raises.
    """
    in_place = store.local_path(version.uri)
    if in_place is not None:
        check_files(in_place, version.manifest, version.uri)
        return in_place
    _make_private(cache)
    target = cache / str(version.manifest["checksum"])
    if target.is_dir() and _is_whole(target, version):
        return target
    return _download(store, version, target)


def _is_whole(folder: Path, version: ModelVersion) -> bool:
    try:
        check_files(folder, version.manifest, version.uri)
    except (ChecksumMismatch, BadModel):
        return False
    return True


def _download(store: Store, version: ModelVersion, target: Path) -> Path:
    """Into a folder of our own first, then renamed: readers never see a part, and of many writers one wins."""
    draft = Path(tempfile.mkdtemp(dir=target.parent, prefix=".fetch-"))
    try:
        fetched = store.fetch(version.uri, draft / "model")
        check_files(fetched, version.manifest, version.uri)
        if target.is_dir() and not _is_whole(target, version):
            target.rename(draft / "damaged")
        try:
            fetched.rename(target)
        except OSError:
            # Somebody else was first; anything else is raised.
            if not target.is_dir():
                raise
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return target


def _make_private(folder: Path) -> None:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if folder.is_symlink() or folder.stat().st_uid != os.getuid():
        raise PlatformError(f"{folder} belongs to another account, so models cannot be kept there; remove it")
