"""Changes that are answered before they are in the tables: what readers see, and what is there after the worst."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from dix.catalog import inbox
from dix.catalog.direct import DirectCatalog
from dix.errors import NotFound
from dix.records.change import ChangeSet, RunMove
from dix.records.model_version import ModelDraft
from dix.records.states import RunState, StepState
from tests.contracts.catalog_records import at, change, make_run, make_steps, move, start

PENDING, RUNNING, SUCCEEDED = StepState.PENDING, StepState.RUNNING, StepState.SUCCEEDED
END = RunMove("r1", RunState.RUNNING, RunState.SUCCEEDED, at(5))


@pytest.fixture
def started(catalog: DirectCatalog) -> DirectCatalog:
    """A run with two steps that has begun, which is when the inbox gets to know it."""
    catalog.runs.create_run(make_run(), make_steps("r1", "a", "b"))
    catalog.runs.apply_changes(change(start()))
    assert _count_waiting(catalog) == 0
    return catalog


def test_change_waits_in_the_inbox_until_somebody_reads(started: DirectCatalog) -> None:
    assert not started.runs.apply_changes(change(move(PENDING, RUNNING))).refused_steps
    assert started.runs.apply_changes(change(move(PENDING, RUNNING))).refused_steps == (("r1", "a"),)
    assert _count_waiting(started) == 2
    assert started.runs.list_steps("r1")[0].state is RUNNING
    assert _count_waiting(started) == 0
    assert [event.node for event in started.telemetry.list_events("r1")] == [None, "a"]


def test_owner_that_ends_before_it_works_the_inbox_in_leaves_it_to_the_next(started: DirectCatalog, path: Path) -> None:
    started.runs.apply_changes(change(move(PENDING, RUNNING)), request="1")
    started._file._let_go()
    again = DirectCatalog(path)
    assert _count_waiting(again) == 1
    assert again.runs.apply_changes(change(move(PENDING, RUNNING)), request="1").refused_steps == ()
    assert again.runs.apply_changes(change(move(PENDING, RUNNING)), request="2").refused_steps == (("r1", "a"),)
    assert [event.node for event in again.telemetry.list_events("r1")] == [None, "a"]
    again.close()


def test_closed_file_has_everything_in_its_tables(started: DirectCatalog, path: Path) -> None:
    started.runs.apply_changes(change(move(PENDING, RUNNING)))
    started.close()
    again = DirectCatalog(path)
    assert _count_waiting(again) == 0
    assert again.runs.list_steps("r1")[0].state is RUNNING
    again.close()


def test_snapshot_has_what_is_in_the_inbox(started: DirectCatalog, tmp_path: Path) -> None:
    started.runs.apply_changes(change(move(PENDING, RUNNING)))
    started.save_snapshot(tmp_path / "copy.duckdb")
    copy = DirectCatalog(tmp_path / "copy.duckdb")
    assert copy.runs.list_steps("r1")[0].state is RUNNING
    copy.close()


def test_repeat_of_a_request_is_answered_and_not_made(started: DirectCatalog) -> None:
    for _ in range(2):
        assert not started.runs.apply_changes(change(move(PENDING, RUNNING)), request="1").refused_steps
    assert len(started.telemetry.list_events("r1")) == 2


def test_full_inbox_is_worked_in(started: DirectCatalog, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inbox, "_FULL", 3)
    started.runs.apply_changes(change(move(PENDING, RUNNING)))
    counts = []
    for i in range(7):
        started.runs.apply_changes(change(move(RUNNING, RUNNING, progress=i / 8)))
        counts.append(_count_waiting(started))
    assert counts == [2, 3, 0, 1, 2, 3, 0]  # each fourth goes into the tables, and the three before it
    assert started.runs.list_steps("r1")[0].progress == 6 / 8


def test_change_of_many_moves_goes_into_the_tables(started: DirectCatalog, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inbox, "_LARGE", 1)
    started.runs.apply_changes(change(move(PENDING, RUNNING), move(PENDING, RUNNING, node="b")))
    assert _count_waiting(started) == 0


def test_model_goes_into_the_tables_after_what_came_before(started: DirectCatalog) -> None:
    started.runs.apply_changes(change(move(PENDING, RUNNING)))
    result = started.runs.apply_changes(change(replace(move(RUNNING, SUCCEEDED), model=ModelDraft("digits", "u"))))
    assert result.models["r1", "a"].version == 1
    assert [event.kind for event in started.telemetry.list_events("r1")] == ["running", "running", "succeeded"]


def test_run_that_ended_is_judged_from_the_tables(started: DirectCatalog) -> None:
    started.runs.apply_changes(change(END))
    late = ChangeSet((move(PENDING, RUNNING),), (END,))
    assert started.runs.apply_changes(late).refused_runs == ("r1",)
    started.runs.list_steps("r1")
    assert started.runs.apply_changes(late).refused_runs == ("r1",)
    assert started.runs.get_run("r1").ended == at(5)


def test_value_of_a_wrong_type_is_refused_at_once_and_hinders_nothing(started: DirectCatalog) -> None:
    with pytest.raises((TypeError, ValueError)):
        started.runs.apply_changes(change(move(PENDING, RUNNING, attempt="first")))
    with pytest.raises((ArithmeticError, ValueError)):
        started.runs.apply_changes(change(move(PENDING, RUNNING, attempt=2**40)))
    with pytest.raises((ArithmeticError, ValueError)):
        started.runs.apply_changes(change(replace(END, priority=2**40)))
    assert not started.runs.apply_changes(change(move(PENDING, RUNNING))).refused_steps
    assert started.runs.list_steps("r1")[0].state is RUNNING


def test_refusal_of_another_write_takes_nothing_with_it(started: DirectCatalog) -> None:
    started.runs.apply_changes(change(move(PENDING, RUNNING)))
    with pytest.raises(NotFound):
        started.endpoints.delete_endpoint("nothing")
    assert started.runs.list_steps("r1")[0].state is RUNNING


def _count_waiting(catalog: DirectCatalog) -> int:
    """How many changes are in the inbox on disk; looking at it so works nothing in."""
    with catalog._file.cursor() as cursor:
        return int(cursor.execute("SELECT count(*) FROM inbox").fetchall()[0][0])
