"""Which trials go on, by Ray Tune's schedulers: what they need of Tune's controller and trials is here, and no more."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from dix.records.sweep import Objective
from dix.records.trial import Trial
from dix.sweep.base import Fate, Halting, Verdict

METRIC, ITERATION = "objective", "training_iteration"


class TunedTrial:
    """What a scheduler knows of a trial; the states are Tune's words."""

    PENDING, RUNNING, PAUSED, TERMINATED = "PENDING", "RUNNING", "PAUSED", "TERMINATED"

    def __init__(self, trial: Trial) -> None:
        self.number = trial.number
        self.trial_id = str(trial.number)
        self.config = dict(trial.params)
        self.status = self.PENDING
        self.is_saving = False

    def is_finished(self) -> bool:
        """Whether nothing of it goes on."""
        return self.status == self.TERMINATED


class AshaHalting:
    """Asynchronous successive halving: at each rung up to `max_t`, only the better ones go on.

    Who has passed the last rung ends by itself, and leaves a model.
    """

    def __init__(self, objective: Objective, seed: int, options: Mapping[str, Any]) -> None:
        from ray.tune.schedulers import AsyncHyperBandScheduler

        self._seed = seed
        self._trials: dict[int, TunedTrial] = {}
        self._scheduler: Any = AsyncHyperBandScheduler(
            time_attr=ITERATION,
            metric=METRIC,
            mode=str(objective.mode),
            max_t=options["max_t"],
            grace_period=options["grace_period"],
            reduction_factor=options["reduction_factor"],
            brackets=options["brackets"],
            stop_last_trials=False,
        )

    def add(self, trial: Trial) -> None:
        np.random.seed([self._seed & 0xFFFFFFFF, trial.number])
        tuned = self._trials[trial.number] = TunedTrial(trial)
        self._scheduler.on_trial_add(None, tuned)

    def hear(self, number: int, position: int, value: float) -> tuple[Verdict, ...]:
        tuned = self._trials.get(number)
        if tuned is None or tuned.is_finished():
            return ()
        tuned.status = TunedTrial.RUNNING
        answer = self._scheduler.on_trial_result(None, tuned, {ITERATION: position, METRIC: value})
        return (Verdict(number, Fate.STOP),) if answer == self._scheduler.STOP else ()

    def end(self, trial: Trial) -> tuple[Verdict, ...]:
        tuned = self._trials.pop(trial.number, None)
        if tuned is not None:
            self._scheduler.on_trial_remove(None, tuned)
        return ()


def _fits(halting: AshaHalting) -> Halting:
    return halting
