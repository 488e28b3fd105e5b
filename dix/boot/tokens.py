"""The tokens of an installation: random, made once, readable by their owner only."""

from __future__ import annotations

import hashlib
import os
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
    try:
        number = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        path.chmod(0o600)
        return path.read_text().strip()
    with os.fdopen(number, "w") as file:
        token = secrets.token_urlsafe(32)
        file.write(token + "\n")
    return token
