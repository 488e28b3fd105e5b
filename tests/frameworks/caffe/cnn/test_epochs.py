"""An epoch brings each image in, and its numbers are those of all of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from dix.frameworks.lookup import load_predictor
from tests.frameworks.conftest import make_stripes, train_model

__all__ = ["train_model"]


@pytest.mark.parametrize("count", [15, 16, 33])
def test_each_image_to_stop_by_counts_once(train_model: Callable[..., Any], count: int) -> None:
    valid = make_stripes(count, seed=1)
    folder, _, rows = train_model(framework="caffe", epochs=2, valid=valid)
    answer = load_predictor(folder).predict(valid.tensors)
    said = answer["probabilities"][np.arange(count), valid.targets]
    assert rows[-1]["valid_loss"] == pytest.approx(-np.log(said).mean(), rel=1e-5)
    assert rows[-1]["valid_accuracy"] == pytest.approx((said > 0.5).mean())
