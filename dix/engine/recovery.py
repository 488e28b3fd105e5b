"""After a crash: every run that is written down as unfinished is taken up again."""

from __future__ import annotations

from collections.abc import Iterator

from dix.catalog.base import Catalog
from dix.engine.acceptance import Acceptance
from dix.engine.runner import TakeUp
from dix.errors import WrongUse
from dix.logs import get_logger
from dix.records.change import ChangeSet, RunMove
from dix.records.moments import now
from dix.records.run import Run
from dix.records.states import RunState

_logger = get_logger("engine")


def take_up_unfinished(catalog: Catalog, acceptance: Acceptance) -> Iterator[TakeUp]:
    """The runs to go on with, oldest first. One whose flow cannot be planned any more fails with the reason."""
    for run in catalog.runs.list_unfinished_runs():
        try:
            plan = acceptance.plan_again(run)
        except WrongUse as error:
            _logger.warning("run %s cannot go on: %s", run.id, error)
            _fail(catalog, run, str(error))
            continue
        yield TakeUp(run, catalog.runs.list_steps(run.id), plan)


def _fail(catalog: Catalog, run: Run, error: str) -> None:
    move = RunMove(run.id, run.state, RunState.FAILED, now(), error=f"it cannot go on after a restart: {error}")
    catalog.runs.apply_changes(ChangeSet(runs=(move,)))
