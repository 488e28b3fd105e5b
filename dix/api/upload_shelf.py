"""Uploads that are not complete: their bytes lie in files of this machine, to go on after a cut or a restart."""

from __future__ import annotations

import hashlib
import json
import os
import re
import secrets
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from dix.errors import BadValue, Conflict, NotFound, PlatformError

# What nobody has sent anything for in so long is forgotten.
_KEPT_FOR_S = 24 * 3600
_ID = re.compile(r"u[0-9a-f]{16}\Z")


@dataclass(frozen=True, slots=True)
class Upload:
    """What is being sent where, by whom; `size_bytes` is None where that was not said."""

    id: str
    user: str
    uri: str
    size_bytes: int | None = None


class UploadShelf:
    """A folder with two files for each upload; may be used from any thread, and for one upload by one at a time."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def begin(self, user: str, uri: str, size_bytes: int | None) -> Upload:
        """A new one, without a byte yet."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if self._folder.is_symlink() or self._folder.stat().st_uid != os.getuid():
            raise PlatformError(f"{self._folder} belongs to another account, so uploads cannot lie there; remove it")
        self._folder.chmod(0o700)
        self._sweep()
        upload = Upload(f"u{secrets.token_hex(8)}", user, uri, size_bytes)
        self.path(upload).touch(mode=0o600)
        self._facts(upload.id).write_text(json.dumps(asdict(upload)), encoding="utf-8")
        return upload

    def find(self, id: str, user: str) -> Upload:
        """One of this user's; NotFound for all else."""
        try:
            facts = self._facts(id).read_text(encoding="utf-8") if _ID.match(id) else ""
            upload = Upload(**json.loads(facts))
        except (OSError, ValueError, TypeError):
            raise NotFound("upload", id) from None
        if upload.user != user:
            raise NotFound("upload", id)
        return upload

    def path(self, upload: Upload) -> Path:
        """Where its bytes are."""
        return self._folder / upload.id

    def measure(self, upload: Upload) -> int:
        """How many bytes of it are there."""
        try:
            return self.path(upload).stat().st_size
        except OSError:
            raise NotFound("upload", upload.id) from None

    def check_offset(self, upload: Upload, offset: int) -> None:
        """Raises Conflict unless it is where the bytes that are there end."""
        there = self.measure(upload)
        if offset != there:
            raise Conflict("upload", upload.id, f"at byte {there}", f"continued at byte {offset}; go on at {there}")

    def add(self, upload: Upload, chunk: bytes) -> None:
        """Put bytes after those that are there; BadValue for more than were announced."""
        if upload.size_bytes is not None and self.measure(upload) + len(chunk) > upload.size_bytes:
            raise BadValue("body", f"{upload.size_bytes} bytes in all, as was said", "more")
        with self.path(upload).open("ab") as out:
            out.write(chunk)

    def check_whole(self, upload: Upload, sha256: str) -> int:
        """How many bytes it has; BadValue when some are missing, or they are not those that were sent."""
        there = self.measure(upload)
        if upload.size_bytes not in {None, there}:
            raise Conflict("upload", upload.id, f"at byte {there} of {upload.size_bytes}", "completed")
        with self.path(upload).open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        if digest != sha256.lower():
            self.forget(upload)
            raise BadValue("sha256", f"that of the bytes that came, {digest}", sha256, "send them again")
        return there

    def forget(self, upload: Upload) -> None:
        """Delete what is there of it."""
        self.path(upload).unlink(missing_ok=True)
        self._facts(upload.id).unlink(missing_ok=True)

    def _facts(self, id: str) -> Path:
        return self._folder / f"{id}.json"

    def _sweep(self) -> None:
        limit = time.time() - _KEPT_FOR_S
        for path in self._folder.glob("u*"):
            facts = path.with_name(f"{path.name.removesuffix('.json')}.json")
            newest = max((one.stat().st_mtime for one in (path, facts) if one.exists()), default=0.0)
            if newest < limit:
                path.unlink(missing_ok=True)
