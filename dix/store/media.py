"""Which medium a scheme has: the one place that knows them all."""

from __future__ import annotations

from functools import lru_cache

from dix.store.address import Scheme, read_store_url
from dix.store.folder import FolderMedium
from dix.store.medium import Medium
from dix.store.options import StoreOptions


def choose_medium(scheme: Scheme, options: StoreOptions) -> Medium:
    """The medium of a scheme; S3 and what it imports are loaded only where they are used."""
    if scheme == "file":
        return FolderMedium(read_store_url(options.url))
    return connect_s3(options.s3_endpoint, options.s3_addressing)


@lru_cache(maxsize=8)
def connect_s3(endpoint: str | None, addressing: str) -> Medium:
    """The connection to one S3 server; all stores of a process share it, because a new one costs a tenth of a second.

    It takes the credentials that the process has when it is first used.
    """
    from dix.store.s3 import S3Medium

    return S3Medium(endpoint, addressing)
