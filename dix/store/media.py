"""Which medium a scheme has: the one place that knows them all."""

from __future__ import annotations

from dix.store.address import Scheme, read_store_url
from dix.store.folder import FolderMedium
from dix.store.medium import Medium
from dix.store.options import StoreOptions


def choose_medium(scheme: Scheme, options: StoreOptions) -> Medium:
    """A new medium; S3 and what it imports are loaded only where they are used."""
    if scheme == "file":
        return FolderMedium(read_store_url(options.url))
    from dix.store.s3 import S3Medium

    return S3Medium(options)
