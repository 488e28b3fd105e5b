"""Parameters by TPE: Optuna's sampler, through Ray Tune's searcher.

Trials that were made before this process began are given to it first, in the order of their numbers, so that it knows
all that is known, and what is under way.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from dix.records.sweep import Mode, Objective
from dix.records.trial import MEASURED, Trial
from dix.sweep.base import Search
from dix.sweep.domain import Domain
from dix.sweep.space import Space

if TYPE_CHECKING:
    import optuna

_ITERATION = "training_iteration"  # what Tune's searcher wants beside a number


class TpeSearch:
    """One sweep's; `earlier` are its trials so far."""

    def __init__(
        self,
        space: Space,
        objectives: Sequence[Objective],
        seed: int,
        options: Mapping[str, Any],
        earlier: Sequence[Trial] = (),
    ) -> None:
        import optuna
        from ray.tune.search.optuna import OptunaSearch

        optuna.logging.set_verbosity(optuna.logging.ERROR)
        self._space = space
        self._objectives = tuple(objectives)
        known = [trial for trial in earlier if space.has(trial.params)]
        # A sampler that begins with the seed again would suggest again what it has suggested before.
        sampler = optuna.samplers.TPESampler(
            seed=(seed + len(known)) & 0xFFFFFFFF,
            n_startup_trials=options.get("n_startup_trials", 10),
            multivariate=options.get("multivariate", False),
            constant_liar=True,
        )
        single = len(self._objectives) == 1
        modes = ["max" if objective.mode is Mode.MAX else "min" for objective in self._objectives]
        names = [str(objective) for objective in self._objectives]
        self._search = OptunaSearch(
            space=self._ask,
            metric=names[0] if single else names,
            mode=modes[0] if single else modes,
            points_to_evaluate=[self._write(trial.params) for trial in known],
            sampler=sampler,
        )
        self._own: set[int] = set()
        for trial in known:
            self.suggest(trial.number)
            if trial.is_over:
                self.end(trial)

    def suggest(self, number: int) -> dict[str, Any] | None:
        found = self._search.suggest(str(number))
        self._own.add(number)
        return dict(found) if found is not None else None

    def add(self, trial: Trial) -> None:
        """One that somebody has added is known when this is made anew."""

    def end(self, trial: Trial) -> None:
        if trial.number not in self._own:
            return
        self._own.remove(trial.number)
        if trial.state in MEASURED and len(trial.values) == len(self._objectives):
            numbers = {str(one): value for one, value in zip(self._objectives, trial.values, strict=True)}
            self._search.on_trial_complete(str(trial.number), {**numbers, _ITERATION: 1})
        else:
            self._search.on_trial_complete(str(trial.number), error=True)

    def _ask(self, asked: optuna.Trial) -> dict[str, Any]:
        """The parameters of one trial, by Optuna's define-by-run: each one only where its condition holds."""
        point: dict[str, Any] = {}
        for name, domain in self._space.domains.items():
            if domain.is_active(point):
                point[name] = _ask_one(asked, name, domain)
        return point

    def _write(self, params: Mapping[str, Any]) -> dict[str, Any]:
        return {
            name: json.dumps(value) if self._space.domains[name].kind == "choice" else value
            for name, value in params.items()
        }


def _ask_one(asked: optuna.Trial, name: str, domain: Domain) -> Any:
    if domain.kind == "choice":
        return json.loads(asked.suggest_categorical(name, [json.dumps(value) for value in domain.values]))
    if domain.is_log:
        return domain.snap(asked.suggest_float(name, domain.low, domain.high, log=True))
    if domain.kind == "int":
        return asked.suggest_int(name, int(domain.low), int(domain.high), step=int(domain.step or 1))
    return domain.snap(asked.suggest_float(name, domain.low, domain.high, step=domain.step))


def _fits(search: TpeSearch) -> Search:
    return search
