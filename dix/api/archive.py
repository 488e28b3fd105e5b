"""Puts the files of a tar archive into the store, as one folder."""

from __future__ import annotations

import shutil
import tarfile
import tempfile
from pathlib import Path, PurePosixPath
from typing import IO

from dix.errors import BadValue
from dix.store.commit import Stage
from dix.store.listing import Size
from dix.store.store import Store


def unpack(archive: Path, store: Store, uri: str) -> Size:
    """Commit the archive's files as the folder `uri`; raises BadValue for an archive that is none, or is not ours.

    Only plain files and folders are taken: no links, no devices, no path that leads outside.
    """
    files = size = 0
    with tempfile.TemporaryDirectory(prefix="dix-unpack-") as folder, store.stage(uri) as stage:
        try:
            with tarfile.open(archive, "r:*") as tar:
                for member in tar:
                    content = _open_member(tar, member)
                    if content is not None:
                        _put(stage, content, member.name, Path(folder) / "file")
                        files, size = files + 1, size + member.size
        except (tarfile.TarError, EOFError) as error:
            raise BadValue("body", "a tar archive", str(error)) from None
        if not files:
            raise BadValue("body", "a tar archive with at least one file in it", "none")
        stage.commit()
    return Size(files, size)


def _open_member(tar: tarfile.TarFile, member: tarfile.TarInfo) -> IO[bytes] | None:
    """The content of a file; None for a folder."""
    path = PurePosixPath(member.name)
    if member.isdir():
        return None
    if not member.isreg() or path.is_absolute() or ".." in path.parts or str(path) != member.name:
        raise BadValue("file name", "plain files with relative paths", member.name)
    return tar.extractfile(member)


def _put(stage: Stage, content: IO[bytes], name: str, scratch: Path) -> None:
    with scratch.open("wb") as out:
        shutil.copyfileobj(content, out)
    stage.put(scratch, name)
