from __future__ import annotations

import numpy as np
import pytest
import torch

from dix.errors import BadValue
from dix.frameworks.caffe.fillers import check_filler, fill
from tests.frameworks.caffe.making import parse


def make(text: str, shape: tuple[int, ...]) -> np.ndarray:
    return fill(parse("FillerParameter", text), shape, torch.Generator().manual_seed(0))


def test_no_filler_means_zeros() -> None:
    assert not fill(None, (2, 3), torch.Generator()).any()


def test_the_same_seed_gives_the_same_values() -> None:
    np.testing.assert_array_equal(make('type: "xavier"', (4, 5)), make('type: "xavier"', (4, 5)))


@pytest.mark.parametrize(("norm", "fan"), [("FAN_IN", 50), ("FAN_OUT", 20), ("AVERAGE", 35)])
def test_xavier_reaches_as_far_as_its_fan_says(norm: str, fan: int) -> None:
    values = make(f'type: "xavier" variance_norm: {norm}', (20, 50))
    assert np.abs(values).max() == pytest.approx(np.sqrt(3 / fan), rel=0.02)


def test_a_unit_ball_has_rows_that_sum_to_one() -> None:
    np.testing.assert_allclose(make('type: "positive_unitball"', (3, 4)).sum(axis=1), 1, rtol=1e-6)


def test_an_unknown_type_is_refused_with_those_known() -> None:
    filler = parse("FillerParameter", 'type: "magic"')
    assert "xavier" in (check_filler(filler) or "")
    with pytest.raises(BadValue, match="magic"):
        fill(filler, (1,), torch.Generator())
    with pytest.raises(BadValue, match="square kernel"):
        make('type: "bilinear"', (1, 1, 2, 3))
