"""After a crash: every run that is written down as unfinished is taken up again."""

from __future__ import annotations

import time

from dix.catalog.base import Catalog
from dix.engine.acceptance import Acceptance
from dix.engine.closing import close_run, list_under_way
from dix.engine.entrance import TakeUp
from dix.engine.runner import CATALOG_PAUSE_S
from dix.errors import PlatformError, WrongUse
from dix.logs import get_logger
from dix.records.states import RunState

_logger = get_logger("engine")


def take_up_unfinished(catalog: Catalog, acceptance: Acceptance) -> tuple[TakeUp, ...]:
    """The runs to go on with, oldest first. One whose flow cannot be planned any more fails with the reason.

    Returns when the catalog has answered, however long it is away: it may be starting anew, as we are.
    """
    while True:
        try:
            return _take_up(catalog, acceptance)
        except PlatformError as error:
            _logger.warning("waiting for the catalog: %s", error)
            time.sleep(CATALOG_PAUSE_S)


def _take_up(catalog: Catalog, acceptance: Acceptance) -> tuple[TakeUp, ...]:
    taken = []
    alive = catalog.attempts.find_alive()
    for run in catalog.runs.list_unfinished_runs():
        try:
            plan = acceptance.plan_again(run)
        except WrongUse as error:
            _logger.warning("run %s cannot go on: %s", run.id, error)
            close_run(catalog, run, RunState.FAILED, f"it cannot go on after a restart: {error}")
            continue
        under_way = list_under_way(catalog, run.id)
        taken.append(TakeUp(run, catalog.runs.list_steps(run.id), plan, under_way, alive))
    return tuple(taken)
