"""Events come with their times, and only those that were liked enough."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from dix.data.bad_rows import BadRows
from dix.data.events import EventOptions, read_events
from dix.errors import BadData
from dix.store.options import StoreOptions
from dix.store.store import Store

ROWS = pa.table(
    {
        "user": [1, 2, 2],
        "item": ["a", "b", None],
        "when": [datetime(2026, 1, day, tzinfo=UTC) for day in (2, 1, 3)],
        "stars": [5, 2, 4],
    }
)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    pq.write_table(ROWS, tmp_path / "events.parquet")
    return Store(StoreOptions(f"file://{tmp_path}"))


def test_times_may_be_dates_and_ids_numbers(store: Store) -> None:
    options = EventOptions(time_column="when", bad_rows=BadRows(0.5))
    events = read_events(store, "events.parquet", options)
    assert (events.users.tolist(), events.items.tolist()) == (["1", "2"], ["a", "b"])
    assert events.times[0] > events.times[1]
    assert options.bad_rows.count == 1


def test_a_gap_is_named(store: Store) -> None:
    with pytest.raises(BadData, match=r"events\.parquet: column item, row 2: a value is missing"):
        read_events(store, "events.parquet", EventOptions())


def test_only_what_was_rated_high_enough_counts(store: Store) -> None:
    options = EventOptions(rating_column="stars", least_rating=5, bad_rows=BadRows(0.5))
    assert read_events(store, "events.parquet", options).items.tolist() == ["a"]
