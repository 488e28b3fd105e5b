"""A first look into data, whatever it is."""

from __future__ import annotations

import io
import wave
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image

from dix.data.columns_profile import profile_table
from dix.data.preview import preview_data
from dix.errors import BadData, DataMissing
from dix.store.options import StoreOptions
from dix.store.store import Store


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(StoreOptions(f"file://{tmp_path / 'store'}"))


def put(store: Store, uri: str, write: object) -> None:
    out = io.BytesIO()
    write(out)  # type: ignore[operator]
    store.write_bytes(uri, out.getvalue())


def test_a_table_shows_its_first_rows_with_long_values_cut(store: Store) -> None:
    table = pa.table({"数": range(100), "text": ["x" * 900] * 100, "blob": [b"abc"] * 100, "list": [[1, 2]] * 100})
    put(store, "t/a.parquet", lambda out: pq.write_table(table, out))
    found = preview_data(store, "t", 3)
    assert (found.format, found.files, found.is_whole) == ("parquet", 1, False)
    assert found.columns["数"] == "int64"
    assert [row["数"] for row in found.rows] == [0, 1, 2]
    assert found.rows[0]["blob"] == "<3 bytes>"
    assert found.rows[0]["text"].endswith("(400 more)")
    assert preview_data(store, "t", 100).is_whole


def test_rows_go_on_in_the_next_file(store: Store) -> None:
    for name in ("a", "b"):
        store.write_bytes(f"c/{name}.csv", b"x,y\n1,a\n2,b\n")
    found = preview_data(store, "c", 3)
    assert [row["x"] for row in found.rows] == [1, 2, 1]
    assert not found.is_whole


def test_other_data_is_told_file_by_file(store: Store) -> None:
    store.write_bytes("n.txt", "eins\n二\n".encode())
    assert [row["line"] for row in preview_data(store, "n.txt").rows] == ["eins", "二"]
    put(store, "p/a.png", lambda out: Image.new("RGB", (3, 2)).save(out, "PNG"))
    assert preview_data(store, "p").rows[0] | {"size_bytes": 0} == {
        "file": "a.png",
        "size_bytes": 0,
        "kind": "PNG",
        "width": 3,
        "height": 2,
        "mode": "RGB",
    }
    put(store, "v.npy", lambda out: np.save(out, np.zeros((2, 3), np.float32)))
    assert preview_data(store, "v.npy").rows[0]["shape"] == [2, 3]

    def ring(out: io.BytesIO) -> None:
        with wave.open(out, "wb") as sound:
            sound.setnchannels(1)
            sound.setsampwidth(2)
            sound.setframerate(8000)
            sound.writeframes(bytes(16000))

    put(store, "s.wav", ring)
    assert preview_data(store, "s.wav").rows[0]["seconds"] == 1.0
    with pytest.raises(DataMissing):
        preview_data(store, "nothing")


def test_a_profile_tells_what_columns_hold(store: Store) -> None:
    table = pa.table(
        {
            "n": [1, 2, 2, None, 5],
            "x": [0.0, float("nan"), float("inf"), 1.0, None],
            "s": ["a", "b", "a", None, "a"],
            "b": [b"1"] * 5,
            "none": pa.nulls(5),
        }
    )
    put(store, "t.parquet", lambda out: pq.write_table(table, out))
    found = profile_table(store, "t.parquet")
    columns = {column.name: column for column in found.columns}
    assert (found.rows, found.is_whole) == (5, True)
    number = columns["n"]
    assert (number.nulls, number.distinct, number.least, number.most, number.mean) == (1, 3, 1, 5, 2.5)
    assert sum(one.count for one in number.histogram) == 4
    assert columns["x"].mean == 0.5
    assert columns["s"].common == (("a", 3), ("b", 1))
    assert columns["b"].distinct is None
    assert columns["none"].nulls == 5
    store.write_bytes("t.txt", b"hello")
    with pytest.raises(BadData, match="no columns"):
        profile_table(store, "t.txt")
