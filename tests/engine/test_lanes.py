"""Steps wait in order, a lane for each size."""

from __future__ import annotations

from collections.abc import Callable

from dix.engine.lanes import Lanes
from dix.engine.plan import Slice

SMALL, LARGE = Slice(1), Slice(2)


def take_all(lanes: Lanes, admit: Callable[[str, Slice], bool]) -> list[str]:
    return list(iter(lambda: lanes.take_first(admit), None))


def test_first_come_first_served_within_a_lane() -> None:
    lanes = Lanes()
    for node in "abc":
        lanes.add(node, SMALL)
    assert take_all(lanes, lambda node, wanted: node != "c") == ["a", "b"]
    assert list(lanes) == ["c"]
    assert take_all(lanes, lambda node, wanted: True) == ["c"]
    assert not lanes


def test_one_lane_does_not_hold_up_another() -> None:
    lanes = Lanes()
    for node, wanted in (("a", LARGE), ("b", SMALL), ("c", LARGE), ("d", SMALL)):
        lanes.add(node, wanted)
    assert take_all(lanes, lambda node, wanted: wanted == SMALL) == ["b", "d"]
    assert list(lanes) == ["a", "c"]
    lanes.clear()
    assert not lanes
    assert list(lanes) == []


def test_custom_resources_make_a_lane_of_their_own() -> None:
    lanes = Lanes()
    lanes.add("a", Slice(1, custom={"fpga": 1}))
    lanes.add("b", Slice(1))
    assert take_all(lanes, lambda node, wanted: not wanted.custom) == ["b"]
