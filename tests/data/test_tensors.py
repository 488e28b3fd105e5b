"""Columns of numbers become arrays, or a sentence with the row."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from dix.data.tensors import ColumnPlace, holds_encoded_images, holds_lists, to_bytes_or_floats, unpack_column
from dix.errors import BadData

PLACE = ColumnPlace("t.parquet", "image", 100)
IMAGES = np.arange(24, dtype=np.uint8).reshape(2, 3, 4)


def nest(kind: pa.DataType) -> pa.Array:
    return pa.array(IMAGES.tolist(), kind)


@pytest.mark.parametrize(
    "column",
    [
        nest(pa.list_(pa.list_(pa.uint8()))),
        nest(pa.large_list(pa.list_(pa.uint8(), 4))),
        nest(pa.list_(pa.list_(pa.uint8(), 4), 3)),
        pa.FixedShapeTensorArray.from_numpy_ndarray(IMAGES),
    ],
    ids=lambda column: str(column.type),
)
def test_lists_and_tensors_become_one_array(column: pa.Array) -> None:
    array = unpack_column(column, PLACE)
    assert isinstance(array, np.ndarray)
    assert array.dtype == np.uint8
    np.testing.assert_array_equal(array, IMAGES)


def test_a_slice_of_a_column_is_only_its_rows() -> None:
    for kind in (pa.list_(pa.list_(pa.uint8())), pa.list_(pa.list_(pa.uint8(), 4), 3)):
        np.testing.assert_array_equal(unpack_column(nest(kind).slice(1, 1), PLACE), IMAGES[1:])


def test_a_scalar_column_is_one_number_a_row() -> None:
    np.testing.assert_array_equal(unpack_column(pa.array([1, 2]), PLACE), [1, 2])


def test_images_of_different_sizes_come_one_by_one() -> None:
    arrays = unpack_column(pa.array([[[1, 2]], [[1], [2]]]), PLACE)
    assert [array.shape for array in arrays] == [(1, 2), (2, 1)]


def test_decimals_are_single_precision() -> None:
    assert unpack_column(pa.array([[0.5], [1.0]]), PLACE).dtype == np.float32  # type: ignore[union-attr]


@pytest.mark.parametrize("kind", [pa.list_(pa.float64()), pa.list_(pa.float64(), 2)])
@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf")])
def test_nan_and_infinity_name_the_row(kind: pa.DataType, value: float) -> None:
    with pytest.raises(BadData, match=r"t\.parquet: column image, row 101: a value is NaN or infinite"):
        unpack_column(pa.array([[0.0, 1.0], [value, 0.0]], kind), PLACE)


@pytest.mark.parametrize("column", [pa.array([[1, 2], None]), pa.array([[1, 2], [1, None]])])
def test_a_missing_value_names_the_row(column: pa.Array) -> None:
    with pytest.raises(BadData, match="column image, row 101: a value is missing"):
        unpack_column(column, PLACE)


def test_a_crooked_list_is_no_image() -> None:
    with pytest.raises(BadData, match="row 101: its lists are of different lengths"):
        unpack_column(pa.array([[[1, 2], [3, 4]], [[1, 2], [3]]]), PLACE)


def test_texts_are_no_numbers() -> None:
    with pytest.raises(BadData, match="holds string, numbers were expected"):
        unpack_column(pa.array([["a"]]), PLACE)


def test_what_columns_hold_is_known_by_type() -> None:
    files = pa.struct([("bytes", pa.binary()), ("path", pa.string())])
    assert [holds_encoded_images(kind) for kind in (pa.binary(), pa.large_binary(), files)] == [True] * 3
    assert [holds_encoded_images(kind) for kind in (pa.string(), pa.list_(pa.int8()))] == [False] * 2
    assert holds_lists(pa.fixed_shape_tensor(pa.uint8(), (2, 2)))
    assert not holds_lists(pa.int8())


def test_whole_numbers_of_a_byte_are_kept_as_bytes() -> None:
    assert to_bytes_or_floats([np.array([0, 255])]) == np.uint8
    assert to_bytes_or_floats([np.array([0, 255]), np.array([-1])]) == np.float32
    assert to_bytes_or_floats([np.array([0, 256])]) == np.float32
    assert to_bytes_or_floats([np.array([0.5], np.float32)]) == np.float32
