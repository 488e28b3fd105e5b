"""A store in a folder, and small data to put into it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from dix.store.options import StoreOptions
from dix.store.store import Store
from tests.fixtures_ray import local_ray
from tests.fixtures_s3 import s3_environment, s3_server

__all__ = ["local_ray", "s3_environment", "s3_server"]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """The folder that the store lies in."""
    folder = tmp_path / "store"
    folder.mkdir()
    return folder


@pytest.fixture
def store(root: Path) -> Store:
    return Store(StoreOptions(f"file://{root}"))


@pytest.fixture
def make_image(root: Path) -> Callable[..., Path]:
    """Write one image file; `size` is (height, width)."""

    def make(path: str, *, size: tuple[int, int] = (8, 8), colours: int = 1, value: int = 100) -> Path:
        target = root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        shape = size if colours == 1 else (*size, colours)
        Image.fromarray(np.full(shape, value, np.uint8)).save(target)
        return target

    return make
