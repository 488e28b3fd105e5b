"""The digits are real, whole, and the same in both forms."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from dix.data.digits import write_digits
from dix.data.labelled import ImageOptions
from dix.data.reading import read_labelled_images
from dix.store.store import Store


def read_all(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_writing_twice_gives_the_same_files(tmp_path: Path) -> None:
    write_digits(tmp_path / "a")
    write_digits(tmp_path / "b")
    assert read_all(tmp_path / "a") == read_all(tmp_path / "b")


@pytest.mark.parametrize("name", ["train", "test"])
def test_files_and_table_hold_the_same_images(store: Store, root: Path, name: str) -> None:
    write_digits(root / "digits")
    files = read_labelled_images(store, f"digits/{name}", ImageOptions())
    table = read_labelled_images(store, f"digits/{name}.parquet", ImageOptions())
    assert files.images.shape == ({"train": 1438, "test": 359}[name], 8, 8)
    assert sorted(zip(files.labels, (image.tobytes() for image in files.images), strict=True)) == sorted(
        zip(table.labels, (image.tobytes() for image in table.images), strict=True)
    )
    assert np.bincount(files.labels.astype(int)).min() > 30


def test_no_image_is_in_both_sets(tmp_path: Path) -> None:
    write_digits(tmp_path)
    train = {path.name for path in (tmp_path / "train").rglob("*.png")}
    test = {path.name for path in (tmp_path / "test").rglob("*.png")}
    assert len(train) + len(test) == 1797
    assert not train & test
