"""What a model that forecasts is asked, and how its columns are brought to one scale."""

from __future__ import annotations

import numpy as np

from dix.frameworks.base import TensorSpec
from dix.frameworks.intakes.series import SeriesIntake


def test_one_column_needs_no_dimension_of_its_own() -> None:
    intake = SeriesIntake(("load",), (), (), 4, 2, (10.0,), (2.0,))
    assert intake.inputs == (TensorSpec("history", "FP32", (-1, 4)),)
    tensors = intake.prepare({"history": np.array([[10, 12, 8, 10]], np.float32)})
    assert tensors["history"].tolist() == [[[0], [1], [-1], [0]]]


def test_what_is_known_has_the_scale_of_its_column() -> None:
    intake = SeriesIntake(("load",), ("rain",), ("heat",), 1, 2, (0.0, 0.0, 5.0), (1.0, 1.0, 5.0))
    assert intake.inputs == (TensorSpec("history", "FP32", (-1, 1, 3)), TensorSpec("known", "FP32", (-1, 2, 1)))
    tensors = intake.prepare({"history": np.ones((1, 1, 3), np.float32), "known": np.array([[[10], [0]]], np.float32)})
    assert tensors["known"].tolist() == [[[1], [-1]]]
