"""What a net says, normalised, becomes numbers in units of the data."""

from __future__ import annotations

import numpy as np

from dix.frameworks.base import TensorSpec
from dix.frameworks.outcomes.numbers import fit_numbers


def test_numbers_come_back_in_their_units() -> None:
    targets = np.array([[1.0, 7.0], [3.0, 7.0], [8.0, 7.0]], np.float32)
    outcome = fit_numbers("forecast", targets)
    assert outcome.outputs == (TensorSpec("forecast", "FP32", (-1, 2)),)
    assert outcome.std[1] == 1.0
    said = (targets - np.array(outcome.mean)) / np.array(outcome.std)
    np.testing.assert_allclose(outcome.decode(said.astype(np.float32))["forecast"], targets, rtol=1e-6)
