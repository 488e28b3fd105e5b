"""Which points make which curve on which chart."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from dix.records.metric import MetricPoint
from ui.parts.curves import group_by_chart, keep_last_attempts, leave_out_single_numbers

AT = datetime(2024, 5, 1, tzinfo=UTC)


def point(name: str, attempt: int = 1, node: str = "cnn") -> MetricPoint:
    return MetricPoint("r1", node, attempt, name, 1, 0.5, AT)


def test_training_and_validation_share_a_chart() -> None:
    charts = group_by_chart([point("loss"), point("valid_loss"), point("val_accuracy"), point("validity")])
    curves = {name: [series for series, _ in members] for name, members in charts.items()}
    assert curves == {"loss": ["cnn", "cnn valid"], "accuracy": ["cnn val"], "validity": ["cnn"]}


def test_only_the_last_attempt_of_each_node_is_drawn() -> None:
    points = [point("loss"), point("loss", 2), point("loss", 1, "rnn")]
    assert keep_last_attempts(points) == points[1:]


def test_a_number_that_was_reported_once_is_no_curve() -> None:
    charts = group_by_chart([point("rows"), point("loss"), replace(point("loss"), position=2)])
    assert list(leave_out_single_numbers(charts)) == ["loss"]
