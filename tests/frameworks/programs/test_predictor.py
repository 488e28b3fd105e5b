"""A program is asked in passes of the size that it takes."""

from __future__ import annotations

import numpy as np
import pytest

from dix.errors import BadValue
from dix.frameworks.base import Columns, ModelCard, TensorSpec
from dix.frameworks.programs.base import Program
from dix.frameworks.programs.predictor import make_program_predictor

CARD = ModelCard("script", "torch", (), ())


def ask(count: int, rows: int, least: int) -> list[int]:
    asked: list[int] = []

    def run(columns: Columns) -> dict[str, np.ndarray]:
        asked.append(len(columns["x"]))
        return {"y": columns["x"] * 2}

    program = Program((TensorSpec("x", "FP32", (-1, 2)),), (TensorSpec("y", "FP32", (-1, 2)),), run, rows, least)
    values = np.arange(count * 2, dtype=np.float32).reshape(count, 2)
    np.testing.assert_array_equal(make_program_predictor(CARD, program).predict({"x": values})["y"], values * 2)
    return asked


@pytest.mark.parametrize(
    ("count", "rows", "least", "asked"),
    [(0, 0, 1, []), (3, 0, 1, [3]), (300, 0, 1, [128, 128, 44]), (1, 0, 2, [2]), (7, 3, 1, [3, 3, 3])],
)
def test_passes_have_the_size_that_the_program_takes(count: int, rows: int, least: int, asked: list[int]) -> None:
    assert ask(count, rows, least) == asked


def test_rows_that_come_one_by_one_have_one_shape() -> None:
    spec = TensorSpec("x", "FP32", (-1, -1))
    program = Program((spec,), (TensorSpec("y", "FP32", (-1, -1)),), lambda columns: {"y": columns["x"]})
    predictor = make_program_predictor(CARD, program)
    rows = np.empty(2, dtype=object)
    rows[:] = [np.ones(3), np.zeros(3)]
    assert predictor.predict({"x": rows})["y"].shape == (2, 3)
    rows[1] = np.zeros(4)
    with pytest.raises(BadValue, match="x: expected rows of one shape at a time"):
        predictor.predict({"x": rows})
