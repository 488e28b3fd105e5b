"""The parts of a store that belong to the platform: `dix/`, and in it where writing happens before it is visible."""

from __future__ import annotations

import secrets

from dix.store.address import Address

RESERVED = "dix"
# Beside a target outside of the store: `.dix-staging-TOKEN`.
BESIDE = ".dix-staging-"


def make_token() -> str:
    """The name of one commit: twelve hexadecimal digits."""
    return secrets.token_hex(6)


def find_staging(root: Address, target: Address, token: str) -> Address:
    """Where the commit `token` of a target is prepared: the store's staging, or beside a target outside of it.

    Both are on the target's own medium, so that a folder can be renamed into place.
    """
    if target.is_below(root):
        return list_staging(root).join(token)
    return target.parent.join(f"{BESIDE}{token}")


def list_staging(root: Address) -> Address:
    """The folder of all that is being prepared in the store."""
    return root.join(f"{RESERVED}/staging")


def is_staging(root: Address, address: Address) -> bool:
    """Whether an address lies in what is being prepared."""
    return address.is_within(list_staging(root)) or f"/{BESIDE}" in address.path
