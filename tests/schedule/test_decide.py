from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import islice

from dix.records.schedule import EventKind, Order, Overlap, Schedule, Watch
from dix.schedule.decide import Decision, decide, decide_events, find_most, list_next, list_replaced
from dix.schedule.timetable import Fire


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


NOON = at("2026-06-01T12:00")
DAILY = Schedule("nightly", "digits", NOON, NOON, cron="0 0 * * *")
MINUTES = replace(DAILY, cron="* * * * *", overlap=Overlap.ALLOW)


def dates(decision: Decision) -> list[str]:
    return [fire.logical_date.strftime("%m-%d %H:%M") for fire in decision.fires]


def missed(decision: Decision) -> list[tuple[int, str]]:
    return [(one.count, one.reason) for one in decision.missed]


def test_nothing_is_due_before_the_end_of_the_first_interval() -> None:
    decision = decide(NOON, DAILY, None)
    assert (decision.fires, decision.wake) == ((), at("2026-06-02"))
    due = decide(at("2026-06-02"), DAILY, decision.until)
    assert dates(due) == ["06-01 00:00"]
    assert decide(at("2026-06-02T00:00:05"), DAILY, due.until).fires == ()


def test_of_what_is_late_only_the_last_is_made_when_catch_up_is_off() -> None:
    decision = decide(NOON + timedelta(days=7), DAILY, NOON)
    assert dates(decision) == ["06-07 00:00"]
    assert missed(decision) == [(6, "catch-up is off")]
    assert (decision.missed[0].first, decision.missed[0].last) == (at("2026-06-01"), at("2026-06-06"))


def test_catch_up_has_a_cap_and_an_order() -> None:
    schedule = replace(DAILY, catch_up=3)
    decision = decide(NOON + timedelta(days=7), schedule, NOON)
    assert dates(decision) == ["06-05 00:00", "06-06 00:00", "06-07 00:00"]
    assert missed(decision) == [(4, "more than the 3 that are caught up with were late")]
    backwards = decide(NOON + timedelta(days=7), replace(schedule, catch_up_order=Order.BACKWARDS), NOON)
    assert dates(backwards) == dates(decision)[::-1]


def test_what_is_outside_its_grace_is_missed_also_with_catch_up() -> None:
    schedule = replace(DAILY, catch_up=100, grace_s=2 * 86400)
    decision = decide(NOON + timedelta(days=7), schedule, NOON)
    assert dates(decision) == ["06-06 00:00", "06-07 00:00"]
    assert missed(decision) == [(5, "it was later than its grace of 2d")]


def test_a_scheduler_that_is_back_within_five_minutes_has_missed_nothing() -> None:
    decision = decide(NOON + timedelta(minutes=4), MINUTES, NOON - timedelta(minutes=1))
    assert (len(decision.fires), missed(decision)) == (5, [])
    assert len(decide(NOON + timedelta(minutes=4), DAILY, NOON).fires) == 0


def test_a_week_of_minutes_is_no_storm() -> None:
    decision = decide(NOON + timedelta(days=7), MINUTES, NOON)
    assert len(decision.fires) == 6
    assert sum(one.count for one in decision.missed) == 7 * 1440 - 6


def test_start_and_end_bound_the_logical_dates() -> None:
    schedule = replace(DAILY, start=at("2026-06-10"), end=at("2026-06-11T05:00"))
    assert [fire.due.day for fire in list_next(schedule, NOON)] == [11, 12]
    assert decide(NOON, schedule, None).wake == at("2026-06-11")
    decision = decide(at("2026-06-20"), schedule, None)
    assert dates(decision) == ["06-11 00:00"]
    assert missed(decision) == [(1, "catch-up is off")]
    assert decision.wake is None


def test_a_start_in_the_past_is_caught_up_with_only_where_that_is_wanted() -> None:
    schedule = replace(DAILY, start=at("2026-05-01"))
    assert decide(NOON, schedule, None).fires == ()
    decision = decide(NOON, replace(schedule, catch_up=1000), None)
    assert (dates(decision)[0], len(decision.fires)) == ("05-01 00:00", 31)


def test_overlap_decides_what_becomes_of_a_time_that_is_due_beside_a_run() -> None:
    due = at("2026-06-02")
    made = {policy: decide(due, replace(DAILY, overlap=policy), NOON, ("r1", "r2")) for policy in Overlap}
    assert {policy: len(one.fires) for policy, one in made.items()} == {
        Overlap.ALLOW: 1,
        Overlap.QUEUE: 1,
        Overlap.SKIP: 0,
        Overlap.REPLACE: 1,
    }
    assert missed(made[Overlap.SKIP]) == [(1, "run r1 of it was going on")]
    replacing = replace(DAILY, overlap=Overlap.REPLACE)
    assert list_replaced(replacing, ("r1", "r2"), 1) == ("r1", "r2")
    assert list_replaced(replace(replacing, concurrency=2), ("r1", "r2"), 1) == ("r1",)
    assert list_replaced(DAILY, ("r1", "r2"), 1) == ()
    assert [find_most(replace(DAILY, overlap=policy)) for policy in Overlap] == [None, 1, 1, 1]


def test_a_paused_schedule_does_nothing_and_misses_what_was_due_meanwhile() -> None:
    paused = replace(DAILY, is_paused=True)
    assert decide(NOON + timedelta(days=3), paused, NOON) == Decision(NOON)
    resumed = replace(DAILY, resumed=NOON + timedelta(days=3))
    decision = decide(NOON + timedelta(days=3), resumed, NOON)
    assert (dates(decision), missed(decision)) == ([], [(3, "it was paused")])
    assert decision.wake == at("2026-06-05")
    later = decide(at("2026-06-05"), resumed, NOON)
    assert (dates(later), missed(later)) == (["06-04 00:00"], [(3, "it was paused")])
    assert len(decide(NOON + timedelta(days=3), replace(resumed, catch_up=9), NOON).fires) == 3


def test_events_that_come_together_all_count_and_old_ones_do_as_catch_up_says() -> None:
    schedule = replace(DAILY, cron=None, watch=Watch(EventKind.FLOW, "prepare"), overlap=Overlap.ALLOW)
    old = [_event(NOON - timedelta(days=day)) for day in (3, 2, 1)]
    new = [_event(NOON - timedelta(seconds=second)) for second in (9, 3)]
    assert decide_events(NOON, schedule, new).fires == tuple(new)
    decision = decide_events(NOON, schedule, [*old, *new])
    assert (decision.fires, missed(decision)) == (tuple(new), [(3, "catch-up is off")])
    assert decide_events(NOON, schedule, old).fires == (old[-1],)
    assert decide_events(NOON, replace(schedule, catch_up=9), [*old, *new]).fires == (*old, *new)


def test_ten_years_pass_in_seconds_and_each_time_is_decided_once() -> None:
    """A simulated clock: it stands where the schedule wants to be asked, and sometimes is away for days."""
    begin, end = at("2016-01-01"), at("2026-01-01")
    schedule = replace(
        DAILY, cron="30 */6 * * *", zone="Europe/Vienna", created=begin, counts_from=begin, catch_up=2, jitter_s=600
    )
    made: list[Fire] = []
    until: datetime | None = None
    lost, asked, now = 0, 0, begin
    while now <= end:
        decision = decide(now, schedule, until, ())
        until, asked = decision.until, asked + 1
        made += decision.fires
        lost += sum(one.count for one in decision.missed)
        assert decision.wake is not None
        now = max(decision.wake, now + timedelta(days=9 if asked % 100 == 0 else 0))
    expected = [fire for fire in islice(list_next(schedule, begin), 15_000) if fire.interval_end <= until]
    assert len(made) + lost == len(expected)
    assert len({fire.logical_date for fire in made}) == len(made)
    assert set(made) <= set(expected)
    assert lost > 0


def _event(moment: datetime) -> Fire:
    return Fire(moment, moment, moment, f"something happened at {moment}")
