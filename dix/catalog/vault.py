"""The vault: makes values unreadable for all who have the catalog's file and not the key that lies beside it.

AES-256-GCM (NIST SP 800-38D): the nonce, then what was encrypted with its tag. What a value belongs to is bound to it,
so that one row cannot be passed off as another.
"""

from __future__ import annotations

import contextlib
import os
import secrets
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from dix.errors import CatalogError

_NONCE_BYTES = 12
_KEY_BYTES = 32


class Vault:
    """A key in a file that only its owner may read, made with the first value."""

    def __init__(self, path: Path) -> None:
        """`path` is the file of the key."""
        self._path = path

    def seal(self, value: str, belongs_to: str) -> bytes:
        """The value, encrypted."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return nonce + AESGCM(self._read_or_make_key()).encrypt(nonce, value.encode(), belongs_to.encode())

    def open(self, sealed: bytes, belongs_to: str) -> str:
        """The value that was sealed; CatalogError when the key is gone or is another one."""
        nonce, content = sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:]
        try:
            return AESGCM(self._path.read_bytes()).decrypt(nonce, content, belongs_to.encode()).decode()
        except (OSError, ValueError, InvalidTag):
            raise CatalogError(
                f"its secrets cannot be read without the key they were kept with ({self._path}); bring that file back, "
                "or set the secrets anew"
            ) from None

    def _read_or_make_key(self) -> bytes:
        if not self._path.exists():
            # Linked into place whole, as the tokens are.
            draft = self._path.with_name(f".{self._path.name}.{secrets.token_hex(8)}")
            draft.touch(mode=0o600)
            draft.write_bytes(AESGCM.generate_key(bit_length=8 * _KEY_BYTES))
            with draft.open("rb") as file:
                os.fsync(file.fileno())  # before the first value is
            with contextlib.suppress(FileExistsError):
                self._path.hardlink_to(draft)
            draft.unlink()
        return self._path.read_bytes()
