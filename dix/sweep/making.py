"""New trials, with their first runs, and who finds their parameters. Pure."""

from __future__ import annotations

from typing import Any

from dix.records.sweep import Method, Sweep
from dix.records.trial import Trial, TrialRun
from dix.sweep.run_ids import make_trial_run_id


def find_search(sweep: Sweep) -> Method:
    """How the parameters of its trials are found, whoever decides which of them go on."""
    if sweep.method is Method.PBT:
        return Method.RANDOM
    return Method(sweep.options.get("search", sweep.method))


def make_trial(sweep: Sweep, number: int, params: dict[str, Any], origin: str | None = None) -> Trial:
    """A new trial, with its first runs."""
    runs = tuple(
        TrialRun(make_trial_run_id(sweep, number, replicate, 0), replicate) for replicate in range(sweep.replicates)
    )
    return Trial(sweep.name, number, params, sweep.created, place=number, origin=origin, runs=runs)
