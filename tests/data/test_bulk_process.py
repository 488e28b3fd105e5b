"""Bulk prediction in this process: the contract, and what is easier to see here."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from dix.data import part_reading
from dix.data.bulk import Bulk, WantedTensor
from dix.data.bulk_process import predict_in_process
from dix.errors import BadData
from dix.store.store import Store
from tests.contracts.bulk_contract import BulkContract, write_rows
from tests.data.predictors import BrightOrDark


class TestBulkInProcess(BulkContract):
    @pytest.fixture
    def bulk(self) -> Bulk:
        return predict_in_process

    def test_batches_are_never_larger_than_asked(self, bulk: Bulk, store: Store, root: Path) -> None:
        write_rows(root, 300, row_group_size=1000)
        predictor = BrightOrDark()
        self.predict(bulk, store, batch_rows=32, make_predictor=lambda _: predictor)
        assert max(predictor.sizes) == 32
        assert sum(predictor.sizes) == 300

    def test_large_rows_come_in_smaller_batches(
        self, bulk: Bulk, store: Store, root: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(part_reading, "_BATCH_BYTES", 100)
        write_rows(root, 60, row_group_size=1000)
        predictor = BrightOrDark()
        self.predict(bulk, store, make_predictor=lambda _: predictor)
        assert max(predictor.sizes) < 20
        assert sum(predictor.sizes) == 60

    def test_large_images_come_in_smaller_batches(
        self,
        bulk: Bulk,
        store: Store,
        make_image: Callable[..., Path],
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.setattr(part_reading, "_BATCH_BYTES", 48)
        for number in range(10):
            make_image(f"in/{number}.png", size=(4, 4), value=number)
        predictor = BrightOrDark()
        self.predict(bulk, store, make_predictor=lambda _: predictor, cpus=2)
        assert predictor.sizes == [3, 3, 3, 1]
        assert self.read(store)["path"].to_pylist() == [f"{number}.png" for number in range(10)]

    def test_a_table_without_rows_gives_a_table_without_rows(self, bulk: Bulk, store: Store, root: Path) -> None:
        write_rows(root, 0)
        report, _ = self.predict(bulk, store)
        assert report.rows == 0
        assert self.read(store).num_rows == 0
        assert {"id", "prediction", "probabilities"} < set(self.read(store).schema.names)

    def test_a_wrong_size_names_the_row_and_both_sizes(self, bulk: Bulk, store: Store, root: Path) -> None:
        write_rows(root, 4)
        wanted = WantedTensor("image", "image", "uint8", (8, 8))
        with pytest.raises(BadData, match="row 0: its shape is 4 x 4, the model takes 8 x 8"):
            self.predict(bulk, store, tensors=(wanted,))

    def test_any_size_is_taken_where_the_model_takes_it(self, bulk: Bulk, store: Store, root: Path) -> None:
        (root / "in").mkdir()
        images = pa.array([[[200, 200]], [[1], [2]]])
        pq.write_table(pa.table({"image": images}), root / "in" / "a.parquet")
        self.predict(bulk, store, tensors=(WantedTensor("image", "image", "uint8", (-1, -1)),))
        assert self.read(store)["prediction"].to_pylist() == ["bright", "dark"]

    def test_flat_lists_take_the_shape_that_the_model_wants(self, bulk: Bulk, store: Store, root: Path) -> None:
        (root / "in").mkdir()
        pq.write_table(pa.table({"image": [[200] * 16, [2] * 16]}), root / "in" / "a.parquet")
        self.predict(bulk, store)
        assert self.read(store)["prediction"].to_pylist() == ["bright", "dark"]

    def test_a_missing_column_is_named(self, bulk: Bulk, store: Store, root: Path) -> None:
        (root / "in").mkdir()
        (root / "in" / "a.csv").write_text("x,y\n1,2\n")
        with pytest.raises(BadData, match=r"a\.csv: there is no column image; its columns are x, y"):
            self.predict(bulk, store)

    def test_texts_are_not_for_a_model_of_images(self, bulk: Bulk, store: Store, root: Path) -> None:
        (root / "in").mkdir()
        (root / "in" / "a.txt").write_text("hello")
        with pytest.raises(BadData, match="text files give a text, the model's input image is uint8"):
            self.predict(bulk, store)

    def test_what_cannot_be_predicted_is_said(self, bulk: Bulk, store: Store, root: Path) -> None:
        (root / "in").mkdir()
        (root / "in" / "a.h5").write_bytes(b"\x89HDF\r\n\x1a\n")
        with pytest.raises(BadData, match="it is hdf5; prediction takes parquet, csv, json, images or text"):
            self.predict(bulk, store)

    def test_a_second_prediction_replaces_the_first(self, bulk: Bulk, store: Store, root: Path) -> None:
        write_rows(root, 10)
        self.predict(bulk, store)
        self.predict(bulk, store)
        assert self.read(store).num_rows == 10
