"""Tables are read in order, in bounded batches, and say what is wrong with them."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from dix.data.files import list_data_files
from dix.data.tables import read_batches, read_schema
from dix.errors import BadData
from dix.store.listing import StoredFile
from dix.store.store import Store

ROWS = [{"a": number, "b": f"名{number}"} for number in range(10)]


def write(path: Path) -> None:
    if path.name.endswith(".parquet"):
        pq.write_table(pa.Table.from_pylist(ROWS), path, row_group_size=4)
    elif path.name.endswith(".csv"):
        path.write_text("a,b\n" + "".join(f"{row['a']},{row['b']}\n" for row in ROWS))
    elif path.name.endswith(".tsv"):
        path.write_text("a\tb\n" + "".join(f"{row['a']}\t{row['b']}\n" for row in ROWS))
    elif path.name.endswith(".csv.gz"):
        path.write_bytes(gzip.compress(b"a,b\n" + "".join(f"{row['a']},{row['b']}\n" for row in ROWS).encode()))
    elif path.name.endswith(".jsonl"):
        path.write_text("".join(json.dumps(row) + "\n" for row in ROWS))
    else:
        path.write_text(json.dumps(ROWS))


def find(store: Store, name: str) -> StoredFile:
    return list_data_files(store, name)[0]


@pytest.mark.parametrize(
    ("name", "format"),
    [
        ("t.parquet", "parquet"),
        ("t.csv", "csv"),
        ("t.tsv", "csv"),
        ("t.csv.gz", "csv"),
        ("t.jsonl", "json"),
        ("t.json", "json"),
    ],
)
def test_every_format_gives_the_same_rows(store: Store, root: Path, name: str, format: str) -> None:
    write(root / name)
    batches = list(read_batches(store, find(store, name), format, batch_rows=3))
    assert [row for batch in batches for row in batch.to_pylist()] == ROWS
    assert max(batch.num_rows for batch in batches) <= 3
    assert read_schema(store, find(store, name), format).names == ["a", "b"]


def test_row_groups_can_be_chosen(store: Store, root: Path) -> None:
    write(root / "t.parquet")
    batches = read_batches(store, find(store, "t.parquet"), "parquet", ["a"], row_groups=[1])
    assert [row["a"] for batch in batches for row in batch.to_pylist()] == [4, 5, 6, 7]


@pytest.mark.parametrize(("name", "format"), [("t.parquet", "parquet"), ("t.csv", "csv"), ("t.jsonl", "json")])
def test_a_missing_column_names_the_nearest(store: Store, root: Path, name: str, format: str) -> None:
    if name == "t.parquet":
        pq.write_table(pa.table({"labels": ["x"]}), root / name)
    else:
        (root / name).write_text("labels\nx\n" if format == "csv" else '{"labels": "x"}\n')
    with pytest.raises(BadData, match=rf"{name}: there is no column label; did you mean labels\?"):
        list(read_batches(store, find(store, name), format, ["label"]))


def test_a_damaged_parquet_file_is_named(store: Store, root: Path) -> None:
    write(root / "t.parquet")
    content = (root / "t.parquet").read_bytes()
    (root / "t.parquet").write_bytes(content[: len(content) // 2])
    with pytest.raises(BadData, match=r"t\.parquet: the file cannot be read as parquet"):
        list(read_batches(store, find(store, "t.parquet"), "parquet"))


def test_a_crooked_csv_file_is_named(store: Store, root: Path) -> None:
    (root / "t.csv").write_text("a,b\n1,2\n1,2,3\n")
    with pytest.raises(BadData, match=r"t\.csv: the file cannot be read as csv .*Expected 2 columns, got 3"):
        list(read_batches(store, find(store, "t.csv"), "csv"))


def test_a_json_list_of_other_things_is_refused(store: Store, root: Path) -> None:
    (root / "t.json").write_text("[1, 2]")
    with pytest.raises(BadData, match="holds something else than objects"):
        list(read_batches(store, find(store, "t.json"), "json"))


def test_broken_json_is_named(store: Store, root: Path) -> None:
    (root / "t.json").write_text('[{"a": 1}, {"a": ')
    with pytest.raises(BadData, match=r"t\.json: the file cannot be read as json"):
        list(read_batches(store, find(store, "t.json"), "json"))


def test_nothing_is_kept_open_when_reading_stops_early(store: Store, root: Path) -> None:
    write(root / "t.csv")
    batches = read_batches(store, find(store, "t.csv"), "csv", batch_rows=1)
    next(batches)
    batches.close()  # type: ignore[attr-defined]


def test_a_large_parquet_file_is_read_piece_by_piece(store: Store, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dix.data.tables._MAPPED_BYTES", 0)
    table = pa.table({"x": np.random.default_rng(0).random(1_000_000)})
    pq.write_table(table, root / "large.parquet", row_group_size=50_000)
    (file,) = store.list_files("large.parquet")
    before = pa.total_allocated_bytes()
    held = max(pa.total_allocated_bytes() - before for _ in read_batches(store, file, "parquet"))
    assert held < file.size_bytes / 3
