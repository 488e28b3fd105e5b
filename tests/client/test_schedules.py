"""Schedules from Python."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from dix.client.connection import Client
from dix.errors import BadValue, Changed, Conflict, NotFound
from dix.records.moments import now
from dix.records.schedule import EventKind, Missed, Overlap, Watch
from tests.api.server import FLOW, Server


@pytest.fixture(autouse=True)
def flow(client: Client) -> None:
    client.flows.push(FLOW)


def test_a_schedule_is_made_changed_and_forgotten(client: Client) -> None:
    made = client.schedules.create(
        "nightly",
        "digits",
        "0 2 * * *",
        zone="Europe/Vienna",
        params={"epochs": 9},
        start=date(2026, 1, 1),
        overlap="skip",
    )
    assert (made.params, made.start, made.overlap) == ({"epochs": 9}, datetime(2026, 1, 1, tzinfo=UTC), Overlap.SKIP)
    assert made.due is not None
    assert client.schedules.list("digits") == (client.schedules.get("nightly"),)
    changed = client.schedules.change("nightly", concurrency=3, if_match=made)
    assert changed.concurrency == 3
    with pytest.raises(Changed):
        client.schedules.change("nightly", concurrency=4, if_match=made)
    assert client.schedules.pause("nightly").is_paused
    assert not client.schedules.resume("nightly").is_paused
    client.schedules.delete("nightly")
    with pytest.raises(NotFound):
        client.schedules.get("nightly")


def test_next_times_and_missed_ones_are_read(client: Client, server: Server) -> None:
    client.schedules.create("weekly", "digits", "@weekly", zone="Asia/Kolkata")
    times = client.schedules.preview("weekly", 2, after=date(2026, 1, 1))
    assert [(one.local, one.due.hour) for one in times] == [
        ("2026-01-04T00:00:00+05:30", 18),
        ("2026-01-11T00:00:00+05:30", 18),
    ]
    missed = Missed("weekly", now(), now(), 3, "catch-up is off", now())
    server.parts.catalog.firings.settle_firings([], [missed])
    assert client.schedules.missed("weekly") == (missed,)


def test_an_event_may_be_waited_for_and_what_cannot_be_is_told(client: Client) -> None:
    made = client.schedules.create("inbox", "digits", on={"data": "digits/inbox", "every": "5m"})
    assert made.watch == Watch(EventKind.DATA, "digits/inbox", 300)
    with pytest.raises(BadValue, match=r"did you mean Europe/Vienna\?"):
        client.schedules.create("wrong", "digits", "@daily", zone="vienna")
    with pytest.raises(Conflict):
        client.schedules.create("wrong", "digits", on={"flow": "digits"})
