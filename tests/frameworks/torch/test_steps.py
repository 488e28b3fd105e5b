"""Learning rates fall as their schedule says."""

from __future__ import annotations

import pytest
import torch

from dix.errors import BadValue
from dix.frameworks.torch.steps import compute_learning_rate, make_optimizer


def compute_all(schedule: str) -> list[float]:
    return [compute_learning_rate(schedule, 1.0, epoch, 4) for epoch in range(1, 5)]


def test_without_a_schedule_the_rate_stays() -> None:
    assert compute_all("none") == [1.0] * 4


def test_cosine_falls_from_the_whole_rate() -> None:
    rates = compute_all("cosine")
    assert rates[0] == 1.0
    assert rates == sorted(rates, reverse=True)
    assert rates[2] == pytest.approx(0.5)


def test_step_takes_a_tenth_twice() -> None:
    assert compute_all("step") == pytest.approx([1.0, 1.0, 0.1, 0.01])


def test_unknown_names_are_refused() -> None:
    with pytest.raises(BadValue, match="schedule"):
        compute_all("linear")
    with pytest.raises(BadValue, match="optimizer"):
        make_optimizer("lion", torch.nn.Linear(1, 1), 0.1, 0.0)
