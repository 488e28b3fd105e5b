from __future__ import annotations

import numpy as np
import pytest

from dix.errors import BadData
from tests.frameworks.caffe.making import run_layer

VALUES = np.arange(24, dtype=np.float32).reshape(2, 3, 4)


def shape_of(text: str, *bottoms: object) -> tuple[int, ...]:
    return tuple(run_layer(text, *(bottoms or (VALUES,)))[0].shape)


def test_axes_are_joined_cut_and_made_new() -> None:
    assert shape_of('type: "Concat" top: "a" concat_param { axis: -1 }', VALUES, VALUES) == (2, 3, 8)
    assert shape_of('type: "Concat" top: "a" concat_param { concat_dim: 0 }', VALUES, VALUES) == (4, 3, 4)
    assert shape_of('type: "Flatten" top: "a"') == (2, 12)
    assert shape_of('type: "Flatten" top: "a" flatten_param { axis: 0 end_axis: 1 }') == (6, 4)
    assert shape_of('type: "Tile" top: "a" tile_param { axis: 1 tiles: 2 }') == (2, 6, 4)
    assert shape_of('type: "Crop" top: "a" crop_param { axis: 1 offset: [1, 2] }', VALUES, np.ones((2, 2, 2))) == (
        2,
        2,
        2,
    )
    assert shape_of('type: "BatchReindex" top: "a"', VALUES, [1, 1, 0]) == (3, 3, 4)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("shape { dim: 0 dim: -1 }", (2, 12)),
        ("shape { dim: -1 dim: 2 } axis: 2", (2, 3, 2, 2)),
        ("shape { dim: 12 } axis: 1", (2, 12)),
        ("shape { dim: 1 } axis: -1 num_axes: 0", (2, 3, 4, 1)),
    ],
)
def test_a_shape_copies_infers_and_inserts(text: str, wanted: tuple[int, ...]) -> None:
    param = text.replace("shape", "shape", 1)
    assert shape_of(f'type: "Reshape" top: "a" reshape_param {{ {param} }}') == wanted


def test_slices_are_equal_or_end_at_their_points() -> None:
    parts = run_layer('type: "Slice" top: "a" top: "b" slice_param { axis: 2 }', VALUES)
    assert [part.shape[2] for part in parts] == [2, 2]
    parts = run_layer('type: "Slice" top: "a" top: "b" slice_param { axis: 2 slice_point: 1 }', VALUES)
    assert [part.shape[2] for part in parts] == [1, 3]
    assert len(run_layer('type: "Split" top: "a" top: "b"', VALUES)) == 2
    assert run_layer('type: "Silence"', VALUES) == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('type: "Slice" top: "a" top: "b"', "3 cannot be cut into 2 parts"),
        ('type: "Reshape" top: "a" reshape_param { shape { dim: 5 } }', "cannot become"),
        ('type: "Reshape" top: "a" reshape_param { shape { dim: -1 dim: -1 } }', "more than one -1"),
        ('type: "Tile" top: "a" tile_param { tiles: 0 }', "tiles is 0"),
    ],
)
def test_shapes_that_do_not_come_out_are_refused(text: str, said: str) -> None:
    with pytest.raises(BadData, match=said):
        run_layer(text, VALUES)


def test_a_crop_beyond_the_blob_is_refused() -> None:
    with pytest.raises(BadData, match="3 from 2 on do not fit into the 4"):
        run_layer('type: "Crop" top: "a" crop_param { axis: 2 offset: 2 }', VALUES, np.ones((2, 3, 3)))
