"""The numbers of residuals agree with scikit-learn's and are careful with zeros."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import mean_absolute_percentage_error, r2_score

from dix.algorithms.residuals import measure_residuals, write_residual_page


def test_they_agree_with_another_implementation() -> None:
    chance = np.random.default_rng(0)
    truth = chance.normal(5, 1, 300)
    predicted = truth + chance.normal(0, 0.3, 300)
    found = measure_residuals(truth, predicted)
    assert found["r2"] == pytest.approx(r2_score(truth, predicted))
    assert found["mape"] == pytest.approx(mean_absolute_percentage_error(truth, predicted))
    assert found["mean_error"] == pytest.approx((predicted - truth).mean())


def test_zeros_are_not_divided_by() -> None:
    found = measure_residuals(np.array([0.0, 0.0, 2.0]), np.array([0.0, 1.0, 1.0]))
    assert (found["mape"], found["mape_rows"]) == (0.5, 1)
    assert found["smape"] == pytest.approx((0 + 2 + 2 / 3) / 3)
    assert measure_residuals(np.zeros(3), np.ones(3))["mape"] is None
    assert measure_residuals(np.ones(3), np.zeros(3))["r2"] is None


def test_a_page_is_drawn_of_one_row_and_of_equal_ones() -> None:
    for truth, predicted in ((np.ones(1), np.ones(1)), (np.zeros(5), np.zeros(5))):
        page = write_residual_page("<x>", truth, predicted, measure_residuals(truth, predicted))
        assert "nan" not in page
        assert "&lt;x&gt;" in page
