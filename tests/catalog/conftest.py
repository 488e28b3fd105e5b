"""What the tests of the catalog share: a catalog in a folder, and records to put into it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from dix.catalog.direct import DirectCatalog


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "catalog.duckdb"


@pytest.fixture
def catalog(path: Path) -> Iterator[DirectCatalog]:
    catalog = DirectCatalog(path)
    yield catalog
    catalog.close()
