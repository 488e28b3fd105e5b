"""The answers of a predictor beside the rows that it was asked about."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from dix.data.part_writing import add_answers


def test_answers_of_any_kind_become_columns() -> None:
    kept = pa.table({"path": ["a", "b"]})
    answers = {
        "forecast": np.array([[1.0, 2.0], [3.0, 4.0]], np.float32),
        "items": np.array([["x", "y"], ["y", "猫"]], dtype=object),
        "score": np.array([[0.5], [0.25]], np.float32),
    }
    rows = add_answers(kept, answers)
    assert rows.column_names == ["path", "prediction", "items", "score"]
    assert rows["prediction"].to_pylist() == [[1.0, 2.0], [3.0, 4.0]]
    assert rows["items"].to_pylist() == [["x", "y"], ["y", "猫"]]
    assert rows["score"].to_pylist() == [0.5, 0.25]
    empty = add_answers(kept.slice(0, 0), {"forecast": np.zeros((0, 3), np.float32)})
    assert empty["prediction"].type == pa.list_(pa.float32())
