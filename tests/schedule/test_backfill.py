from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from dix.errors import BadValue
from dix.records.backfill import MOST_DATES, Backfill, BackfillPreview, DatedRun, Which
from dix.records.schedule import Order
from dix.records.states import RunState
from dix.schedule.backfill import check_backfill, make_preview


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


DAYS = Backfill(
    "b1",
    "digits",
    3,
    at("2026-06-01"),
    params={"epochs": 3},
    first=at("2026-01-01"),
    last=at("2026-01-04"),
    step_s=86400,
)


def run(day: int, state: RunState, id: str = "r1") -> DatedRun:
    moment = at(f"2026-01-{day:02}")
    return DatedRun(moment, moment, moment + timedelta(days=1), id, state, {"epochs": 9, "gone": 1})


def days(preview: BackfillPreview) -> list[int]:
    return [instance.logical_date.day for instance in preview.instances]


def test_both_ends_of_a_range_are_in_it_and_each_interval_is_one_step() -> None:
    preview = make_preview(DAYS, ())
    assert days(preview) == [1, 2, 3, 4]
    assert [one.place for one in preview.instances] == [0, 1, 2, 3]
    assert {one.interval_end - one.interval_start for one in preview.instances} == {timedelta(days=1)}
    assert (preview.instances[0].params, preview.instances[0].selection) == ({"epochs": 3}, {})


def test_backwards_begins_with_the_latest() -> None:
    assert days(make_preview(replace(DAYS, order=Order.BACKWARDS), ())) == [4, 3, 2, 1]


def test_which_are_made_depends_on_the_runs_that_there_are() -> None:
    runs = (run(1, RunState.FAILED), run(2, RunState.SUCCEEDED, "r2"), run(3, RunState.QUEUED, "r3"))
    made = {which: days(make_preview(replace(DAYS, which=which), runs)) for which in Which}
    assert made == {Which.MISSING: [4], Which.FAILED: [1, 4], Which.ALL: [1, 2, 4]}
    left_out = make_preview(replace(DAYS, which=Which.FAILED), runs).left_out
    assert [one.reason for one in left_out] == ["run r2 has succeeded for it", "run r3 is queued for it"]


def test_a_cron_line_gives_the_dates_and_intervals_that_a_schedule_gives() -> None:
    cron = replace(
        DAYS, step_s=None, cron="0 0 * * *", zone="Europe/Vienna", first=at("2026-03-27T12:00"), last=at("2026-03-30")
    )
    assert [(one.logical_date.hour, one.interval_end.hour) for one in make_preview(cron, ()).instances] == [
        (23, 23),
        (23, 22),
        (22, 22),
    ][:3]


def test_explicit_dates_are_made_once_each_in_order() -> None:
    dates = (at("2026-02-03"), at("2026-02-01"), at("2026-02-03"))
    explicit = replace(DAYS, first=None, last=None, step_s=None, dates=dates)
    assert days(make_preview(explicit, ())) == [1, 3]
    assert make_preview(explicit, ()).instances[0].interval_end == at("2026-02-01")


def test_a_node_is_done_again_for_the_dates_that_have_runs_with_what_they_were_given() -> None:
    again = replace(DAYS, from_node="cnn", which=Which.ALL, step_s=None)
    preview = make_preview(again, (run(2, RunState.SUCCEEDED), run(3, RunState.RUNNING)))
    assert days(preview) == [2]
    assert preview.instances[0].selection == {"from": "cnn"}
    assert preview.instances[0].params == {"epochs": 9}


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"step_s": 1.0, "last": at("2026-01-01") + timedelta(seconds=10**7)}, f"at most {MOST_DATES} dates"),
        ({"cron": "* * * * *", "last": at("2046-01-01")}, "at most .* got 105..... *; divide the range"),
        ({"last": at("2025-01-01")}, "last: expected a date that is not before 2026-01-01T00:00:00Z"),
        ({"first": None}, "first and last, or dates"),
        ({"step_s": None}, "step: expected a time as 1d, or a cron line"),
        ({"cron": "0 0 1 7 *"}, "one that has a date of its step"),
        ({"dates": (at("2026-01-01"),) * (MOST_DATES + 1)}, f"at most {MOST_DATES}"),
    ],
)
def test_what_cannot_be_is_refused_in_a_sentence(change: dict[str, object], sentence: str) -> None:
    with pytest.raises(BadValue, match=sentence):
        check_backfill(replace(DAYS, **change))  # type: ignore[arg-type]
