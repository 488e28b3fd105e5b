"""Alarms ring in their order, and those that mean nothing any more take no room."""

from __future__ import annotations

from dix.engine.alarms import Alarm, Alarms


def test_they_ring_in_their_order() -> None:
    alarms = Alarms(lambda alarm: True)
    assert alarms.next_at() is None
    alarms.add(Alarm(at, "r", "n", i) for i, at in enumerate((3.0, 1.0, 2.0)))
    assert alarms.next_at() == 1.0
    assert [alarm.at for alarm in alarms.take_due(2.0)] == [1.0, 2.0]
    assert [alarm.at for alarm in alarms.take_due(2.0)] == []


def test_those_that_mean_nothing_any_more_take_no_room() -> None:
    last: dict[str, Alarm] = {}
    alarms = Alarms(lambda alarm: last.get(alarm.node) == alarm)
    for number in range(20_000):
        last["n"] = Alarm(1e6 + number, "r", "n", number)
        alarms.add([last["n"]])
        assert len(alarms) <= 2000
    assert alarms.take_due(2e6)[-1] == last["n"]
