"""What every kind of bulk prediction must do; subclassed by one test class for each."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from dix.data.bulk import Bulk, BulkOrder, BulkProgress, BulkReport, WantedTensor
from dix.errors import BadData, BadModel, DataMissing
from dix.store.store import Store
from tests.data.predictors import MakeBrightOrDark

IMAGE = WantedTensor("image", "image", "uint8", (4, 4))


def write_rows(root: Path, rows: int, row_group_size: int = 50, **columns: Any) -> np.ndarray:
    """Write `rows` images as two Parquet files with an id, a blob and a label; the images' one value is returned."""
    values = np.random.default_rng(0).integers(0, 255, rows).astype(np.uint8)
    images = np.repeat(values, 16).reshape(rows, 4, 4)
    table = pa.table(
        {
            "id": range(rows),
            "blob": [b"x" * 10] * rows,
            "image": pa.array(images.tolist(), pa.list_(pa.list_(pa.uint8(), 4), 4)),
            "label": ["bright" if value > 127 else "dark" for value in values],
            **columns,
        }
    )
    (root / "in").mkdir(parents=True)
    pq.write_table(table.slice(0, rows // 2), root / "in" / "a.parquet", row_group_size=row_group_size)
    pq.write_table(table.slice(rows // 2), root / "in" / "b.parquet", row_group_size=row_group_size)
    return values


class BulkContract:
    """Give `bulk` as a fixture."""

    def predict(self, bulk: Bulk, store: Store, **changes: Any) -> tuple[BulkReport, list[BulkProgress]]:
        seen: list[BulkProgress] = []
        order = BulkOrder(
            **{"source": "in", "target": "out", "tensors": (IMAGE,), "make_predictor": MakeBrightOrDark()} | changes
        )
        return bulk(store, order, seen.append), seen

    def read(self, store: Store) -> pa.Table:
        return pa.concat_tables([pq.read_table(store.local_path(file.uri)) for file in store.list_files("out")])

    def test_rows_keep_their_order_and_number(self, bulk: Bulk, store: Store, root: Path) -> None:
        values = write_rows(root, 501)
        report, seen = self.predict(bulk, store, batch_rows=64)
        table = self.read(store)
        assert table["id"].to_pylist() == list(range(501))
        assert table["prediction"].to_pylist() == table["label"].to_pylist()
        shares = np.array(table["probabilities"].to_pylist())[:, 0]
        np.testing.assert_allclose(shares, values / 255, rtol=1e-6)
        assert report.rows == 501
        assert report.seconds > 0
        assert seen[-1].rows == 501
        assert seen[-1].parts == seen[-1].of == report.parts == len(seen)

    def test_blobs_and_tensors_are_left_out(self, bulk: Bulk, store: Store, root: Path) -> None:
        write_rows(root, 10)
        self.predict(bulk, store)
        assert self.read(store).schema.names == ["id", "label", "prediction", "probabilities"]
        assert self.read(store).schema.field("probabilities").type == pa.list_(pa.float32())

    def test_image_files_bring_their_path_and_class(
        self, bulk: Bulk, store: Store, make_image: Callable[..., Path]
    ) -> None:
        make_image("in/dark/1.png", size=(4, 4), value=10)
        make_image("in/bright/2.png", size=(4, 4), value=250, colours=3)
        self.predict(bulk, store)
        rows = self.read(store).to_pylist()
        assert [(row["path"], row["label"], row["prediction"]) for row in rows] == [
            ("bright/2.png", "bright", "bright"),
            ("dark/1.png", "dark", "dark"),
        ]

    def test_bad_rows_are_named_and_nothing_is_left(self, bulk: Bulk, store: Store, root: Path) -> None:
        write_rows(root, 20)
        kind = pa.list_(pa.list_(pa.int64()))
        images = pa.array([[[1] * 4] * 4] * 19 + [[[300] * 4] * 4], kind)
        pq.write_table(pa.table({"image": images}), root / "in" / "c.parquet")
        with pytest.raises(BadData, match=r"c\.parquet, column image, row 19: its numbers, from 300 to 300, are not"):
            self.predict(bulk, store)
        assert not store.exists("out")

    def test_a_model_that_cannot_be_loaded_is_said(self, bulk: Bulk, store: Store, root: Path) -> None:
        write_rows(root, 10)
        with pytest.raises(BadModel, match="models/x cannot be loaded"):
            self.predict(bulk, store, make_predictor=MakeBrightOrDark(error=True))

    def test_missing_data_is_said(self, bulk: Bulk, store: Store) -> None:
        with pytest.raises(DataMissing):
            self.predict(bulk, store, source="nowhere")
