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

    def is_paused(self, number: int) -> bool:  # noqa: ARG002
        return False


class HyperbandHalting:
    """Brackets of trials that wait for each other: when all have come so far, the better ones go on.

    Who waits is ended, and goes on from its checkpoint.
    """

    def __init__(self, objective: Objective, options: Mapping[str, Any]) -> None:
        from ray.tune.schedulers import HyperBandScheduler

        self._trials: dict[int, TunedTrial] = {}
        self._stopped: list[TunedTrial] = []  # by the scheduler, and not told yet
        self._scheduler: Any = HyperBandScheduler(
            time_attr=ITERATION,
            metric=METRIC,
            mode=str(objective.mode),
            max_t=options["max_t"],
            reduction_factor=options["reduction_factor"],
            stop_last_trials=False,
        )

    def stop_trial(self, tuned: TunedTrial) -> None:
        """As Tune's controller, for the scheduler: one that waits is not worth going on."""
        self._scheduler.on_trial_remove(self, tuned)
        tuned.status = TunedTrial.TERMINATED
        self._stopped.append(tuned)

    def add(self, trial: Trial) -> None:
        tuned = self._trials[trial.number] = TunedTrial(trial)
        self._scheduler.on_trial_add(self, tuned)

    def hear(self, number: int, position: int, value: float) -> tuple[Verdict, ...]:
        tuned = self._trials.get(number)
        if tuned is None or tuned.status in {TunedTrial.PAUSED, TunedTrial.TERMINATED}:
            return ()
        tuned.status = TunedTrial.RUNNING
        answer = self._scheduler.on_trial_result(self, tuned, {ITERATION: position, METRIC: value})
        own: tuple[Verdict, ...] = ()
        if answer == self._scheduler.STOP:
            tuned.status = TunedTrial.TERMINATED
            own = (Verdict(number, Fate.STOP),)
        elif answer == self._scheduler.PAUSE:
            tuned.status = TunedTrial.PAUSED
            own = (Verdict(number, Fate.PAUSE),)
        return own + self._list_others()

    def end(self, trial: Trial) -> tuple[Verdict, ...]:
        tuned = self._trials.pop(trial.number, None)
        if tuned is None or tuned.status == TunedTrial.TERMINATED:
            return ()
        # Tune never takes this back, and others would wait for ever for one that ended before the next halving.
        self._scheduler._trial_info[tuned][0].is_being_processed = False  # noqa: SLF001
        tuned.status = TunedTrial.TERMINATED
        self._scheduler.on_trial_remove(self, tuned)
        return self._list_others()

    def is_paused(self, number: int) -> bool:
        return number in self._trials and self._trials[number].status == TunedTrial.PAUSED

    def _list_others(self) -> tuple[Verdict, ...]:
        """What has become of those that wait."""
        stopped, self._stopped = self._stopped, []
        going = [tuned for tuned in self._trials.values() if self._may_go_on(tuned)]
        for tuned in going:
            tuned.status = TunedTrial.PENDING
        return (
            *(Verdict(tuned.number, Fate.STOP) for tuned in stopped),
            *(Verdict(tuned.number, Fate.GO_ON) for tuned in going),
        )

    def _may_go_on(self, tuned: TunedTrial) -> bool:
        if tuned.status != TunedTrial.PAUSED:
            return False
        bracket, _band = self._scheduler._trial_info[tuned]  # noqa: SLF001 where Tune's controller looks, too
        return tuned in bracket.trials_to_unpause


def _fits(asha: AshaHalting, hyperband: HyperbandHalting) -> tuple[Halting, Halting]:
    return asha, hyperband
