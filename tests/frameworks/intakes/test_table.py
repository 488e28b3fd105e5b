"""Numbers come to one scale, categories to places, and gaps to places of their own."""

from __future__ import annotations

import numpy as np
import pytest

from dix.errors import BadValue
from dix.frameworks.base import TensorSpec
from dix.frameworks.intakes.table import fit_table

CHANCE = np.random.default_rng(0)
SKEWED = CHANCE.lognormal(0, 2, 1000)
GAPS = np.where(CHANCE.random(1000) < 0.2, np.nan, CHANCE.normal(5, 3, 1000))
JOBS = np.array(["cook", "律师", None, "", "rare"] * 199 + ["cook"] * 5, object)


def test_each_column_is_an_input_in_its_order() -> None:
    intake = fit_table({"gaps": GAPS, "job": JOBS, "skewed": SKEWED}, scale="quantile", min_count=1)
    assert intake.inputs == (
        TensorSpec("gaps", "FP64", (-1,), optional=True),
        TensorSpec("job", "BYTES", (-1,), optional=True),
        TensorSpec("skewed", "FP64", (-1,)),
    )


def test_quantiles_spread_evenly_and_end_where_the_data_ends() -> None:
    intake = fit_table({"skewed": SKEWED}, scale="quantile", min_count=1)
    numbers = intake.prepare({"skewed": SKEWED})["numbers"][:, 0]
    assert np.corrcoef(numbers, SKEWED.argsort().argsort())[0, 1] > 0.9999
    assert (numbers.mean(), numbers.std()) == (pytest.approx(0, abs=0.02), pytest.approx(1, abs=0.02))
    ends = intake.prepare({"skewed": np.array([-1e9, 1e300])})["numbers"][:, 0]
    assert ends == pytest.approx([-(3**0.5), 3**0.5])


def test_standard_has_mean_and_deviation_and_a_gap_says_so() -> None:
    intake = fit_table({"gaps": GAPS, "same": np.full(1000, 7.0)}, scale="standard", min_count=1)
    numbers = intake.prepare({"gaps": GAPS, "same": np.full(1000, 7.0)})["numbers"]
    missing = np.isnan(GAPS)
    np.testing.assert_allclose(numbers[~missing, 0], (GAPS - np.nanmean(GAPS))[~missing] / np.nanstd(GAPS), atol=1e-5)
    np.testing.assert_array_equal(numbers[missing, 0], 0)
    np.testing.assert_array_equal(numbers[:, 1], 0)
    np.testing.assert_array_equal(numbers[:, 2], missing)


def test_numbers_that_occur_often_lie_in_the_middle_of_their_quantiles() -> None:
    values = np.array([0.0] * 90 + list(range(1, 11)))
    numbers = fit_table({"x": values}, scale="quantile", min_count=1).prepare({"x": values})["numbers"][:, 0]
    assert numbers[0] == pytest.approx(12**0.5 * (0.9 / 2 - 0.5), abs=0.05)
    assert (np.diff(np.unique(numbers)) > 0).all()


def test_rare_and_new_categories_are_unknown_and_gaps_are_a_category() -> None:
    intake = fit_table({"job": JOBS}, scale="quantile", min_count=200)
    assert intake.categories[0].values == ("", "cook")
    asked = np.array(["cook", None, "", "律师", "new"], object)
    assert intake.prepare({"job": asked})["categories"][:, 0].tolist() == [2, 1, 1, 0, 0]


def test_a_column_without_a_number_is_refused() -> None:
    with pytest.raises(BadValue, match="x: expected a column with numbers in it, got 'all are missing'"):
        fit_table({"x": np.full(3, np.nan)}, scale="quantile", min_count=1)
