"""Data on a real S3 server is read, predicted and written as in a folder."""

from __future__ import annotations

import tracemalloc
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from dix.data.bulk import BulkOrder
from dix.data.bulk_process import predict_in_process
from dix.data.inspection import inspect_data
from dix.data.labelled import ImageOptions
from dix.data.reading import read_labelled_images
from dix.data.tables import read_batches
from dix.errors import DataMissing
from dix.store.options import StoreOptions
from dix.store.store import Store
from tests.contracts.bulk_contract import IMAGE, write_rows
from tests.data.predictors import MakeBrightOrDark
from tests.fixtures_s3 import S3Server

pytestmark = pytest.mark.s3


@pytest.fixture
def s3_store(s3_environment: S3Server, request: pytest.FixtureRequest) -> Store:
    return Store(StoreOptions(s3_environment.url(request.node.name.replace("_", "-")), s3_environment.endpoint))


def test_tables_are_predicted_from_s3_to_s3(s3_store: Store, tmp_path: Path) -> None:
    write_rows(tmp_path, 500)
    s3_store.put(tmp_path / "in", "in")
    order = BulkOrder("in", "out", (IMAGE,), MakeBrightOrDark())
    # The second time the parts lie under other keys than their names.
    for _ in range(2):
        assert predict_in_process(s3_store, order, lambda _: None).rows == 500
    table = pq.read_table(s3_store.fetch("out", tmp_path / "out"))
    assert table["prediction"].to_pylist() == table["label"].to_pylist()
    assert inspect_data(s3_store, "out").rows == 500


def test_a_folder_that_was_committed_twice_is_read_by_its_names(s3_store: Store, root: Path, make_image) -> None:  # type: ignore[no-untyped-def]
    for name in ("cat/1", "cat/2", "dog/1"):
        make_image(f"set/{name}.png")
    for _ in range(2):
        s3_store.put(root / "set", "set")
    found = read_labelled_images(s3_store, "set", ImageOptions())
    assert (found.images.shape, list(found.labels)) == ((3, 8, 8), ["cat", "cat", "dog"])
    assert inspect_data(s3_store, "set").classes == {"cat": 2, "dog": 1}


def test_a_large_parquet_file_on_s3_is_read_piece_by_piece(s3_store: Store, tmp_path: Path) -> None:
    table = pa.table({"x": np.random.default_rng(0).random(4_000_000)})
    pq.write_table(table, tmp_path / "large.parquet", row_group_size=100_000)
    s3_store.put(tmp_path / "large.parquet", "large.parquet")
    (file,) = s3_store.list_files("large.parquet")
    tracemalloc.start()  # what s3fs hands over is memory of Python's
    try:
        assert sum(batch.num_rows for batch in read_batches(s3_store, file, "parquet")) == 4_000_000
        assert tracemalloc.get_traced_memory()[1] < file.size_bytes * 0.6
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("text", ["a,b\n1,2\n3,4\n"])
def test_text_tables_are_read_from_s3(s3_store: Store, text: str) -> None:
    s3_store.write_bytes("rows.csv", text.encode())
    assert inspect_data(s3_store, "rows.csv").rows == 2


def test_missing_data_on_s3_names_its_neighbour(s3_store: Store) -> None:
    s3_store.write_bytes("digits/train.csv", b"a\n1\n")
    with pytest.raises(DataMissing, match=r"did you mean train\.csv\?"):
        inspect_data(s3_store, "digits/trian.csv")
