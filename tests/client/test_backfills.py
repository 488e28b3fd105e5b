"""Backfills from Python."""

from __future__ import annotations

from datetime import date

import pytest

from dix.client.connection import Client
from dix.errors import BadValue, Conflict
from dix.records.backfill import BackfillState
from dix.records.states import RunState
from tests.api.server import FLOW


def test_a_backfill_is_previewed_made_and_cancelled(client: Client) -> None:
    client.flows.push(FLOW)
    asked = {"first": date(2026, 1, 1), "last": "2026-01-04", "step": "1d", "params": {"epochs": 9}}
    preview = client.backfills.preview("digits", **asked)  # type: ignore[arg-type]
    made = client.backfills.create("digits", **asked, concurrency=2)  # type: ignore[arg-type]
    assert client.backfills.instances(made.id) == preview.instances
    assert [one.logical_date.day for one in preview.instances] == [1, 2, 3, 4]
    assert (made.runs, made.state, made.is_over) == ({RunState.QUEUED: 4}, BackfillState.OPEN, False)
    assert client.backfills.list("digits") == (client.backfills.get(made.id),)
    assert client.backfills.pause(made.id).state is BackfillState.PAUSED
    assert client.backfills.resume(made.id).state is BackfillState.OPEN
    assert client.backfills.change(made.id, 5, if_match=client.backfills.get(made.id)).concurrency == 5
    left_out = client.backfills.preview("digits", dates=[date(2026, 1, 1), date(2027, 1, 1)]).left_out
    assert [one.logical_date.year for one in left_out] == [2026]
    assert client.backfills.cancel(made.id).is_over
    with pytest.raises(Conflict):
        client.backfills.cancel(made.id)


def test_a_range_that_is_too_long_is_refused(client: Client) -> None:
    client.flows.push(FLOW)
    with pytest.raises(BadValue, match="at most 20000 dates in one backfill, got 10022401; divide the range"):
        client.backfills.create("digits", "2026-01-01", "2026-04-27", step="1s")
