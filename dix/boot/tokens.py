"""The tokens of an installation: random, made once, readable by their owner only."""

from __future__ import annotations

import contextlib
import hashlib
import secrets
from pathlib import Path

from dix.settings import Settings


def get_token(settings: Settings) -> str:
    """The token that opens the door: DIX_TOKEN, or the one in `$DIX_HOME/token`, made when there is none."""
    return settings.token or _read_or_make(settings.token_file)


def hash_token(token: str) -> str:
    """What may be handed on in its place: SHA-256, in hexadecimal."""
    return hashlib.sha256(token.encode()).hexdigest()


def ray_token_file(settings: Settings) -> Path:
    """The file with the token of the Ray cluster that `dix up` starts."""
    path = settings.home / "ray_token"
    _read_or_make(path)
    return path


def _read_or_make(path: Path) -> str:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not path.exists():
        # Linked into place whole: who comes at the same moment reads the one that was first, never half of it.
        draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
        draft.touch(mode=0o600)
        draft.write_text(secrets.token_urlsafe(32) + "\n")
        with contextlib.suppress(FileExistsError):
            path.hardlink_to(draft)
        draft.unlink()
    path.chmod(0o600)
    return path.read_text().strip()
