"""Stores for the tests of this room."""

from __future__ import annotations

from pathlib import Path

import pytest

from dix.store.options import StoreOptions
from dix.store.store import Store


@pytest.fixture
def folder_store(tmp_path: Path) -> Store:
    return Store(StoreOptions(f"file://{tmp_path / 'store'}"))
