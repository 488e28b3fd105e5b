"""A model folder as a framework leaves it, and the rooms that keep it."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from dix.catalog.direct import DirectCatalog
from dix.store.choose import StoreOptions, open_store_with
from dix.store.store import Store
from tests.fixtures_ray import local_ray

__all__ = ["local_ray"]

CARD = {
    "algorithm": "cnn",
    "framework": "torch",
    "inputs": [{"name": "image", "datatype": "UINT8", "shape": [-1, 8, 8]}],
    "outputs": [{"name": "label", "datatype": "BYTES", "shape": [-1]}],
    "labels": ["0", "1"],
    "preprocessing": {"scale": 255},
    "net": {"layers": 3},
    "params": {"epochs": 2},
    "metrics": {"accuracy": 0.97},
}

MakeModel = Callable[[str], Path]


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return open_store_with(StoreOptions(f"file://{tmp_path}/store"))


@pytest.fixture
def catalog(tmp_path: Path) -> Iterator[DirectCatalog]:
    opened = DirectCatalog(tmp_path / "catalog.duckdb")
    yield opened
    opened.close()


@pytest.fixture
def make_model(tmp_path: Path) -> MakeModel:
    def make(name: str) -> Path:
        folder = tmp_path / "made" / name
        folder.mkdir(parents=True)
        (folder / "model.json").write_text(json.dumps(CARD))
        (folder / "weights.safetensors").write_bytes(name.encode() * 1000)
        return folder

    return make
