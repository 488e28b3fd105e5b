"""Which files of a folder are data."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from dix.data.files import list_data_files, read_contents
from dix.errors import DataMissing
from dix.store.store import Store


def test_hidden_and_side_files_are_left_out(store: Store, root: Path) -> None:
    for path in ("b.csv", "a/a.csv", "_SUCCESS", ".hidden", "README.md", ".git/x.csv", "_background_noise_/n.wav"):
        (root / "set" / path).parent.mkdir(parents=True, exist_ok=True)
        (root / "set" / path).write_text("a\n1\n")
    assert [file.path for file in list_data_files(store, "set")] == ["_background_noise_/n.wav", "a/a.csv", "b.csv"]


def test_a_file_that_is_named_counts_whatever_it_is_called(store: Store, root: Path) -> None:
    (root / "README.md").write_text("text")
    assert [file.path for file in list_data_files(store, "README.md")] == ["README.md"]


def test_missing_data_names_its_nearest_neighbour(store: Store, make_image: Callable[..., Path]) -> None:
    make_image("digits/train/1/a.png")
    with pytest.raises(DataMissing, match=r"digits/trian: nothing lies there; did you mean train\?"):
        list_data_files(store, "digits/trian")


def test_missing_data_names_what_else_lies_there(store: Store, make_image: Callable[..., Path]) -> None:
    make_image("digits/train/1/a.png")
    with pytest.raises(DataMissing, match=r"nothing lies there; in digits there is train"):
        list_data_files(store, "digits/zzz")


def test_missing_data_in_a_missing_folder_says_so(store: Store, make_image: Callable[..., Path]) -> None:
    make_image("digits/train/1/a.png")
    with pytest.raises(DataMissing, match="the folder digts is not there either"):
        list_data_files(store, "digts/train")


def test_a_folder_with_nothing_but_side_files_is_missing_data(store: Store, root: Path) -> None:
    (root / "set").mkdir()
    (root / "set" / "_SUCCESS").touch()
    with pytest.raises(DataMissing, match="only hidden and side files lie there, such as _SUCCESS"):
        list_data_files(store, "set")


def test_contents_come_in_the_order_of_the_files(store: Store, root: Path) -> None:
    for number in range(150):
        (root / f"{number:03d}.txt").write_text(str(number))
    contents = list(read_contents(store, list_data_files(store, root.as_uri())))
    assert contents == [str(number).encode() for number in range(150)]
