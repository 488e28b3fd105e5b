"""A data node's facts: what lies there, counted where that is cheap."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from dix.data.inspection import inspect_data
from dix.store.store import Store


def test_image_folders_are_counted_by_class(store: Store, make_image: Callable[..., Path]) -> None:
    paths = [make_image(f"set/{name}.png") for name in ("cat/1", "cat/2", "dog/1")]
    facts = inspect_data(store, "set")
    assert (facts.format, facts.files, facts.rows) == ("images", 3, 3)
    assert facts.size_bytes == sum(path.stat().st_size for path in paths)
    assert facts.classes == {"cat": 2, "dog": 1}


def test_loose_images_have_no_classes(store: Store, make_image: Callable[..., Path]) -> None:
    make_image("set/1.png")
    make_image("set/cat/1.png")
    assert inspect_data(store, "set").classes == {}


def test_rows_of_parquet_come_from_the_footers(store: Store, root: Path) -> None:
    (root / "set").mkdir()
    for number, rows in enumerate((3, 4)):
        pq.write_table(pa.table({"a": range(rows)}), root / "set" / f"{number}.parquet")
    assert inspect_data(store, "set").rows == 7


def test_rows_of_csv_are_records_not_lines(store: Store, root: Path) -> None:
    (root / "rows.csv").write_text('a,b\n1,"two\nlines"\n2,x\n')
    assert inspect_data(store, "rows.csv").rows == 2


def test_rows_of_unknown_files_are_not_guessed(store: Store, root: Path) -> None:
    (root / "thing.xyz").write_bytes(b"\x00\x01\xff\xfe")
    assert inspect_data(store, "thing.xyz").rows is None


def test_files_of_another_format_are_counted_as_left_out(
    store: Store, root: Path, make_image: Callable[..., Path]
) -> None:
    make_image("set/1.png")
    (root / "set" / "labels.csv").write_text("a\n1\n")
    facts = inspect_data(store, "set", "images")
    assert (facts.files, facts.left_out) == (1, 1)
