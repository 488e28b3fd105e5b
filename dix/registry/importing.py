"""Unpacks a model's archive that comes from elsewhere, and believes nothing of it that it cannot check.

An archive is taken when it holds exactly the files that its head names, each with its digest, and nothing but plain
files: no links, no devices, no path that leads outside.
"""

from __future__ import annotations

import hashlib
import tarfile
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, Any

from dix.errors import BadValue, ChecksumMismatch
from dix.records.moments import now, to_text
from dix.registry.head import HEAD_FILE, MODEL_FOLDER, ArchiveFile, ArchiveHead, read_head
from dix.store.digest import hash_listing
from dix.store.plain_tar import MOST_HEADER_BYTES, is_plain, open_plain_tar

_CHUNK_BYTES = 1024 * 1024
_LONGEST_PATH = 1000


@dataclass(frozen=True, slots=True)
class Import:
    """What shall become of an archive: a version of which model (None: as it is called in it), where, and by whom."""

    model: str | None
    project: str
    user: str


def trace_import(head: ArchiveHead, user: str) -> dict[str, Any]:
    """The lineage of an imported version: what it was where it comes from, who brought it and when."""
    return {
        "imported": {
            "model": head.model,
            "version": head.version,
            "created": to_text(head.created),
            "run": head.run,
            "node": head.node,
            "checksum": head.manifest.checksum,
            "by": user,
            "at": to_text(now()),
        },
        "original": head.manifest.lineage,
    }


def unpack_archive(archive: Path, folder: Path) -> ArchiveHead:
    """Write the model's files below a folder that is empty, and return what the head says.

    Raises BadValue for an archive that is none or holds what it must not, ChecksumMismatch for a file that is not what
    the head says.
    """
    with open_plain_tar(archive, "archive", "what `dix models export` writes") as tar:
        members = iter(tar)
        head = read_head(_read_head_file(tar, next(members, None)))
        missing = _list_files(head)
        for member in members:
            entry = missing.pop(_check_member(member), None)
            if entry is None or member.size != entry.size_bytes:
                raise BadValue("archive", "each file that its head names, once and in its size", member.name)
            _write(tar.extractfile(member), folder / entry.path, entry)
    if missing:
        raise BadValue("archive", "all files that its head names", f"one without {next(iter(missing))}")
    return head


def _read_head_file(tar: tarfile.TarFile, member: tarfile.TarInfo | None) -> bytes:
    content = tar.extractfile(member) if member is not None and member.isreg() else None
    if member is None or content is None or member.name != HEAD_FILE:
        raise BadValue("archive", f"{HEAD_FILE} as its first file", "nothing" if member is None else member.name)
    if member.size > MOST_HEADER_BYTES:
        raise BadValue("archive", f"{HEAD_FILE} of at most {MOST_HEADER_BYTES} bytes", member.size)
    return content.read()


def _list_files(head: ArchiveHead) -> dict[str, ArchiveFile]:
    files = {_check_path(entry.path): entry for entry in head.manifest.files}
    folders = {str(parent) for path in files for parent in PurePosixPath(path).parents}
    if len(files) != len(head.manifest.files) or folders & files.keys():
        raise BadValue("archive", "each name once, for a file or for a folder", "a name that is there twice")
    checksum = hash_listing((entry.path, entry.sha256) for entry in files.values())
    if checksum != head.manifest.checksum:
        raise ChecksumMismatch("the list of files in the archive", head.manifest.checksum, checksum)
    return files


def _check_path(path: str) -> str:
    parts = PurePosixPath(path).parts
    outside = path.startswith("/") or ".." in parts or "\0" in path or "\\" in path
    if not parts or outside or "/".join(parts) != path or len(path) > _LONGEST_PATH:
        raise BadValue("archive", "relative paths of plain names", path[:_LONGEST_PATH])
    return path


def _check_member(member: tarfile.TarInfo) -> str:
    """The path of a plain file below the model's folder."""
    folder, _, path = member.name.partition("/")
    if not is_plain(member) or folder != MODEL_FOLDER:
        raise BadValue("archive", f"plain files below {MODEL_FOLDER}/", member.name)
    return _check_path(path)


def _write(content: IO[bytes] | None, target: Path, entry: ArchiveFile) -> None:
    digest = hashlib.sha256()
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.open("xb") as out:
        while chunk := content.read(_CHUNK_BYTES) if content is not None else b"":
            digest.update(chunk)
            out.write(chunk)
    if digest.hexdigest() != entry.sha256:
        raise ChecksumMismatch(f"{entry.path} in the archive", entry.sha256, digest.hexdigest())
