from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from dix.errors import BadData
from dix.frameworks.caffe.files import write_mean
from dix.frameworks.caffe.layers.base import Layer
from dix.frameworks.caffe.paths import Paths
from dix.frameworks.caffe.schema import TEST, TRAIN
from dix.frameworks.caffe.sources.transform import Transformer
from tests.frameworks.caffe.making import parse

IMAGE = np.arange(2 * 4 * 5, dtype=np.uint8).reshape(2, 4, 5)


def make(text: str, phase: int = TEST, folder: Path = Path()) -> Transformer:
    spec = parse("LayerParameter", f'name: "d" transform_param {{ {text} }}')
    spec.phase = phase
    return Transformer(Layer(spec, Paths((folder,))), np.random.default_rng(0))


def test_the_crop_is_in_the_middle_in_a_test_and_the_mean_goes_with_it(tmp_path: Path) -> None:
    write_mean(tmp_path / "m.binaryproto", IMAGE.astype(np.float32) / 2)
    transformer = make('mean_file: "m.binaryproto" crop_size: 3 scale: 2', folder=tmp_path)
    assert transformer.find_shape(IMAGE.shape) == (2, 3, 3)
    np.testing.assert_array_equal(transformer.apply([IMAGE])[0], IMAGE[:, 0:3, 1:4])


def test_a_mean_is_one_for_all_channels_or_one_for_each() -> None:
    np.testing.assert_array_equal(make("mean_value: 1").apply([IMAGE])[0], IMAGE - 1.0)
    both = make("mean_value: [1, 2]").apply([IMAGE])[0]
    np.testing.assert_array_equal(both[1], IMAGE[1] - 2.0)


def test_crops_and_mirrors_are_by_chance_while_training() -> None:
    batch = make("crop_size: 2 mirror: true", TRAIN).apply([IMAGE] * 40)
    firsts = {float(item[0, 0, 0]) for item in batch}
    assert len(firsts) > 5
    assert {bool(item[0, 0, 0] > item[0, 0, 1]) for item in batch} == {True, False}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("crop_size: 5", "4 x 5 is smaller than crop_size 5"),
        ("mean_value: [1, 2, 3]", "3 mean_value for 2 channels"),
        ('mean_value: 1 mean_file: "m"', "both mean_file and mean_value"),
    ],
)
def test_parameters_that_do_not_fit_are_refused(text: str, said: str) -> None:
    with pytest.raises(BadData, match=said):
        make(text).apply([IMAGE])


def test_images_of_mixed_sizes_are_refused(tmp_path: Path) -> None:
    with pytest.raises(BadData, match=r"shape \[2, 3, 5\], those before it \[2, 4, 5\]"):
        make("").apply([IMAGE, IMAGE[:, :3]])
    write_mean(tmp_path / "m.binaryproto", np.zeros((2, 2, 2), np.float32))
    with pytest.raises(BadData, match="the mean has shape"):
        make('mean_file: "m.binaryproto"', folder=tmp_path).apply([IMAGE])
