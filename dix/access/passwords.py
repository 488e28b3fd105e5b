"""Passwords: kept as argon2 hashes, which are slow to make on purpose."""

from __future__ import annotations

import threading
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from dix.errors import BadValue

SHORTEST, LONGEST = 8, 256
# Each takes 64 MiB while it is made: strangers must not fill the memory by asking for many at once.
_AT_ONCE = threading.BoundedSemaphore(2)
_hasher = PasswordHasher()


def hash_password(password: str) -> str:
    """What is kept of it; BadValue for one that is too short or too long to be one."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise BadValue("password", f"{SHORTEST} to {LONGEST} characters", f"{len(password)} characters")
    with _AT_ONCE:
        return _hasher.hash(password)


def is_password(password: str, kept: str | None) -> bool:
    """Whether it is the one that was hashed; as slow where there is none: nobody learns who there is."""
    with _AT_ONCE:
        try:
            return _hasher.verify(kept or _make_nobodys(), password[: LONGEST + 1]) and kept is not None
        except (Argon2Error, InvalidHashError):
            return False


@cache
def _make_nobodys() -> str:
    return _hasher.hash("nobody's password")
