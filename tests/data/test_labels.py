"""Labels are text in a fixed order, whatever they were."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from dix.data.labels import find_targets, read_labels, sort_labels
from dix.errors import BadData


@pytest.mark.parametrize(
    "column",
    [
        pa.array([3, 10, 3], pa.int64()),
        pa.array([3, 10, 3], pa.uint8()),
        pa.array([3.0, 10.0, 3.0]),
        pa.array(["3", "10", "3"]),
        pa.array(["3", "10", "3"], pa.large_string()),
        pa.array(["3", "10", "3"]).dictionary_encode(),
    ],
    ids=lambda column: str(column.type),
)
def test_numbers_and_texts_are_the_same_label(column: pa.Array) -> None:
    assert list(read_labels(column, "t", "label")) == ["3", "10", "3"]


def test_truth_values_are_labels() -> None:
    assert list(read_labels(pa.array([True, False]), "t", "label")) == ["true", "false"]


@pytest.mark.parametrize("missing", [None, ""])
def test_a_missing_label_names_the_row(missing: str | None) -> None:
    with pytest.raises(BadData, match="t: column label has no label in row 101"):
        read_labels(pa.array(["a", missing]), "t", "label", first_row=100)


@pytest.mark.parametrize("value", [0.5, float("nan"), float("inf")])
def test_a_broken_number_is_no_label(value: float) -> None:
    with pytest.raises(BadData, match=r"column label has the value .* in row 1, which is no class"):
        read_labels(pa.array([1.0, value]), "t", "label")


def test_a_list_is_no_label() -> None:
    with pytest.raises(BadData, match="which is no label"):
        read_labels(pa.array([[1]]), "t", "label")


def test_whole_numbers_are_sorted_by_number() -> None:
    assert sort_labels(["10", "2", "0", "2"]) == ("0", "2", "10")
    assert sort_labels(["10", "2", "b"]) == ("10", "2", "b")


def test_an_unknown_label_has_no_place() -> None:
    places = find_targets(np.array(["b", "x", "a"], dtype=object), ("a", "b"))
    assert list(places) == [1, -1, 0]
