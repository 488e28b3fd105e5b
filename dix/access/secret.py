"""Secrets of tokens: long and random, shown once, and kept as their SHA-256 only."""

from __future__ import annotations

import hashlib
import secrets

# So that scanners of repositories and logs know one when they see it.
PREFIX = "dix_"


def make_secret() -> str:
    """A new secret: 256 bits of chance."""
    return f"{PREFIX}{secrets.token_urlsafe(32)}"


def make_token_id() -> str:
    """What a token is called where its secret must not stand."""
    return f"t{secrets.token_hex(6)}"


def hash_secret(secret: str) -> str:
    """What may be kept in its place: SHA-256, in hexadecimal. Nobody tries 2^256 of them, so it need not be slow."""
    return hashlib.sha256(secret.encode("utf-8", "surrogateescape")).hexdigest()


def read_bearer(authorization: bytes) -> str:
    """The digest of the token in an `Authorization` header; of nothing, where there is none."""
    scheme, _, token = authorization.partition(b" ")
    return hashlib.sha256(token.strip() if scheme.lower() == b"bearer" else b"").hexdigest()
