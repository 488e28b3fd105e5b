"""The ids of the runs of trials: always the same for the same trial, so that none is made twice. Pure."""

from __future__ import annotations

from dix.names import derive_run_id
from dix.records.sweep import Sweep


def make_trial_run_id(sweep: Sweep, number: int, replicate: int, segment: int) -> str:
    """The id of one run; a sweep that is made anew under an old name has other ones."""
    return derive_run_id("sweep", sweep.name, sweep.created.isoformat(), number, replicate, segment)
