"""Opening the store that the settings, or another process, name."""

from __future__ import annotations

from dix.settings import Settings
from dix.store.options import StoreOptions
from dix.store.store import Store

__all__ = ["StoreOptions", "open_store", "open_store_with"]


def open_store(settings: Settings) -> Store:
    """The store of these settings; raises BadValue when its URL cannot be one. Nothing is asked of the store yet."""
    return open_store_with(StoreOptions(settings.store_url, settings.s3_endpoint, settings.s3_addressing))


def open_store_with(options: StoreOptions) -> Store:
    """The store that another process works with."""
    return Store(options)
