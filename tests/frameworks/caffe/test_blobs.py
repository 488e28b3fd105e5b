from __future__ import annotations

import numpy as np
import pytest

from dix.errors import BadData
from dix.frameworks.caffe.blobs import find_shape, make_blob, read_blob
from dix.frameworks.caffe.schema import make_message, make_raw_message


def test_an_array_survives_the_way_into_a_blob_and_back() -> None:
    values = np.arange(6, dtype=np.float32).reshape(1, 2, 3)
    np.testing.assert_array_equal(read_blob("x", make_blob(values)), values)


def test_a_blob_without_axes_has_one_value() -> None:
    blob = make_raw_message("BlobProto")
    blob.data = np.float32(3).tobytes()
    assert find_shape(blob) is None
    assert read_blob("x", blob).shape == ()


def test_the_legacy_form_has_four_axes_and_lists_are_read_too() -> None:
    blob = make_message("BlobProto")
    blob.num = blob.channels = blob.height = 1
    blob.width = 2
    blob.data.extend([1, 2])
    assert read_blob("x", blob).shape == (1, 1, 1, 2)


def test_doubles_are_read() -> None:
    blob = make_message("BlobProto")
    blob.double_data.extend([0.5, 1.5])
    np.testing.assert_array_equal(read_blob("x", blob), np.array([0.5, 1.5], np.float32))


def test_a_blob_with_too_few_values_is_damaged() -> None:
    blob = make_blob(np.zeros(3, np.float32))
    blob.shape.dim[0] = 4
    with pytest.raises(BadData, match=r"shape \[4\] has 3 values"):
        read_blob("x", blob)
