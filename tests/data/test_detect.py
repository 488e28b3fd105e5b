"""Detection takes what lies there, and refuses what is not what it is called."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from dix.data.detect import MIXED, Detection, detect_format
from dix.data.files import list_data_files
from dix.errors import BadData, BadValue
from dix.store.store import Store


def detect(store: Store, uri: str, wanted: str = "auto") -> Detection:
    return detect_format(store, uri, list_data_files(store, uri), wanted)


def test_a_folder_of_images_is_images(store: Store, make_image: Callable[..., Path]) -> None:
    make_image("set/a/1.png")
    make_image("set/b/2.jpg")
    assert detect(store, "set").format == "images"


def test_a_file_without_an_ending_is_known_by_its_content(store: Store, root: Path) -> None:
    pq.write_table(pa.table({"a": [1]}), root / "part-00000")
    assert detect(store, "part-00000").format == "parquet"


def test_many_files_without_endings_are_known_by_some_of_them(store: Store, root: Path) -> None:
    (root / "set").mkdir()
    for number in range(100):
        pq.write_table(pa.table({"a": [number]}), root / "set" / f"part-{number:05d}")
    assert detect(store, "set").found == {"parquet": 100}


def test_a_mixed_folder_is_called_mixed(store: Store, root: Path, make_image: Callable[..., Path]) -> None:
    make_image("set/1.png")
    make_image("set/2.png")
    (root / "set" / "labels.csv").write_text("path,label\n1.png,a\n")
    found = detect(store, "set")
    assert found.format == MIXED
    assert found.describe() == "mixed (2 images, 1 csv)"


def test_a_named_format_leaves_other_files_out(store: Store, root: Path, make_image: Callable[..., Path]) -> None:
    make_image("set/1.png")
    (root / "set" / "labels.csv").write_text("path,label\n1.png,a\n")
    assert [file.path for file in detect(store, "set", "images").files] == ["1.png"]


def test_a_wrong_format_names_the_file_and_what_it_is(store: Store, make_image: Callable[..., Path]) -> None:
    make_image("set/1.png")
    with pytest.raises(BadData, match=r"1\.png is images, not parquet; set format: auto or images"):
        detect(store, "set", "parquet")


def test_text_under_the_name_of_an_image_is_refused(store: Store, root: Path) -> None:
    (root / "set").mkdir()
    (root / "set" / "1.png").write_text("this is not a picture")
    with pytest.raises(BadData, match=r"set/1\.png: the file should be images, but it holds text"):
        detect(store, "set")


def test_something_else_under_the_name_of_parquet_is_refused(store: Store, root: Path) -> None:
    (root / "rows.parquet").write_bytes(b"\x01\x02\x03\xff" * 100)
    with pytest.raises(BadData, match=r"rows\.parquet: the file should be parquet, but it holds something else"):
        detect(store, "rows.parquet")


def test_an_empty_table_file_is_refused(store: Store, root: Path) -> None:
    (root / "rows.csv").touch()
    with pytest.raises(BadData, match=r"the file is empty, csv was expected"):
        detect(store, "rows.csv")


def test_a_table_in_a_text_file_may_be_read_as_csv(store: Store, root: Path) -> None:
    (root / "rows.txt").write_text("a,b\n1,2\n")
    assert detect(store, "rows.txt", "csv").format == "csv"


def test_unknown_files_are_files(store: Store, root: Path) -> None:
    (root / "thing.xyz").write_bytes(b"\x00\x01\xff\xfe")
    assert detect(store, "thing.xyz").format == "files"


def test_an_unknown_format_is_wrong_use(store: Store, make_image: Callable[..., Path]) -> None:
    make_image("set/1.png")
    with pytest.raises(BadValue, match="format: expected auto, parquet"):
        detect(store, "set", "pictures")
