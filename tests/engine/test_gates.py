"""Which runs pass the limits, and what is said of the others."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as some

from dix.engine.gates import Gates
from dix.records.limit import Limit
from dix.records.states import Driver
from dix.records.stream import Stream

TIMED = Stream("digits", Driver.TIMED, "schedules/nightly")
MANUAL = Stream("digits", Driver.MANUAL)
OTHER = Stream("other", Driver.MANUAL)


def test_without_limits_everything_goes() -> None:
    gates = Gates([], {TIMED: 1000})
    assert gates.let_through(TIMED)
    assert not gates.concern(TIMED)
    assert gates.explain(TIMED) == "it is its turn next"


def test_each_driver_of_a_flow_has_its_own() -> None:
    gates = Gates([Limit("flows/digits/timed", 2)], {TIMED: 1})
    assert gates.let_through(TIMED)
    assert not gates.let_through(TIMED)
    assert gates.let_through(MANUAL)
    assert gates.explain(TIMED) == "2 of at most 2 timed runs of flow digits are under way; goes on when one ends"


def test_a_pool_counts_its_flows_together() -> None:
    gates = Gates([Limit("pools/cards", 2, flows=("digits", "other"))], {TIMED: 1})
    assert gates.let_through(OTHER)
    assert not gates.let_through(MANUAL)
    assert gates.explain(MANUAL) == "2 of at most 2 runs of pool cards are under way; goes on when one ends"


def test_what_is_paused_lets_nothing_through() -> None:
    gates = Gates([Limit("schedules/nightly", None, is_paused=True)], {})
    assert not gates.let_through(TIMED)
    assert gates.explain(TIMED) == "the runs of schedule nightly are paused"


STREAMS = some.builds(
    Stream,
    some.sampled_from(["a", "b"]),
    some.sampled_from(Driver),
    some.sampled_from([None, "schedules/s", "sweeps/w"]),
)
LIMITS = some.lists(
    some.one_of(
        some.builds(
            Limit,
            some.sampled_from(["flows/a/manual", "flows/b/timed", "schedules/s", "sweeps/w"]),
            some.none() | some.integers(1, 3),
            some.booleans(),
        ),
        some.builds(Limit, some.just("pools/p"), some.integers(1, 3), flows=some.just(("a", "b"))),
    ),
    unique_by=lambda limit: limit.key,
)


def members(limit: Limit, streams: list[Stream]) -> int:
    """How many of the runs a limit is about, told anew."""
    return sum(
        limit.key in {f"flows/{one.flow}/{one.driver}", one.origin} or one.flow in limit.flows for one in streams
    )


@given(LIMITS, some.lists(STREAMS, max_size=20))
def test_no_limit_is_ever_exceeded_and_nobody_waits_without_a_reason(limits: list[Limit], asking: list[Stream]) -> None:
    gates = Gates(limits, {})
    inside: list[Stream] = []
    for stream in asking:
        if gates.let_through(stream):
            inside.append(stream)
        else:
            blocked = [one for one in limits if members(one, [stream])]
            assert any(one.is_paused or members(one, inside) == one.most for one in blocked)
            assert gates.explain(stream) != "it is its turn next"
    for limit in limits:
        assert not (limit.is_paused and members(limit, inside))
        assert limit.most is None or members(limit, inside) <= limit.most
