"""Puts the files of a tar archive into the store, as one folder."""

from __future__ import annotations

import shutil
import tarfile
import tempfile
from collections.abc import Collection
from pathlib import Path, PurePosixPath
from typing import IO

from dix.errors import BadValue
from dix.store.commit import Stage
from dix.store.listing import Size
from dix.store.plain_tar import is_plain, open_plain_tar
from dix.store.store import Store

_EXPECTED = "a tar archive that is not compressed"


def unpack(archive: Path, store: Store, uri: str) -> Size:
    """Commit the archive's files as the folder `uri`; raises BadValue for an archive that is none, or is not ours.

    Only plain files and folders are taken: no links, no devices, no path that leads outside; nothing is compressed.
    """
    sizes: dict[PurePosixPath, int] = {}
    with tempfile.TemporaryDirectory(prefix="dix-unpack-") as folder, store.stage(uri) as stage:
        with open_plain_tar(archive, "body", _EXPECTED) as tar:
            for member in tar:
                if not member.isdir():
                    path = _check_member(member, sizes)
                    _put(stage, tar.extractfile(member), path, Path(folder) / "file")
                    sizes[path] = member.size
        if not sizes:
            raise BadValue("body", "a tar archive with at least one file in it", "none")
        stage.commit()
    return Size(len(sizes), sum(sizes.values()))


def extract(archive: Path, folder: Path) -> Size:
    """The same into a folder of this machine."""
    sizes: dict[PurePosixPath, int] = {}
    try:
        with open_plain_tar(archive, "body", _EXPECTED) as tar:
            for member in tar:
                if not member.isdir():
                    path = _check_member(member, sizes)
                    _write(tar.extractfile(member), folder / path)
                    sizes[path] = member.size
    except (OSError, ValueError) as error:  # names that no file can have
        raise BadValue("file name", "names that files can have", str(error)) from None
    if not sizes:
        raise BadValue("body", "a tar archive with at least one file in it", "none")
    return Size(len(sizes), sum(sizes.values()))


def _check_member(member: tarfile.TarInfo, before: Collection[PurePosixPath]) -> PurePosixPath:
    path = PurePosixPath(member.name)
    if not is_plain(member) or path.is_absolute() or ".." in path.parts or str(path) != member.name:
        raise BadValue("file name", "plain files with relative paths", member.name)
    if path in before or any(parent in before for parent in path.parents):
        raise BadValue("file name", "each name once, for a file or for a folder", member.name)
    return path


def _write(content: IO[bytes] | None, path: Path) -> None:
    if content is not None:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as out:
            shutil.copyfileobj(content, out)


def _put(stage: Stage, content: IO[bytes] | None, path: PurePosixPath, scratch: Path) -> None:
    if content is not None:
        with scratch.open("wb") as out:
            shutil.copyfileobj(content, out)
        stage.put(scratch, str(path))
