"""`client.usage`."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from dix.client.connection import Client
from dix.client.usage import Prices
from dix.records.attempt import Allocated
from tests.api.server import FLOW, Server

NOON = datetime(2026, 5, 17, 12, tzinfo=UTC)


def test_usage_is_reported_by_what_is_asked_for(client: Client, server: Server) -> None:
    run = client.runs.start(FLOW)
    server.engine.try_step(run.id, "cnn", NOON, NOON + timedelta(hours=1), allocated=Allocated(3.0, 1.0, "A10"))
    (item,) = client.usage.sum(["day", "flow"], since=date(2026, 5, 17), until=datetime(2026, 5, 18, tzinfo=UTC))
    assert (item.day, item.flow, item.project) == (date(2026, 5, 17), "digits", None)
    assert (item.cpu_s, item.gpu_s_by_type, item.cost) == (10800, {"A10": 3600}, None)
    assert [one.run_s for one in client.usage.sum()] == [3600]


def test_prices_are_replaced(client: Client) -> None:
    assert client.usage.prices() == Prices()
    book = Prices("EUR", 0.1, gpu_types={"A10": 2.0})
    assert client.usage.set_prices(book) == book
    assert client.usage.prices() == book
