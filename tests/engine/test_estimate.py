"""An estimate adds up what earlier attempts took, and says what it does not know."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from dix.engine.base import RunOrder
from dix.engine.estimate import make_estimate
from dix.engine.plan import Plan, Slice
from dix.errors import BadDocument
from dix.records.attempt import Attempt
from dix.records.prices import PriceBook
from tests.engine.conftest import Workshop
from tests.engine.test_course import planned
from tests.engine.test_runner import flow, odd

NOON = datetime(2026, 5, 17, 12, tzinfo=UTC)
FREE = PriceBook()


def took(node: str, *seconds: float) -> tuple[Attempt, ...]:
    return tuple(
        Attempt("r1", node, 1, "default", "admin", "f", NOON, ended=NOON + timedelta(seconds=length))
        for length in seconds
    )


def test_the_path_that_takes_longest_counts() -> None:
    plan = Plan("f", 1, (planned("a"), planned("b", "a"), planned("c", "a"), planned("d", "b", "c"), planned("e")))
    earlier = {"a": took("a", 10), "b": took("b", 5, 1, 90), "c": took("c", 7), "d": took("d", 1), "e": took("e", 17)}
    estimate = make_estimate(plan, earlier, FREE)
    assert (estimate.seconds, estimate.path) == (18, ("a", "c", "d"))
    b = estimate.nodes[1]
    assert (b.seconds, b.least_s, b.most_s, b.attempts, b.note) == (5, 1, 90, 3, None)
    assert (estimate.unknown, estimate.cost, estimate.currency) == ((), None, None)


def test_what_is_not_known_is_said_and_left_out() -> None:
    plan = Plan("f", 1, (planned("a"), planned("cnn", "a"), planned("c", "cnn")))
    estimate = make_estimate(plan, {"a": took("a", 10), "c": took("c", 2)}, FREE)
    assert (estimate.seconds, estimate.path, estimate.unknown) == (12, ("a", "cnn", "c"), ("cnn",))
    assert (estimate.nodes[1].seconds, estimate.nodes[1].note) == (None, "no earlier run of node cnn")


def test_what_is_not_executed_takes_no_time() -> None:
    plan = Plan("f", 1, (planned("a", is_given=True), planned("b", "a", skip="it is muted")))
    estimate = make_estimate(plan, {"a": took("a", 10), "b": took("b", 10)}, FREE)
    assert (estimate.seconds, estimate.unknown) == (0, ())
    assert [node.note for node in estimate.nodes] == ["taken from an earlier run", "not executed: it is muted"]


def test_costs_are_of_the_slice_that_is_asked_for_now() -> None:
    book = PriceBook("EUR", Decimal("0.5"), Decimal(2), Decimal("0.25"), {"H100": Decimal(4)})
    steps = (
        planned("a", slice=Slice(2.0, 0.5, 2**31, accelerators=("H100", "A10"), workers=2)),
        planned("b", slice=Slice(1.0, 1.0, 0)),
        planned("c"),
    )
    estimate = make_estimate(Plan("f", 1, steps), {"a": took("a", 3600), "b": took("b", 1800)}, book)
    assert [node.cost for node in estimate.nodes] == [7.0, 1.25, None]
    assert (estimate.cost, estimate.currency) == (8.25, "EUR")


def test_a_flow_of_nothing_takes_no_time() -> None:
    estimate = make_estimate(Plan("f", 1, ()), {}, FREE)
    assert (estimate.seconds, estimate.path) == (0, ())


def test_earlier_runs_are_looked_up_and_nothing_is_kept(workshop: Workshop) -> None:
    text = flow(odd("a", "noop"), odd("bad", "flaky", "a"))
    run = workshop.do(text)
    estimate = workshop.desk.estimate_run(order(), text)
    assert [node.attempts for node in estimate.nodes] == [1, 0]
    assert estimate.unknown == ("bad",)
    named = workshop.desk.estimate_run(order(run.flow))
    assert named == estimate
    wider = flow(odd("a", "noop"), odd("new", "noop"))
    assert workshop.desk.estimate_run(order(), wider).unknown == ("new",)
    assert workshop.catalog.flows.get_flow(run.flow).version == 1


def test_what_could_not_run_is_refused_as_a_run_is(workshop: Workshop) -> None:
    with pytest.raises(BadDocument, match="no machine"):
        workshop.desk.estimate_run(order(), flow(odd("a", "noop", resources="{cpu: 64}")))


def order(name: str = "") -> RunOrder:
    return RunOrder(name)
