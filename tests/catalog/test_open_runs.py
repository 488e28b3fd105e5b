"""What is known of open runs without asking the file."""

from __future__ import annotations

from dix.catalog.direct import DirectCatalog
from dix.catalog.open_runs import OpenRuns
from dix.records.change import RunMove
from dix.records.states import RunState, StepState
from tests.contracts.catalog_records import at, change, make_run, make_steps, move, start


def test_run_is_known_from_its_first_change_to_its_end(catalog: DirectCatalog) -> None:
    catalog.runs.create_run(make_run(project="vision"), make_steps("r1", "a"))
    known = OpenRuns()
    with catalog._file.reading() as cursor:
        known.load(cursor, {"r1", "r9"})
        assert known.knows({"r1"})
        assert not known.knows({"r1", "r9"})
        assert (known.get_project("r1"), known.get_project("r9")) == ("vision", "default")
        first = known.judge(change(start(), move(StepState.PENDING, StepState.RUNNING)))
        assert not first.refused_steps
        known.load(cursor, {"r1"})  # what is known is not read again
        assert known.judge(change(move(StepState.PENDING, StepState.RUNNING))).refused_steps == [("r1", "a")]
        known.judge(change(RunMove("r1", RunState.RUNNING, RunState.FAILED, at(2))))
        assert known.knows({"r1"})
        known.drop_ended()
        assert not known.knows({"r1"})


def test_run_that_is_over_is_dropped_with_the_next(catalog: DirectCatalog) -> None:
    catalog.runs.create_run(make_run(), ())
    catalog.runs.apply_changes(change(RunMove("r1", RunState.QUEUED, RunState.CANCELLED, at(1))))
    known = OpenRuns()
    with catalog._file.reading() as cursor:
        known.load(cursor, {"r1"})
    assert known.judge(change(start())).refused_runs == ["r1"]
    known.drop_ended()
    assert not known.knows({"r1"})
