"""Learning rates fall as their schedule says, batches cover all, classes are weighed, the best epoch is remembered."""

from __future__ import annotations

import numpy as np
import pytest

from dix.errors import BadValue
from dix.frameworks.fitting import (
    Course,
    FitPlan,
    check_finite,
    compute_learning_rate,
    draw_batches,
    make_fit_plan,
    weigh_classes,
)


def compute_all(schedule: str) -> list[float]:
    return [compute_learning_rate(FitPlan(4, 2, 1.0, schedule=schedule), epoch) for epoch in range(1, 5)]


def test_without_a_schedule_the_rate_stays() -> None:
    assert compute_all("none") == [1.0] * 4


def test_cosine_falls_from_the_whole_rate() -> None:
    rates = compute_all("cosine")
    assert rates[0] == 1.0
    assert rates == sorted(rates, reverse=True)
    assert rates[2] == pytest.approx(0.5)


def test_step_takes_a_tenth_twice() -> None:
    assert compute_all("step") == pytest.approx([1.0, 1.0, 0.1, 0.01])


def test_an_unknown_schedule_is_refused() -> None:
    with pytest.raises(BadValue, match="schedule"):
        compute_all("linear")


@pytest.mark.parametrize("count", [1, 2, 3, 16, 17, 18, 33])
def test_batches_cover_all_and_no_single_one_is_left(count: int) -> None:
    batches = list(draw_batches(count, 16, np.random.default_rng(0)))
    assert sorted(np.concatenate(batches).tolist()) == list(range(count))
    assert count == 1 or all(len(batch) > 1 for batch in batches)


def test_a_plan_takes_what_it_knows_of_the_parameters() -> None:
    assert make_fit_plan({"epochs": 3, "batch_size": 8, "learning_rate": 0.1, "kernel": 3}) == FitPlan(3, 8, 0.1)


def test_rare_classes_weigh_more() -> None:
    targets = np.array([0, 0, 0, 1])
    weights = weigh_classes(targets, 2)
    assert weights[targets].mean() == pytest.approx(1.0)
    assert weights[1] == pytest.approx(3 * weights[0])


def test_a_loss_that_is_no_number_says_what_to_do() -> None:
    with pytest.raises(BadValue, match=r"learning_rate: .* got 9; the loss became nan in epoch 2: try a tenth of it"):
        check_finite({"loss": float("nan")}, 2, FitPlan(3, 8, 9))


def test_the_best_epoch_is_remembered() -> None:
    course: Course[str] = Course()
    for loss in (3.0, 1.0, 2.0):
        course.rows.append({"valid_loss": loss})
        course.is_best(course.rows[-1])
    assert course.summarise() == {"valid_loss": 1.0, "epochs": 3, "best_epoch": 2}
